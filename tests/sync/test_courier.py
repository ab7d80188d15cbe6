"""The courier against real targets that fail in every way of the dial: order, exactly once, and nothing forgotten."""

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from hub.ledger.tables import Attempt, AttemptItem
from hub.sync.target import Outgoing
from hub.sync.targets.national import NationalPlatform
from tests.builders import (
    a_bid_opening_record,
    a_later_version,
    a_submission,
    a_tender_contract,
    a_tender_notice,
    a_tender_project_code,
    an_administrative_penalty,
)
from tests.sync.exchange import Exchange, eventually

pytestmark = pytest.mark.anyio

P, Q = a_tender_project_code("P"), a_tender_project_code("Q")


def _versions(project: str, many: int) -> list[dict[str, Any]]:
    """Versions of one notice of a project."""
    versions = [a_tender_notice(project=project)]
    while len(versions) < many:
        versions.append(a_later_version(versions[-1]))
    return versions


async def test_what_was_pushed_reaches_the_target_with_all_its_elements(either: Exchange) -> None:
    notice = a_tender_notice(project="P")
    async with either.working():
        await either.platform.push(notice)
        await either.all_delivered(1)

    detail = await either.national.detail(1)
    (row,) = await either.rows()
    assert (detail["data_en"], detail["data_key"], detail["data_type"]) == (
        "TENDER_ANN_QUA_INQUERY_ANN",
        notice["data_key"],
        "1",
    )
    assert detail["fields"]["NOTICE_NAME"] == notice["body"]["notice_name"]
    assert detail["fields"]["BID_OPEN_TIME"] == "20260415093000"[: len(detail["fields"]["BID_OPEN_TIME"])]
    assert (row.receipt, row.tries, row.holds) == (detail["item"]["receipt"], 1, False)


async def test_versions_and_a_withdrawal_arrive_as_new_changed_and_withdrawn(exchange: Exchange) -> None:
    first, second = _versions("P", 2)
    async with exchange.working():
        await exchange.platform.push(first, second)
        await exchange.platform.withdraw(first)
        await exchange.all_delivered(3)

    assert [(await exchange.national.detail(n))["data_type"] for n in (1, 2, 3)] == ["1", "2", "3"]
    assert (await exchange.national.summary())["withdrawn"] == 1


@pytest.mark.parametrize("how", ["unavailable", "closed"])
async def test_an_outage_keeps_the_order_of_a_project(either: Exchange, how: str) -> None:
    await either.national.dial(down_for_s=60, down_as=how)
    async with either.working():
        for p, q in zip(_versions("P", 4), _versions("Q", 4), strict=True):
            await either.platform.push(p, q)
        await eventually(either.attempts)
        await either.national.dial()
        await either.all_delivered(8)

    assert await either.national.told(P) == [f"tender_notice {n}" for n in (1, 2, 3, 4)]
    assert await either.national.told(Q) == [f"tender_notice {n}" for n in (1, 2, 3, 4)]
    assert any(attempt.error for attempt in await either.attempts())


@pytest.mark.parametrize(
    "dial",
    [
        {"error_after_store_percent": 100},
        {"hang_after_store_percent": 100, "hang_seconds": 2},
        {"truncate_percent": 100},
    ],
)
async def test_what_was_stored_without_a_readable_answer_is_not_applied_twice(
    exchange: Exchange, dial: dict[str, Any]
) -> None:
    await exchange.platform.push(*_versions("P", 3), *_versions("Q", 2))
    await exchange.national.dial(**dial)
    async with exchange.working(target_timeout=0.3):
        await eventually(exchange.attempts)
        await exchange.national.dial()
        await exchange.all_delivered(5)

    summary = await exchange.national.summary()
    receipts = {item["position"]: item["receipt"] for item in await exchange.national.items()}
    assert (summary["applied"], summary["conflicts"]) == (5, 0)
    assert summary["duplicates"] >= 1
    assert {row.position: row.receipt for row in await exchange.rows()} == receipts


