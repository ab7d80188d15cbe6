"""Standard output as a sink: entries as lines, for a pipe; it remembers nothing."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import BinaryIO, Self

from hub.client.page import Page
from hub.client.sink import Item, Kept


class Lines:
    """A stream that gets a line per entry; what was written last is known to whoever reads it."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._stream.flush()

    async def kept(self) -> Kept:
        """Nothing."""
        return Kept()

    async def begin(self, source: str, cursor: str) -> None:
        """There is nothing to begin."""

    async def write(self, page: Page) -> None:
        """Write the entries as lines."""
        await asyncio.to_thread(self._write, page)

    async def cut(self, cursor: str) -> None:
        """What was written is gone."""

    async def items(self) -> AsyncIterator[Sequence[Item]]:
        """Nothing."""
        return
        yield

    def _write(self, page: Page) -> None:
        self._stream.write(b"".join(entry.raw + b"\n" for entry in page.entries))
        self._stream.flush()
