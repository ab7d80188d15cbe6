"""Codes of deals, projects, sections, platforms and places."""

from datetime import date
from functools import lru_cache
from re import compile as pattern
from typing import Annotated, Any

from pydantic import Field
from pydantic_core import PydanticCustomError

from hub.schemas.codes import regions
from hub.schemas.rules import Rule
from hub.schemas.types.check_characters import deal_code_check, uscc_check
from hub.schemas.types.parties import LOOKALIKES, USCC
from hub.schemas.types.personal import plain_code
from hub.schemas.types.shape import Shape, shown_as

_DEAL_PLAIN = pattern(rf"([A-Z][0-9A-Z]{{2}})({USCC})([0-9]{{8}})([0-9]{{6}})([0-9A-Z*])")


def repair_deal_code(value: Any) -> str | None:
    """The deal code that the value is meant to be, with its hyphens and the right check character.

    Letters that stand for digits, such as O for 0, are digits where both check characters prove it.
    """
    if not isinstance(value, str):
        return None
    plain = plain_code(value)
    if (found := _DEAL_PLAIN.fullmatch(plain)) is None:
        found = _DEAL_PLAIN.fullmatch(plain[:3] + plain[3:35].translate(LOOKALIKES) + plain[35:])
        if found is None or deal_code_check("".join(found.groups()[:4])) != found[5]:
            return None
    if uscc_check(found[2][:17]) != found[2][17]:
        return None
    parts = found.groups()[:4]
    return "-".join((*parts, deal_code_check("".join(parts))))


def _upper(value: Any) -> str | None:
    return plain_code(value) if isinstance(value, str) else None


def _investment(value: Any) -> str | None:
    plain = plain_code(value) if isinstance(value, str) else ""
    return "-".join((plain[:4], plain[4:10], plain[10:12], plain[12:14], plain[14:])) if len(plain) == 20 else None


def _region(value: Any) -> str | None:
    plain = plain_code(value) if isinstance(value, str) else ""
    if len(plain) in (2, 4):
        return plain.ljust(6, "0")
    return plain[:6] if len(plain) in (6, 9, 12) else None


DEAL_FORMAT = Rule(
    "deal-code-format",
    "统一交易标识码须为 40 位：3 位分类-18 位统一社会信用代码-8 位日期-6 位序号-1 位校验码",
    "A deal code has 40 characters: class (3)-USCC (18)-date (8)-serial (6)-check character (1).",
    repair_deal_code,
)
DEAL_PLATFORM = Rule(
    "deal-code-platform",
    "统一交易标识码中的统一社会信用代码校验码应为 {right}，不是 {wrong}",
    "The check character of the USCC inside the deal code should be {right}, not {wrong}.",
)
DEAL_CHECK = Rule(
    "deal-code-check",
    "统一交易标识码的校验码应为 {right}，不是 {wrong}",
    "The check character should be {right}, not {wrong}.",
    repair_deal_code,
)
PROJECT_FORMAT = Rule(
    "project-code-format",
    "项目编号须为 17 位：1 位大写字母、6 位行政区划数字、10 位序号",
    "A project code has 17 characters: a capital, 6 digits of the region, 10 of the serial.",
    _upper,
)
TENDER_PROJECT_FORMAT = Rule(
    "tender-project-code-format",
    "招标项目编号须为 20 位：17 位项目编号加 3 位序号",
    "A tender project code has 20 characters: the project code (17) and 3 of the serial.",
    _upper,
)
SECTION_FORMAT = Rule(
    "section-code-format",
    "标段（包）编号须为 23 位：20 位招标项目编号加 3 位序号",
    "A section code has 23 characters: the tender project code (20) and 3 of the serial.",
    _upper,
)
INVESTMENT_FORMAT = Rule(
    "investment-project-code-format",
    "投资项目统一代码须为 24 位：年份-地区-行业-类型-流水号，如 2026-350100-78-01-000123",
    "An investment project code has 24 characters, e.g. 2026-350100-78-01-000123.",
    _investment,
)
REGION_FORMAT = Rule(
    "region-format",
    "行政区划代码须为 6 位数字（GB/T 2260）",
    "A region code has 6 digits (GB/T 2260).",
    _region,
)
REGION_UNKNOWN = Rule(
    "region-unknown",
    "行政区划代码不在 GB/T 2260 代码表中",
    "GB/T 2260 has no such region code.",
)


@lru_cache(maxsize=8192)
def _checked_deal_code(text: str) -> str:
    platform, day = text[4:22], text[23:31]
    if (right := uscc_check(platform[:17])) != platform[17]:
        raise DEAL_PLATFORM(right=right, wrong=platform[17])
    try:
        date(int(day[:4]), int(day[4:6]), int(day[6:]))
    except ValueError:
        raise DEAL_FORMAT() from None
    if (right := deal_code_check(text[:3] + platform + day + text[32:38])) != text[39]:
        raise DEAL_CHECK(right=right, wrong=text[39])
    return text


def _why_deal_code(text: str) -> PydanticCustomError:
    found = _DEAL_PLAIN.fullmatch(plain_code(text))
    repaired = repair_deal_code(text)
    if found and repaired and repaired[39] != found[5]:
        return DEAL_CHECK(right=repaired[39], wrong=found[5])
    return DEAL_FORMAT()


def _known_region(text: str) -> str:
    if text not in regions():
        raise REGION_UNKNOWN()
    return text


DealCode = Annotated[
    str,
    Shape(
        rf"^[A-Z][0-9A-Z]{{2}}-{USCC}-[0-9]{{8}}-[0-9]{{6}}-[0-9A-Z*]$",
        _why_deal_code,
        check=_checked_deal_code,
        shown=shown_as(40, "A02-91350000MA347WHE48-20190330-000001-Z"),
    ),
]
"""统一交易标识码: class, platform, date, serial and check character, 40 characters with the hyphens."""

DealCodes = Annotated[list[DealCode], Field(min_length=1, max_length=999)]

ProjectCode = Annotated[
    str, Shape(r"^[A-Z][0-9]{6}[0-9A-Za-z]{10}$", PROJECT_FORMAT, shown=shown_as(17, "A3501000000001234"))
]
"""项目编号: 17 characters."""

TenderProjectCode = Annotated[
    str,
    Shape(
        r"^[A-Z][0-9]{6}[0-9A-Za-z]{13}$",
        TENDER_PROJECT_FORMAT,
        shown=shown_as(20, "A3501000000001234001"),
    ),
]
"""招标项目编号: 20 characters, the project code first."""

SectionCode = Annotated[
    str,
    Shape(r"^[A-Z][0-9]{6}[0-9A-Za-z]{16}$", SECTION_FORMAT, shown=shown_as(23, "A3501000000001234001001")),
]
"""标段（包）编号: 23 characters, the tender project code first."""

SectionCodes = Annotated[list[SectionCode], Field(min_length=1, max_length=999)]

InvestmentProjectCode = Annotated[
    str,
    Shape(
        r"^[0-9]{4}-[0-9]{6}-[0-9]{2}-[0-9]{2}-[0-9]{6}$",
        INVESTMENT_FORMAT,
        shown=shown_as(24, "2026-350100-78-01-000123"),
    ),
]
"""投资项目统一代码: 24 characters with the hyphens."""

RegionCode = Annotated[
    str,
    Shape(
        r"^[0-9]{6}$",
        REGION_FORMAT,
        check=_known_region,
        shown=shown_as(6, "350100", "110000") | {"x-region-code": True},
    ),
]
"""行政区划代码 (GB/T 2260): a province, prefecture or county, one of the past too."""
