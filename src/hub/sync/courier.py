"""The courier: brings the lanes that it holds to one target, in order, without end."""

import asyncio
import contextlib
import logging
from collections import Counter

from sqlalchemy.ext.asyncio import AsyncConnection

from hub.db import Database
from hub.moments import now
from hub.sync import lanes as leases
from hub.sync.book import TRANSIENT, Book, Row
from hub.sync.breaker import Breaker, full_jitter
from hub.sync.client import Client
from hub.sync.decisions import Decisions
from hub.sync.desk import Desk
from hub.sync.flight import Flight, fly
from hub.sync.loader import LOADED, Loader
from hub.sync.pace import Meter, Pace
from hub.sync.queue import PARK_AFTER, Item
from hub.sync.route import Route
from hub.sync.yielding import Yielding

logger = logging.getLogger(__name__)

BETWEEN_REQUESTS = 0.004
"""Seconds between two requests that are not full: what arrives meanwhile travels together."""

LOOK_AGAIN = 0.5
"""Seconds between two looks for versions that are due again."""


BACKLOG = 5000
"""So many positions that are not even loaded are a backlog."""

PIECE = 125
"""The most versions in a request of a backlog while platforms push, and a quarter of the most that are read at once: no
push waits long behind one."""

MAKES_UP = 0.1
"""Seconds by which a backlog's requests may be late and yet be as many in the end."""

GROWING = 1.0
"""Seconds for which the ledger counts as growing after it has grown: platforms push."""


