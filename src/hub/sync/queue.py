"""What a courier knows of the versions it has read but not finished: threads in order, and how far each lane has got."""

from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from hub.sync.target import Outgoing

PARK_AFTER = 5
"""How often a version may fail alone, while others succeed, before it is parked."""

PIECES = 8
"""Into how many pieces a batch that failed is split: with two, what shares it with poison would fail three times as often."""


@dataclass(slots=True)
class Item:
    """A version that waits for its delivery."""

    version: Outgoing
    record: int
    lane: int
    due: bool
    """Read again from its delivery row, rather than from the ledger."""
    token: int = 0
    """Of the lease that it was queued under; what comes of it is stored under no other."""
    skip: str | None = None
    """Why its sender wants it skipped, where that is so."""
    tries: int = 0
    share: int = 1_000_000
    """The largest batch it may travel in: a piece of any that failed with it, so that the bad one stands alone."""
    alone: int = 0
    """How often it failed alone while others succeeded."""
    successes: int = 0
    """The courier's count of successes when it failed last, alone or not."""
    rests_until: float = 0.0
    encoded: bytes = b""

    def failed_before(self, times: int, alone: int, fewest: int) -> None:
        """It failed in requests of an earlier owner: so often, so often alone, and at the least with so many versions.

        To be parked it has to fail alone here once more, while others succeed: an owner before may have seen an outage.
        """
        self.tries = times
        self.alone = min(alone, PARK_AFTER - 1)
        self.failed_among(fewest)

    def failed_among(self, versions: int) -> None:
        """A batch of so many versions failed with it: it travels on with a piece of it at the most."""
        self.share = max(1, versions // PIECES)

    @property
    def position(self) -> int:
        """The version's position."""
        return self.version.position

    @property
    def thread(self) -> str:
        """The version's thread."""
        return self.version.thread

    @property
    def platform(self) -> str:
        """The platform that pushed the version."""
        return self.version.marks.platform


@dataclass(slots=True)
class Lane:
    """A leased lane: how far it was read, and which of its positions are not finished."""

    lane: int
    token: int
    cursor: int
    read: int
    check_until: int
    """Up to here an earlier owner may have finished versions above the cursor."""
    open: dict[int, None] = field(default_factory=dict)
    ahead: dict[int, bool] = field(default_factory=dict)
    """Positions above `read` that were fetched past a backlog, and whether they are finished."""
    leaving: bool = False

    def passed(self) -> None:
        """Forget of what was fetched past a backlog what has been read since."""
        if self.ahead:
            self.ahead = {position: finished for position, finished in self.ahead.items() if position > self.read}

    def reached(self) -> int:
        """The highest position up to which everything is finished; positions were added in rising order."""
        first = next(iter(self.open), None)
        return self.read if first is None else first - 1


class Queue:
    """Threads with waiting items. One thread is in one request at a time; its items go in order.

    Platforms take turns: however much one of them pushes, the others' items go with the next requests.
    """

    def __init__(self) -> None:
        self._threads: dict[str, deque[Item]] = {}
        self._ready: dict[str, dict[str, None]] = {}
        """Threads that wait for a request, by the platform of their first item; who was served goes to the end."""
        self._travelling: set[str] = set()
        self.size = self.bytes = 0
        self.sizes: Counter[str] = Counter()
        """How many items wait of each platform."""

    def add(self, item: Item) -> None:
        """Put an item behind the others of its thread."""
        waiting = self._threads.get(item.thread)
        if waiting is None:
            self._threads[item.thread] = waiting = deque()
            if item.thread not in self._travelling:
                self._ready.setdefault(item.platform, {})[item.thread] = None
        waiting.append(item)
        self._count(item, 1)

    def put_back(self, items: Iterable[Item]) -> None:
        """Put items of a request that failed back in front, in their order."""
        for item in sorted(items, key=lambda item: item.position, reverse=True):
            self._threads.setdefault(item.thread, deque()).appendleft(item)
            self._count(item, 1)

    def _count(self, item: Item, change: int) -> None:
        self.size += change
        self.bytes += change * len(item.version.document)
        self.sizes[item.platform] += change

    def take(self, limit: int, most_bytes: int, now: float) -> list[Item]:
        """The next batch, all of threads that do not travel yet; those threads travel until `arrived`.

        It has at most `limit` items, and `most_bytes` of documents unless its first one alone has more.
        """
        batch = _Batch(limit, most_bytes, now)
        platforms = list(self._ready)
        while platforms and not batch.full:
            share = -(-(batch.limit - len(batch.items)) // len(platforms))
            platforms = [platform for platform in platforms if self._take_of(platform, share, batch)]
        return batch.items

    def _take_of(self, platform: str, share: int, batch: "_Batch") -> bool:
        """Take up to `share` items of a platform; says whether it may have more."""
        ready = self._ready[platform]
        first = len(batch.items)
        for thread in list(ready):
            if batch.full or len(batch.items) - first >= share:
                break
            waiting = self._threads[thread]
            before = len(batch.items)
            while waiting and len(batch.items) - first < share and batch.fits(waiting[0]):
                self._count(waiting[0], -1)
                batch.add(waiting.popleft())
            if len(batch.items) > before:
                del ready[thread]
                self._travelling.add(thread)
        if served := len(batch.items) - first:
            del self._ready[platform]
            if ready:
                self._ready[platform] = ready
        return bool(ready) and served >= share

    def probe(self, now: float) -> list[Item]:
        """The item that tells most of whether a target is back: of those that may go, one that failed least often."""
        items = (item for item in self._firsts() if item.rests_until <= now)
        if (item := min(items, key=lambda item: item.tries, default=None)) is None:
            return []
        self._threads[item.thread].popleft()
        self._count(item, -1)
        ready = self._ready[item.platform]
        del ready[item.thread]
        if not ready:
            del self._ready[item.platform]
        self._travelling.add(item.thread)
        return [item]

    def arrived(self, threads: Iterable[str]) -> None:
        """The request that carried these threads is over, and its outcome is stored."""
        for thread in set(threads):
            self._travelling.discard(thread)
            if self._threads.get(thread):
                # Behind the others: a thread that fails does not keep the rest from being tried.
                self._ready.setdefault(self._threads[thread][0].platform, {})[thread] = None
            else:
                self._threads.pop(thread, None)

    def drop(self, thread: str) -> list[Item]:
        """Take all waiting items of a thread out."""
        dropped = list(self._threads.pop(thread, ()))
        if dropped and (ready := self._ready.get(dropped[0].platform)) is not None:
            ready.pop(thread, None)
            if not ready:
                del self._ready[dropped[0].platform]
        for item in dropped:
            self._count(item, -1)
        return dropped

    def travels(self, thread: str) -> bool:
        """Whether a request carries the thread."""
        return thread in self._travelling

    def leave_out(self, item: Item) -> None:
        """Take a version out of its thread; what followed it in its record follows what came before it."""
        for other in self.drop(item.thread):
            if other.position == item.position:
                continue
            if other.version.previous == item.position:
                other.version, other.encoded = replace(other.version, previous=item.version.previous), b""
            self.add(other)

    def next_rest(self, now: float) -> float | None:
        """When the first resting thread may go on, if one rests."""
        return min((item.rests_until for item in self._firsts() if item.rests_until > now), default=None)

    def has_ready(self, now: float) -> bool:
        """Whether something could be sent now."""
        return any(item.rests_until <= now for item in self._firsts())

    def has_fresh(self) -> bool:
        """Whether something could be sent that never failed."""
        return any(not item.tries for item in self._firsts())

    def _firsts(self) -> Iterator[Item]:
        return (self._threads[thread][0] for ready in self._ready.values() for thread in ready)

    def drop_lane(self, lane: int) -> list[Item]:
        """Take everything of a lane out that does not travel."""
        threads = [thread for thread, waiting in self._threads.items() if waiting and waiting[0].lane == lane]
        return [item for thread in threads for item in self.drop(thread)]


class _Batch:
    """A batch while it is put together."""

    def __init__(self, limit: int, most_bytes: int, now: float) -> None:
        self.items: list[Item] = []
        self.limit = limit
        self.full = False
        self._left = most_bytes
        self._now = now

    def fits(self, item: Item) -> bool:
        """Whether the item may travel now, and with this batch."""
        if item.rests_until > self._now or len(self.items) >= item.share:
            return False
        if self.items and len(item.version.document) > self._left:
            self.full = True
        return not self.full

    def add(self, item: Item) -> None:
        """Add an item that fits."""
        self.items.append(item)
        self.limit = min(self.limit, item.share)
        self._left -= len(item.version.document)
        self.full = len(self.items) >= self.limit
