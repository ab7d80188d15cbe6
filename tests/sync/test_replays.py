"""Replays: a range once more, with cursors of its own; harmless to a target that has it, a cure for one that lost it."""

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import select

from hub.ledger.tables import Audit
from hub.problems import InvalidParameter
from hub.sync import replays
from hub.sync.tables import Replay
from tests.builders import a_later_version, a_tender_notice, an_administrative_penalty
from tests.hub import B
from tests.sync.exchange import Exchange, eventually

pytestmark = pytest.mark.anyio


async def _replay(exchange: Exchange, first: int, last: int, **narrowed: str) -> Replay:
    database = exchange.hub.runtime.database
    order = {"reason": "目标平台恢复了旧备份", "actor": "operator"} | narrowed
    return await replays.order(database, "national", first, last, **order)


async def _finished(exchange: Exchange, replay: Replay) -> replays.Progress:
    async def finished() -> replays.Progress | None:
        async with exchange.hub.runtime.database.reading() as connection:
            found = [p for p in await replays.progress(connection) if p.replay.name == replay.name]
        return found[0] if found[0].replay.finished_at else None

    found = await eventually(finished)
    assert found is not None
    return found


async def test_a_range_is_sent_again_and_the_target_knows_what_it_has(either: Exchange) -> None:
    async with either.working():
        await either.platform.push(*(a_tender_notice(project=n) for n in range(10)))
        await either.all_delivered(10)
        before = [(row.position, row.receipt, row.sequence) for row in await either.rows()]

        progress = await _finished(either, await _replay(either, 3, 7))

    summary = await either.national.summary()
    assert (summary["applied"], summary["duplicates"], summary["conflicts"]) == (10, 5, 0)
    assert (progress.cursor, progress.states) == (7, {"delivered": 5})
    assert [(row.position, row.receipt, row.sequence) for row in await either.rows()] == before


async def test_a_replay_is_narrowed_to_a_platform_and_a_kind(exchange: Exchange) -> None:
    other = await exchange.hub.platform(B)
    async with exchange.working():
        await exchange.platform.push(a_tender_notice(), an_administrative_penalty())
        await other.push(a_tender_notice(), an_administrative_penalty())
        await exchange.all_delivered(4)

        of_platform = await _finished(exchange, await _replay(exchange, 1, 4, platform=B))
        of_kind = await _finished(exchange, await _replay(exchange, 1, 4, platform=B, kind="tender_notice"))

    assert of_platform.states == {"delivered": 2}
    assert await exchange.states(of_kind.replay.name) == {3: "delivered"}


async def test_what_was_never_delivered_is_not_replayed(exchange: Exchange) -> None:
    await exchange.national.dial(reject_percent=100)
    async with exchange.working():
        await exchange.platform.push(a_tender_notice())

        async def rejected() -> bool:
            return await exchange.states() == {1: "rejected"}

        await eventually(rejected)
        await exchange.national.dial()
        await exchange.platform.push(a_tender_notice())
        await exchange.all_delivered(1)
        progress = await _finished(exchange, await _replay(exchange, 1, 2))

    assert progress.states == {"delivered": 1}
    assert await exchange.states() == {1: "rejected", 2: "delivered"}


async def test_a_target_that_lost_what_it_had_gets_it_in_order_and_its_new_receipts_are_kept(
    exchange: Exchange, tmp_path: Path
) -> None:
    notice = a_tender_notice(project="P")
    async with exchange.working():
        await exchange.platform.push(a_tender_notice(project="Q"), notice, a_later_version(notice))
        await exchange.all_delivered(3)
        cursor = (await exchange.platform.read("/v1/receipts"))["next"]
        with sqlite3.connect(tmp_path / "national.sqlite3") as lost:
            for table in ("received", "content", "record"):
                lost.execute(f"DELETE FROM {table}")

        await _finished(exchange, await _replay(exchange, 1, 3))

    received = {item["position"]: item["receipt"] for item in await exchange.national.items()}
    assert sorted(received) == [1, 2, 3]
    assert {row.position: row.receipt for row in await exchange.rows()} == received
    renewed = (await exchange.platform.read("/v1/receipts", after=cursor))["outcomes"]
    assert {outcome["position"]: outcome["receipt"] for outcome in renewed} == received


async def test_a_replay_says_in_the_audit_who_asked_for_it_and_why(exchange: Exchange) -> None:
    await exchange.platform.push(a_tender_notice(), a_tender_notice())
    replay = await _replay(exchange, 1, 2)

    async with exchange.hub.runtime.database.reading() as connection:
        (row,) = (await connection.execute(select(Audit.__table__).where(Audit.action == "replay"))).all()
    assert (row.actor, row.subject) == ("operator", "national")
    assert row.detail == f"{replay.name}: 1 to 2, all platforms, all kinds: 目标平台恢复了旧备份"


@pytest.mark.parametrize(("first", "last"), [(0, 5), (5, 4)])
async def test_a_range_that_is_none_is_refused(exchange: Exchange, first: int, last: int) -> None:
    with pytest.raises(InvalidParameter):
        await _replay(exchange, first, last)


async def test_there_are_at_most_5_replays_to_a_target_at_once(exchange: Exchange) -> None:
    await exchange.platform.push(a_tender_notice(), a_tender_notice())
    for _ in range(5):
        await _replay(exchange, 1, 2)

    with pytest.raises(InvalidParameter, match="unfinished"):
        await _replay(exchange, 1, 2)


async def test_an_end_beyond_the_head_is_cut_to_the_head(exchange: Exchange) -> None:
    async with exchange.working():
        await exchange.platform.push(a_tender_notice())
        await exchange.all_delivered(1)
        progress = await _finished(exchange, await _replay(exchange, 1, 2**63 - 1))

    assert (progress.replay.last, progress.cursor) == (1, 1)


async def test_a_range_that_begins_beyond_the_head_is_refused(exchange: Exchange) -> None:
    await exchange.platform.push(a_tender_notice())
    with pytest.raises(InvalidParameter, match="the newest is 1"):
        await _replay(exchange, 2, 5)
