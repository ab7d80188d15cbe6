"""The lanes that a courier holds: leases that are renewed in time, and cursors that follow what is finished."""

from asyncio import get_running_loop
from collections.abc import Awaitable, Callable, Container, Iterable

from sqlalchemy.ext.asyncio import AsyncConnection

from hub.db import Database
from hub.ledger.tables import LANES
from hub.sync import lanes as leases
from hub.sync.queue import Item, Lane

BETWEEN_CURSORS = 0.2
"""Seconds between two writes of the cursors: the delivery rows above them say what is finished."""


class Holding:
    """A courier's lanes by their numbers. `emptied` is called with each lane that is lost or about to be given back."""

    def __init__(
        self, database: Database, name: str, worker: str, lease: float, emptied: Callable[[int], None]
    ) -> None:
        self._database = database
        self._name = name
        self._worker = worker
        self._lease = lease
        self._emptied = emptied
        self.lanes: dict[int, Lane] = {}
        self.workers = 1
        """How many live workers share the lanes."""
        self.lease_until = 0.0
        self.next_renewal = self.next_cursors = 0.0

    @property
    def staying(self) -> list[Lane]:
        """The lanes that are not about to be given back."""
        return [lane for lane in self.lanes.values() if not lane.leaving]

    @property
    def cursors_lag(self) -> bool:
        """Whether a cursor is to be written."""
        return any(lane.reached() > lane.cursor for lane in self.lanes.values())

    async def renew(self, connection: AsyncConnection, look: Callable[[AsyncConnection], Awaitable[int]]) -> list[Lane]:
        """Renew the leases and take free lanes up to a fair share; returns the lanes that are new.

        `look` finds the newest position once they are this worker's: up to there an earlier owner may have finished
        some, and beyond what it finds nothing is read, though it had been heard of before it was lost.
        """
        started = get_running_loop().time()
        self.workers = await leases.beat(connection, self._name, self._worker, self._lease)
        held = {lane.lane: lane.token for lane in self.lanes.values()}
        mine = await leases.hold(connection, self._name, self._worker, self._lease, self.workers, held)
        for lane in set(held) - set(mine):
            self.lose(lane)
        head = await look(connection)
        new = []
        for lane, lease in mine.items():
            if held.get(lane) != lease.token:
                self.lose(lane)
                self.lanes[lane] = Lane(lane, lease.token, lease.position, lease.position, head)
                new.append(self.lanes[lane])
        self.lease_until = started + self._lease
        self.next_renewal = started + self._lease / 3
        return new

    async def extend(self) -> None:
        """Renew the leases where they run short, because whoever renews them has been busy for long with one thing."""
        started = get_running_loop().time()
        held = {lane.lane: lane.token for lane in self.lanes.values()}
        if not held or self.lease_until - started > self._lease / 2:
            return
        async with self._database.transaction() as connection:
            if await leases.extend(connection, self._name, self._worker, self._lease, held):
                self.lease_until = max(self.lease_until, started + self._lease)

    def leave_surplus(self) -> None:
        """Mark the lanes beyond a fair share as leaving."""
        fair = -(-LANES // max(self.workers, 1))
        for lane in sorted(self.lanes)[fair:]:
            self.lanes[lane].leaving = True
            self._emptied(lane)

    def lose(self, lane: int) -> None:
        """Forget a lane that is another's, or given back."""
        if self.lanes.pop(lane, None) is not None:
            self._emptied(lane)

    async def give_back(self, lanes: list[Lane]) -> None:
        """Give lanes back of which nothing is in flight, with their cursors."""
        async with self._database.transaction() as connection:
            given = [(lane.lane, lane.token, max(lane.cursor, lane.reached())) for lane in lanes]
            await leases.release(connection, self._name, given)
        for lane in lanes:
            self.lose(lane.lane)

    @property
    def tokens(self) -> dict[int, int]:
        """The tokens of the lanes."""
        return {number: lane.token for number, lane in self.lanes.items()}

    async def still_mine(self, connection: AsyncConnection) -> set[int]:
        """The lanes that are still this worker's; what others own is neither stored nor sent again."""
        tokens = self.tokens
        mine = await leases.still_mine(connection, self._name, tokens) if tokens else set()
        self.keep(mine)
        return mine

    def keep(self, mine: Container[int]) -> None:
        """Forget the lanes that are another's by now."""
        for lane in [lane for lane in self.lanes if lane not in mine]:
            self.lose(lane)

    def mark(self, items: Iterable[Item]) -> None:
        """Let items know the leases that they are queued under."""
        for item in items:
            item.token = self.lanes[item.lane].token

    def held_since(self, item: Item) -> bool:
        """Whether the item's lane has been this worker's without a break since it was queued."""
        lane = self.lanes.get(item.lane)
        return lane is not None and lane.token == item.token

    def close(self, item: Item) -> None:
        """The item is finished, or has a row that says why not."""
        if (lane := self.lanes.get(item.lane)) is not None:
            lane.open.pop(item.position, None)
            if item.position in lane.ahead:
                lane.ahead[item.position] = True

    async def advance(self, connection: AsyncConnection) -> None:
        """Write the cursors that moved, unless that was done a moment ago."""
        moved = self.moved()
        await leases.advance(connection, self._name, moved)
        self.advanced(moved)

    def moved(self) -> list[leases.Cursor]:
        """The cursors to write: those that moved, unless that was done a moment ago."""
        clock = get_running_loop().time()
        if clock < self.next_cursors:
            return []
        self.next_cursors = clock + BETWEEN_CURSORS
        lanes = self.lanes.values()
        return [(lane.lane, lane.token, lane.reached()) for lane in lanes if lane.reached() > lane.cursor]

    def advanced(self, moved: Iterable[leases.Cursor]) -> None:
        """These cursors are written."""
        for number, _, position in moved:
            if (lane := self.lanes.get(number)) is not None:
                lane.cursor = position

    async def write_cursors(self) -> None:
        """Write the cursors in a transaction of their own where there are any to write."""
        if self.cursors_lag:
            async with self._database.transaction() as connection:
                await self.advance(connection)
        self.next_cursors = get_running_loop().time() + BETWEEN_CURSORS

    def clear(self) -> None:
        """Forget all lanes, and take them anew at the next renewal."""
        self.lanes.clear()
        self.next_renewal = self.lease_until = 0.0