@pytest.mark.parametrize("dial", [{"html_error_percent": 100}, {"error_percent": 100}, {"truncate_percent": 100}])
async def test_an_answer_that_is_no_answer_is_kept_and_the_request_repeated(
    exchange: Exchange, dial: dict[str, Any]
) -> None:
    await exchange.platform.push(a_tender_notice(project="P"))
    await exchange.national.dial(**dial)
    async with exchange.working():
        await eventually(exchange.attempts)
        await exchange.national.dial()
        await exchange.all_delivered(1)

    first = (await exchange.attempts())[0]
    assert first.error
    assert first.answer
    shown = await exchange.platform.read("/v1/deliveries/national/1")
    assert shown["attempts"][0]["answer"] == first.answer.decode()
    assert shown["attempts"][-1]["error"] is None


async def test_whatever_a_request_meets_is_an_attempt_that_failed_and_is_repeated_after_a_pause(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(*_: object) -> None:
        raise RecursionError("nobody thought of\0this")

    await exchange.platform.push(a_tender_notice(project="P"))
    with monkeypatch.context() as broken:
        broken.setattr("hub.sync.client.Client.send", fail)
        async with exchange.working():
            await eventually(exchange.attempts)

    async with exchange.working():
        await exchange.all_delivered(1)

    first = (await exchange.attempts())[0]
    assert (first.status, first.error) == (None, "RecursionError: nobody thought ofthis")
    assert first.next_try >= first.finished_at
    assert "starting over" not in caplog.text
    assert "Traceback" in caplog.text


async def test_everything_arrives_once_and_in_order_through_all_faults_at_once(either: Exchange) -> None:
    await either.national.dial(
        seed=7,
        error_percent=10,
        error_after_store_percent=10,
        hang_after_store_percent=5,
        hang_seconds=1,
        rate_limit_percent=5,
        retry_after=0,
        html_error_percent=10,
        truncate_percent=10,
    )
    threads = [_versions(f"P{n}", 4) for n in range(12)]
    async with either.working(target_timeout=0.3, delivery_batch=5):
        for step in zip(*threads, strict=True):
            await either.platform.push(*step)
        await either.all_delivered(48)

    summary = await either.national.summary()
    assert (summary["applied"], summary["rejected"], summary["conflicts"]) == (48, 0, 0)
    by_thread: dict[str, list[int]] = {}
    for item in await either.national.items():
        by_thread.setdefault(item["thread"], []).append(item["number"])
    assert list(by_thread.values()) == [[1, 2, 3, 4]] * 12


async def test_a_rejected_version_is_explained_to_its_sender_and_its_thread_goes_on(exchange: Exchange) -> None:
    first, second = _versions("P", 2)
    await exchange.national.dial(reject_percent=100)
    async with exchange.working():
        await exchange.platform.push(first)
        await eventually(exchange.states)
        await exchange.national.dial()
        await exchange.platform.push(second)
        await exchange.all_delivered(1)

    shown = await exchange.platform.read("/v1/deliveries/national/1")
    rejected = await exchange.national.detail(1)
    assert shown["delivery"]["state"] == "rejected"
    assert shown["delivery"]["reason"] == rejected["errors"] != []
    assert await exchange.national.told() == ["tender_notice 2"]


async def test_a_rejected_version_can_be_resent(exchange: Exchange) -> None:
    await exchange.national.dial(reject_percent=100)
    async with exchange.working():
        await exchange.platform.push(a_tender_notice(project="P"))
        await eventually(exchange.states)
        await exchange.national.dial()

        await exchange.platform.call("POST", "/v1/deliveries/national/1:resend", json={"reason": "再试一次"})
        await exchange.all_delivered(1)

    assert await exchange.national.told() == ["tender_notice 1"]


async def test_a_poison_item_is_parked_its_thread_waits_and_the_others_go_on(exchange: Exchange) -> None:
    poison, *later = _versions("P", 3)
    await exchange.national.dial(poison=[poison["data_key"]])
    async with exchange.working():
        await exchange.platform.push(*(a_tender_notice(project=n) for n in range(20)), poison)
        await exchange.platform.push(*(a_tender_notice(project=n) for n in range(20, 40)))

        async def parked() -> bool:
            # It is parked only while others get through, so others are pushed.
            await exchange.platform.push(a_tender_notice(project="other"))
            return (await exchange.states()).get(21) == "parked"

        await eventually(parked)
        behind = [(await exchange.platform.push(version))[0]["position"] for version in later]
        other = (await exchange.platform.push(a_tender_contract(project="P")))[0]["position"]

        async def set_aside() -> bool:
            states = await exchange.states()
            return all(states.get(position) == "waiting" for position in (*behind, other))

        await eventually(set_aside)
        assert await exchange.national.told(P) == []
        assert set(Counter((await exchange.states()).values())) == {"delivered", "parked", "waiting"}

        await exchange.national.dial()
        response = await exchange.platform.call(
            "POST", "/v1/deliveries/national/21:resend", json={"reason": "再试一次"}
        )
        assert response.status_code == 200

        async def released() -> bool:
            return set((await exchange.states()).values()) == {"delivered"}

        await eventually(released)

    assert await exchange.national.positions(P) == [21, *behind, other]


@pytest.fixture
def long_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pauses of the hub: with the short ones of the other tests, what waits for them would not show."""
    monkeypatch.setattr("hub.sync.breaker.FIRST_PAUSE", 1.0)
    monkeypatch.setattr("hub.sync.breaker.LONGEST_PAUSE", 60.0)


@pytest.mark.usefixtures("long_pauses")
async def test_many_poison_items_do_not_make_a_target_look_like_one_that_is_down(exchange: Exchange) -> None:
    poison = [a_tender_notice(project=f"poison {n}") for n in range(12)]
    await exchange.national.dial(poison=[version["data_key"] for version in poison])
    healthy = [a_tender_notice(project=n) for n in range(120)]
    await exchange.platform.push(*poison, *healthy)
    async with exchange.working(delivery_batch=10):

        async def all_healthy() -> bool:
            return (await exchange.national.summary())["applied"] == len(healthy)

        await eventually(all_healthy, within=8)


@pytest.mark.usefixtures("long_pauses")
async def test_what_comes_after_poison_alone_has_failed_for_long_is_tried_soon(exchange: Exchange) -> None:
    poison = [a_tender_notice(project=f"poison {n}") for n in range(3)]
    await exchange.national.dial(poison=[version["data_key"] for version in poison])
    async with exchange.working() as worker:
        breaker = worker.couriers["national"]._breaker
        await exchange.platform.push(*poison)

        async def paused_for_long() -> bool:
            return breaker.open_until > asyncio.get_running_loop().time() + 4

        await eventually(paused_for_long, within=60)
        await exchange.platform.push(a_tender_notice(project="healthy"))

        async def arrived() -> bool:
            return (await exchange.national.summary())["applied"] == 1

        await eventually(arrived, within=3)


async def test_the_reason_of_a_parked_version_is_told(exchange: Exchange) -> None:
    poison = a_tender_notice(project="P")
    await exchange.national.dial(poison=[poison["data_key"]])
    async with exchange.working():
        await exchange.platform.push(poison)

        async def parked() -> bool:
            await exchange.platform.push(a_tender_notice(project="other"))
            return (await exchange.states()).get(1) == "parked"

        await eventually(parked)

    shown = await exchange.platform.read("/v1/deliveries/national/1")
    assert (shown["delivery"]["state"], shown["delivery"]["reason"]) == ("parked", "HTTP 500")
    assert len(shown["attempts"]) >= 5


async def test_a_version_that_cannot_be_written_for_the_target_is_parked_and_the_others_go_on(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    unwritable = a_tender_notice(project="P")
    encode: Callable[[NationalPlatform, Outgoing], bytes] = NationalPlatform.encode

    def failing(self: NationalPlatform, version: Outgoing) -> bytes:
        if version.data_key == unwritable["data_key"]:
            raise OverflowError("no such date")
        return encode(self, version)

    monkeypatch.setattr(NationalPlatform, "encode", failing)
    async with exchange.working():
        await exchange.platform.push(*(a_tender_notice(project=n) for n in range(5)), unwritable)
        await exchange.platform.push(*(a_tender_notice(project=n) for n in range(5)))
        await exchange.all_delivered(10)

    assert (await exchange.states())[6] == "parked"
    shown = await exchange.platform.read("/v1/deliveries/national/6")
    assert "OverflowError: no such date" in shown["delivery"]["reason"]
    assert shown["attempts"][0]["error"] == "not sent: [6] cannot be written for the target"


async def test_what_an_earlier_worker_found_to_fail_alone_travels_alone_from_the_start(either: Exchange) -> None:
    poison = a_tender_notice(project="P")
    await either.national.dial(poison=[poison["data_key"]])
    await either.platform.push(*(a_tender_notice(project=n) for n in range(20)), poison)

    async def failed_alone() -> bool:
        return 1 in await _sizes_of_requests_with(either, 21)

    async with either.working():
        await eventually(failed_alone)
    before = len(await _sizes_of_requests_with(either, 21))

    async def failed_again() -> bool:
        return len(await _sizes_of_requests_with(either, 21)) > before

    async with either.working():
        await eventually(failed_again)
    assert set((await _sizes_of_requests_with(either, 21))[before:]) == {1}


async def _sizes_of_requests_with(exchange: Exchange, position: int) -> list[int]:
    """How many versions each request had that a version was sent with, the oldest first."""
    async with exchange.hub.runtime.database.reading() as connection:
        found = await connection.execute(
            select(Attempt.versions)
            .join(AttemptItem, AttemptItem.attempt == Attempt.id)
            .where(AttemptItem.position == position)
            .order_by(Attempt.id)
        )
        return list(found.scalars())


async def test_a_poison_item_alone_in_the_world_is_an_outage_and_not_parked(exchange: Exchange) -> None:
    poison = a_tender_notice(project="P")
    await exchange.national.dial(poison=[poison["data_key"]])
    async with exchange.working():
        await exchange.platform.push(poison)

        async def often() -> bool:
            return len(await exchange.attempts()) > 8

        await eventually(often)
        assert await exchange.states() == {}

        await exchange.national.dial()
        await exchange.all_delivered(1)


async def test_a_child_waits_for_its_parent_of_the_same_thread_and_then_goes(either: Exchange) -> None:
    contract = a_tender_contract(project="P")
    async with either.working():
        await either.platform.push(contract)

        async def waits() -> bool:
            return await either.states() == {1: "waiting"}

        await eventually(waits)
        shown = await either.platform.read("/v1/deliveries/national/1")
        assert shown["delivery"]["reason"]["reason"] == "parent_missing"

        await either.platform.push(a_later_version(contract), a_tender_notice(project="P"))
        await either.all_delivered(3)

    assert await either.national.told(P) == ["tender_notice 1", "tender_contract 1", "tender_contract 2"]
    assert (await either.national.summary())["rejected"] == 0


async def test_a_thread_keeps_its_order_while_what_it_lacks_is_on_its_way(exchange: Exchange) -> None:
    child, sibling = a_submission("tender_project"), a_submission("tender_notice")
    async with exchange.working():
        await exchange.platform.push(child, sibling)

        async def told_to_wait() -> bool:
            return any(b"parent_missing" in attempt.answer for attempt in await exchange.attempts())

        await eventually(told_to_wait)
        await exchange.platform.push(a_submission("tender_investment_project"))
        await exchange.all_delivered(3)

    told = await exchange.national.told(child["body"]["tender_project_code"])
    assert told == ["tender_project 1", "tender_notice 1"]


async def test_what_waits_does_not_hold_the_rest_of_its_thread(exchange: Exchange) -> None:
    async with exchange.working():
        await exchange.platform.push(a_bid_opening_record(project="P"), a_tender_contract(project="P"))
        await exchange.platform.push(a_tender_notice(project="Q"), a_tender_notice(project="P"))
        await exchange.all_delivered(4)

    assert await exchange.national.told(Q) == ["tender_notice 1"]
    assert (await exchange.national.told(P))[0] == "tender_notice 1"
    assert Counter(await exchange.national.told(P)) == Counter(
        ["tender_notice 1", "bid_opening_record 1", "tender_contract 1"]
    )


async def test_a_retry_after_is_honoured(exchange: Exchange) -> None:
    await exchange.platform.push(a_tender_notice(project="P"))
    await exchange.national.dial(rate_limit_percent=100, retry_after=1)
    async with exchange.working():
        await eventually(exchange.attempts)
        await exchange.national.dial()
        await exchange.all_delivered(1)

    first, second = await exchange.attempts()
    assert first.status == 429
    assert second.started_at - first.finished_at >= 1_000_000


async def test_a_rate_limit_parks_nothing(exchange: Exchange) -> None:
    await exchange.platform.push(*_versions("P", 2))
    await exchange.national.dial(rate_limit_percent=100, retry_after=0)
    async with exchange.working():

        async def often() -> bool:
            return len(await exchange.attempts()) > 10

        await eventually(often)
        assert await exchange.states() == {}


async def test_one_target_that_is_down_does_not_hold_the_other_up(either: Exchange) -> None:
    await either.national.dial(down_for_s=60, down_as="closed")
    async with either.working():
        await either.platform.push(an_administrative_penalty(), an_administrative_penalty())
        await either.all_delivered(2, "credit")
        assert "delivered" not in (await either.states()).values()

        await either.national.dial()
        await either.all_delivered(2)


async def test_the_credit_platform_gets_credit_records_only(exchange: Exchange) -> None:
    async with exchange.working():
        await exchange.platform.push(a_tender_notice(), an_administrative_penalty(), a_tender_notice())
        await exchange.all_delivered(3)
        await exchange.all_delivered(1, "credit")

    assert await exchange.credit.positions() == [2]
    assert await exchange.states("credit") == {2: "delivered"}


async def test_a_new_target_begins_at_0(exchange: Exchange) -> None:
    await exchange.platform.push(an_administrative_penalty(), a_tender_notice(), an_administrative_penalty())
    async with exchange.working(target_credit_url=""):
        await exchange.all_delivered(3)
    assert await exchange.credit.positions() == []

    async with exchange.working():
        await exchange.all_delivered(2, "credit")

    assert await exchange.credit.positions() == [1, 3]
    assert (await exchange.national.summary())["duplicates"] == 0


async def test_status_tells_how_far_each_target_has_got(exchange: Exchange) -> None:
    await exchange.national.dial(down_for_s=60)
    async with exchange.working():
        await exchange.platform.push(an_administrative_penalty(), a_tender_notice())
        await exchange.all_delivered(1, "credit")

        async def told() -> dict[str, Any]:
            status = await exchange.platform.read("/v1/status")
            return {target["name"]: (target["state"], target["cursor"]) for target in status["targets"]}

        async def settled() -> bool:
            return await told() == {"national": ("catching up", 0), "credit": ("up to date", 2)}

        await eventually(settled)
        await exchange.national.dial()
        await exchange.all_delivered(2)

        async def caught_up() -> bool:
            return bool((await told())["national"] == ("up to date", 2))

        await eventually(caught_up)


async def test_a_push_wakes_the_courier_at_once(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.sync.courier.LOOK_AGAIN", 10.0)
    async with exchange.working(lease_seconds=60) as worker:
        await worker.until_idle()
        await exchange.platform.push(a_tender_notice())
        pushed_at = asyncio.get_running_loop().time()
        await exchange.all_delivered(1)

    assert asyncio.get_running_loop().time() - pushed_at < 1
