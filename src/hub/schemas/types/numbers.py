"""Amounts and counts: exact decimals as JSON strings, whole numbers as JSON numbers."""

from decimal import Decimal
from functools import cache
from re import fullmatch, sub
from typing import Any
from unicodedata import normalize

from pydantic import Field
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError

from hub.schemas.rules import Rule
from hub.schemas.types.shape import Shape


def repair_amount(value: Any) -> str | None:
    """The plain decimal of an amount in yuan: as `plain_amount`, and of `¥12.50` and `12.50元`; None for 12万元."""
    return plain_amount(sub(r"^\s*[¥￥]|元\s*$", "", value) if isinstance(value, str) else value)


def plain_amount(value: Any) -> str | None:
    """The plain decimal of `1,436,000.00`, `１９８０` or 12.5; None where it says its unit or currency."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    text = normalize("NFKC", value if isinstance(value, str) else format(Decimal(str(value)), "f"))
    plain = sub(r"\s", "", text).removeprefix("+")
    if fullmatch(r"-?\d{1,3}(,\d{3})+(\.\d+)?", plain):
        plain = plain.replace(",", "")
    found = fullmatch(r"(-?)0*(\d+)(\.\d+)?", plain)
    return f"{found[1]}{found[2]}{found[3] or ''}" if found and plain.isascii() else None


AMOUNT = Rule(
    "amount-format",
    '金额须为字符串形式的十进制数，如 "1980000.00"，整数至多 {whole} 位、小数至多 {scale} 位，无千分位、无前导零',
    'An amount is a plain decimal like "1980000.00": at most {whole} digits before the point and {scale} after it, '
    "no separators, no leading zeros.",
    repair_amount,
)
AMOUNT_NUMBER = Rule(
    "amount-number",
    '金额须为 JSON 字符串（如 "1980000.00"），不得为数字',
    'An amount is a JSON string such as "1980000.00", so that it stays exact.',
    repair_amount,
)


@cache
def Amount(total: int, scale: int) -> Shape:
    """A non-negative decimal of `total` digits, `scale` of them after the point: `Annotated[Decimal, Amount(20, 6)]`."""
    return _amount("", total, scale, "1980000.00")


@cache
def SignedAmount(total: int, scale: int) -> Shape:
    """Like `Amount`, and may be negative, for changes and balances."""
    return _amount("-?", total, scale, "-1200.50")


def _amount(sign: str, total: int, scale: int, example: str) -> Shape:
    whole = total - scale
    fraction = rf"(\.[0-9]{{1,{scale}}})?" if scale else ""

    def broken(_: str) -> PydanticCustomError:
        return AMOUNT(whole=whole, scale=scale)

    return Shape(
        rf"^{sign}(0|[1-9][0-9]{{0,{whole - 1}}}){fraction}$",
        broken,
        check=Decimal,
        as_text=True,
        not_text=AMOUNT_NUMBER,
        shown={"format": "decimal", "examples": [_short(example, whole, scale)]},
    )


def _short(example: str, whole: int, scale: int) -> str:
    """The example with as many digits before and after the point as are taken."""
    before, _, after = example.partition(".")
    digits = before.removeprefix("-")[:whole]
    return ("-" if before.startswith("-") else "") + (f"{digits}.{after[:scale]}" if scale else digits)


@cache
def Count(digits: int) -> FieldInfo:
    """A whole number from 0 with at most `digits` digits: `Annotated[int, Count(4)]`."""
    bounds: FieldInfo = Field(strict=True, ge=0, le=10**digits - 1)
    return bounds
