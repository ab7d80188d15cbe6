"""Presence: who dies without a word is noticed at once, and its lanes go on with the others."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from time import monotonic

import pytest
from sqlalchemy import text

from hub.ledger.tables import LANES
from hub.sync.presence import PRESENT, key_of
from hub.sync.worker import Worker
from tests.builders import a_tender_notice
from tests.sync.exchange import Exchange, an_exchange, eventually

pytestmark = pytest.mark.anyio

LONG = 120.0
"""Seconds of a lease that nobody in these tests waits for."""


@pytest.fixture
async def exchange(anyio_backend: str, postgresql_url: str, tmp_path: Path) -> AsyncIterator[Exchange]:
    async with an_exchange(postgresql_url, tmp_path) as running:
        yield running


async def _holds(exchange: Exchange, worker: Worker, count: int) -> None:
    async def so_many() -> bool:
        return [lane.owner for lane in await exchange.lanes()].count(worker.name) == count

    await eventually(so_many)


async def _die(worker: Worker) -> None:
    """End as a process that is killed: nothing is stored or given back, the connections are closed."""
    killed = [*worker._beside, *worker._tasks.values()]
    for task in killed:
        task.cancel()
    await asyncio.gather(*killed, return_exceptions=True)
    for client in worker._clients.values():
        await client.close()
    worker.couriers.clear()


async def _cut(exchange: Exchange, worker: Worker) -> None:
    """End the connection by which the others see that the worker lives."""
    ended = text(
        "SELECT pg_terminate_backend(pid) FROM pg_locks"
        " WHERE locktype = 'advisory' AND classid = CAST(:present AS oid) AND objid = CAST(:key AS oid)"
    )
    async with exchange.hub.runtime.database.reading() as connection:
        cut = await connection.execute(ended, {"present": PRESENT, "key": key_of(worker.name)})
        assert list(cut.scalars()) == [True]


async def test_the_lanes_of_a_killed_worker_go_on_long_before_its_leases_run_out(exchange: Exchange) -> None:
    async with exchange.working(lease_seconds=LONG) as killed:
        await _holds(exchange, killed, LANES)
        async with exchange.working(lease_seconds=LONG) as survivor:
            await asyncio.sleep(0.5)  # It has seen the other one.
            assert killed.name in [lane.owner for lane in await exchange.lanes()]
            await _die(killed)
            died = monotonic()

            await exchange.platform.push(*(a_tender_notice(project=number) for number in range(20)))
            await exchange.all_delivered(20)

            assert monotonic() - died < 10
            await _holds(exchange, survivor, LANES)


async def test_lanes_that_are_given_back_are_taken_at_once(exchange: Exchange) -> None:
    async with exchange.working(lease_seconds=LONG) as staying:
        await _holds(exchange, staying, LANES)
        async with exchange.working(lease_seconds=LONG) as leaving:
            await asyncio.sleep(0.5)  # It is counted.
            staying.couriers["national"].renew()
            await _holds(exchange, leaving, LANES // 2)

        await _holds(exchange, staying, LANES)


async def test_a_worker_that_is_taken_for_dead_goes_on(exchange: Exchange) -> None:
    async with exchange.working(lease_seconds=LONG) as lively:
        await _holds(exchange, lively, LANES)
        async with exchange.working(lease_seconds=LONG) as other:
            await asyncio.sleep(0.5)  # It has seen the first one.

            await _cut(exchange, lively)
            await _holds(exchange, other, LANES)
            other.couriers["national"].renew()

            await exchange.platform.push(*(a_tender_notice(project=number) for number in range(40)))
            await exchange.all_delivered(40)
            assert (await exchange.national.summary())["applied"] == 40


async def test_a_worker_that_stops_leaves_no_lock_behind(exchange: Exchange) -> None:
    async with exchange.working() as worker:
        await worker.until_idle()

    async with exchange.hub.runtime.database.reading() as connection:

        async def none() -> bool:
            held = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = CAST(:c AS oid)")
            return bool((await connection.execute(held, {"c": PRESENT})).scalar_one() == 0)

        await eventually(none)
