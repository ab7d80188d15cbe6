"""What a record says beside the others of its thread: its sender is told, whoever sent those."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.builders import a_later_version, a_submission
from tests.hub import B, Caller, Hub, a_hub

pytestmark = pytest.mark.anyio

RULES = ("types-beyond-project", "count-falls")


@pytest.fixture
async def either_hub(anyio_backend: str, database_url: str) -> AsyncIterator[Hub]:
    """A hub on each engine."""
    async with a_hub(database_url) as running:
        yield running


@pytest.fixture
async def sender(either_hub: Hub) -> Caller:
    return await either_hub.platform()


def a_project(**changes: Any) -> dict[str, Any]:
    """计划项目 of 620 homes."""
    return a_submission("housing_planned_project", **changes)


def a_type(unit_type: str, units: int, **changes: Any) -> dict[str, Any]:
    """计划户型 of the same project."""
    return a_submission("housing_planned_unit_type", body__unit_type=unit_type, body__planned_units=units, **changes)


def progress(month: int, started: int, **changes: Any) -> dict[str, Any]:
    """计划任务完成进度 of a month of 30 days or more."""
    days = {"body__stat_month": f"2026{month:02}", "body__stat_date": f"2026-{month:02}-30"}
    return a_submission("housing_plan_progress", **days, body__actual_start_units=started, **changes)


def told(receipt: dict[str, Any]) -> list[tuple[str, str]]:
    """Where a receipt warns, and of what."""
    return [(one["pointer"], one["en"]) for one in receipt["warnings"] if one["rule"] in RULES]


async def test_types_that_add_up_to_more_than_their_project_are_told(sender: Caller) -> None:
    receipts = await sender.push(a_project(), a_type("1", 260), a_type("2", 360), a_type("3", 1))

    assert [told(one) for one in receipts[:3]] == [[], [], []]
    ((pointer, words),) = told(receipts[3])
    assert pointer == "/body/planned_units"
    assert "add up to 621, the project has 620" in words


async def test_a_project_that_comes_after_its_types_is_told_too(sender: Caller) -> None:
    (*_, receipt) = await sender.push(a_type("1", 400), a_type("2", 360), a_project())

    assert [pointer for pointer, _ in told(receipt)] == ["/body/total_units"]


async def test_types_of_another_year_or_project_and_withdrawn_ones_do_not_count(sender: Caller) -> None:
    withdrawn = a_type("3", 600)
    others = a_type("1", 600, body__plan_year=2025), a_type("1", 600, body__project_name="另一个项目")
    await sender.push(a_project(), *others, withdrawn)
    await sender.withdraw(withdrawn)

    (receipt,) = await sender.push(a_type("2", 360))

    assert told(receipt) == []


async def test_a_correction_counts_instead_of_what_it_corrects(sender: Caller) -> None:
    first = a_type("1", 600)
    await sender.push(a_project(), first)

    (corrected, further) = await sender.push(a_later_version(first, body__planned_units=260), a_type("2", 360))

    assert told(corrected) == told(further) == []


async def test_what_is_counted_from_the_years_beginning_never_falls(sender: Caller) -> None:
    (april, june, may, less) = await sender.push(progress(4, 480), progress(6, 520), progress(5, 500), progress(7, 519))

    assert told(april) == told(june) == told(may) == []
    assert told(less) == [("/body/actual_start_units", told(less)[0][1])]
    assert "202606 says 520" in told(less)[0][1]


async def test_a_month_that_is_reported_late_fits_between_its_neighbours(sender: Caller) -> None:
    (_, _, more) = await sender.push(progress(4, 480), progress(6, 520), progress(5, 521))
    (other_class,) = await sender.push(progress(7, 1, body__housing_class="2"))

    assert "202606 says 520" in told(more)[0][1]
    assert told(other_class) == []


async def test_of_a_batch_what_comes_before_counts_and_what_others_sent(either_hub: Hub, sender: Caller) -> None:
    other = await either_hub.platform(B)
    await other.push(a_project())

    (first, second) = await sender.batch(a_type("1", 400), a_type("2", 360))

    assert told(first["receipt"]) == []
    assert "add up to 760" in told(second["receipt"])[0][1]


async def test_what_somebody_withholds_no_warning_tells(either_hub: Hub, sender: Caller) -> None:
    other = await either_hub.platform(B)
    secret = [{"field": "/total_units", "ground": "internal", "basis": "政府信息公开条例"}]
    await other.push(a_project(withheld=secret), a_project(disclosure="on_request"))

    (receipt,) = await sender.push(a_type("1", 100_000))

    assert told(receipt) == []


async def test_the_warning_stands_behind_the_others_and_in_the_first_receipt_for_ever(sender: Caller) -> None:
    again = progress(5, 400)
    (_, first) = await sender.push(progress(4, 480), again)

    (second,) = await sender.push(again)

    assert told(first)
    assert second == first
