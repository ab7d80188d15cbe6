"""The courier: brings the lanes that it holds to one target, in order, without end."""

import asyncio
import contextlib
import logging
from collections import Counter

from sqlalchemy.ext.asyncio import AsyncConnection

from hub.db import Database
from hub.ledger.bell import Bell
from hub.ledger.read import head_position
from hub.ledger.tables import LANES
from hub.moments import now
from hub.sync import lanes as leases
from hub.sync.book import Book, Row
from hub.sync.breaker import Breaker, full_jitter
from hub.sync.client import Client
from hub.sync.flight import Flight, fly
from hub.sync.pace import Pace
from hub.sync.queue import Item, Lane, Queue
from hub.sync.target import Target

logger = logging.getLogger(__name__)

LOADED = 4000
"""The most versions that a courier holds in memory."""

BETWEEN_REQUESTS = 0.004
"""Seconds between two requests that are not full: what arrives meanwhile travels together."""

LOOK_AGAIN = 0.5
"""Seconds between two looks for versions that are due again."""

BETWEEN_CURSORS = 0.2
"""Seconds between two writes of the cursors: the delivery rows above them say what is finished."""

PARK_AFTER = 5
"""How often a version may fail alone, while others succeed, before it is parked."""

TRANSIENT = frozenset({408, 425, 429})


