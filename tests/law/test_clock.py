"""The legal clock: every limit of the law ends on the day that it should, and what came later is late by days."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import orjson
import pytest

from hub.law.clock import Due, beijing_day, due_of
from hub.moments import micros
from hub.schemas.clocks import (
    AT_ONCE,
    FORMED,
    TWENTY_WORKING_DAYS,
    AfterMonth,
    Ahead,
    Clock,
    SameDay,
    Within,
    seven_working_days,
    twenty_working_days,
)
from hub.schemas.examples import example
from hub.schemas.kind import Kind, kinds
from hub.schemas.workdays import Calendar, use


@pytest.fixture(autouse=True)
def _shipped_calendars() -> Iterator[None]:
    use(())
    yield
    use(())


def a_kind(*clocks: Clock) -> type[Kind]:
    """A kind with these clocks and nothing else."""
    return type("Clocked", (Kind,), {"clocks": clocks, "__module__": __name__})


def a_document(formed: str = "2026-11-02T09:00:00+08:00", published: str = "", **changes: Any) -> dict[str, Any]:
    """What of a submission the clocks look at."""
    body = {name: value for name, value in changes.items() if name not in ("changed_at", "decided_on")}
    outside = {name: value for name, value in changes.items() if name not in body}
    return {"formed_at": formed, "publication": {"published_at": published or formed}, "body": body} | outside


def judged(
    *clocks: Clock, document: dict[str, Any] | None = None, received: str = "2026-11-02"
) -> tuple[str, int] | None:
    """The last day in time and the days late."""
    due = due_of(a_kind(*clocks), document or a_document(), date.fromisoformat(received))
    return None if due is None else (due.on.isoformat(), due.days_late)


def within(days: int, of: str, *, working: bool = True) -> Within:
    return Within(id="D-TEST", days=days, of=of, basis="某法 第一条", working=working)


def ahead(days: int, of: str, *, working: bool = False) -> Ahead:
    return Ahead(id="D-AHEAD", days=days, of=of, basis="某法 第二条", working=working)


def test_twenty_working_days_are_counted_from_the_day_after_formation() -> None:
    document = a_document("2026-12-01T23:59:59+08:00", "2026-12-29T23:59:59+08:00")

    assert judged(TWENTY_WORKING_DAYS, document=document) == ("2026-12-29", 0)


def test_the_day_after_the_last_one_is_one_day_late() -> None:
    document = a_document("2026-12-01T00:00:00+08:00", "2026-12-30T00:00:00+08:00")

    assert judged(TWENTY_WORKING_DAYS, document=document) == ("2026-12-29", 1)


def test_lateness_is_counted_in_calendar_days_over_rest_days() -> None:
    document = a_document("2026-09-18T10:00:00+08:00", "2026-10-09T10:00:00+08:00", decided_on="2026-09-18")

    assert judged(seven_working_days(), document=document) == ("2026-09-29", 10)


def test_a_changed_version_counts_from_its_change() -> None:
    document = a_document(
        "2026-02-12T10:00:00+08:00", "2026-06-01T10:00:00+08:00", changed_at="2026-05-29T10:00:00+08:00"
    )

    assert judged(TWENTY_WORKING_DAYS, document=document) == ("2026-06-29", 0)


def test_a_correction_of_what_was_signed_long_ago_counts_from_the_change() -> None:
    document = a_document(published="2026-11-04T09:00:00+08:00", signed_on="2026-06-01")

    assert judged(within(2, "signed_on"), document=document) == ("2026-06-03", 154)
    corrected = document | {"changed_at": "2026-11-03T09:00:00+08:00"}
    assert judged(within(2, "signed_on"), document=corrected) == ("2026-11-05", 0)


def test_days_are_those_of_beijing_wherever_the_time_was_written() -> None:
    # 2026-04-30 in Beijing, though it is still 2026-04-29 in Greenwich.
    assert judged(within(7, FORMED), document=a_document("2026-04-29T16:00:00Z")) == ("2026-05-13", 0)
    assert judged(within(7, FORMED), document=a_document("2026-04-30T01:00:00+09:00")) == ("2026-05-13", 0)


def test_a_field_of_the_body_starts_its_clock() -> None:
    document = a_document(sign_date="2026-02-13")

    assert judged(twenty_working_days("sign_date"), document=document) == ("2026-03-19", 228)


@pytest.mark.parametrize("body", [{}, {"sign_date": None}])
def test_a_clock_whose_field_is_left_out_starts_from_formation(body: dict[str, Any]) -> None:
    document = a_document("2026-02-12T10:00:00+08:00", **body)

    assert judged(twenty_working_days("sign_date"), document=document) == ("2026-03-18", 0)


def test_calendar_days_that_end_on_a_rest_day_end_on_the_next_working_day() -> None:
    # The third day after 2026-09-30 is in the week of the National Day.
    assert judged(within(3, "on", working=False), document=a_document(on="2026-09-30")) == ("2026-10-08", 25)
    # 2026-02-14 is a Saturday that is worked.
    assert judged(within(3, "on", working=False), document=a_document(on="2026-02-11")) == ("2026-02-14", 261)


def test_a_notice_must_come_so_many_days_ahead() -> None:
    early = a_document(published="2026-11-10T10:00:00+08:00", starts="2026-11-30T09:00:00+08:00")
    late = a_document(published="2026-11-11T10:00:00+08:00", starts="2026-11-30T09:00:00+08:00")

    assert judged(ahead(20, "starts"), document=early) == ("2026-11-10", 0)
    assert judged(ahead(20, "starts"), document=late) == ("2026-11-10", 1)


def test_working_days_ahead_jump_over_the_holidays() -> None:
    assert judged(ahead(2, "starts", working=True), document=a_document(starts="2026-10-08")) == ("2026-09-29", 34)


def test_a_clock_that_counts_back_from_nothing_does_not_run() -> None:
    assert judged(ahead(20, "starts")) is None


def test_a_monthly_record_counts_from_the_end_of_its_month() -> None:
    monthly = AfterMonth(id="D-MONTH", of="month", days=10, basis="某通知")

    assert judged(monthly, document=a_document(month="2026-09-07")) == ("2026-10-20", 13)


def test_what_was_published_reaches_the_hub_on_the_same_day() -> None:
    document = a_document("2026-11-01T09:00:00+08:00", "2026-11-02T23:00:00+08:00")

    assert judged(AT_ONCE, document=document, received="2026-11-02") == ("2026-11-02", 0)
    assert judged(AT_ONCE, document=document, received="2026-11-04") == ("2026-11-02", 2)


def test_the_clock_that_is_most_days_late_decides() -> None:
    document = a_document("2026-10-12T09:00:00+08:00", "2026-11-02T09:00:00+08:00", sign_date="2026-10-12")
    two_days = within(2, "sign_date")

    assert judged(TWENTY_WORKING_DAYS, two_days, AT_ONCE, document=document, received="2026-11-05") == (
        "2026-10-14",
        19,
    )


@pytest.mark.parametrize("clocks", [(TWENTY_WORKING_DAYS, AT_ONCE), (AT_ONCE, TWENTY_WORKING_DAYS)])
def test_a_late_disclosure_is_not_hidden_by_sharing_it_later_still(clocks: tuple[Clock, ...]) -> None:
    late = a_document("2026-10-12T09:00:00+08:00", "2026-11-10T09:00:00+08:00")
    in_time = a_document("2026-10-12T09:00:00+08:00", "2026-11-09T09:00:00+08:00")

    assert judged(*clocks, document=late, received="2026-12-01") == ("2026-11-09", 1)
    assert judged(*clocks, document=in_time, received="2026-12-01") == ("2026-11-09", 22)


def test_of_clocks_that_are_kept_the_earliest_decides() -> None:
    document = a_document("2026-10-12T09:00:00+08:00", "2026-10-13T09:00:00+08:00", sign_date="2026-10-12")

    due = due_of(a_kind(TWENTY_WORKING_DAYS, within(2, "sign_date")), document, date(2026, 10, 13))

    assert due == Due(date(2026, 10, 14), 0, "D-TEST", "某法 第一条", False)


def test_a_due_date_in_a_year_without_a_notice_is_provisional_until_the_notice_comes() -> None:
    document = a_document("2026-12-10T09:00:00+08:00")
    before = due_of(a_kind(TWENTY_WORKING_DAYS), document, date(2026, 12, 10))
    use([Calendar(year=2027, status="official", source="通知", off=["2027-01-01", "2027-01-04"], work=[])])

    after = due_of(a_kind(TWENTY_WORKING_DAYS), document, date(2026, 12, 10))

    assert before is not None
    assert after is not None
    assert (before.on, before.provisional) == (date(2027, 1, 8), True)
    assert (after.on, after.provisional) == (date(2027, 1, 11), False)


def test_a_clock_that_counts_no_working_days_is_never_provisional() -> None:
    document = a_document("2031-01-01T09:00:00+08:00", starts="2031-05-01")

    due = due_of(a_kind(ahead(20, "starts"), SameDay(id="D-SAME", of=FORMED, basis="某法")), document, date(2031, 1, 1))

    assert due is not None
    assert not due.provisional


@pytest.mark.parametrize(
    "moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "9999-12-31T00:00:00+08:00"]
)
def test_the_first_and_the_last_day_that_there_is_are_judged_too(moment: str) -> None:
    everything = (
        TWENTY_WORKING_DAYS,
        within(3, FORMED, working=False),
        ahead(20, FORMED),
        AfterMonth(id="D-MONTH", of=FORMED, days=10, basis="某通知"),
    )

    assert judged(*everything, document=a_document(moment)) is not None


def test_a_receipts_day_is_that_of_beijing() -> None:
    assert beijing_day(micros(datetime(2026, 11, 1, 15, 59, 59, tzinfo=UTC))) == date(2026, 11, 1)
    assert beijing_day(micros(datetime(2026, 11, 1, 16, 0, 0, tzinfo=UTC))) == date(2026, 11, 2)


def test_a_due_date_is_shown_as_json() -> None:
    shown = orjson.loads(Due(date(2026, 12, 21), 0, "D-PUB20", "条例 第二十六条", False).member())

    assert shown == {
        "on": "2026-12-21",
        "days_late": 0,
        "clock": "D-PUB20",
        "basis": "条例 第二十六条",
        "provisional": False,
    }


@pytest.mark.parametrize("name", sorted(kinds()))
def test_every_kinds_example_has_a_due_date(name: str) -> None:
    document = example(name)
    day = date.fromisoformat(document["publication"]["published_at"][:10])

    due = due_of(kinds()[name], document, day)

    assert due is not None
    assert due.id in {clock.id for clock in kinds()[name].clocks}


def test_a_clock_of_changes_runs_for_changes_only() -> None:
    example_of = example("housing_started_project")
    kind = kinds()["housing_started_project"]
    late = example_of | {
        "formed_at": "2026-03-02T09:00:00+08:00",
        "changed_at": "2026-06-01T09:00:00+08:00",
        "publication": example_of["publication"] | {"published_at": "2026-06-16T09:00:00+08:00"},
    }

    due = due_of(kind, late, date(2026, 6, 16))
    assert due is not None
    assert (due.id, due.on.isoformat(), due.days_late) == ("D-HOUS-CHG10", "2026-06-15", 1)
    first = due_of(kind, {name: late[name] for name in late if name != "changed_at"}, date(2026, 6, 16))
    assert first is not None
    assert first.id != "D-HOUS-CHG10"


@pytest.mark.parametrize(("penalty", "clock"), [("1", "D-PEN7"), ("0", "D-PUB20")])
def test_a_decision_that_is_a_penalty_has_seven_working_days(penalty: str, clock: str) -> None:
    decision = example("procurement_supervision_decision")
    decision["body"] |= {"is_penalty": penalty, "decision_date": "2026-03-02"}
    decision["publication"]["published_at"] = "2026-05-20T09:00:00+08:00"

    due = due_of(kinds()["procurement_supervision_decision"], decision, date(2026, 5, 20))

    assert due is not None
    assert due.id == clock
