"""What texts state and fields hold: the pairs of both that are compared, and the rules that they may break."""

from dataclasses import dataclass, field
from datetime import timedelta, timezone
from decimal import Decimal
from re import compile as pattern

from hub.schemas.common_rules import TEN_THOUSAND_YUAN, unit_fields
from hub.schemas.kind import Kind
from hub.schemas.rules import Rule

BEIJING = timezone(timedelta(hours=8))
_BRACKETS = pattern(r"\([^)]*\)")

TEXT_AMOUNT = Rule(
    "text-amount",
    "正文“{label}”处为 {said}，与本字段不符，请核对金额和单位",
    "the text says {said} behind “{label}”, please check the amount and its unit",
)
TEXT_TIME = Rule(
    "text-time",
    "正文“{label}”处为 {said}，与本字段不符，请核对",
    "the text says {said} behind “{label}”, please check the time",
)
TEXT_CODE = Rule(
    "text-code",
    "正文“{label}”处为 {said}，与本字段不符，请核对",
    "the text says {said} behind “{label}”, please check the code",
)
TEXT_WINNER = Rule(
    "text-winner",
    "正文“{label}”处为 {said}，与本字段不符，请核对",
    "the text says {said} behind “{label}”, please check who won",
)


@dataclass(frozen=True, slots=True)
class Stated:
    """What a text states behind the labels, and the fields that hold the same, the nearest first.

    Where no label is there, `sections` are headings under which the same stands alone. A field may be `list/name`: the member of every item of a list. Where `alike` is set, a code is only told if it looks
    like a slip of one of the fields, because bodies number their projects in several ways.
    """

    rule: Rule
    labels: tuple[str, ...]
    fields: tuple[str, ...]
    alike: bool = False
    sections: tuple[str, ...] = ()
    hints: tuple[str, ...] = field(init=False)
    """One of these is in every text that has one of the labels or sections."""

    def __post_init__(self) -> None:
        parts = {max(_BRACKETS.split(label), key=len) for label in (*self.labels, *self.sections)}
        shortest = (part for part in sorted(parts) if not any(other in part for other in parts - {part}))
        object.__setattr__(self, "hints", tuple(shortest))


def amount_unit(body: Kind, field: str) -> tuple[str, str | None]:
    """The field with the unit of an amount, empty where there is none, and the unit."""
    unit = unit_fields(type(body)).get(field, "price_unit" if "price_unit" in type(body).model_fields else "")
    return unit, getattr(body, unit) if unit else None


def yuan_of(value: Decimal, unit: str | None) -> Decimal:
    """An amount in yuan."""
    return value * 10_000 if unit == TEN_THOUSAND_YUAN else value
