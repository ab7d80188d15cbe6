"""Prices as notices write them: exact amounts with unit and currency, or the words where there is no amount."""

from dataclasses import dataclass
from decimal import Decimal
from re import Match
from re import compile as pattern

from hub.law.text.plain import one_line, spaced

YUAN, TEN_THOUSAND = "0", "1"
"""Codes of `price_unit`."""
SUM, RATE, PER_UNIT, OTHER = "1", "2", "3", "9"
"""Codes of `price_form`."""
RENMINBI = "156"

_NUMBER = r"(?<![\d.,])(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?![\d.])"
_MONEY = pattern(_NUMBER + r"\s*[(\[]?\s*(?:人民币)?\s*(?P<scale>亿|万)?(?P<coin>元|美元|欧元|港元|港币|日元|英镑)")
_PER = pattern(r"\s*[()\[\]]?\s*(?:/|每)\s*[\u4e00-\u9fffA-Za-z]")
_BARE = pattern(rf"[¥\s]*{_NUMBER}\s*(?:人民币)?\s*")
_RATE = pattern(r"\d+(?:\.\d+)?\s*[%‰]|[百千]分之|下浮率|优惠率|费率|折扣")
_HEADER_UNIT = pattern(r"[(\[]\s*(?:单位:?)?(?:人民币)?\s*(亿元|万元|元|公顷|亩)(?P<per>\s*/[^)\]]*)?\s*[)\]]?")
_COINS = {"美元": "840", "欧元": "978", "港元": "344", "港币": "344", "日元": "392", "英镑": "826"}
_WHOLE_DIGITS, _SCALE = 14, 6
_LONGEST = 27
"""Longer numbers would be rounded when they are multiplied."""


@dataclass(frozen=True, slots=True)
class Amount:
    """An exact amount: `value` is a plain decimal of at most 14 digits and 6 decimals, `unit` a code of `price_unit`."""

    value: str
    unit: str
    currency: str = RENMINBI

    @property
    def words(self) -> str:
        """The amount as a notice writes it, e.g. 83.5万元."""
        coin = next((coin for coin, code in _COINS.items() if code == self.currency), "元")
        return f"{self.value}{'万' if self.unit == TEN_THOUSAND else ''}{coin}"

    @property
    def yuan(self) -> Decimal:
        """The amount in whole units of its currency."""
        return Decimal(self.value) * (10_000 if self.unit == TEN_THOUSAND else 1)

    def in_unit(self, unit: str) -> str | None:
        """The value in the unit of that code; None where six decimals cannot hold it."""
        return self.value if unit == self.unit else _written(self.yuan / (10_000 if unit == TEN_THOUSAND else 1))


@dataclass(frozen=True, slots=True)
class PriceGiven:
    """A price: `form` is a code of `price_form`; a sum has its amount, all others the words as found (or none)."""

    form: str
    amount: Amount | None
    words: str


def unit_in(header: str) -> str:
    """The unit that a label or table header gives in brackets: 元, 万元, 亿元, 公顷 or 亩; else empty, as for a unit price."""
    found = _HEADER_UNIT.search(spaced(header))
    return found[1] if found and not found["per"] else ""


def amount_in(text: str, unit: str = "") -> Amount | None:
    """The first amount of the text that has a unit; else the number that the whole text is, in `unit`.

    Zero and a single yuan stand where a notice has no amount to tell; neither is one.
    """
    return next(iter(amounts_in(text, unit)), None)


def amounts_in(text: str, unit: str = "") -> list[Amount]:
    """Every amount of the text as `amount_in` reads it; none where the first of them is a unit price."""
    plain = spaced(text)
    found = [(amount, match) for match in _MONEY.finditer(plain) if (amount := _amount(match)) is not None]
    if found:
        per_unit = [_PER.match(plain, match.end()) is not None for _, match in found]
        return [] if per_unit[0] else [amount for (amount, _), per in zip(found, per_unit, strict=True) if not per]
    bare = _BARE.fullmatch(plain)
    amount = _of(bare["number"], unit) if bare and unit.endswith("元") else None
    return [amount] if amount else []


def price(text: str, unit: str = "") -> PriceGiven:
    """The price that the text gives; `unit` is that of the label or table header beside it."""
    amount = amount_in(text, unit)
    words = one_line(text, 1000)
    if amount is not None:
        return PriceGiven(SUM, amount, words)
    plain = spaced(text)
    if any(_PER.match(plain, found.end()) for found in _MONEY.finditer(plain)):
        return PriceGiven(PER_UNIT, None, words)
    if _RATE.search(plain):
        return PriceGiven(RATE, None, words)
    return PriceGiven(OTHER, None, words and words + (f"（{unit}）" if unit and _BARE.fullmatch(plain) else ""))


def _amount(found: Match[str]) -> Amount | None:
    return _of(found["number"], (found["scale"] or "") + "元", _COINS.get(found["coin"], RENMINBI))


def _of(number: str, unit: str, currency: str = RENMINBI) -> Amount | None:
    if len(number) > _LONGEST:
        return None
    value = Decimal(number.replace(",", ""))
    code = YUAN
    if unit.startswith("亿"):
        value, code = value * 10_000, TEN_THOUSAND
    elif unit.startswith("万"):
        code = TEN_THOUSAND
    written = _written(value)
    if written is None and code == TEN_THOUSAND:
        value, code = value * 10_000, YUAN
        written = _written(value)
    amount = Amount(written, code, currency) if written else None
    return amount if amount and amount.yuan > 1 else None


def _written(value: Decimal) -> str | None:
    text = format(value, "f")
    whole, _, fraction = text.partition(".")
    fraction = fraction if len(fraction) <= _SCALE else fraction.rstrip("0")
    whole = whole.lstrip("0") or "0"
    if len(whole) > _WHOLE_DIGITS or len(fraction) > _SCALE:
        return None
    return f"{whole}.{fraction}" if fraction else whole
