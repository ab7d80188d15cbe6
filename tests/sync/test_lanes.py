"""Lanes and their leases: workers share them, lose them, give them back, and nobody writes what is another's."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.ledger.append import lane_of
from hub.ledger.tables import LANES, Delivery
from hub.moments import now
from hub.sync import lanes as leases
from hub.sync.book import ANSWER_KEPT, Book, Row
from hub.sync.book import Call as StoredCall
from hub.sync.client import Answer
from hub.sync.courier import Courier
from hub.sync.queue import Item, Lane
from hub.sync.source import Versions
from hub.sync.target import Reply
from hub.sync.worker import Worker
from tests.builders import a_later_version, a_tender_contract, a_tender_notice, a_tender_project_code
from tests.sync.exchange import Exchange, eventually

pytestmark = pytest.mark.anyio


def _owners(lanes: list[Any]) -> dict[str | None, int]:
    owners: dict[str | None, int] = {}
    for lane in lanes:
        owners[lane.owner] = owners.get(lane.owner, 0) + 1
    return owners


async def test_one_worker_takes_all_lanes_and_gives_them_back_when_it_stops(either: Exchange) -> None:
    async with either.working(lease_seconds=60) as worker:

        async def taken() -> bool:
            return _owners(await either.lanes()) == {worker.name: LANES}

        await eventually(taken)

    assert _owners(await either.lanes()) == {None: LANES}
    assert {lane.until for lane in await either.lanes()} == {0}


async def test_lanes_of_a_worker_that_died_before_the_clock_was_set_back_are_taken(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = exchange.hub.runtime.database
    async with database.transaction() as connection:
        await leases.prepare(connection, "national", 0)
        await leases.beat(connection, "national", "dead", 5)
        await leases.hold(connection, "national", "dead", 5, 1, {})
    monkeypatch.setattr("hub.db.now", lambda: now() - 3600 * 1_000_000)

    async with database.transaction() as connection:
        workers = await leases.beat(connection, "national", "new", 5)
        taken = await leases.hold(connection, "national", "new", 5, workers, {})

    assert (workers, len(taken)) == (1, LANES)


async def test_the_next_worker_goes_on_at_once_after_a_graceful_stop(exchange: Exchange) -> None:
    async with exchange.working(lease_seconds=60):
        await exchange.platform.push(*(a_tender_notice(project=n) for n in range(20)))
        await exchange.all_delivered(20)

    async with exchange.working(lease_seconds=60):
        await exchange.platform.push(*(a_tender_notice(project=n) for n in range(20)))
        await exchange.all_delivered(40)

    assert (await exchange.national.summary())["duplicates"] == 0


async def test_two_workers_share_the_lanes_and_deliver_everything_once(either: Exchange) -> None:
    async with either.working(lease_seconds=6) as first, either.working(lease_seconds=6) as second:

        async def shared() -> bool:
            return _owners(await either.lanes()) == {first.name: LANES // 2, second.name: LANES // 2}

        await eventually(shared)
        for n in range(40):
            notice = a_tender_notice(project=n)
            await either.platform.push(notice, a_later_version(notice))
        await either.all_delivered(80)

    summary = await either.national.summary()
    assert (summary["applied"], summary["duplicates"], summary["rejected"]) == (80, 0, 0)
    assert {attempt.worker for attempt in await either.attempts()} == {first.name, second.name}


async def test_workers_of_other_targets_take_no_share(exchange: Exchange) -> None:
    async with (
        exchange.working(target_credit_url="") as national,
        exchange.working(target_national_url="") as credit,
    ):

        async def taken() -> bool:
            owners = _owners(await exchange.lanes()), _owners(await exchange.lanes("credit"))
            return owners == ({national.name: LANES}, {credit.name: LANES})

        await eventually(taken)


async def test_lanes_change_hands_under_load_without_a_loss_or_a_change_of_order(exchange: Exchange) -> None:
    threads = [[a_tender_notice(project=n)] for n in range(20)]
    for versions in threads:
        versions += [a_later_version(versions[0]), a_later_version(a_later_version(versions[0]))]
    await exchange.national.dial(latency_ms=20)
    async with exchange.working(lease_seconds=1, delivery_batch=3):
        for step in zip(*threads, strict=True):
            await exchange.platform.push(*step)
            async with exchange.working(lease_seconds=1, delivery_batch=3):
                await asyncio.sleep(0.5)
        await exchange.all_delivered(60)

    summary = await exchange.national.summary()
    assert (summary["applied"], summary["rejected"], summary["conflicts"]) == (60, 0, 0)


async def _nothing() -> None: ...


class Frozen:
    """A worker that stands still with an answer in its hand, as a suspended process does, until it thaws."""

    def __init__(self, worker: Worker) -> None:
        self.courier: Courier = worker.couriers["national"]
        self.thaw = asyncio.Event()
        self.sent = asyncio.Event()
        self._send = self.courier._client.send
        self.courier._client.send = self._stand_still  # type: ignore[method-assign]
        self.answer: bytes | None = None

    async def _stand_still(self, path: str, body: bytes, headers: Mapping[str, str] | None = None) -> Answer:
        answer = await self._send(path, body, headers)
        # A suspended process renews nothing.
        self.courier.renew = lambda: None  # type: ignore[method-assign]
        self.courier._holding.extend = _nothing  # type: ignore[method-assign]
        self.courier._next_look = float("inf")
        self.courier._holding.next_renewal = self.courier._holding.next_cursors = float("inf")
        self.sent.set()
        async with asyncio.timeout(15):
            await self.thaw.wait()
        return answer if self.answer is None else Answer(Reply(200, self.answer), None)


async def test_what_a_stale_worker_writes_is_refused(either: Exchange) -> None:
    position = (await either.platform.push(a_tender_notice(project="P")))[0]["position"]
    rejection = b'{"results": [{"position": %d, "status": "rejected", "errors": [{"rule": "stale"}]}]}' % position
    async with either.working(lease_seconds=0.5) as slow:
        frozen = Frozen(slow)
        frozen.answer = rejection
        await asyncio.wait_for(frozen.sent.wait(), 10)

        async with either.working(lease_seconds=3) as quick:
            await either.all_delivered(1)
            before = [tuple(row) for row in await either.rows()]
            cursors = {lane.lane: lane.token for lane in await either.lanes()}

            frozen.thaw.set()

            async def noticed() -> bool:
                return lane_of(f"tender:{a_tender_project_code('P')}") not in frozen.courier._holding.lanes

            await eventually(noticed)
            assert [tuple(row) for row in await either.rows()] == before
            assert {lane.lane: lane.token for lane in await either.lanes()} == cursors
            assert quick.name in _owners(await either.lanes())

    summary = await either.national.summary()
    assert (summary["applied"], summary["duplicates"]) == (1, 1)


async def test_a_worker_whose_lease_ran_out_sends_nothing_more(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def renew_nothing(*_: object) -> list[Lane]:
        return []

    async with exchange.working(lease_seconds=0.5) as worker:
        await worker.until_idle()
        with monkeypatch.context() as patch:
            patch.setattr(worker.couriers["national"]._holding, "renew", renew_nothing)
            patch.setattr(worker.couriers["national"]._holding, "extend", _nothing)
            await asyncio.sleep(0.6)  # A renewal that was under way has begun before this, and lasts no longer.

            await exchange.platform.push(a_tender_notice())
            await asyncio.sleep(0.3)

            assert await exchange.attempts() == []
        await exchange.all_delivered(1)


async def test_a_restart_does_not_send_again_what_was_finished_above_the_cursor(
    either: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.sync.holding.BETWEEN_CURSORS", 1000.0)
    database, between = either.hub.runtime.database, asyncio.Lock()
    write = database.transaction

    @asynccontextmanager
    async def one_at_a_time() -> AsyncIterator[AsyncConnection]:
        async with between, write() as connection:
            yield connection

    monkeypatch.setattr(database, "transaction", one_at_a_time)
    async with either.working(lease_seconds=0.5) as worker:
        await worker.until_idle()
        await either.platform.push(*(a_tender_notice(project=n) for n in range(20)))
        await either.all_delivered(20)
        # As a process that is killed: neither cursors are written nor lanes given back.
        killed = [*worker._beside, *worker._tasks.values()]
        async with (
            between
        ):  # In a transaction it would leave a connection behind that keeps the lock; a dead process has none.
            for task in killed:
                task.cancel()
        await asyncio.gather(*killed, return_exceptions=True)
        assert min(lane.position for lane in await either.lanes()) == 0
        for client in worker._clients.values():
            await client.close()
        worker.couriers.clear()

    async with either.working(lease_seconds=0.5):
        await either.platform.push(a_tender_notice(project="new"))
        await either.all_delivered(21)

    summary = await either.national.summary()
    assert (summary["applied"], summary["duplicates"]) == (21, 0)


async def test_the_cursors_follow_what_is_finished(exchange: Exchange) -> None:
    async with exchange.working():
        await exchange.platform.push(*(a_tender_notice(project=n) for n in range(20)))

        async def followed() -> bool:
            return {lane.position for lane in await exchange.lanes()} == {20}

        await eventually(followed)


async def test_a_held_version_is_found_again_by_the_next_worker(exchange: Exchange) -> None:
    poison = a_tender_notice(project="P")
    await exchange.national.dial(poison=[poison["data_key"]])
    async with exchange.working():
        await exchange.platform.push(poison)

        async def parked() -> bool:
            await exchange.platform.push(a_tender_notice(project="other"))
            return (await exchange.states()).get(1) == "parked"

        await eventually(parked)
    await exchange.national.dial()

    async with exchange.working():
        (later,) = await exchange.platform.push(a_later_version(poison))

        async def behind() -> bool:
            return (await exchange.states()).get(later["position"]) == "waiting"

        await eventually(behind)
        await exchange.platform.call("POST", "/v1/deliveries/national/1:resend", json={"reason": "再试一次"})

        async def delivered() -> bool:
            return set((await exchange.states()).values()) == {"delivered"}

        await eventually(delivered)

    assert await exchange.national.positions(a_tender_project_code("P")) == [1, later["position"]]


SECOND_HALF = next(n for n in range(99) if lane_of(f"tender:{a_tender_project_code(n)}") >= LANES // 2)
"""A project in a lane that the first of two workers leaves to the second."""


async def _moved(exchange: Exchange, worker: Worker) -> None:
    """Wait until the worker has the project's lane."""
    number = lane_of(f"tender:{a_tender_project_code(SECOND_HALF)}")

    async def moved() -> bool:
        return any(lane.owner == worker.name for lane in await exchange.lanes() if lane.lane == number)

    await eventually(moved)


