"""Working days: the notices of the State Council as a calendar that can be counted in."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from hub.schemas.workdays import (
    Calendar,
    Workdays,
    add_working_days,
    is_working,
    next_working,
    provisional,
    shipped,
    working_days_between,
)

days = st.dates(date(1990, 1, 1), date(2110, 12, 31))


def a_calendar(**changes: Any) -> dict[str, Any]:
    """A calendar of 2027 as JSON, as a notice might give it."""
    body = {"year": 2027, "status": "official", "source": "通知", "off": ["2027-01-01"], "work": ["2027-02-14"]}
    return body | changes


def refused(body: dict[str, Any]) -> set[str]:
    """The rules that a calendar breaks."""
    with pytest.raises(ValidationError) as found:
        Calendar.model_validate(body)
    return {error["type"] for error in found.value.errors()}


@pytest.mark.parametrize(
    ("start", "n", "end"),
    [
        ("2026-01-01", 7, "2026-01-12"),
        ("2026-02-10", 7, "2026-02-26"),
        ("2026-02-12", 20, "2026-03-18"),
        ("2026-02-13", 1, "2026-02-14"),
        ("2026-04-30", 7, "2026-05-13"),
        ("2026-06-18", 2, "2026-06-23"),
        ("2026-09-18", 7, "2026-09-29"),
        ("2026-09-24", 20, "2026-10-29"),
        ("2026-09-30", 20, "2026-11-03"),
        ("2026-12-01", 20, "2026-12-29"),
        ("2025-01-27", 1, "2025-02-05"),
        ("2024-05-10", 1, "2024-05-11"),
    ],
)
def test_the_nth_working_day_is_that_of_the_notices(start: str, n: int, end: str) -> None:
    assert add_working_days(date.fromisoformat(start), n) == date.fromisoformat(end)


@pytest.mark.parametrize(("year", "working"), [(2024, 251), (2025, 248), (2026, 248)])
def test_a_year_has_as_many_working_days_as_its_notice_leaves(year: int, working: int) -> None:
    assert working_days_between(date(year - 1, 12, 31), date(year, 12, 31)) == working


def test_a_notice_period_counts_its_make_up_saturdays() -> None:
    # Twenty working days from 2026-02-03 to 2026-03-06, the first day counted.
    assert working_days_between(date(2026, 2, 2), date(2026, 3, 6)) == 20


def test_a_rest_day_moves_to_the_next_working_day() -> None:
    assert next_working(date(2026, 2, 15)) == date(2026, 2, 24)
    assert next_working(date(2026, 2, 14)) == date(2026, 2, 14)


@given(day=days, n=st.integers(1, 400))
def test_counting_the_days_that_were_added_gives_their_number(day: date, n: int) -> None:
    end = add_working_days(day, n)

    assert working_days_between(day, end) == n
    assert is_working(end)


@given(day=days, n=st.integers(1, 400))
def test_counting_back_from_a_working_day_undoes_counting_on(day: date, n: int) -> None:
    day = next_working(day)

    assert add_working_days(add_working_days(day, n), -n) == day


@given(start=days, length=st.integers(0, 200))
def test_a_span_has_as_many_working_days_as_one_counts_on_the_fingers(start: date, length: int) -> None:
    counted = sum(is_working(start + timedelta(days=n)) for n in range(1, length + 1))

    assert working_days_between(start, start + timedelta(days=length)) == counted


def test_only_years_with_a_notice_are_settled() -> None:
    assert not provisional(date(2024, 1, 1), date(2026, 12, 31))
    assert provisional(date(2026, 12, 31), date(2027, 1, 1))
    assert provisional(date(2023, 12, 31), date(2024, 1, 1))


def test_a_year_without_a_calendar_keeps_its_fixed_holidays_and_gives_back_lost_weekends() -> None:
    # In 2033 the first of May is a Sunday, the second a Monday and the third the day given back.
    assert [is_working(date(2033, 5, day)) for day in (1, 2, 3, 4)] == [False, False, False, True]


def test_an_official_calendar_settles_its_year() -> None:
    official = Workdays([*shipped().values(), Calendar.model_validate(a_calendar())])
    new_year, made_up = date(2027, 1, 1).toordinal(), date(2027, 2, 14).toordinal()

    assert not official.provisional(new_year, made_up)
    assert official.works(made_up)
    assert not official.works(new_year)


@pytest.mark.parametrize(
    ("changes", "broken"),
    [
        ({"off": ["2028-01-01"]}, {"calendar-year"}),
        ({"work": ["2026-12-27"]}, {"calendar-year"}),
        ({"off": ["2027-02-14"]}, {"calendar-both"}),
        ({"work": ["2027-02-15"]}, {"calendar-make-up"}),
    ],
)
def test_a_calendar_that_cannot_be_is_refused(changes: dict[str, Any], broken: set[str]) -> None:
    assert refused(a_calendar(**changes)) == broken
