"""Loading: windows of what a courier reads are queued until there is enough to do."""

from asyncio import get_running_loop
from time import perf_counter

from hub.db import Database
from hub.moments import now
from hub.sync.ahead import FULL, Ahead, begun
from hub.sync.desk import Desk
from hub.sync.queue import Item
from hub.sync.source import Source

LOADED = 4000
"""The most versions that a courier holds in memory."""

LOADED_BYTES = 64 * 1024 * 1024
"""How many bytes of documents are enough to hold in memory."""

FEWEST = 20
"""The fewest versions that are asked for at once, however large they were so far."""

REST_AFTER_NOTHING = 0.015
"""Seconds without a look at the newest versions after one that found none of them for this courier.

The bell rings for everybody's: without the rest each worker would ask for each target about each version of the ledger.
"""

LONGEST_REST = 0.02
RESTS = 5
"""After a look that found some, the rest is so many times as long as the look took: where others need the processor
too, what arrives meanwhile is read, sent and stored together; where nobody does, nothing waits."""


class Loader:
    """Fills a courier's desk from its source."""

    def __init__(self, database: Database, source: Source, desk: Desk) -> None:
        self._database = database
        self._source = source
        self._desk = desk
        self._ahead: Ahead | None = None
        self._most = LOADED // 8
        self.rests_until = 0.0
        """By the event loop's clock: until then nothing is loaded."""

    @property
    def hungry(self) -> bool:
        """Whether more may be loaded."""
        queue = self._desk.queue
        return queue.size < LOADED // 2 and queue.bytes < LOADED_BYTES

    def unread(self, head: int) -> int:
        """How many positions up to `head` lie before the lane that lags most."""
        return head - min((lane.read for lane in self._desk.holding.staying), default=head)

    def clear(self) -> None:
        """Forget what is being passed by."""
        self._ahead = None

    async def load(self, head: int, most: int = LOADED) -> None:
        """Read windows up to `head`, of `most` versions each, until there is enough to do, lanes that lag first."""
        clock = get_running_loop().time
        while self.hungry and clock() >= self.rests_until and (staying := self._desk.holding.staying):
            began = perf_counter()  # The event loop's clock stands still between two of its rounds.
            low = min(lane.read for lane in staying)
            if low >= head:
                return
            behind = [lane for lane in staying if lane.read == low]
            to = min([lane.read for lane in staying if lane.read > low], default=head)
            check = any(low < lane.check_until for lane in behind)
            async with self._database.looking() as connection:
                items, read = await self._source.window(
                    connection, [lane.lane for lane in behind], low, min(to, head), min(self._most, most), check=check
                )
                if check:
                    await self._desk.recall(connection, items)
            for lane in behind:
                lane.read = read
            await self._desk.admit(items)
            for lane in behind:
                lane.passed()
            self._weigh(items)
            if read >= head:
                took = perf_counter() - began
                self.rests_until = clock() + (min(LONGEST_REST, RESTS * took) if items else REST_AFTER_NOTHING)
        if self._ahead is not None or not self.hungry:
            await self._read_ahead(head)

    async def load_due(self) -> None:
        """Carry out what senders ordered, then queue what waits in its row and is due.

        A backlog fills what is loaded for hours: what is due has room of its own beside it.
        """
        staying, due = [lane.lane for lane in self._desk.holding.staying], self._desk.due
        if not staying:
            return
        async with self._database.reading() as connection:
            ordered = await self._source.ordered(connection, staying, LOADED // 4)
        await self._desk.skip(ordered)
        if len(due) < LOADED // 4 and self._desk.queue.bytes < 2 * LOADED_BYTES:
            most = min(self._most, LOADED // 4)
            async with self._database.reading() as connection:
                found = await self._source.due(connection, staying, now(), most, but=due)
            self._desk.admit_due(found)
            self._weigh(found)

    async def _read_ahead(self, head: int) -> None:
        """Fetch other platforms' versions past the backlog of one that fills what is loaded."""
        staying, queue = self._desk.holding.staying, self._desk.queue
        if self._ahead is None or not self._ahead.goes_on(staying):
            self._ahead = begun(staying)
        if (ahead := self._ahead) is None:
            return
        ahead.passed_by |= {platform for platform, size in queue.sizes.items() if size >= FULL}
        while ahead.lanes and ahead.passed_by and ahead.reached < head and queue.size < LOADED:
            async with self._database.reading() as connection:
                items = await ahead.window(connection, self._source, head, min(self._most, LOADED // 4))
            await self._desk.admit_ahead(items)
            if queue.bytes >= 2 * LOADED_BYTES:
                return

    def _weigh(self, items: list[Item]) -> None:
        """Ask next time for as many as fit, going by what came this time."""
        if items:
            size = sum(len(item.version.document) for item in items) // len(items)
            self._most = max(FEWEST, min(LOADED // 2, self._most * 2, LOADED_BYTES // max(size, 1)))