class Courier:
    """Reads the lanes' next versions, sends them in batches, and stores what came of them, in one loop.

    Only the HTTP calls run beside the loop; no transaction is open during a call. A thread travels in one request at a
    time and goes on when its outcome is stored, so a worker that lost its lanes cannot overtake the new owner.
    """

    def __init__(
        self,
        database: Database,
        route: Route,
        client: Client,
        worker: str,
        pace: Pace,
        meter: Meter,
        yielding: Yielding,
    ) -> None:
        self._database = database
        self._name = route.name
        self._start = route.start
        self._bell = route.bell
        self._source = route.source
        self._target = route.target
        self._client = client
        self._pace = pace
        self._meter = meter
        self._backlog = Meter(pace.backlog, makes_up=MAKES_UP)
        self._yielding = yielding
        self._grows_until = 0.0
        self._book = Book(route.name, worker, numbered=route.statutory, renews=route.renews)
        self._desk = Desk(database, self._book, route.name, worker, pace.lease)
        self._holding = self._desk.holding
        self._decisions = (
            Decisions(database, self._book, route.target, client, pace.decisions, pace.random)
            if route.statutory or route.renews is not None
            else None
        )
        self._breaker = Breaker(pace.random)
        self._flights: set[asyncio.Task[Flight]] = set()
        self._in_flight: Counter[int] = Counter()
        """How many versions of each lane are in flight."""
        self._loader = Loader(database, route.source, self._desk)
        self._successes = 0
        self._next_request = self._next_look = 0.0
        self._stopping = False
        self._stir = asyncio.Event()

    async def run(self) -> None:
        """Deliver until `stop`; then what is in flight is stored, and the lanes are given back."""
        beside = [asyncio.create_task(self._listen()), asyncio.create_task(self._keep_lanes())]
        if self._decisions is not None:
            beside.append(asyncio.create_task(self._decisions.run(self._holding.lanes)))
        try:
            while not self._stopping:
                try:
                    await self._prepare()
                    while not self._stopping:
                        await self._turn()
                    await self._finish()
                except Exception as error:
                    said = f"{type(error).__name__}: {error}".split("\n", 1)[0]
                    logger.warning("%s: starting over: %s", self._name, said)
                    logger.debug("why", exc_info=True)
                    await self._forget()
                    await asyncio.sleep(0.5)
        finally:
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
            await self._forget()
            self._yielding.when(self._name, False)

    async def _listen(self) -> None:
        heard = 0
        while True:
            await self._bell.wait(heard, 60)
            if heard and self._bell.heard > heard:
                self._grows_until = asyncio.get_running_loop().time() + GROWING
            heard = self._bell.heard
            # Nothing would be read earlier: what is heard of meanwhile is one turn of the loop, and not one each.
            await asyncio.sleep(max(0.0, self._loader.rests_until - asyncio.get_running_loop().time()))
            self._stir.set()

    async def _keep_lanes(self) -> None:
        """Keep the lanes while the loop waits long for one answer of the database.

        Otherwise another worker would take them, wait as long, and lose them again: under strain nobody got anywhere.
        """
        while True:
            await asyncio.sleep(self._pace.lease / 6)
            try:
                await self._holding.extend()
            except Exception as error:
                logger.warning("%s: lanes could not be kept: %s", self._name, str(error).split("\n", 1)[0])

    def stop(self) -> None:
        """Ask the courier to finish."""
        self._stopping = True
        self._stir.set()

    def renew(self) -> None:
        """Ask the courier to look at once whether there are lanes for it."""
        self._holding.next_renewal = 0.0
        self._stir.set()

    @property
    def idle(self) -> bool:
        """Whether everything up to the ledger's head was read, and is finished or held."""
        lanes = self._holding.lanes
        caught_up = lanes and all(lane.read >= self._head for lane in lanes.values())
        return bool(caught_up) and not self._desk.queue.size and not self._flights

    @property
    def _head(self) -> int:
        return self._source.head(self._bell.heard)

    async def _newest(self, connection: AsyncConnection) -> int:
        return self._source.head(await self._bell.look(connection))

    async def _prepare(self) -> None:
        async with self._database.transaction() as connection:
            start = await self._newest(connection) if self._start is None else self._start
            await leases.prepare(connection, self._name, start)

    async def _turn(self) -> None:
        """One turn of the loop: renew, store, read, send, wait."""
        clock = asyncio.get_running_loop().time
        if clock() >= self._holding.next_renewal:
            await self._renew()
        landed = [task.result() for task in self._flights if task.done()]
        self._flights = {task for task in self._flights if not task.done()}
        if landed:
            await self._store(landed)
        elif clock() >= self._holding.next_cursors:
            await self._holding.write_cursors()
        if leaving := [x for x in self._holding.lanes.values() if x.leaving and not self._in_flight[x.lane]]:
            await self._holding.give_back(leaving)
        if clock() >= self._next_look:
            self._next_look = clock() + LOOK_AGAIN
            if self._target.parks:
                await self._loader.load_due()
                self._look_at_once()
        considerate = self._considerate(clock())
        # Of a target that is down nothing is drained: the others' versions are not to come later for that.
        self._yielding.when(self._name, considerate and not self._breaker.failures)
        await self._loader.load(self._head, 4 * PIECE if considerate else LOADED)
        self._send(clock())
        await self._wait()

    async def _renew(self) -> None:
        async with self._database.transaction() as connection:
            new = await self._holding.renew(connection, self._newest)
            if not self._target.parks:
                await self._book.prune(connection)
            elif new:
                await self._desk.learn(connection)
        self._look_at_once()
        self._holding.leave_surplus()
        self._meter.workers = self._backlog.workers = max(1, self._holding.workers)

    def _send(self, clock: float) -> None:
        """Start as many requests as pace, breaker and lease allow."""
        while (
            len(self._flights) < self._pace.requests
            and clock < self._holding.lease_until
            and (self._breaker.lets(clock) or self._breaker.lets(clock, fresh=self._desk.queue.has_fresh()))
            and clock >= self._paced_until(clock)
            and not (self._breaker.probing and self._flights)
        ):
            considerate = self._considerate(clock)
            largest = self._meter.largest(min(self._pace.batch, PIECE) if considerate else self._pace.batch)
            if clock < self._next_request and self._desk.queue.size < largest:
                return
            queue = self._desk.queue
            batch = queue.probe(clock) if self._breaker.probing else queue.take(largest, self._pace.bytes, clock)
            if not batch:
                return
            self._meter.sent(clock, len(batch))
            if considerate:
                self._backlog.sent(clock, len(batch))
            if len(batch) < min(item.share for item in batch):
                # A piece of a batch that failed goes with the others of its kind: nothing more would travel with it.
                self._next_request = clock + BETWEEN_REQUESTS
            self._in_flight.update(item.lane for item in batch)
            task = asyncio.create_task(fly(self._target, self._client, batch, self._pace.random))
            task.add_done_callback(lambda _: self._stir.set())
            self._flights.add(task)

    def _considerate(self, clock: float) -> bool:
        """Whether a backlog is drained while platforms push, who should not feel it."""
        pushed = self._pace.backlog is not None and clock < self._grows_until
        return pushed and self._loader.unread(self._head) > BACKLOG

    def _paced_until(self, clock: float) -> float:
        """When the next request may leave by the target's limits, and by the consideration for those who push."""
        if self._considerate(clock):
            return max(self._meter.free_at, min(self._backlog.free_at, self._grows_until))
        return self._meter.free_at

    async def _store(self, flights: list[Flight]) -> None:
        """Store what came of the flights, then let their threads go on."""
        clock = asyncio.get_running_loop().time()
        rows: list[Row] = []
        again: list[Item] = []
        for flight in flights:
            if flight.outcomes is not None:
                if flight.answer is not None:
                    self._breaker.succeeded()
                    self._successes += 1
                decided, behind = flight.decided(self._pace.random, clock)
                rows += decided
                again += behind
            else:
                self._fail(flight, clock, rows, again)
        await self._desk.store([flight.call for flight in flights], rows, again)
        self._look_at_once()
        self._in_flight.subtract(item.lane for flight in flights for item in flight.call.items)

    def _look_at_once(self) -> None:
        """Look for due versions without waiting where some became due by what was stored."""
        if self._desk.freed:
            self._desk.freed = False
            self._next_look = 0.0

    def _fail(self, flight: Flight, clock: float, rows: list[Row], again: list[Item]) -> None:
        """A whole request failed: the breaker decides about the target, the size of the batch about the items."""
        call, answer = flight.call, flight.answer
        overload = answer is not None and (answer.reply.status in TRANSIENT or answer.retry_after is not None)
        # What failed before, and fails again after others came through, says something of itself and not of the target.
        known = not overload and all(item.tries and self._successes > item.successes for item in call.items)
        if answer is None or not known:
            self._breaker.failed(clock, retry_after=answer.retry_after if answer else None, answered=answer is not None)
        logger.info("%s: %d version(s): %s", self._name, len(call.items), call.error)
        for item in call.items:
            item.tries += 1
            if not overload and answer is not None:
                item.failed_among(len(call.items))
            if len(call.items) == 1 and not overload and answer is not None:
                item.alone += self._successes > item.successes
                item.rests_until = clock + full_jitter(item.alone + 1, self._pace.random)
            item.successes = self._successes
            if self._target.parks and item.alone >= PARK_AFTER:
                rows.append(Row(item, "parked", call.id, holds=True, reason=call.error))
            else:
                again.append(item)
        pause = max([self._breaker.open_until, *(item.rests_until for item in call.items)]) - clock
        call.next_try = now() + int(max(pause, 0.0) * 1_000_000)

    async def _wait(self) -> None:
        """Wait until something happens or is due."""
        clock = asyncio.get_running_loop().time()
        queue = self._desk.queue
        times = [self._holding.next_renewal, self._next_look]
        if self._loader.hungry and any(lane.read < self._head for lane in self._holding.staying):
            if self._loader.rests_until <= clock:
                return
            times.append(self._loader.rests_until)
        if len(self._flights) < self._pace.requests and not (self._breaker.probing and self._flights):
            if queue.has_ready(clock):
                open_at = self._breaker.next_try(fresh=not self._breaker.lets(clock) and queue.has_fresh())
                times.append(max(self._next_request, open_at, self._paced_until(clock)))
            elif (rest := queue.next_rest(clock)) is not None:
                times.append(rest)
        if self._holding.cursors_lag:
            times.append(self._holding.next_cursors)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(0.001, min(times) - clock)):
                await self._stir.wait()
        self._stir.clear()

    async def _finish(self) -> None:
        """Store what is in flight, write the cursors and give the lanes back."""
        if self._flights:
            await asyncio.wait(self._flights)
            landed = [task.result() for task in self._flights]
            self._flights.clear()
            await self._store(landed)
        await self._holding.give_back(list(self._holding.lanes.values()))

    async def _forget(self) -> None:
        """Drop everything in memory: the database knows what is finished, and the rest is sent again."""
        for task in self._flights:
            task.cancel()
        await asyncio.gather(*self._flights, return_exceptions=True)
        self._flights.clear()
        self._in_flight.clear()
        self._loader.clear()
        self._desk.clear()
