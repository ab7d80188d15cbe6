"""A courier's desk: what is queued, what is set aside, and how outcomes are stored."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from hub.db import Database
from hub.moments import now
from hub.sync.atonce import store_flights
from hub.sync.book import Book, Call, Row
from hub.sync.holding import Holding
from hub.sync.queue import Item, Queue

ARRIVED = frozenset({"delivered", "rejected", "skipped", "pending_receipt"})
"""The states of a version that is over, or that the target has: what waits behind it may go."""


class Desk:
    """What a courier has in memory besides its lanes; the database knows all of it that matters."""

    def __init__(self, database: Database, book: Book, name: str, worker: str, lease: float) -> None:
        self._database = database
        self._book = book
        self.holding = Holding(database, name, worker, lease, self.empty)
        self.queue = Queue()
        self.due: set[int] = set()
        """Positions of items that were read from their rows."""
        self.freed = False
        """Whether the rows are to be looked at now, because of what was stored last."""
        self._held: set[str] = set()
        """Threads behind a parked version."""
        self._waiting: dict[str, set[int]] = {}
        """Threads with versions that wait in their rows, and the records they are of."""
        self._ordered: set[str] = set()
        """Threads that travel with a version that its sender wants skipped."""

    def empty(self, lane: int) -> None:
        """Drop what is queued of a lane."""
        self.due -= {item.position for item in self.queue.drop_lane(lane)}

    def clear(self) -> None:
        """Drop everything."""
        self.holding.clear()
        self.queue = Queue()
        self.due.clear()
        self._held.clear()
        self._waiting.clear()
        self._ordered.clear()

    async def learn(self, connection: AsyncConnection) -> None:
        """See anew what is held and what waits in the lanes, and let what waits behind nothing go, in order.

        A lane that comes back was another's: what it held then may be delivered by now.
        """
        found = await self._book.held(connection, lanes=list(self.holding.lanes))
        self._held, self._waiting = found.threads | found.stranded.keys(), found.records
        if found.stranded:
            await self._book.let_go(connection, found.stranded.values(), now())
            self.freed = True

    async def recall(self, connection: AsyncConnection, items: Sequence[Item]) -> None:
        """Let the items know how they failed before this worker had them: what is poison is not searched for anew."""
        known = {item.position: item for item in items}
        for row in await self._book.failures(connection, list(known)):
            known[row.position].failed_before(row.times, row.alone, row.fewest)

    async def admit(self, items: Sequence[Item]) -> None:
        """Queue the items; those behind a held thread or a waiting version of their record get a row that says so."""
        new = []
        for item in items:
            lane = self.holding.lanes[item.lane]
            finished = lane.ahead.pop(item.position, None)
            if not finished:
                lane.open[item.position] = None
            if finished is None:
                new.append(item)
        await self._admit(new)

    async def admit_ahead(self, items: Sequence[Item]) -> None:
        """Queue items that were fetched past a backlog; the cursors do not count them before it is read."""
        for item in items:
            self.holding.lanes[item.lane].ahead[item.position] = False
        await self._admit(items)

    async def _admit(self, items: Sequence[Item]) -> None:
        behind = []
        self.holding.mark(items)
        for item in items:
            if self._is_behind(item):
                behind.append(item)
            else:
                self.queue.add(item)
        if behind:
            async with self._database.transaction() as connection:
                mine = await self.holding.still_mine(connection)
                await self._set_aside(connection, [item for item in behind if item.lane in mine])
            for item in behind:
                self._close(item)

    def admit_due(self, items: Sequence[Item]) -> None:
        """Queue items that are due again."""
        self.holding.mark(items)
        for item in items:
            self.due.add(item.position)
            self.queue.add(item)

    async def skip(self, items: Sequence[Item]) -> None:
        """End what its sender wants skipped, also where it is queued; what travels may yet arrive, and is left until then."""
        self.holding.mark(items)
        travelling = {item.thread for item in items if self.queue.travels(item.thread)}
        self._ordered |= travelling
        if ended := [item for item in items if item.thread not in travelling]:
            for item in ended:
                self.queue.leave_out(item)
            await self.store([], [Row(item, "skipped", None, reason=item.skip) for item in ended], [])

    async def store(self, calls: Sequence[Call], rows: Sequence[Row], again: Sequence[Item]) -> None:
        """Store calls and outcomes in one transaction, then let the threads go on; `again` goes with later requests.

        Of items whose lane was another's since they were queued only the calls are stored, even where the lane is this
        worker's again: it was read anew then, and what is at their positions need not be what was sent.
        """
        rows = [row for row in rows if self.holding.held_since(row.item)]
        again = [item for item in again if self.holding.held_since(item)]
        at_once = self._database.is_postgresql and self._book.plain and not self._changes_what_waits(rows)
        mine = await (self._store_at_once(calls, rows) if at_once else self._store(calls, rows))
        lanes = self.holding.lanes
        self.queue.put_back(item for item in again if item.lane in mine and not lanes[item.lane].leaving)
        threads = {item.thread for call in calls for item in call.items}
        self.queue.arrived(threads)
        if met := self._ordered & threads:
            # Before anything of them is sent again.
            self._ordered -= met
            self.freed = True

    async def _store(self, calls: Sequence[Call], rows: Sequence[Row]) -> set[int]:
        async with self._database.transaction() as connection:
            mine = await self.holding.still_mine(connection)
            kept = [row for row in rows if row.item.lane in mine]
            await self._book.write(connection, calls, kept)
            aside = await self._settle(connection, kept)
            for item in [row.item for row in kept] + aside:
                self._close(item)
            await self.holding.advance(connection)
        return mine

    async def _store_at_once(self, calls: Sequence[Call], rows: Sequence[Row]) -> set[int]:
        """The same where nothing else has to be looked at: mostly, everything arrives."""
        moved, tokens = self.holding.moved(), self.holding.tokens
        async with self._database.at_once() as connection:
            mine = await store_flights(connection, self._book, tokens, calls, rows, moved)
        self.holding.keep(mine)
        self.holding.advanced(moved)
        for row in rows:
            self._close(row.item)
        return mine

    def _changes_what_waits(self, rows: Sequence[Row]) -> bool:
        return any(
            row.state in ("waiting", "parked") or (row.state in ARRIVED and row.item.thread in self._waiting)
            for row in rows
        )

    def _is_behind(self, item: Item) -> bool:
        return item.thread in self._held or item.record in self._waiting.get(item.thread, ())

    async def _set_aside(self, connection: AsyncConnection, items: Sequence[Item]) -> None:
        rows = [Row(item, "waiting", None, reason="behind an earlier version") for item in items]
        await self._book.write(connection, [], rows)
        for item in items:
            self._waiting.setdefault(item.thread, set()).add(item.record)

    async def _settle(self, connection: AsyncConnection, rows: Sequence[Row]) -> list[Item]:
        """Bring what is held and what waits up to date where `rows` changed it; returns what was set aside."""
        arrived = {row.item.thread for row in rows if row.state in ARRIVED} & self._waiting.keys()
        kept = {row.item.thread for row in rows if row.state in ("waiting", "parked")}
        if not arrived | kept:
            return []
        still = await self._book.held(connection, threads=sorted(arrived | kept))
        unheld = (self._held & kept) - still.threads
        self._held = (self._held - arrived - kept) | still.threads
        self._waiting = {t: r for t, r in self._waiting.items() if t not in arrived | kept} | still.records
        if freed := ((arrived & still.records.keys()) - still.threads) | unheld:
            await self._book.release(connection, sorted(freed), now())
            self.freed = True
        aside = []
        for thread in kept & (still.threads | still.records.keys()):
            for item in self.queue.drop(thread):
                if not self._is_behind(item):
                    self.queue.add(item)
                elif item.due:
                    self.due.discard(item.position)
                else:
                    aside.append(item)
        await self._set_aside(connection, aside)
        return aside

    def _close(self, item: Item) -> None:
        self.due.discard(item.position)
        self.holding.close(item)
