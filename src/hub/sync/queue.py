"""What a courier knows of the versions it has read but not finished: threads in order, and how far each lane has got."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from hub.sync.target import Outgoing


@dataclass(slots=True)
class Item:
    """A version that waits for its delivery."""

    version: Outgoing
    record: int
    lane: int
    due: bool
    """Read again from its delivery row, rather than from the ledger."""
    tries: int = 0
    share: int = 1_000_000
    """The largest batch it may travel in: halved whenever a batch with it fails, so that the bad one stands alone."""
    alone: int = 0
    """How often it failed alone while others succeeded."""
    successes: int = 0
    """The courier's count of successes when it failed last."""
    rests_until: float = 0.0
    encoded: bytes = b""

    @property
    def position(self) -> int:
        """The version's position."""
        return self.version.position

    @property
    def thread(self) -> str:
        """The version's thread."""
        return self.version.thread


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
    leaving: bool = False

    def reached(self) -> int:
        """The highest position up to which everything is finished; positions were added in rising order."""
        first = next(iter(self.open), None)
        return self.read if first is None else first - 1


class Queue:
    """Threads with waiting items. One thread is in one request at a time; its items go in order."""

    def __init__(self) -> None:
        self._threads: dict[str, deque[Item]] = {}
        self._ready: dict[str, None] = {}
        self._travelling: set[str] = set()
        self.size = 0

    def add(self, item: Item) -> None:
        """Put an item behind the others of its thread."""
        waiting = self._threads.get(item.thread)
        if waiting is None:
            self._threads[item.thread] = waiting = deque()
            if item.thread not in self._travelling:
                self._ready[item.thread] = None
        waiting.append(item)
        self.size += 1

    def put_back(self, items: Iterable[Item]) -> None:
        """Put items of a request that failed back in front, in their order."""
        for item in sorted(items, key=lambda item: item.position, reverse=True):
            self._threads.setdefault(item.thread, deque()).appendleft(item)
            self.size += 1

    def take(self, limit: int, now: float) -> list[Item]:
        """The next batch of items, all of threads that do not travel yet; those threads travel until `arrived`."""
        batch: list[Item] = []
        for thread in list(self._ready):
            waiting = self._threads[thread]
            taken = 0
            while waiting and waiting[0].rests_until <= now and len(batch) < min(limit, waiting[0].share):
                limit = min(limit, waiting[0].share)
                batch.append(waiting.popleft())
                taken += 1
            if taken:
                del self._ready[thread]
                self._travelling.add(thread)
                self.size -= taken
            if len(batch) >= limit:
                break
        return batch

    def arrived(self, threads: Iterable[str]) -> None:
        """The request that carried these threads is over, and its outcome is stored."""
        for thread in set(threads):
            self._travelling.discard(thread)
            if self._threads.get(thread):
                # Behind the others: a thread that fails does not keep the rest from being tried.
                self._ready[thread] = None
            else:
                self._threads.pop(thread, None)

    def drop(self, thread: str) -> list[Item]:
        """Take all waiting items of a thread out."""
        dropped = list(self._threads.pop(thread, ()))
        self._ready.pop(thread, None)
        self.size -= len(dropped)
        return dropped

    def next_rest(self, now: float) -> float | None:
        """When the first resting thread may go on, if one rests."""
        rests = [w[0].rests_until for t in self._ready if (w := self._threads[t]) and w[0].rests_until > now]
        return min(rests, default=None)

    def has_ready(self, now: float) -> bool:
        """Whether something could be sent now."""
        return any((w := self._threads[t]) and w[0].rests_until <= now for t in self._ready)

    def drop_lane(self, lane: int) -> list[Item]:
        """Take everything of a lane out that does not travel."""
        threads = [thread for thread, waiting in self._threads.items() if waiting and waiting[0].lane == lane]
        return [item for thread in threads for item in self.drop(thread)]
