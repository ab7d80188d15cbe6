"""The client: keeps connections to all servers, writes its ledger, and repeats what was not answered."""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from random import Random

from tests.crash.journal import REFUSED, STORED, Journal
from tests.crash.stories import Request, Step, story
from tests.support.processes import HOST

ANSWER_WITHIN = 20.0
"""Seconds after which an answer that has not come is not waited for: longer than a server tries to store."""

AGAIN_AFTER = (0.02, 0.2)
"""Seconds between two tries of a request, at random."""

NOT_SENT, NOT_ANSWERED = 0, 1
"""What stands for a status where there is none."""


class Unsent(Exception):
    """Nothing of the request has left."""


class Unanswered(Exception):
    """The request has left, or part of it, and no whole answer came."""


class Connection:
    """One keep-alive connection to one server, opened when it is needed."""

    def __init__(self, port: int, key: str) -> None:
        self._port = port
        self._key = key
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, request: Request) -> tuple[int, bytes]:
        """Send the request; status and body of the answer. Raises `Unsent` or `Unanswered`."""
        if self._streams is None:
            try:
                self._streams = await asyncio.open_connection(HOST, self._port)
            except OSError as error:
                raise Unsent(type(error).__name__) from None
        reader, writer = self._streams
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                writer.write(self._head(request) + request.body)
                return await _answer(reader)
        except (OSError, EOFError, TimeoutError) as error:
            self.close()
            raise Unanswered(type(error).__name__) from None

    def close(self) -> None:
        """Close it; the next request opens another."""
        if self._streams is not None:
            self._streams[1].transport.abort()
            self._streams = None

    def _head(self, request: Request) -> bytes:
        return (
            f"{request.method} {request.path} HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: Bearer {self._key}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(request.body)}\r\n\r\n"
        ).encode()


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(head.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
    return int(head[9:12]), await reader.readexactly(length)


@dataclass(slots=True)
class Tally:
    """What the client has done so far."""

    answered: int = 0
    stored: int = 0
    unanswered: int = 0
    stories: int = 0
    wrong: list[str] = field(default_factory=list)
    """Steps of which more or fewer were refused than must be."""


class Client:
    """Lives `writers` stories at a time at `rate` requests a second, until it is told to stop."""

    def __init__(
        self,
        ports: Sequence[int],
        key: str,
        platform: str,
        journal: Journal,
        *,
        rate: float,
        writers: int,
        seed: int,
        tell: Callable[[int, str, Random], Iterator[Step]] = story,
    ) -> None:
        self.tally = Tally()
        self._ports = ports
        self._key = key
        self._platform = platform
        self._journal = journal
        self._interval = 1 / rate
        self._writers = writers
        self._seed = seed
        self._tell = tell
        self._next = time.monotonic()
        self._numbers = count(1)
        self._requests = count(1)
        self._stopping = False

    async def run(self) -> None:
        """Live stories until `stop`; every story that was begun is lived to its end."""
        async with asyncio.TaskGroup() as group:
            for number in range(self._writers):
                group.create_task(self._live(number))

    def stop(self) -> None:
        """Begin no more stories."""
        self._stopping = True

    async def _live(self, writer: int) -> None:
        # Four connections to each server: a step may have four requests.
        random = Random(f"{self._seed} {writer}")
        lines = [[Connection(port, self._key) for port in self._ports] for _ in range(4)]
        try:
            while not self._stopping:
                for step in self._tell(next(self._numbers), self._platform, random):
                    await self._take(step, lines, random)
                self.tally.stories += 1
        finally:
            for connection in (connection for line in lines for connection in line):
                connection.close()

    async def _take(self, step: Step, lines: list[list[Connection]], random: Random) -> None:
        begin = random.randrange(len(self._ports))
        async with asyncio.TaskGroup() as group:
            sent = [
                group.create_task(self._push(request, line, begin + place, random))
                for place, (request, line) in enumerate(zip(step.requests, lines, strict=False))
            ]
        statuses = [task.result() for task in sent]
        if statuses.count(REFUSED) != step.refusals:
            self.tally.wrong.append(f"{step.requests[0].content.record}: {statuses}")

    async def _push(self, request: Request, line: list[Connection], server: int, random: Random) -> int:
        """Send the same bytes, to one server after the other, until the answer says what became of them."""
        number = next(self._requests)
        refused = 0
        for attempt in count(1):
            if not refused:
                await self._turn()
            server = (server + 1) % len(line)
            status = await self._try(number, attempt, request, line[server], server)
            refused = refused + 1 if status == NOT_SENT else 0
            if status not in (NOT_SENT, NOT_ANSWERED, 503):
                self.tally.answered += 1
                self.tally.stored += status in STORED
                return status
            if not 0 < refused < len(line):  # Where nobody listens, the next server is asked at once, as senders do.
                await asyncio.sleep(random.uniform(*AGAIN_AFTER))
                refused = 0
        raise AssertionError

    async def _try(self, number: int, attempt: int, request: Request, connection: Connection, server: int) -> int:
        self._journal.sending(number, attempt, server, request.content)
        try:
            status, body = await connection.ask(request)
        except Unsent as why:
            self._journal.unsent(number, attempt, str(why))
            return NOT_SENT
        except Unanswered as why:
            self.tally.unanswered += 1
            self._journal.unanswered(number, attempt, str(why))
            return NOT_ANSWERED
        self._journal.answered(number, attempt, status, body)
        return status

    async def _turn(self) -> None:
        """Wait for the next place in the rate; what an outage held up is caught up with, but not all at once."""
        now = time.monotonic()
        self._next = max(self._next + self._interval, now - 1.0)
        if self._next > now:
            await asyncio.sleep(self._next - now)


async def answers(port: int) -> bool:
    """Whether the server is ready to store."""
    with suppress(OSError, EOFError, TimeoutError):
        async with asyncio.timeout(2):
            reader, writer = await asyncio.open_connection(HOST, port)
            try:
                writer.write(f"GET /readyz HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n".encode())
                status = await reader.readline()
            finally:
                writer.transport.abort()
        return status.split()[1:2] == [b"200"]
    return False
