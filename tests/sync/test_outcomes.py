"""The order of outcomes: every change of state gets the next number, and a reader behind a cursor misses none."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import update

from hub.ledger.epochs import begin_epoch
from hub.ledger.outcomes import last_number, next_number
from hub.ledger.tables import Delivery
from tests.builders import a_later_version, a_tender_contract, a_tender_notice, an_administrative_penalty
from tests.hub import B, Caller
from tests.sync.exchange import Exchange, eventually

pytestmark = pytest.mark.anyio


async def _followed(platform: Caller, after: int = 0) -> tuple[list[dict[str, Any]], int]:
    """All outcomes behind a cursor, in pages of two, and the cursor behind them."""
    found: list[dict[str, Any]] = []
    while True:
        page = await platform.read("/v1/receipts", after=after, limit=2)
        found += page["outcomes"]
        if page["next"] == after:
            return found, after
        after = page["next"]


async def test_receipts_tell_of_every_target_in_the_order_of_the_outcomes(either: Exchange) -> None:
    async with either.working():
        (first,) = await either.platform.push(an_administrative_penalty())
        await either.all_delivered(1)
        await either.all_delivered(1, "credit")
        (second,) = await either.platform.push(a_tender_notice())
        await either.all_delivered(2)

    outcomes, _ = await _followed(either.platform)

    assert [outcome["sequence"] for outcome in outcomes] == [1, 2, 3]
    assert {(o["position"], o["target"]) for o in outcomes[:2]} == {(1, "national"), (1, "credit")}
    assert (outcomes[2]["record"], outcomes[2]["state"]) == (second["record"], "delivered")
    receipts = {item["position"]: item["receipt"] for item in await either.national.items()}
    assert {o["position"]: o["receipt"] for o in outcomes if o["target"] == "national"} == receipts
    assert outcomes[0]["record"] == first["record"]


async def test_a_platform_sees_its_own_outcomes_only(exchange: Exchange) -> None:
    other = await exchange.hub.platform(B)
    async with exchange.working():
        await exchange.platform.push(a_tender_notice())
        await other.push(a_tender_notice(), a_tender_notice())
        await exchange.all_delivered(3)

    assert len((await _followed(exchange.platform))[0]) == 1
    assert len((await _followed(other))[0]) == 2
    assert (await exchange.hub.public.get("/v1/receipts")).status_code == 401


async def test_a_state_that_changes_moves_behind_the_others(exchange: Exchange) -> None:
    contract = a_tender_contract(project="P")
    async with exchange.working():
        await exchange.platform.push(contract, a_tender_notice(project="Q"))
        await eventually(lambda: _states_are(exchange, {1: "waiting", 2: "delivered"}))
        before, cursor = await _followed(exchange.platform)
        await exchange.platform.push(a_tender_notice(project="P"))
        await exchange.all_delivered(3)

    after, _ = await _followed(exchange.platform, cursor)

    assert {(o["position"], o["state"]) for o in before} == {(1, "waiting"), (2, "delivered")}
    assert sorted((o["position"], o["state"]) for o in after) == [(1, "delivered"), (3, "delivered")]


async def test_what_stands_as_it_stood_is_no_new_outcome(exchange: Exchange) -> None:
    async with exchange.working():
        await exchange.platform.push(a_tender_contract(project="P"))

        async def tried_often() -> bool:
            return [row.tries for row in await exchange.rows() if row.state == "waiting"] >= [4]

        await eventually(tried_often)

    assert [row.sequence for row in await exchange.rows()] == [1]


async def test_a_resent_version_is_an_outcome_and_its_reason_is_shown(exchange: Exchange) -> None:
    await exchange.national.dial(reject_percent=100)
    async with exchange.working():
        await exchange.platform.push(a_tender_notice(project="P"))
        await eventually(lambda: _states_are(exchange, {1: "rejected"}))
    answer = await exchange.platform.call("POST", "/v1/deliveries/national/1:resend", json={"reason": "平台已修复"})

    assert (answer.json()["state"], answer.json()["sequence"]) == ("waiting", 2)
    (resend,) = (await exchange.platform.read("/v1/deliveries/national/1"))["resends"]
    assert (resend["by"], resend["reason"]) == (exchange.platform.code, "平台已修复")


async def test_waiting_for_outcomes_ends_with_the_first_one(either: Exchange) -> None:
    waiting = asyncio.create_task(either.platform.read("/v1/receipts", wait=20))
    async with either.working():
        await either.platform.push(a_tender_notice())
        page = await asyncio.wait_for(waiting, 10)

    assert [outcome["position"] for outcome in page["outcomes"]] == [1]


async def test_waiting_for_outcomes_ends_when_the_time_is_up(exchange: Exchange) -> None:
    page = await exchange.platform.read("/v1/receipts", wait=1)

    assert page == {"outcomes": [], "next": 0, "more": False, "head": 0}


async def test_a_reader_beside_many_writers_misses_no_number(either: Exchange) -> None:
    database = either.hub.runtime.database
    await either.platform.push(*(a_tender_notice(project=n) for n in range(30)))
    async with either.working():
        await either.all_delivered(30)
    seen: list[int] = []
    done = asyncio.Event()

    async def change(position: int) -> None:
        for step in range(10):
            async with database.transaction() as connection:
                number = await next_number(connection)
                row = update(Delivery).where(Delivery.target == "national", Delivery.position == position)
                await connection.execute(row.values(sequence=number, receipt=f"{step}"))
                await asyncio.sleep(0.001)

    async def read() -> None:
        cursor = 30
        while not done.is_set() or cursor < 130:
            page = await either.platform.read("/v1/receipts", after=cursor, limit=50)
            seen.extend(outcome["sequence"] for outcome in page["outcomes"])
            cursor = page["next"]

    reading = asyncio.create_task(read())
    await asyncio.gather(*(change(position) for position in range(1, 11)))
    done.set()
    await asyncio.wait_for(reading, 20)

    rows = {row.sequence for row in await either.rows()}
    assert seen == sorted(set(seen))
    assert {number for number in rows if number > 30} <= set(seen)
    async with database.reading() as connection:
        assert await last_number(connection) == 130


async def test_a_later_version_is_an_outcome_of_its_own(exchange: Exchange) -> None:
    notice = a_tender_notice(project="P")
    async with exchange.working():
        await exchange.platform.push(notice, a_later_version(notice))
        await exchange.all_delivered(2)

    outcomes, _ = await _followed(exchange.platform)

    assert [(o["position"], o["number"]) for o in outcomes] == [(1, 1), (2, 2)]


async def _states_are(exchange: Exchange, states: dict[int, str]) -> bool:
    return await exchange.states() == states


async def test_a_cursor_of_outcomes_is_told_where_the_epochs_part_and_skips_none(exchange: Exchange) -> None:
    database = exchange.hub.runtime.database
    async with exchange.working():
        await exchange.platform.push(*(a_tender_notice() for _ in range(3)))
        await exchange.all_delivered(3)
    _, reached = await _followed(exchange.platform)
    assert reached == 3

    async with database.transaction() as connection:
        await connection.execute(update(Delivery).where(Delivery.sequence == 3).values(sequence=None))
    response = await exchange.platform.get("/v1/receipts", after=reached)
    assert (response.status_code, response.json()["type"]) == (409, "/problems/cursor-beyond-head")

    await begin_epoch(database, "restored from a backup")
    for cursor in (3, "1.3"):
        response = await exchange.platform.get("/v1/receipts", after=cursor)
        assert (response.status_code, response.json()["began_after"]) == (409, 2)
        assert "go on from 2.2" in response.json()["detail"]
    async with exchange.working():
        await exchange.platform.push(a_tender_notice())
        await eventually(lambda: _outcomes_behind(exchange, "2.2"))
    page = await exchange.platform.read("/v1/receipts", after=2)
    assert (page["next"], page["more"], page["head"]) == ("2.3", False, 3)
    assert (await exchange.platform.read("/v1/receipts", after=2, limit=1))["more"] is False


async def _outcomes_behind(exchange: Exchange, cursor: str) -> bool:
    return len((await exchange.platform.read("/v1/receipts", after=cursor))["outcomes"]) == 1
