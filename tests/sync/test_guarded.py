"""Delivering stands still while the ledger is not what was signed, and goes on when a person has decided."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from hub.ledger.epochs import begin_epoch
from hub.ledger.outcomes import last_number
from hub.ledger.tables import LaneCursor
from hub.sync.guarded import Delivering
from hub.transparency.reopening import reopen
from tests.builders import a_later_version, a_tender_notice, an_administrative_penalty
from tests.sync.exchange import Exchange, an_exchange, eventually
from tests.sync.hooks import a_hook
from tests.transparency.tampering import lose_the_tail
from tests.transparency.test_guard import signed

pytestmark = pytest.mark.anyio


async def test_nothing_is_delivered_of_a_ledger_that_lost_its_past_until_a_new_epoch(
    sqlite_database_url: str, tmp_path: Path
) -> None:
    async with an_exchange(sqlite_database_url, tmp_path) as exchange:
        hub, runtime = exchange.hub, exchange.hub.runtime
        guard = runtime.guard
        await exchange.platform.push(a_tender_notice(), a_tender_notice())
        await signed(hub, 2)
        async with Delivering(runtime.database, runtime.bell, exchange.settings, guard) as delivering:
            await exchange.all_delivered(2)
            assert delivering.delivers

            await lose_the_tail(runtime.database, 1)
            await guard.look()
            await eventually(lambda: true_of(not delivering.delivers))
            assert (await exchange.platform.put(a_tender_notice())).status_code == 503

            await eventually(lambda: true_of(runtime.bell.heard == 1))
            begun = await begin_epoch(runtime.database, "restored from a backup")
            await reopen(runtime.database, begun.number, "", "sha256")
            await guard.look()
            await eventually(lambda: true_of(delivering.delivers))
            await exchange.platform.push(a_tender_notice())
            await eventually(lambda: tried(exchange, [1, 2]))


async def test_a_worker_that_still_has_an_answer_to_store_writes_nothing_into_the_new_epoch(
    database_url: str, tmp_path: Path
) -> None:
    async with an_exchange(database_url, tmp_path) as exchange:
        database = exchange.hub.runtime.database
        await exchange.platform.push(a_tender_notice(project="kept"))
        await exchange.national.dial(answer_latency_ms=1500)
        async with exchange.working(lease_seconds=60) as worker:
            await exchange.platform.push(a_tender_notice(project="lost"))
            await eventually(lambda: _sent(exchange, 2))

            await lose_the_tail(database, 1)
            begun = await begin_epoch(database, "restored from a backup")
            await reopen(database, begun.number, "", "sha256")
            worker.couriers["national"].renew()
            await eventually(lambda: _all_lanes_held(exchange))

        await exchange.national.dial()
        assert 2 not in await exchange.states()
        assert {lane.position for lane in await exchange.lanes()} <= {0, 1}


async def test_what_takes_the_place_of_lost_versions_is_delivered_and_the_targets_take_those_back(
    database_url: str, tmp_path: Path
) -> None:
    async with an_exchange(database_url, tmp_path) as exchange:
        database, national = exchange.hub.runtime.database, exchange.national
        kept, lost = a_tender_notice(project="kept"), a_tender_notice(project="lost")
        async with exchange.working():
            await exchange.platform.push(kept, a_tender_notice(), lost, a_later_version(lost))
            await exchange.all_delivered(4)

        await lose_the_tail(database, 2)
        begun = await begin_epoch(database, "restored from a backup")
        await reopen(database, begun.number, "", "sha256")
        await exchange.hub.runtime.guard.look()  # It may have looked in between.
        await exchange.platform.push(a_later_version(kept), lost, a_later_version(lost))
        async with exchange.working():
            await exchange.all_delivered(5)

        summary, held = await national.summary(), await national.holdings()
        found = await exchange.hub.public.read("/v1/feed")

    assert (summary["applied"], summary["taken_back"], summary["conflicts"]) == (5, 2, 0)
    assert held == [(entry["position"], entry["digest"]) for entry in found["entries"]]


async def test_cursors_and_beginnings_go_back_by_a_new_epoch_as_far_as_what_is_lost(exchange: Exchange) -> None:
    database = exchange.hub.runtime.database
    with a_hook() as hook:
        order = {"what": "outcomes", "url": hook.url, "start": 0}
        name = (await exchange.platform.call("POST", "/v1/subscriptions", json=order)).json()["name"]

        async def reached() -> set[int]:
            return {lane.position for lane in await exchange.lanes(name)}

        async def told() -> bool:
            return await reached() == {8}

        async with exchange.working():
            # Each of them goes to both targets.
            await exchange.platform.push(*(an_administrative_penalty() for _ in range(4)))
            await eventually(told)

        begun = await begin_epoch(database, "restored from a backup")
        await reopen(database, begun.number, "", "sha256")
        kept = await reached()
        await lose_the_tail(database, 2)
        async with database.transaction() as connection:
            await connection.execute(update(LaneCursor).values(position=8, start=8))
        begun = await begin_epoch(database, "restored from a backup")
        await reopen(database, begun.number, "", "sha256")
        async with database.reading() as connection:
            newest = await last_number(connection)

    assert kept == {8}
    assert await reached() == {newest}
    # A target that began behind what is lost began with what takes its place.
    assert {(lane.position, lane.start) for lane in await exchange.lanes()} == {(2, 2)}


async def test_what_a_subscriber_is_told_of_a_later_epoch_says_so_because_numbers_are_given_out_again(
    exchange: Exchange,
) -> None:
    database = exchange.hub.runtime.database
    with a_hook() as versions, a_hook() as outcomes:
        for what, hook in (("versions", versions), ("outcomes", outcomes)):
            order = {"what": what, "url": hook.url, "start": 0}
            assert (await exchange.platform.call("POST", "/v1/subscriptions", json=order)).status_code == 201
        async with exchange.working():
            await exchange.platform.push(*(an_administrative_penalty() for _ in range(2)))
            await eventually(lambda: true_of(len(versions.entries) == 2 and len(outcomes.entries) == 4))

        await lose_the_tail(database, 1)
        begun = await begin_epoch(database, "restored from a backup")
        await reopen(database, begun.number, "", "sha256")
        await exchange.hub.runtime.guard.look()
        last = begun.outcomes_after

        def later() -> list[dict[str, Any]]:
            # What was told shortly before the loss may be told once more.
            return [entry for entry in outcomes.entries[4:] if entry["sequence"] > last]

        async with exchange.working():
            await exchange.platform.push(an_administrative_penalty())
            await eventually(lambda: true_of(len(versions.entries) >= 3 and len(later()) == 2))

    assert versions.positions == [1, 2, 2]
    assert [entry.get("epoch") for entry in versions.entries] == [None, None, {"number": 2, "began_after": 1}]
    assert [entry["sequence"] for entry in later()] == [last + 1, last + 2]
    assert not any("epoch" in entry for entry in outcomes.entries if entry not in later())
    assert [entry["epoch"] for entry in later()] == [{"number": 2, "began_after": last}] * 2


@pytest.mark.parametrize(
    ("what", "cursor", "start"),
    [
        ("versions", 1, 1),
        ("versions", "1.1", None),
        ("versions", 2, None),
        ("versions", "2.2", 2),
        ("versions", "2.99", 2),
        ("versions", "3.1", None),
        ("versions", 2**63 - 1, None),
        ("outcomes", 0, 0),
        ("outcomes", 4, None),
        ("outcomes", "2.1", 1),
    ],
)
async def test_a_subscription_begins_at_a_cursor_as_it_was_told_or_not_at_all(
    exchange: Exchange, what: str, cursor: int | str, start: int | None
) -> None:
    database = exchange.hub.runtime.database
    async with exchange.working():
        await exchange.platform.push(an_administrative_penalty())
        await exchange.all_delivered(1)
        await exchange.platform.push(an_administrative_penalty())
        await exchange.all_delivered(2)
    await lose_the_tail(database, 1)
    begun = await begin_epoch(database, "restored from a backup")
    await reopen(database, begun.number, "", "sha256")
    await exchange.hub.runtime.guard.look()
    await exchange.platform.push(an_administrative_penalty())

    order = {"what": what, "url": "http://127.0.0.1:9/hook", "start": cursor}
    answer = await exchange.platform.call("POST", "/v1/subscriptions", json=order)

    if start is None:
        assert (answer.status_code, answer.json()["type"]) == (409, "/problems/epoch-changed")
    else:
        assert (answer.status_code, answer.json()["cursor"]) == (201, start)


async def _all_lanes_held(exchange: Exchange) -> bool:
    return all(lane.owner for lane in await exchange.lanes())


async def _sent(exchange: Exchange, count: int) -> bool:
    return len(await exchange.national.holdings()) >= count


async def tried(exchange: Exchange, positions: list[int]) -> bool:
    """Whether just these positions were sent."""
    return sorted(await exchange.states()) == positions


async def true_of(found: bool) -> bool:
    return found


async def test_a_worker_that_starts_beside_such_a_ledger_waits(sqlite_database_url: str, tmp_path: Path) -> None:
    async with an_exchange(sqlite_database_url, tmp_path) as exchange:
        runtime = exchange.hub.runtime
        await exchange.platform.push(a_tender_notice())
        await signed(exchange.hub, 1)
        await lose_the_tail(runtime.database, 0)
        await runtime.guard.look()

        async with Delivering(runtime.database, runtime.bell, exchange.settings, runtime.guard) as delivering:
            assert not delivering.delivers
