"""The rules between fields that several kinds share: each is written once and named where it applies."""

from collections.abc import Container, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from operator import attrgetter
from typing import Any

from pydantic_core import PydanticCustomError

from hub.schemas.rules import Check, Rule, Ruled, advice, rule
from hub.schemas.types import beijing_day
from hub.schemas.workdays import is_working, provisional, working_days_between

PRICE_AMOUNT = Rule(
    "price-form-amount", "价款形式为“金额”(1)时须填写金额", "an amount is needed where the price form is 1 (amount)"
)
PRICE_CURRENCY = Rule(
    "price-form-currency", "价款形式为“金额”(1)时须填写币种", "a currency is needed where the price form is 1 (amount)"
)
PRICE_UNIT = Rule(
    "price-form-unit", "价款形式为“金额”(1)时须填写金额单位", "a unit is needed where the price form is 1 (amount)"
)
PRICE_TEXT = Rule(
    "price-form-text",
    "价款形式为费率、单价或其他(2、3、9)时须填写相应报价文字",
    "the price in words is needed where the price form is a rate, a unit price or another one (2, 3, 9)",
)
AMOUNT_UNIT = Rule("amount-unit", "填写 {amount} 时须同时填写其单位", "a unit is needed where `{amount}` is given")
AMOUNT_CURRENCY = Rule(
    "amount-currency", "填写 {amount} 时须同时填写其币种", "a currency is needed where `{amount}` is given"
)
ALL_OR_NONE = Rule(
    "all-or-none",
    "下列各项须全部填写或全部不填，缺少：{missing}",
    "these fields are given all together or not at all; missing: {missing}",
)
PERIOD_ORDER = Rule("period-order", "不得早于 {first}", "may not be before `{first}`")
SECTION_OF_PROJECT = Rule(
    "section-of-project",
    "标段（包）编号的前 20 位须为本招标项目编号",
    "a section code begins with the 20 characters of its tender project's code",
)
SECTION_COUNT = Rule(
    "section-count",
    "所填数量与所列标段（子包）个数不符，应为 {listed}",
    "the number given is not the number of sections listed, {listed}",
)
LARGE_AMOUNT = Rule(
    "amount-large",
    "金额超过 30 亿元，请核对单位是“元”还是“万元”",
    "over 3 000 000 000 yuan: check whether the unit is yuan or ten thousand yuan",
)
POSTPONED_TO = Rule("postponed-to", "延期时须填写延期后的时间", "the new time is needed where the bidding is postponed")

FIRST_DAY = Rule(
    "first-day-counted",
    "仅在计入首日时满 {days} 日，按日计算期间的首日不计入（民法典 第二百零一条），请核对",
    "these are {days} days only with the first one, which the law does not count (民法典 第二百零一条); please check",
)

LARGE = Decimal(3_000_000_000)
"""Yuan; above it a slip between 元 and 万元 is likelier than the amount."""
YUAN, TEN_THOUSAND_YUAN = "0", "1"
"""Codes of the table `price_unit`."""


def needed(at: str, broken: Rule, *, where: str, is_in: Container[object]) -> Check:
    """A rule: `at` is given where the value of `where` is one of `is_in`."""
    both = attrgetter(where, at)

    @rule(at=at)
    def check(payload: Any) -> PydanticCustomError | None:
        case, given = both(payload)
        return broken() if given is None and case in is_in else None

    return check


def needed_with(at: str, broken: Rule, amount: str) -> Check:
    """A rule: `at` is given where the field `amount` is."""

    @rule(at=at)
    def check(payload: Any) -> PydanticCustomError | None:
        lacking = getattr(payload, amount) is not None and getattr(payload, at) is None
        return broken(amount=amount) if lacking else None

    return check


def together(*names: str) -> Check:
    """A rule: the fields are given all together or not at all; the fault stands at the first of them."""

    given_of = attrgetter(*names)

    @rule(at=names[0])
    def check(payload: Any) -> PydanticCustomError | None:
        given = given_of(payload)
        if None not in given or given.count(None) == len(given):
            return None
        missing = [name for name, value in zip(names, given, strict=True) if value is None]
        return ALL_OR_NONE(missing=", ".join(missing))

    return check


def in_order(first: str, second: str) -> Check:
    """A rule: where both are given, the time or date `second` is not before `first`."""
    both = attrgetter(first, second)

    @rule(at=second)
    def check(payload: Any) -> PydanticCustomError | None:
        earlier, later = both(payload)
        if earlier is None or later is None or earlier <= later:
            return None
        return PERIOD_ORDER(first=first)

    return check


def price_form(*, amount: str, currency: str, unit: str, other: str) -> tuple[Check, Check, Check, Check]:
    """The four rules of 价款形式 (field `price_form_code`).

    Form 1 wants an amount with currency and unit; 2 (rate), 3 (unit price) and 9 (other) want the price in words.
    """
    return (
        needed(amount, PRICE_AMOUNT, where="price_form_code", is_in=("1",)),
        needed(currency, PRICE_CURRENCY, where="price_form_code", is_in=("1",)),
        _with_unit(amount, unit, needed(unit, PRICE_UNIT, where="price_form_code", is_in=("1",))),
        needed(other, PRICE_TEXT, where="price_form_code", is_in=("2", "3", "9")),
    )