async def test_a_lane_that_comes_back_is_not_held_by_what_was_delivered_meanwhile(either: Exchange) -> None:
    notice = a_tender_notice(project=SECOND_HALF)
    poison = a_later_version(notice)
    async with either.working(lease_seconds=1.5) as first:
        await either.platform.push(notice)
        await either.all_delivered(1)
        await either.national.dial(poison=[notice["data_key"]])
        await either.platform.push(poison)

        async def parked() -> bool:
            await either.platform.push(a_tender_notice(project="other"))
            return (await either.states()).get(2) == "parked"

        await eventually(parked)
        async with either.working(lease_seconds=1.5) as second:
            await _moved(either, second)
            await either.national.dial()
            await either.platform.call("POST", "/v1/deliveries/national/2:resend", json={"reason": "再试一次"})
            await _all_done(either)
        await _moved(either, first)
        later = a_later_version(poison)
        await either.platform.push(later, a_later_version(later), a_tender_contract(project=SECOND_HALF))
        await _all_done(either)

    told = await either.national.told(a_tender_project_code(SECOND_HALF))
    assert told == [*(f"tender_notice {n}" for n in (1, 2, 3, 4)), "tender_contract 1"]
    assert (await either.national.summary())["rejected"] == 0


async def test_a_lane_that_comes_back_does_not_wait_for_a_parent_that_came_meanwhile(either: Exchange) -> None:
    contract = a_tender_contract(project=SECOND_HALF)
    async with either.working(lease_seconds=1.5) as first:
        await either.platform.push(contract)

        async def waits() -> bool:
            return await either.states() == {1: "waiting"}

        await eventually(waits)
        async with either.working(lease_seconds=1.5) as second:
            await _moved(either, second)
            await either.platform.push(a_tender_notice(project=SECOND_HALF))
            await _all_done(either)
        await _moved(either, first)
        await either.platform.push(a_later_version(contract))
        await _all_done(either)

    told = await either.national.told(a_tender_project_code(SECOND_HALF))
    assert told == ["tender_notice 1", "tender_contract 1", "tender_contract 2"]
    assert (await either.national.summary())["rejected"] == 0


