"""Clients of our own, on plain sockets: requests at a fixed rate, and bodies that are streamed while answers come."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from math import ceil

import httptools
import orjson

from benchmarks.figures import BenchmarkFailed
from benchmarks.payloads import Template
from benchmarks.processes import HOST

CONNECTIONS = 32
IDLE = 2.0
"""Seconds that a connection may idle between two requests: the server closes it after five."""

CHUNK = 64 * 1024
ANSWER_WITHIN = 60.0
"""Seconds after which an answer that has not come is an error."""


@dataclass(frozen=True, slots=True)
class Pushed:
    """A push that was accepted: which one it was, its position, when it was due and when its receipt was read.

    Both moments are by time.time().
    """

    number: int
    position: int
    due: float
    accepted: float

    @property
    def took(self) -> float:
        """Milliseconds from when it was due to its receipt."""
        return 1000 * (self.accepted - self.due)


@dataclass(slots=True)
class Streaming:
    """What became of a streamed body: lines sent, answered and accepted, and the moments by time.perf_counter()."""

    sent: int = 0
    answered: int = 0
    accepted: int = 0
    started: float = 0.0
    first_answer: float = 0.0
    last_sent: float = 0.0
    finished: float = 0.0
    sent_before_first_answer: int = 0


async def push_at_rate(
    port: int, key: str, template: Template, *, prefix: str, rate: float, seconds: float
) -> list[Pushed]:
    """Push `rate` times per second whatever the answers do, as long as one of at most 32 connections is free."""
    done: list[Pushed] = []
    numbers = count()
    start, ahead = time.time() + 0.1, time.perf_counter() + 0.1

    async def pushing() -> None:
        async with connected(port) as (reader, writer):
            for number in numbers:
                due = number / rate
                if due >= seconds:
                    return
                if (pause := ahead + due - time.perf_counter()) > 0:
                    await asyncio.sleep(pause)
                data_key = key_of(prefix, number)
                writer.write(_put(key, template, data_key, number))
                status, body = await asyncio.wait_for(_answer(reader), ANSWER_WITHIN)
                if status != 201:
                    raise BenchmarkFailed(f"a push was answered {status}: {body[:500]!r}")
                done.append(Pushed(number, orjson.loads(body)["position"], start + due, time.time()))

    await asyncio.gather(*(pushing() for _ in range(min(CONNECTIONS, ceil(IDLE * rate)))))
    return done


def key_of(prefix: str, number: int) -> str:
    """The data_key of push `number`, from 0, of those that have this prefix."""
    return f"{prefix}-{number:010d}"


async def stream(port: int, key: str, lines: Iterator[bytes]) -> Streaming:
    """Stream `lines` as one NDJSON body to the hub, reading the answer lines while they come."""
    async with connected(port) as (reader, writer):
        seen = Streaming(started=time.perf_counter())
        answer = _Lines(seen)
        reading = asyncio.create_task(answer.read(reader))
        head = f"POST /v1/records:batch HTTP/1.1\r\nHost: {HOST}:{port}\r\nAuthorization: Bearer {key}\r\n"
        writer.write(f"{head}Content-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
        for chunk, size in _chunks(lines):
            writer.write(b"%x\r\n%b\r\n" % (len(chunk), chunk))
            await writer.drain()
            seen.sent += size
        writer.write(b"0\r\n\r\n")
        await writer.drain()
        seen.last_sent = time.perf_counter()
        await asyncio.wait_for(reading, ANSWER_WITHIN)
        seen.finished = time.perf_counter()
    if seen.answered != seen.sent or seen.accepted != seen.sent:
        raise BenchmarkFailed(f"of {seen.sent} lines {seen.answered} were answered and {seen.accepted} accepted")
    return seen


async def post_lists(port: int, key: str, lines: Iterator[bytes], *, size: int, until: float) -> int:
    """Post JSON lists of `size` submissions to the conventional server until the moment `until`; how many it took."""
    taken = 0
    async with connected(port) as (reader, writer):
        head = f"POST /v1/records:batch HTTP/1.1\r\nHost: {HOST}:{port}\r\nAuthorization: Bearer {key}\r\n"
        while time.perf_counter() < until or not taken:
            body = b"[%b]" % b",".join(next(lines) for _ in range(size))
            writer.write(f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
            await writer.drain()
            status, answer = await asyncio.wait_for(_answer(reader), ANSWER_WITHIN)
            if status != 200:
                raise BenchmarkFailed(f"a list was answered {status}: {answer[:500]!r}")
            taken += size
    return taken


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection to a server on this machine, for the block."""
    reader, writer = await asyncio.open_connection(HOST, port, limit=2**20)
    try:
        yield reader, writer
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


def _put(key: str, template: Template, data_key: str, number: int) -> bytes:
    body = template.filled(data_key, number)
    head = f"PUT /v1/records/{template.kind}/{data_key} HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: Bearer {key}\r\n"
    return f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """Status and body of an answer that says its length."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(head.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
    return int(head[9:12]), await reader.readexactly(length)


def _chunks(lines: Iterator[bytes]) -> Iterator[tuple[bytes, int]]:
    """Pieces of the body of about 64 KB, and how many lines each holds."""
    held: list[bytes] = []
    size = 0
    for line in lines:
        held.append(line)
        size += len(line)
        if size >= CHUNK:
            yield b"".join(held), len(held)
            held, size = [], 0
    if held:
        yield b"".join(held), len(held)


@dataclass(slots=True)
class _Lines:
    """Counts the lines of an answer as they come."""

    seen: Streaming
    complete: bool = False
    rest: bytes = field(default=b"")

    async def read(self, reader: asyncio.StreamReader) -> None:
        parser = httptools.HttpResponseParser(self)
        while not self.complete:
            data = await reader.read(CHUNK)
            if not data:
                raise BenchmarkFailed("the connection ended before the answer did")
            parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        *whole, self.rest = (self.rest + body).split(b"\n")
        if whole and not self.seen.answered:
            self.seen.first_answer = time.perf_counter()
            self.seen.sent_before_first_answer = self.seen.sent
        self.seen.answered += len(whole)
        self.seen.accepted += sum(line.startswith(b'{"status":201,') for line in whole)

    def on_message_complete(self) -> None:
        self.complete = True
