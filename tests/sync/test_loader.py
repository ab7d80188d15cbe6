"""What a courier asks the ledger: not about every version of everybody, and yet for each one of its own."""

import asyncio
from collections.abc import Sequence
from contextlib import asynccontextmanager
from random import Random
from typing import Any, cast

import pytest

from hub.db import Database
from hub.sync.book import Book
from hub.sync.desk import Desk
from hub.sync.loader import LOADED, LOADED_BYTES, REST_AFTER_NOTHING, Loader
from hub.sync.queue import Item, Lane
from hub.sync.source import Source
from tests.sync.items import an_item

pytestmark = pytest.mark.anyio


class _Somewhere:
    """A database of which nothing is asked but a connection."""

    @asynccontextmanager
    async def reading(self) -> Any:
        yield None

    looking = reading


class _Ledger:
    """A source in which only some positions are the courier's; it counts how often it is asked."""

    def __init__(self, mine: set[int]) -> None:
        self.mine = mine
        self.asked = 0

    async def window(
        self, _connection: object, _lanes: Sequence[int], after: int, to: int, limit: int, *, check: bool
    ) -> tuple[list[Item], int]:
        assert not check
        self.asked += 1
        found = [an_item(position) for position in range(after + 1, to + 1) if position in self.mine]
        return found[:limit], found[limit - 1].position if len(found) > limit else to


def _loader(ledger: _Ledger) -> tuple[Loader, Desk]:
    database = cast(Database, _Somewhere())
    desk = Desk(database, Book("national", "worker"), "national", "worker", 10.0)
    lane = an_item(1).lane
    desk.holding.lanes[lane] = Lane(lane, token=1, cursor=0, read=0, check_until=0)
    return Loader(database, cast(Source, ledger), desk), desk


async def test_versions_of_others_are_not_asked_about_one_by_one() -> None:
    ledger = _Ledger(mine=set())
    loader, desk = _loader(ledger)

    began = asyncio.get_running_loop().time()
    for head in range(1, 61):
        await loader.load(head)
        await asyncio.sleep(0.001)
    passed = asyncio.get_running_loop().time() - began

    assert ledger.asked <= passed / REST_AFTER_NOTHING + 1
    await asyncio.sleep(REST_AFTER_NOTHING)
    await loader.load(60)
    assert desk.holding.lanes[an_item(1).lane].read == 60


async def test_each_of_ones_own_is_found_however_they_lie_among_others() -> None:
    random = Random(11)
    ledger = _Ledger(mine={position for position in range(1, 400) if random.random() < 0.3})
    loader, desk = _loader(ledger)
    found: list[int] = []

    head = 0
    while head < 400:
        head = min(400, head + random.randrange(1, 9))
        await loader.load(head)
        found += [item.position for item in desk.queue.take(1000, 1 << 30, 0)]
        await asyncio.sleep(random.choice((0.0, 0.001, REST_AFTER_NOTHING)))
    await asyncio.sleep(REST_AFTER_NOTHING)
    await loader.load(head)
    found += [item.position for item in desk.queue.take(1000, 1 << 30, 0)]

    assert found == sorted(ledger.mine)


async def test_a_backlog_in_which_there_is_nothing_is_passed_without_a_rest() -> None:
    class Sparse(_Ledger):
        async def window(self, *arguments: Any, **options: Any) -> tuple[list[Item], int]:
            _, _, after, to, _ = arguments
            self.asked += 1
            return [], min(to, after + 100)

    ledger = Sparse(mine=set())
    loader, desk = _loader(ledger)

    await loader.load(1000)

    assert ledger.asked == 10
    assert desk.holding.lanes[an_item(1).lane].read == 1000


class _Due(_Ledger):
    """A source with rows that are due without end."""

    async def ordered(self, _connection: object, _lanes: Sequence[int], _limit: int) -> list[Item]:
        return []

    async def due(
        self, _connection: object, _lanes: Sequence[int], _moment: int, limit: int, *, but: set[int]
    ) -> list[Item]:
        first = max(but, default=0) + 1
        return [an_item(position, size=self.size) for position in range(first, first + limit)]

    size = 10


async def test_no_more_due_rows_are_loaded_than_there_is_room_for() -> None:
    loader, desk = _loader(_Due(mine=set()))

    for _ in range(50):
        await loader.load_due()

    assert LOADED // 4 <= len(desk.due) <= LOADED // 2


async def test_large_due_rows_are_loaded_as_far_as_their_bytes_fit() -> None:
    ledger = _Due(mine=set())
    ledger.size = 300_000
    loader, desk = _loader(ledger)

    for _ in range(3):
        await loader.load_due()

    assert desk.queue.bytes < 3 * LOADED_BYTES
