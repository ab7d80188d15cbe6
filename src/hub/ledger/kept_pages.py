"""Kept pages: full pages of the public feed that several readers ask for, as lines that are ready to be sent."""

import asyncio
from array import array
from collections import OrderedDict
from dataclasses import dataclass
from itertools import accumulate

from hub.db import Database
from hub.ledger.buckets import PAGE
from hub.ledger.pages import full_page

ASKED_AGAIN = 64
"""How many pages back a question is remembered: a page that is asked for again meanwhile is kept."""


@dataclass(frozen=True, slots=True)
class Lines:
    """The entries of a page as JSON lines, and where each of them begins."""

    text: bytes
    starts: "array[int]"

    def part(self, first: int, last: int) -> memoryview:
        """The lines behind the first `first` up to the first `last`."""
        return memoryview(self.text)[self.starts[first] : self.starts[last]]


class KeptPages:
    """Up to `size` bytes of pages, those that were asked for last; within an epoch a full page never changes.

    A page that is asked for once, as by a single reader that reads everything, is not kept: the database serves it.
    """

    def __init__(self, database: Database, size: int) -> None:
        self._database = database
        self._left = self._size = size
        self._kept: OrderedDict[tuple[int, int], Lines] = OrderedDict()
        self._asked: OrderedDict[tuple[int, int], None] = OrderedDict()
        self._reading = asyncio.Lock()

    async def lines(self, epoch: int, after: int, last: int) -> list[memoryview] | None:
        """The entries behind `after` up to `last`, which is not above the head; None where not all of them are kept."""
        numbers = range(after // PAGE + 1, (last - 1) // PAGE + 2)
        parts = []
        for number, page in zip(numbers, [await self._page((epoch, number)) for number in numbers], strict=True):
            if page is None:
                return None
            before = (number - 1) * PAGE
            parts.append(page.part(max(after - before, 0), min(last - before, PAGE)))
        return parts

    async def _page(self, key: tuple[int, int]) -> Lines | None:
        if (found := self._kept.get(key)) is not None:
            self._kept.move_to_end(key)
            return found
        if not self._size:
            return None
        if key not in self._asked:
            self._asked[key] = None
            if len(self._asked) > ASKED_AGAIN:
                self._asked.popitem(last=False)
            return None
        async with self._reading:  # One at a time: whoever asked for the same page finds it.
            return self._kept.get(key) or await self._read(key)

    async def _read(self, key: tuple[int, int]) -> Lines | None:
        async with self._database.reading() as connection:
            page = await full_page(connection, key[1])
        if page is None:
            return None
        entries = page.entries
        starts = array("Q", accumulate((len(entry) + 1 for entry in entries), initial=0))
        found = self._kept[key] = Lines(b"\n".join((*entries, b"")), starts)
        self._left -= len(found.text)
        while self._left < 0:
            _, dropped = self._kept.popitem(last=False)
            self._left += len(dropped.text)
        return found
