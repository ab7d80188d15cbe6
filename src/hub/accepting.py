"""Server processes that share a listening socket, and share out its connections: who has the fewest takes the next one.

Whoever wakes first would otherwise take all that wait: of two processes one would serve nearly everybody.
"""

import asyncio
import logging
import socket
from mmap import mmap

import uvicorn

logger = logging.getLogger(__name__)

REST = 0.001
"""Seconds that a new connection is left to a process with fewer; one that is busy or stands still does not take it."""

AGAIN_AFTER = 1.0
"""Seconds of rest after a connection could not be taken."""


class Shares:
    """How many connections each of some forked processes has; make it before they are forked."""

    def __init__(self, processes: int) -> None:
        self._counts = memoryview(mmap(-1, 4 * processes)).cast("I")

    def told(self, process: int, count: int) -> bool:
        """Say how many the process has now; whether none has fewer."""
        self._counts[process] = count
        return count <= min(self._counts)


class SharingServer(uvicorn.Server):
    """The server of process number `process`, from 0, of those that have the `shares`."""

    def __init__(self, config: uvicorn.Config, shares: Shares, process: int) -> None:
        super().__init__(config)
        self._shares = shares
        self._process = process
        self._stopping = False
        self._waking: set[asyncio.Future[None]] = set()
        self._taking: list[asyncio.Task[None]] = []

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to take connections from the sockets, which have to be non-blocking."""
        await super().startup(sockets=[])
        self._has_fewest()
        self._taking = [asyncio.create_task(self._take_from(listening)) for listening in sockets or []]

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no more connections, and end those that there are once their requests are answered."""
        self._stopping = True
        for waking in self._waking:
            _wake(waking)
        await asyncio.gather(*self._taking)
        await super().shutdown(sockets)

    async def on_tick(self, counter: int) -> bool:
        """What is done ten times a second."""
        self._has_fewest()
        return await super().on_tick(counter)

    async def _take_from(self, listening: socket.socket) -> None:
        while not self._stopping:
            await self._until_one_waits(listening)
            if not self._has_fewest():
                await asyncio.sleep(REST)
            if self._stopping:
                return
            try:
                connection, _address = listening.accept()
                connection.setblocking(False)
                await asyncio.get_running_loop().connect_accepted_socket(self._protocol, connection)
            except (BlockingIOError, ConnectionError):  # Another process was quicker, or the client went away.
                pass
            except Exception as error:  # Too many files are open, say; whatever it is, the next one may be taken.
                logger.error("a connection could not be taken: %s", error)
                await asyncio.sleep(AGAIN_AFTER)

    async def _until_one_waits(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        waking: asyncio.Future[None] = loop.create_future()
        self._waking.add(waking)
        loop.add_reader(listening, _wake, waking)
        await waking
        loop.remove_reader(listening)
        self._waking.discard(waking)

    def _has_fewest(self) -> bool:
        return self._shares.told(self._process, len(self.server_state.connections))

    def _protocol(self) -> asyncio.Protocol:
        http = self.config.http_protocol_class
        return http(config=self.config, server_state=self.server_state, app_state=self.lifespan.state)  # type: ignore[call-arg]


def _wake(waking: asyncio.Future[None]) -> None:
    if not waking.done():
        waking.set_result(None)