async def test_what_waits_behind_nothing_any_more_goes_on_in_order_when_its_lane_is_taken(either: Exchange) -> None:
    versions = [a_tender_notice(project="P")]
    for _ in range(4):
        versions.append(a_later_version(versions[-1]))
    async with either.working():
        await either.platform.push(versions[0])
        await either.all_delivered(1)
    await either.platform.push(*versions[1:3])
    thread = f"tender:{a_tender_project_code('P')}"
    row = {"target": "national", "thread": thread, "lane": lane_of(thread), "state": "waiting", "holds": False}
    row |= {"tries": 0, "updated_at": 1, "reason": "behind an earlier version"}
    async with either.hub.runtime.database.transaction() as connection:
        rows = [row | {"position": position, "sequence": 90 + position} for position in (2, 3)]
        await connection.execute(insert(Delivery), rows)
    await either.platform.push(*versions[3:], a_tender_contract(project="P"))

    async with either.working():
        await _all_done(either)

    assert await either.national.positions(thread) == [1, 2, 3, 4, 5, 6]
    assert (await either.national.summary())["rejected"] == 0


async def test_what_waits_behind_nothing_and_lacks_its_parent_lets_its_thread_go_on(exchange: Exchange) -> None:
    await exchange.platform.push(a_tender_contract(project="P"), a_tender_notice(project="P"))
    thread = f"tender:{a_tender_project_code('P')}"
    row = {"target": "national", "thread": thread, "lane": lane_of(thread), "state": "waiting", "holds": False}
    async with exchange.hub.runtime.database.transaction() as connection:
        rows = [row | {"position": position, "tries": 0, "updated_at": 1} for position in (1, 2)]
        await connection.execute(insert(Delivery), rows)

    async with exchange.working():
        await _all_done(exchange)

    assert await exchange.national.positions(thread) == [2, 1]
    assert (await exchange.national.summary())["rejected"] == 0