def money(amount: str, *, currency: str, unit: str) -> tuple[Check, Check]:
    """The two rules of an optional amount: it comes with its currency and its unit."""
    return (
        needed_with(currency, AMOUNT_CURRENCY, amount),
        _with_unit(amount, unit, needed_with(unit, AMOUNT_UNIT, amount)),
    )


def _with_unit(amount: str, unit: str, check: Check) -> Check:
    check.__unit_of__ = (amount, unit)  # type: ignore[attr-defined]
    return check


@cache
def unit_fields(model: type[Ruled]) -> Mapping[str, str]:
    """The field that holds the unit of an amount, by the amount's field, as the rules of the class have it."""
    checks = (check for _, check in (*model.rules, *model.advices))
    return dict(check.__unit_of__ for check in checks if hasattr(check, "__unit_of__"))


def sections_of_project(at: str) -> Check:
    """A rule: the section code or codes in `at` begin with `tender_project_code`."""

    @rule(at=at)
    def check(payload: Any) -> PydanticCustomError | None:
        codes = getattr(payload, at) or ()
        project: str = payload.tender_project_code
        for code in (codes,) if isinstance(codes, str) else codes:
            if not code.startswith(project):
                return SECTION_OF_PROJECT()
        return None

    return check


def as_many(count: str, listed: str) -> Check:
    """A rule: where the list `listed` is given, `count` is its length."""

    @rule(at=count)
    def check(payload: Any) -> PydanticCustomError | None:
        given = getattr(payload, listed)
        if given is None or len(given) == getattr(payload, count):
            return None
        return SECTION_COUNT(listed=len(given))

    return check


def plausible(amount: str, unit: str) -> Check:
    """Advice: an amount of over 3 000 000 000 yuan is likely to be in the wrong unit.

    Where the unit is ten thousand yuan, the repair is the same number of yuan.
    """

    @advice(at=amount)
    def check(payload: Any) -> PydanticCustomError | None:
        given: Decimal | None = getattr(payload, amount)
        if given is None:
            return None
        if getattr(payload, unit) != TEN_THOUSAND_YUAN:
            return LARGE_AMOUNT() if given > LARGE else None
        # `LARGE` in ten thousand yuan is 300 000: as yuan, still a price.
        return LARGE_AMOUNT(repairs={amount: str(given), unit: YUAN}) if given * 10_000 > LARGE else None

    return _with_unit(amount, unit, check)


def days_between(first: str, second: str, days: int, broken: Rule) -> Check:
    """Advice: where both times are given, there are at least `days` Beijing days after that of `first`, the last included.

    The first day is not counted (民法典 第二百零一条), nor are the hours.
    """

    @advice(at=second)
    def check(payload: Any) -> PydanticCustomError | None:
        short = short_by_first_day(getattr(payload, first), getattr(payload, second), days, working=False)
        return broken(days=days) if short else None

    return check


def lasts(first: str, last: str, days: int, broken: Rule, *, working: bool = False) -> tuple[Check, Check]:
    """A rule and an advice: where both are given, from `first` to `last` there are `days` days, or working days.

    Refused is what is too short in every way of counting; where it is long enough with its first day only, the sender
    is warned.
    """

    @rule(at=last)
    def long_enough(payload: Any) -> PydanticCustomError | None:
        return broken(days=days) if too_short(getattr(payload, first), getattr(payload, last), days, working) else None

    @advice(at=last)
    def without_the_first_day(payload: Any) -> PydanticCustomError | None:
        short = short_by_first_day(getattr(payload, first), getattr(payload, last), days, working)
        return FIRST_DAY(days=days) if short else None

    return long_enough, without_the_first_day


def too_short(first: date | None, last: date | None, days: int, working: bool) -> bool:
    """Whether there are fewer days even with the first one; never where nothing official says which days are worked."""
    if first is None or last is None:
        return False
    elapsed = (last - first).days
    if elapsed < 0 or (elapsed >= days and not working):
        return False
    start, end = _day(first), _day(last)
    after = _days_after(start, end, working)
    counted = after + (is_working(start) if working else 1)
    return counted < days and not (working and provisional(start, end))


def short_by_first_day(first: date | None, last: date | None, days: int, working: bool) -> bool:
    """Whether there are fewer days where the first one is not counted."""
    if first is None or last is None or (not working and (last - first).days >= days):
        return False
    return _days_after(_day(first), _day(last), working) < days


def _days_after(start: date, end: date, working: bool) -> int:
    return working_days_between(start, end) if working else (end - start).days


def _day(given: date) -> date:
    return beijing_day(given) if isinstance(given, datetime) else given
