"""Fairness, limits and sizes: how much travels together, how fast, and whose turn it is."""

import asyncio
from collections import Counter
from itertools import pairwise
from random import Random
from time import monotonic
from typing import Any

import pytest
from sqlalchemy import func, select

from hub.ledger.tables import Version
from hub.sync.pace import Meter
from hub.sync.queue import Item, Queue
from hub.sync.yielding import Yielding
from tests.builders import a_tender_contract, a_tender_notice, a_tender_project_code
from tests.hub import B, Caller
from tests.sync.exchange import Exchange
from tests.sync.items import an_item

pytestmark = pytest.mark.anyio

MUCH = 1 << 30


def _queue(*items: Item) -> Queue:
    queue = Queue()
    for item in items:
        queue.add(item)
    return queue


def _platforms(items: list[Item]) -> dict[str, int]:
    return dict(Counter(item.platform for item in items))


def test_platforms_share_a_batch_however_much_one_of_them_has() -> None:
    queue = _queue(*(an_item(n, "A") for n in range(1000)), *(an_item(n, "B") for n in range(1000, 1010)))

    assert _platforms(queue.take(10, MUCH, 0)) == {"A": 5, "B": 5}
    assert _platforms(queue.take(100, MUCH, 0)) == {"A": 95, "B": 5}
    assert _platforms(queue.take(100, MUCH, 0)) == {"A": 100}


def test_platforms_take_turns_where_a_batch_is_smaller_than_their_number() -> None:
    queue = _queue(*(an_item(n * 3 + i, name) for n in range(20) for i, name in enumerate("ABC")))

    taken = [queue.take(1, MUCH, 0)[0].platform for _ in range(9)]

    assert Counter(taken) == {"A": 3, "B": 3, "C": 3}
    assert taken[:3] == taken[3:6] == taken[6:]


def test_a_thread_with_many_versions_leaves_room_for_others() -> None:
    queue = _queue(*(an_item(n, "A", "one") for n in range(100)), an_item(100, "B"))

    first = queue.take(10, MUCH, 0)
    queue.arrived({item.thread for item in first})

    assert "B" in _platforms(first)
    assert [item.position for item in first if item.platform == "A"] == list(range(len(first) - 1))
    assert queue.take(10, MUCH, 0)[0].position == len(first) - 1


def test_a_batch_is_bounded_by_bytes_unless_one_version_alone_has_more() -> None:
    queue = _queue(an_item(1, "A", size=5000), *(an_item(n, "A", size=400) for n in range(2, 10)))

    assert [item.position for item in queue.take(100, 1000, 0)] == [1]
    assert [item.position for item in queue.take(100, 1000, 0)] == [2, 3]


def test_every_item_is_taken_once_and_in_the_order_of_its_thread() -> None:
    random = Random(7)
    items = [an_item(n, random.choice("ABC"), random.choice("pqrstuvw")) for n in range(500)]
    queue = _queue(*items)
    taken: dict[str, list[int]] = {}
    while queue.size:
        batch = queue.take(random.randint(1, 40), random.randint(1, 500), 0)
        again = [item for item in batch if random.random() < 0.1]
        failed = {item.thread for item in again}
        for item in batch:
            if item.thread not in failed:
                taken.setdefault(item.thread, []).append(item.position)
        queue.put_back(item for item in batch if item.thread in failed)
        queue.arrived(item.thread for item in batch)

    assert taken == {thread: [i.position for i in items if i.thread == thread] for thread in taken}
    assert sum(len(positions) for positions in taken.values()) == 500
    assert not +queue.sizes


def test_a_meter_spreads_versions_and_requests_over_time() -> None:
    meter = Meter(versions=100, requests=None)
    meter.sent(0.0, 50)
    assert (meter.lets(0.49), meter.lets(0.5)) == (False, True)
    assert meter.largest(500) == 100

    meter = Meter(versions=None, requests=4)
    meter.sent(0.0, 500)
    assert (meter.lets(0.24), meter.lets(0.25)) == (False, True)
    assert meter.largest(500) == 500

    meter = Meter(versions=100, requests=4)
    meter.workers = 2
    meter.sent(0.0, 1)
    assert (meter.lets(0.49), meter.lets(0.5)) == (False, True)
    assert meter.largest(500) == 50

    meter = Meter(versions=100, makes_up=0.1)
    for late in (0.0, 0.55, 1.2):
        meter.sent(late, 50)
    assert meter.free_at == pytest.approx(1.6), "the first of 0.05 s is made up for, of 0.2 s only half"