class Courier:
    """Reads the lanes' next versions, sends them in batches, and stores what came of them, in one loop.

    Only the HTTP calls run beside the loop; no transaction is open during a call. A thread travels in one request at a
    time and goes on when its outcome is stored, so a worker that lost its lanes cannot overtake the new owner.
    """

    def __init__(self, database: Database, bell: Bell, target: Target, client: Client, worker: str, pace: Pace) -> None:
        self._database = database
        self._bell = bell
        self._target = target
        self._client = client
        self._worker = worker
        self._pace = pace
        self._book = Book(target, worker)
        self._queue = Queue()
        self._lanes: dict[int, Lane] = {}
        self._held: set[str] = set()
        """Threads behind a parked version."""
        self._waiting: dict[str, set[int]] = {}
        """Threads with versions that wait in their rows, and the records they are of."""
        self._breaker = Breaker(pace.random)
        self._flights: set[asyncio.Task[Flight]] = set()
        self._in_flight: Counter[int] = Counter()
        """How many versions of each lane are in flight."""
        self._due: set[int] = set()
        self._successes = 0
        self._next_request = self._next_look = self._next_renewal = self._next_cursors = 0.0
        self._lease_until = 0.0
        self._stopping = False
        self._stir = asyncio.Event()

    async def run(self) -> None:
        """Deliver until `stop`; then what is in flight is stored, and the lanes are given back."""
        listening = asyncio.create_task(self._listen())
        try:
            while not self._stopping:
                try:
                    await self._prepare()
                    while not self._stopping:
                        await self._turn()
                    await self._finish()
                except Exception as error:
                    logger.warning("%s: starting over: %s", self._target.name, str(error).split("\n", 1)[0])
                    logger.debug("why", exc_info=True)
                    await self._forget()
                    await asyncio.sleep(0.5)
        finally:
            listening.cancel()
            await self._forget()

    async def _listen(self) -> None:
        heard = 0
        while True:
            await self._bell.wait(heard, 60)
            heard = self._bell.heard
            self._stir.set()

    def stop(self) -> None:
        """Ask the courier to finish."""
        self._stopping = True
        self._stir.set()

    @property
    def idle(self) -> bool:
        """Whether everything up to the ledger's head was read, and is finished or held."""
        caught_up = self._lanes and all(lane.read >= self._bell.heard for lane in self._lanes.values())
        return bool(caught_up) and not self._queue.size and not self._flights

    async def _prepare(self) -> None:
        async with self._database.transaction() as connection:
            await leases.prepare(connection, self._target.name)

    async def _turn(self) -> None:
        """One turn of the loop: renew, store, read, send, wait."""
        clock = asyncio.get_running_loop().time
        if clock() >= self._next_renewal:
            await self._renew()
        landed = [task.result() for task in self._flights if task.done()]
        self._flights = {task for task in self._flights if not task.done()}
        if landed:
            await self._store(landed)
        elif clock() >= self._next_cursors:
            await self._write_cursors()
        if leaving := [x for x in self._lanes.values() if x.leaving and not self._in_flight[x.lane]]:
            await self._give_back(leaving)
        if clock() >= self._next_look:
            await self._look_for_due()
        await self._read()
        self._send(clock())
        await self._wait()

    # Leases

    async def _renew(self) -> None:
        loop = asyncio.get_running_loop()
        started = loop.time()
        async with self._database.transaction() as connection:
            workers = await leases.beat(connection, self._target.name, self._worker, self._pace.lease)
            held = {lane.lane: lane.token for lane in self._lanes.values()}
            mine = await leases.hold(connection, self._target.name, self._worker, self._pace.lease, workers, held)
            new = [lease for lane, lease in mine.items() if held.get(lane) != lease.token]
            head = await head_position(connection)
            still = await self._book.held(connection, lanes=[lease.lane for lease in new])
        for lane in set(held) - set(mine):
            self._lose(lane)
        for lease in new:
            self._lose(lease.lane)
            self._lanes[lease.lane] = Lane(lease.lane, lease.token, lease.position, lease.position, head)
        self._held |= still.threads
        self._waiting |= still.records
        self._lease_until = started + self._pace.lease
        self._next_renewal = started + self._pace.lease / 3
        fair = -(-LANES // max(workers, 1))
        for lane in sorted(self._lanes)[fair:]:
            self._lanes[lane].leaving = True
            self._empty(lane)

    def _lose(self, lane: int) -> None:
        if self._lanes.pop(lane, None) is not None:
            self._empty(lane)

    def _empty(self, lane: int) -> None:
        self._due -= {item.position for item in self._queue.drop_lane(lane)}

    async def _give_back(self, lanes: list[Lane]) -> None:
        """Give lanes back of which nothing is in flight, with their cursors."""
        async with self._database.transaction() as connection:
            given = [(lane.lane, lane.token, max(lane.cursor, lane.reached())) for lane in lanes]
            await leases.release(connection, self._target.name, given)
        for lane in lanes:
            self._lose(lane.lane)

    # Reading

    async def _read(self) -> None:
        """Read windows of the ledger until there is enough to do, lanes that lag first."""
        while self._queue.size < LOADED // 2 and (staying := [x for x in self._lanes.values() if not x.leaving]):
            head = self._bell.heard
            low = min(lane.read for lane in staying)
            if low >= head:
                return
            behind = [lane for lane in staying if lane.read == low]
            to = min([lane.read for lane in staying if lane.read > low], default=head)
            check = any(low < lane.check_until for lane in behind)
            async with self._database.reading() as connection:
                items, read = await self._book.window(
                    connection, [lane.lane for lane in behind], low, min(to, head), LOADED // 2, check=check
                )
            for lane in behind:
                lane.read = read
            await self._admit(items)

    async def _admit(self, items: list[Item]) -> None:
        """Queue the items; those behind a held thread or a waiting version of their record get a row that says so."""
        behind = []
        for item in items:
            self._lanes[item.lane].open[item.position] = None
            if self._is_behind(item):
                behind.append(item)
            else:
                self._queue.add(item)
        if behind:
            async with self._database.transaction() as connection:
                mine = await self._still_mine(connection, behind)
                await self._set_aside(connection, [item for item in behind if item.lane in mine])
            for item in behind:
                self._close(item)

    def _is_behind(self, item: Item) -> bool:
        return item.thread in self._held or item.record in self._waiting.get(item.thread, ())

    async def _set_aside(self, connection: AsyncConnection, items: list[Item]) -> None:
        rows = [Row(item, "waiting", None, reason="behind an earlier version") for item in items]
        await self._book.write(connection, [], rows)
        for item in items:
            self._waiting.setdefault(item.thread, set()).add(item.record)

    async def _look_for_due(self) -> None:
        self._next_look = asyncio.get_running_loop().time() + LOOK_AGAIN
        staying = [lane.lane for lane in self._lanes.values() if not lane.leaving]
        if not staying:
            return
        async with self._database.reading() as connection:
            items = await self._book.due(connection, staying, now(), LOADED // 4, but=self._due)
        for item in items:
            self._due.add(item.position)
            self._queue.add(item)

    # Sending

    def _send(self, clock: float) -> None:
        """Start as many requests as pace, breaker and lease allow."""
        while (
            len(self._flights) < self._pace.requests
            and clock < self._lease_until
            and self._breaker.lets(clock)
            and not (self._breaker.probing and self._flights)
        ):
            if clock < self._next_request and self._queue.size < self._pace.batch:
                return
            batch = self._queue.take(1 if self._breaker.probing else self._pace.batch, clock)
            if not batch:
                return
            self._next_request = clock + BETWEEN_REQUESTS
            self._in_flight.update(item.lane for item in batch)
            task = asyncio.create_task(fly(self._target, self._client, batch, self._pace.random))
            task.add_done_callback(lambda _: self._stir.set())
            self._flights.add(task)

    # Storing

    async def _store(self, flights: list[Flight]) -> None:
        """Store calls and outcomes in one transaction, then let the threads go on."""
        clock = asyncio.get_running_loop().time()
        rows: list[Row] = []
        again: list[Item] = []
        for flight in flights:
            if flight.outcomes is not None:
                if flight.answer is not None:
                    self._breaker.succeeded()
                    self._successes += 1
                decided, behind = flight.decided(self._pace.random)
                rows += decided
                again += behind
            else:
                self._fail(flight, clock, rows, again)
        async with self._database.transaction() as connection:
            mine = await self._still_mine(connection, [item for f in flights for item in f.call.items])
            rows = [row for row in rows if row.item.lane in mine]
            await self._book.write(connection, [flight.call for flight in flights], rows)
            aside = await self._settle(connection, rows)
            for item in [row.item for row in rows] + aside:
                self._close(item)
            await self._advance(connection, clock)
        self._in_flight.subtract(item.lane for flight in flights for item in flight.call.items)
        self._queue.put_back(item for item in again if item.lane in mine and not self._lanes[item.lane].leaving)
        self._queue.arrived(item.thread for flight in flights for item in flight.call.items)

    async def _settle(self, connection: AsyncConnection, rows: list[Row]) -> list[Item]:
        """Bring what is held and what waits up to date where `rows` changed it; returns what was set aside."""
        arrived = {row.item.thread for row in rows if row.state in ("delivered", "rejected")} & self._waiting.keys()
        kept = {row.item.thread for row in rows if row.state in ("waiting", "parked")}
        if not arrived | kept:
            return []
        still = await self._book.held(connection, threads=sorted(arrived | kept))
        self._held = (self._held - arrived - kept) | still.threads
        self._waiting = {t: r for t, r in self._waiting.items() if t not in arrived | kept} | still.records
        if freed := (arrived & still.records.keys()) - still.threads:
            await self._book.release(connection, sorted(freed), now())
            self._next_look = 0.0
        aside = []
        for thread in kept & (still.threads | still.records.keys()):
            for item in self._queue.drop(thread):
                if not self._is_behind(item):
                    self._queue.add(item)
                elif item.due:
                    self._due.discard(item.position)
                else:
                    aside.append(item)
        await self._set_aside(connection, aside)
        return aside

    def _close(self, item: Item) -> None:
        self._due.discard(item.position)
        lane = self._lanes.get(item.lane)
        if lane is not None:
            lane.open.pop(item.position, None)

    def _fail(self, flight: Flight, clock: float, rows: list[Row], again: list[Item]) -> None:
        """A whole request failed: the breaker decides about the target, the size of the batch about the items."""
        call, answer = flight.call, flight.answer
        overload = answer is not None and (answer.reply.status in TRANSIENT or answer.retry_after is not None)
        self._breaker.failed(clock, retry_after=answer.retry_after if answer else None, answered=answer is not None)
        logger.info("%s: %d version(s): %s", self._target.name, len(call.items), call.error)
        for item in call.items:
            item.tries += 1
            if not overload and answer is not None:
                item.share = max(1, len(call.items) // 2)
            if len(call.items) == 1 and not overload and answer is not None:
                item.alone += self._successes > item.successes
                item.successes = self._successes
                item.rests_until = clock + full_jitter(item.alone + 1, self._pace.random)
            if item.alone >= PARK_AFTER:
                rows.append(Row(item, "parked", call.id, holds=True, reason=call.error))
            else:
                again.append(item)

    async def _still_mine(self, connection: AsyncConnection, items: list[Item]) -> set[int]:
        """The lanes of these items that are still this worker's; what others own is neither stored nor sent again."""
        tokens = {item.lane: self._lanes[item.lane].token for item in items if item.lane in self._lanes}
        mine = await leases.still_mine(connection, self._target.name, tokens) if tokens else set()
        for lane in set(tokens) - mine:
            self._lose(lane)
        return mine

    async def _advance(self, connection: AsyncConnection, clock: float) -> None:
        if clock < self._next_cursors:
            return
        self._next_cursors = clock + BETWEEN_CURSORS
        moved = [lane for lane in self._lanes.values() if lane.reached() > lane.cursor]
        await leases.advance(connection, self._target.name, [(m.lane, m.token, m.reached()) for m in moved])
        for lane in moved:
            lane.cursor = lane.reached()

    async def _write_cursors(self) -> None:
        clock = asyncio.get_running_loop().time()
        if any(lane.reached() > lane.cursor for lane in self._lanes.values()):
            async with self._database.transaction() as connection:
                await self._advance(connection, clock)
        self._next_cursors = clock + BETWEEN_CURSORS

    # Waiting and ending

    async def _wait(self) -> None:
        """Wait until something happens or is due."""
        clock = asyncio.get_running_loop().time()
        behind = any(lane.read < self._bell.heard for lane in self._lanes.values() if not lane.leaving)
        if behind and self._queue.size < LOADED // 2:
            return
        times = [self._next_renewal, self._next_look]
        if len(self._flights) < self._pace.requests and not (self._breaker.probing and self._flights):
            if self._queue.has_ready(clock):
                times.append(max(self._next_request, self._breaker.open_until))
            elif (rest := self._queue.next_rest(clock)) is not None:
                times.append(rest)
        if any(lane.reached() > lane.cursor for lane in self._lanes.values()):
            times.append(self._next_cursors)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stir.wait(), max(0.001, min(times) - clock))
        self._stir.clear()

    async def _finish(self) -> None:
        """Store what is in flight, write the cursors and give the lanes back."""
        if self._flights:
            await asyncio.wait(self._flights)
            landed = [task.result() for task in self._flights]
            self._flights.clear()
            await self._store(landed)
        await self._give_back(list(self._lanes.values()))

    async def _forget(self) -> None:
        """Drop everything in memory: the database knows what is finished, and the rest is sent again."""
        for task in self._flights:
            task.cancel()
        await asyncio.gather(*self._flights, return_exceptions=True)
        self._flights.clear()
        self._lanes.clear()
        self._in_flight.clear()
        self._queue = Queue()
        self._held.clear()
        self._waiting.clear()
        self._due.clear()
        self._next_renewal = self._lease_until = 0.0
