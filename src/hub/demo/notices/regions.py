"""Where a project is: the most specific GB/T 2260 code that a notice's province, bodies and texts name."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from re import compile as pattern
from re import search

from hub.schemas.codes import regions

_SUFFIX = pattern(r"(?:特别行政区|[\u4e00-\u9fff]族自治[区州县]|各族自治县|自治[区州县旗]|地区|[省市县盟])$")
_NATIONALITIES = pattern(
    r"(?:壮|回|维吾尔|土家|苗|彝|藏|羌|傣|景颇|哈尼|白|傈僳|布依|侗|蒙古|朝鲜|哈萨克|柯尔克孜|黎|满|瑶|仫佬|毛南|畲|水|仡佬|拉祜"
    r"|佤|布朗|纳西|怒|独龙|普米|撒拉|东乡|保安|裕固|土|塔吉克|锡伯|达斡尔|族)+$"
)
_URL_PROVINCE = r"/(\d{2}0000)/\d{4}/"
_SHORTEST = 3
"""Names of two characters (城区, 郊区) stand in too many other words."""
_LONG = frozenset({"内蒙古", "黑龙江"})
_MANY = frozenset({"市辖区", "省直辖县级行政区划", "自治区直辖县级行政区划"})


@dataclass(frozen=True, slots=True)
class _Names:
    """Of one province: the full names of its places with their codes, and the short ones of cities and counties."""

    full: Mapping[str, tuple[str, ...]]
    short: Mapping[str, tuple[str, ...]]


def province_of(name: str, url: str = "") -> str | None:
    """The code of the province that the address of the national platform or else the text names; None without one."""
    found = search(_URL_PROVINCE, url)
    if found and found[1] in regions():
        return found[1]
    named = [code for short, code in _provinces().items() if short in name]
    return named[0] if named else None


def region_of(province: str | None, texts: Iterable[str]) -> str | None:
    """The code of the most specific place that the first of the texts names which names one; else the province's.

    A text that begins with a city's or county's name without its last character (垫江…) names it too. One that begins
    with the province's name is about the province.
    """
    names = _names(province)
    whole = regions()[province].name if province else ""
    for text in texts:
        found = _named(text, names)
        if found or (whole and text.startswith(whole)):
            return found or province
    return province


def _named(text: str, names: _Names) -> str | None:
    codes = {code for name, several in names.full.items() if name in text for code in several}
    cities = {code[:4] for code in codes if _level(code) == 1}
    counties = {code for code in codes if _level(code) == 2}
    within = {code for code in counties if code[:4] in cities} or counties
    if len(within) == 1:
        return within.pop()
    begun = next((codes for name, codes in names.short.items() if text.startswith(name)), ())
    if not codes and len(begun) == 1:
        return begun[0]
    if len(cities) == 1:
        return cities.pop() + "00"
    return _shared(within)


def _shared(codes: set[str]) -> str | None:
    """The city that all the counties lie in."""
    cities = {code[:4] + "00" for code in codes}
    city = cities.pop() if len(cities) == 1 else ""
    return city if city in regions() and regions()[city].name not in _MANY else None


def _level(code: str) -> int:
    return 0 if code.endswith("0000") else 1 if code.endswith("00") else 2


@cache
def _provinces() -> Mapping[str, str]:
    names = {region.name: code for code, region in regions().items() if code.endswith("0000")}
    corps = {name[-2:]: code for name, code in names.items() if name.endswith("兵团")}
    return corps | {
        name[: 3 if name[:3] in _LONG else 2]: code for name, code in names.items() if name[-2:] not in corps
    }


@cache
def _names(province: str | None) -> _Names:
    full: dict[str, tuple[str, ...]] = {}
    short: dict[str, tuple[str, ...]] = {}
    for code, region in regions().items():
        if region.valid_to is not None or _level(code) == 0 or region.name in _MANY:
            continue
        if province is not None and code[:2] != province[:2]:
            continue
        if len(region.name) >= _SHORTEST:
            full[region.name] = (*full.get(region.name, ()), code)
        brief = _short(region.name)
        if brief != region.name and len(brief) > 1:
            short[brief] = (*short.get(brief, ()), code)
    # 吉林市 and 吉林省: a city that is called like its province is not meant by the province's short name.
    for name in _provinces():
        short.pop(name, None)
    return _Names(full, dict(sorted(short.items(), key=lambda item: -len(item[0]))))


def _short(name: str) -> str:
    brief = _SUFFIX.sub("", name)
    if brief != name and "自治" in name:
        stem = _NATIONALITIES.sub("", brief)
        return stem if len(stem) > 1 else brief
    return brief
