"""What a text says behind its labels, against the fields that should say the same."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from difflib import SequenceMatcher
from re import compile as pattern
from typing import Any

from hub.law.text.amounts import RENMINBI, Amount, amounts_in
from hub.law.text.labels import Labelled
from hub.law.text.lines import lines_of
from hub.law.text.parties import is_organisation, names_of
from hub.law.text.plain import key_of, spaced
from hub.law.text.stated import (
    TEXT_AMOUNT,
    TEXT_CODE,
    TEXT_TIME,
    TEXT_WINNER,
    Stated,
    amount_unit,
    yuan_of,
)
from hub.law.text.times import Moment, moments
from hub.problems import Fault
from hub.schemas.common_rules import TEN_THOUSAND_YUAN, YUAN
from hub.schemas.kind import Kind
from hub.schemas.types import beijing_time

LONGEST = 20_000
"""So many characters of a text are read; what is behind them is annexes."""

_ALIKE = 0.8
_CODE = pattern(r"[A-Za-z0-9\u4e00-\u9fff\-_/.#()\[\]〔〕【】]{6,60}")
_AFTER_CODE = pattern(r"[\s,;，；。]")

Values = Sequence[tuple[str, Any]]
"""The fields that should say the same, each with its value, amounts in yuan."""


class Reading:
    """A text, read once for all that is looked up in it."""

    def __init__(self, text: str) -> None:
        self._labelled = Labelled(lines_of(text[:LONGEST]))

    def against(self, body: Kind, stated: Stated, values: Values) -> Iterator[Fault]:
        """The warning that the text says something else; none where it says the same, several things or nothing clear."""
        said = list(self._said(stated.labels)) or list(self._under(stated.sections))
        if not said:
            return
        match stated.rule.id:
            case TEXT_AMOUNT.id:
                yield from _amount(body, stated, values, said)
            case TEXT_TIME.id:
                yield from _time(stated, values, said)
            case TEXT_CODE.id:
                yield from _code(stated, values, said)
            case TEXT_WINNER.id:
                yield from _winner(stated, values, said)

    def _said(self, labels: Sequence[str]) -> Iterator[tuple[str, str, str]]:
        """Every label that is there, with its value and the unit that it gives in brackets."""
        for label in labels:
            for found in self._labelled.all((label,)):
                yield label, found.value, found.unit

    def _under(self, headings: Sequence[str]) -> Iterator[tuple[str, str, str]]:
        """The text under each of the headings that are there."""
        for heading in headings:
            if block := self._labelled.block((heading,), ()):
                yield heading, block, ""


def _amount(body: Kind, stated: Stated, values: Values, said: Sequence[tuple[str, str, str]]) -> Iterator[Fault]:
    ((field, yuan),) = values
    unit_field, unit = amount_unit(body, field)
    read = [(label, amounts) for label, text, given in said if (amounts := amounts_in(text, given))]
    sums = {amounts[0].yuan for _, amounts in read if amounts[0].currency == RENMINBI}
    if len(sums) != 1 or any(_agree(amounts, yuan) for _, amounts in read):
        return
    label, (amount, *_) = read[0]
    repairs: dict[str, object] | None = None
    if (other := _OTHER.get(unit or "")) is not None and _about(amount, yuan_of(value := getattr(body, field), other)):
        repairs = {f"/body/{field}": str(value), f"/body/{unit_field}": other}
    yield _fault(stated, field, label, amount.words, repairs)


_OTHER = {YUAN: TEN_THOUSAND_YUAN, TEN_THOUSAND_YUAN: YUAN}


def _agree(amounts: Sequence[Amount], yuan: Decimal) -> bool:
    """Whether one of the amounts of a value is the sum, or all of them together, each of them counted once or as given."""
    ours = [amount for amount in amounts if amount.currency == RENMINBI]
    once = list({amount.yuan: amount for amount in ours}.values())
    return any(_about(amount, yuan) for amount in amounts) or any(_together(parts, yuan) for parts in (ours, once))


def _together(parts: Sequence[Amount], yuan: Decimal) -> bool:
    return abs(sum(amount.yuan for amount in parts) - yuan) < max(sum(map(_step, parts)), Decimal(1))


def _about(amount: Amount, yuan: Decimal) -> bool:
    """Whether the amount that the text gives is the sum, as exactly as the text gives it."""
    return abs(amount.yuan - yuan) < max(_step(amount), Decimal(1))


def _step(amount: Amount) -> Decimal:
    """The yuan of the last digit that the text gives."""
    _, _, fraction = amount.value.partition(".")
    return Decimal(10) ** -len(fraction) * (10_000 if amount.unit == TEN_THOUSAND_YUAN else 1)


def _time(stated: Stated, values: Values, said: Sequence[tuple[str, str, str]]) -> Iterator[Fault]:
    ((field, value),) = values
    read = [(label, moment) for label, text, _ in said for moment in moments(text)]
    if len({moment.at() for _, moment in read}) != 1 or any(_same_time(moment, value) for _, moment in read):
        return
    label, moment = read[0]
    yield _fault(stated, field, label, f"{moment.at():%Y-%m-%d %H:%M}" if moment.clock else moment.day.isoformat())


def _same_time(moment: Moment, value: datetime) -> bool:
    local = beijing_time(value)
    if moment.clock is None:
        return moment.day == local.date()
    # The text may count to the end of the day before, and rarely gives seconds.
    return abs((moment.at() - local).total_seconds()) <= 60


def _code(stated: Stated, values: Values, said: Sequence[tuple[str, str, str]]) -> Iterator[Fault]:
    known = [_code_key(value) for _, value in values]
    codes = [
        (label, code, _code_key(code))
        for label, text, _ in said
        if _CODE.fullmatch(code := _AFTER_CODE.split(spaced(text).strip(), maxsplit=1)[0])
        and sum(character.isdigit() for character in code) >= 4
    ]
    if not codes or any(code in one or one in code for _, _, code in codes for one in known):
        return
    label, code, key = codes[0]
    alike = [SequenceMatcher(None, key, one).ratio() for one in known]
    if not stated.alike or max(alike) >= _ALIKE:
        yield _fault(stated, values[alike.index(max(alike))][0] if stated.alike else values[0][0], label, code)


def _code_key(code: str) -> str:
    return key_of(code).translate(_BRACKETS)


_BRACKETS = str.maketrans("〔【[〕】]", "((()))")


def _winner(stated: Stated, values: Values, said: Sequence[tuple[str, str, str]]) -> Iterator[Fault]:
    known = [key_of(value) for _, value in values]
    winners = [(label, text) for label, text, _ in said if is_organisation(text)]
    names = [key_of(name) for _, text in winners for name in names_of(text)]
    if not names or any(name in one or one in name for name in names for one in known):
        return
    label, text = winners[0]
    yield _fault(stated, values[0][0], label, text)


def _fault(stated: Stated, field: str, label: str, said: str, repairs: dict[str, object] | None = None) -> Fault:
    zh, en = (sentence.format(label=label, said=said) for sentence in (stated.rule.zh, stated.rule.en))
    return Fault(f"/body/{field}", stated.rule.id, zh, en, repairs=repairs)
