"""Pages of events: readers of streams that are at the same place share each of them."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass

from hub.db import Database
from hub.ledger.feed import feed_page
from hub.ledger.read import Filter

PAGE = 200
"""Entries that are sent at a time: a slow reader holds on to no more."""

KEPT = 16
"""Pages that are kept for readers that come to the same place a little later."""


@dataclass(frozen=True, slots=True)
class Wave:
    """A page as events, and the cursor behind it."""

    events: bytes
    next: int


Key = tuple[int, Filter, bool, int]


class Waves:
    """Pages of events that readers share: whoever is at the same place with the same filter gets the same bytes."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept: OrderedDict[Key, asyncio.Task[Wave]] = OrderedDict()

    async def behind(self, after: int, wanted: Filter, government: bool, epoch: int) -> Wave:
        """The events behind a cursor; whoever asks while they are read waits for the same reading."""
        key = (after, wanted, government, epoch)
        task = self._kept.get(key)
        if task is None:
            task = self._kept[key] = asyncio.create_task(self._read(*key))
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        try:
            # A reader that goes away must not take the page from the others.
            wave = await asyncio.shield(task)
        except Exception:
            self._forget(key, task)
            raise
        if wave.next == after:
            self._forget(key, task)
        return wave

    def _forget(self, key: Key, task: "asyncio.Task[Wave]") -> None:
        if self._kept.get(key) is task:
            del self._kept[key]

    async def _read(self, after: int, wanted: Filter, government: bool, epoch: int) -> Wave:
        async with self._database.reading() as connection:
            page = await feed_page(connection, after=after, limit=PAGE, wanted=wanted, government=government)
        events = [
            b"id: %d.%d\ndata: %b\n\n" % (epoch, row[0], entry)
            for row, entry in zip(page.rows, page.entries, strict=True)
        ]
        if page.next > after and (not page.rows or page.rows[-1][0] < page.next):
            # No event for the reader, but a place to go on from (WHATWG: an empty event still sets the last event id).
            events.append(b"id: %d.%d\n\n" % (epoch, page.next))
        return Wave(b"".join(events), page.next)