async def test_large_documents_are_loaded_few_at_a_time(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[int] = []
    take = Queue.take

    def noting(queue: Queue, limit: int, most_bytes: int, now: float) -> list[Item]:
        loaded.append(queue.bytes)
        return take(queue, limit, most_bytes, now)

    monkeypatch.setattr(Queue, "take", noting)
    monkeypatch.setattr("hub.sync.loader.LOADED", 80)
    monkeypatch.setattr("hub.sync.loader.LOADED_BYTES", 60_000)
    await exchange.platform.push(*(a_tender_notice(project=n, body__notice_content="文" * 7000) for n in range(60)))
    await exchange.national.dial(latency_ms=20)
    async with exchange.working(delivery_batch=2, delivery_requests=1):
        await exchange.all_delivered(60)

    # One more window of the fewest, of 22 kB each, may have been read before there were enough.
    assert max(loaded) < 60_000 + 21 * 25_000


async def test_a_limit_holds_at_the_target(exchange: Exchange) -> None:
    limits: dict[str, Any] = {"national": {"versions_per_second": 40, "requests_per_second": 10, "requests": 1}}
    changed = type(exchange.settings).model_validate({**exchange.settings.model_dump(), "target_limits": limits})
    await exchange.platform.push(*(a_tender_notice(project=n) for n in range(60)))
    async with exchange.working(target_limits=changed.target_limits):
        await exchange.all_delivered(60)

    attempts = await exchange.attempts()
    starts = [attempt.started_at / 1_000_000 for attempt in attempts]
    assert max(attempt.versions for attempt in attempts) <= 40
    # All but the last request's versions need their time.
    assert starts[-1] - starts[0] >= (60 - attempts[-1].versions) / 40 - 0.05
    assert all(after - before >= 0.095 for before, after in pairwise(starts))


@pytest.fixture
def stood_back(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The couriers that stood back at any time."""
    found: set[str] = set()

    def when(_yielding: Yielding, courier: str, stands_back: bool) -> None:
        found.update({courier} if stands_back else ())

    monkeypatch.setattr(Yielding, "when", when)
    return found


async def test_nobody_stands_back_while_the_target_with_the_backlog_is_down(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch, stood_back: set[str]
) -> None:
    monkeypatch.setattr("hub.sync.loader.LOADED", 40)
    monkeypatch.setattr("hub.sync.courier.BACKLOG", 50)
    await exchange.platform.batch(*(a_tender_notice(project=n) for n in range(200)))
    await exchange.national.dial(down_for_s=60, down_as="closed")
    async with exchange.working(delivery_batch=10):
        while not await exchange.attempts():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        for n in range(200, 210):
            await exchange.platform.push(a_tender_notice(project=n))
            await asyncio.sleep(0.05)

    assert "national" not in stood_back


async def test_a_backlog_is_drained_with_consideration_while_platforms_push(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch, stood_back: set[str]
) -> None:
    monkeypatch.setattr("hub.sync.loader.LOADED", 40)
    monkeypatch.setattr("hub.sync.courier.BACKLOG", 50)
    monkeypatch.setattr("hub.sync.courier.GROWING", 3.0)
    await exchange.platform.batch(*(a_tender_notice(project=n) for n in range(400)))
    await exchange.national.dial(latency_ms=300)
    async with exchange.working(backlog_per_second=20.0, delivery_batch=10, delivery_requests=1) as worker:
        # Until a worker has heard of the first push, nobody pushes as far as it knows.
        for n in range(400, 403):
            await exchange.platform.push(a_tender_notice(project=n))
        await exchange.national.dial()
        began, before = monotonic(), (await exchange.national.summary())["applied"]
        for n in range(403, 420):
            await exchange.platform.push(a_tender_notice(project=n))
            await asyncio.sleep(0.1)
        beside, passed = (await exchange.national.summary())["applied"] - before, monotonic() - began
        await worker.until_idle()
        alone = monotonic() - began - passed

    assert 0 < beside <= 20 * passed + 40 + 20, "what is loaded at once is not a backlog"
    assert (await exchange.national.summary())["applied"] == 420
    assert alone < 3.0 + 12, "nobody pushes any more: it would have taken 17 s"
    assert "national" in stood_back


async def test_what_was_drained_while_nobody_pushed_is_not_made_up_for_when_somebody_does(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.sync.loader.LOADED", 40)
    monkeypatch.setattr("hub.sync.courier.BACKLOG", 50)
    await exchange.platform.batch(*(a_tender_notice(project=n) for n in range(900)))
    await exchange.national.dial(latency_ms=20)
    async with exchange.working(backlog_per_second=60.0, delivery_batch=20, delivery_requests=1):
        while (await exchange.national.summary())["applied"] < 300:  # noqa: ASYNC110 (five seconds' worth)
            await asyncio.sleep(0.01)
        for n in range(900, 915):
            await exchange.platform.push(a_tender_notice(project=n))
            await asyncio.sleep(0.1)
            if n == 904:
                before = (await exchange.national.summary())["applied"]
        beside = (await exchange.national.summary())["applied"] - before

    assert beside >= 20


async def test_a_request_carries_no_more_bytes_than_are_allowed(exchange: Exchange) -> None:
    await exchange.platform.push(*(a_tender_notice(project=n) for n in range(30)))
    async with exchange.hub.runtime.database.reading() as connection:
        size = (await connection.execute(select(func.max(func.length(Version.document))))).scalar_one()
    async with exchange.working(delivery_bytes=3 * size):
        await exchange.all_delivered(30)

    assert max(attempt.versions for attempt in await exchange.attempts()) <= 4


@pytest.fixture
def small_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.sync.loader.LOADED", 100)
    monkeypatch.setattr("hub.sync.loader.FULL", 25)
    monkeypatch.setattr("hub.sync.source.WINDOW", 60)


@pytest.mark.usefixtures("small_windows")
async def test_a_mass_push_of_one_platform_delays_others_by_no_more_than_a_window(either: Exchange) -> None:
    other = await either.hub.platform(B)
    await either.platform.batch(*(a_tender_notice(project=n) for n in range(900)))
    (receipt,) = await other.push(a_tender_notice(project="other"))
    await either.national.dial(latency_ms=5)
    async with either.working(delivery_batch=10, delivery_requests=1):
        await either.all_delivered(901)

    order = await either.national.positions()
    assert receipt["position"] == 901
    assert order.index(901) < 100
    assert sorted(order) == list(range(1, 902))
    assert (await either.national.summary())["duplicates"] == 0
    assert {lane.position for lane in await either.lanes()} == {901}


@pytest.mark.usefixtures("small_windows")
async def test_what_is_fetched_past_a_backlog_keeps_the_order_of_its_thread(either: Exchange) -> None:
    other = await either.hub.platform(B)
    notices = [a_tender_notice(project=n) for n in range(400)]
    await either.platform.batch(*notices)
    await _of_others(other, [399, 398, 5])
    await either.platform.batch(*(a_tender_notice(project=n) for n in range(400, 500)))
    await _of_others(other, [450, 399, "fresh"])
    async with either.working(delivery_batch=10, delivery_requests=2):
        await either.all_delivered(506)

    order = await either.national.positions()
    assert sorted(order) == list(range(1, 507))
    for thread in (399, 398, 5, 450):
        positions = await either.national.positions(a_tender_project_code(thread))
        assert positions == sorted(positions)
        assert len(positions) >= 2
    assert order.index(506) < order.index(504)
    summary = await either.national.summary()
    assert (summary["rejected"], summary["duplicates"]) == (0, 0)


async def _of_others(other: Caller, projects: list[int | str]) -> None:
    """Another platform's versions in threads that a backlog has versions of, too, and in one of its own."""
    for project in projects:
        await other.push((a_tender_notice if project == "fresh" else a_tender_contract)(project=project))


@pytest.mark.usefixtures("small_windows")
async def test_a_worker_that_dies_while_it_reads_ahead_loses_nothing(either: Exchange) -> None:
    other = await either.hub.platform(B)
    await either.platform.batch(*(a_tender_notice(project=n) for n in range(300)))
    await other.push(*(a_tender_notice(project=f"other {n}") for n in range(10)))
    await either.national.dial(latency_ms=20)
    async with either.working(delivery_batch=10, delivery_requests=1, lease_seconds=0.5):
        await either.all_delivered(60)
    assert 301 in await either.national.positions()

    await either.national.dial()
    async with either.working(lease_seconds=0.5):
        await either.all_delivered(310)

    assert sorted(await either.national.positions()) == list(range(1, 311))
    assert (await either.national.summary())["duplicates"] == 0
