"""Readers that wait for the next version: by long polling, or on a stream of server-sent events."""

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable
from types import TracebackType
from typing import Self

import httpx

from benchmarks.client import connected
from benchmarks.figures import BenchmarkFailed
from benchmarks.processes import HOST

WAIT = 60
"""Seconds that a long poll may wait."""

CONNECTED_WITHIN = 60.0
CONNECTING = 50
"""Readers that connect at the same time."""

SETTLED = 2.0
"""Seconds after the last request until all of them wait."""

Waiting = Callable[[int, int, asyncio.Event], AsyncGenerator[int, None]]
"""`waiting(port, after, asked)` yields positions as a reader learns of them; `asked` is set when it has asked first."""


async def long_polls(port: int, after: int, asked: asyncio.Event) -> AsyncGenerator[int, None]:
    """One request after another, each from where the answer before left off; a server that is too busy is asked again."""
    async with connected(port) as (reader, writer):
        while True:
            writer.write(f"GET /v1/feed?after={after}&wait={WAIT} HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
            await writer.drain()
            asked.set()
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            await reader.readexactly(int(_field(head, b"content-length")))
            if head[9:12] == b"503":
                await asyncio.sleep(int(_field(head, b"retry-after")))
                continue
            _must_be_ok(head)
            reached = int(_field(head, b"hub-next"))
            for position in range(after + 1, reached + 1):
                yield position
            after = reached


async def events(port: int, after: int, asked: asyncio.Event) -> AsyncGenerator[int, None]:
    """One request, whose answer does not end."""
    async with connected(port) as (reader, writer):
        request = f"GET /v1/feed?after={after} HTTP/1.1\r\nHost: {HOST}\r\nAccept: text/event-stream\r\n\r\n"
        writer.write(request.encode())
        await writer.drain()
        _must_be_ok(await reader.readuntil(b"\r\n\r\n"))
        asked.set()
        while line := await reader.readline():
            if line.startswith(b"id: "):
                yield int(line.rpartition(b".")[2])
    raise BenchmarkFailed("a stream of events has ended")


class Readers:
    """Many readers from the head of the feed on, for a block that begins when all of them wait."""

    def __init__(self, port: int, count: int, waiting: Waiting) -> None:
        self._port = port
        self._count = count
        self._waiting = waiting
        self._tasks: list[asyncio.Task[None]] = []
        self._learned: defaultdict[int, list[float]] = defaultdict(list)

    async def __aenter__(self) -> Self:
        async with httpx.AsyncClient() as client:
            answer = await client.get(f"http://{HOST}:{self._port}/v1/feed", params={"before": "head", "limit": 1})
        head = int(answer.raise_for_status().headers["hub-head"])
        asked = [asyncio.Event() for _ in range(self._count)]
        async with asyncio.timeout(CONNECTED_WITHIN):
            for start in range(0, self._count, CONNECTING):
                some = asked[start : start + CONNECTING]
                self._tasks += (asyncio.create_task(self._read(head, event)) for event in some)
                await asyncio.gather(*(event.wait() for event in some))
        await asyncio.sleep(SETTLED)
        self._must_be_there()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def all_woken(self, position: int, seconds: float) -> float:
        """When the last reader learned of the position, by time.time(); raises where one does not within `seconds`."""
        deadline = time.monotonic() + seconds
        while (woken := len(self._learned[position])) < self._count:
            self._must_be_there()
            if time.monotonic() > deadline:
                raise BenchmarkFailed(f"of {self._count} readers {woken} were woken")
            await asyncio.sleep(0.05)
        return max(self._learned[position])

    def _must_be_there(self) -> None:
        for task in self._tasks:
            if task.done():
                task.result()

    async def _read(self, after: int, asked: asyncio.Event) -> None:
        async for position in self._waiting(self._port, after, asked):
            self._learned[position].append(time.time())


def _field(head: bytes, name: bytes) -> bytes:
    return head.split(b"\r\n%b:" % name, 1)[1].split(b"\r\n", 1)[0]


def _must_be_ok(head: bytes) -> None:
    if head[9:12] != b"200":
        raise BenchmarkFailed(f"a waiting reader was answered {head[:500]!r}")
