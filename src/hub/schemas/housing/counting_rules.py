"""The rules about numbers and months that several housing kinds share."""

from typing import Any

from pydantic_core import PydanticCustomError

from hub.schemas.rules import Check, Rule, advice, rule

NO_MORE_THAN = Rule("no-more-than", "不得大于 {whole}", "may not be more than `{whole}`")
MORE_THAN_PLANNED = Rule("more-than-planned", "大于 {whole}，请核对", "more than `{whole}`: please check")
MONTH_OF_DATE = Rule(
    "month-of-date",
    "统计截止日期须在统计月份（{month}）内",
    "the last day counted lies in the month that is reported, {month}",
)


def at_most(part: str, whole: str) -> Check:
    """A rule: the number `part` is not more than `whole`."""

    @rule(at=part)
    def check(payload: Any) -> PydanticCustomError | None:
        return NO_MORE_THAN(whole=whole) if getattr(payload, part) > getattr(payload, whole) else None

    return check


def hardly_more(part: str, planned: str) -> Check:
    """Advice: the number `part` is seldom more than `planned`."""

    @advice(at=part)
    def check(payload: Any) -> PydanticCustomError | None:
        return MORE_THAN_PLANNED(whole=planned) if getattr(payload, part) > getattr(payload, planned) else None

    return check


def in_month(day: str, month: str) -> Check:
    """A rule: the date `day` lies in the month `month`."""

    @rule(at=day)
    def check(payload: Any) -> PydanticCustomError | None:
        given: str = getattr(payload, month)
        return None if f"{getattr(payload, day):%Y%m}" == given else MONTH_OF_DATE(month=given)

    return check