async def test_what_waits_behind_a_held_version_stays_there_when_its_lane_is_taken(exchange: Exchange) -> None:
    notice = a_tender_notice(project="P")
    await exchange.platform.push(notice, a_later_version(notice), a_tender_contract(project="P"))
    thread = f"tender:{a_tender_project_code('P')}"
    row = {"target": "national", "thread": thread, "lane": lane_of(thread), "tries": 5, "updated_at": 1}
    async with exchange.hub.runtime.database.transaction() as connection:
        parked = [row | {"position": 1, "state": "parked", "holds": True}]
        behind = [row | {"position": position, "state": "waiting", "holds": False} for position in (2, 3)]
        await connection.execute(insert(Delivery), parked + behind)

    async with exchange.working():
        await exchange.platform.push(a_tender_notice(project="other"))
        await exchange.all_delivered(1)

    assert [row.next_try for row in await exchange.rows()][:3] == [None] * 3
    assert await exchange.states() == {1: "parked", 2: "waiting", 3: "waiting", 4: "delivered"}


async def _all_done(exchange: Exchange) -> None:
    """Wait until everything that was pushed is delivered."""
    await exchange.all_delivered(exchange.hub.runtime.bell.heard)


async def test_the_answers_of_attempts_are_kept_up_to_64_kb(exchange: Exchange) -> None:
    calls = [StoredCall(n, 1, 2, [], 200, None, b"x" * size) for n, size in ((1, 65_536), (2, 65_537))]
    rows: list[Row] = []
    async with exchange.hub.runtime.database.transaction() as connection:
        await Book("national", "w").write(connection, calls, rows)

    assert [len(attempt.answer) for attempt in await exchange.attempts()] == [ANSWER_KEPT, ANSWER_KEPT] == [65_536] * 2


async def test_a_worker_that_waits_long_for_the_database_keeps_its_lanes(
    either: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = Versions.window

    async def slow(self: Versions, *arguments: Any, **options: Any) -> tuple[list[Item], int]:
        await asyncio.sleep(2.0)
        return await window(self, *arguments, **options)

    monkeypatch.setattr(Versions, "window", slow)
    await either.platform.push(*(a_tender_notice(project=n) for n in range(20)))

    async with either.working(lease_seconds=0.6):
        await eventually(lambda: _all_taken(either, 1))
        async with either.working(lease_seconds=0.6):
            await either.all_delivered(20)
            tokens = {lane.token for lane in await either.lanes()}

    # Each lane changed its owner once at the most: to be shared, not because a lease ran out.
    assert tokens <= {1, 2}


async def _all_taken(exchange: Exchange, token: int) -> bool:
    return {lane.token for lane in await exchange.lanes()} == {token}
