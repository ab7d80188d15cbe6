"""`python -m tests.crash.proxy CONTROL NAME=PORT:PORT …`: stands between the hub and others, and fails as it is told.

A line of JSON on the control port, `{"link", "way", "seconds"}`, is answered with an empty line when it is over:
`reset` ends all connections at once; `cut` does, and ends new ones as they come; `stall` lets nothing pass, then goes
on; in `half-open` nothing more ever passes on the connections that there are, which are reset at the end; who calls on one
that is to `vanish` is never told, and the kernel does not acknowledge either what he sends.
"""

import asyncio
import ctypes
import signal
import socket
import struct
import sys
from contextlib import suppress
from typing import Any

import orjson
import uvloop

from tests.support.processes import HOST

CHUNK = 256 * 1024
RESET = struct.pack("ii", 1, 0)
"""SO_LINGER: closing throws away what was not sent, and the other side is told of a reset."""

SO_ATTACH_FILTER = 26
_NOTHING = ctypes.create_string_buffer(struct.pack("HBBI", 0x06, 0, 0, 0))
DEAF = struct.pack("HL", 1, ctypes.addressof(_NOTHING))
"""A packet filter for a socket of Linux' that lets nothing in: what is sent to it is as if its host were gone."""


class Pipe:
    """One connection through the proxy: two streams, and whether bytes may pass."""

    def __init__(self, *writers: asyncio.StreamWriter) -> None:
        self._writers = writers
        self.open = asyncio.Event()
        self.open.set()

    async def run(self, *readers: asyncio.StreamReader) -> None:
        """Pass bytes both ways until one side ends."""
        ways = zip(readers, reversed(self._writers), strict=True)
        tasks = [asyncio.create_task(self._pass(reader, writer)) for reader, writer in ways]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for writer in self._writers:
                writer.close()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(CHUNK):
                await self.open.wait()
                writer.write(data)
                await writer.drain()
            # Neither is an end passed on through a link that lets nothing through.
            await self.open.wait()

    def vanish(self) -> None:
        """Never hear of the caller again, nor say anything; the other side is told."""
        self.open.clear()
        caller, beyond = self._writers
        raw: socket.socket | None = caller.get_extra_info("socket")
        if raw is not None:
            with suppress(OSError, ValueError):  # It may have ended already.
                raw.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, DEAF)
        beyond.transport.abort()

    def reset(self) -> None:
        """End it as a router that has forgotten it does."""
        for writer in self._writers:
            raw: socket.socket | None = writer.get_extra_info("socket")
            if raw is not None:
                # Of a connection that has ended already there is no socket any more.
                with suppress(OSError, ValueError):
                    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            writer.transport.abort()


class Link:
    """A port that leads to another."""

    def __init__(self, to: int) -> None:
        self._to = to
        self._pipes: set[Pipe] = set()
        self._cut = False
        self._passing = asyncio.Event()
        self._passing.set()

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Connect one caller with the other side."""
        if self._cut:
            Pipe(writer).reset()
            return
        await self._passing.wait()
        try:
            beyond_reader, beyond_writer = await asyncio.open_connection(HOST, self._to)
        except OSError:
            Pipe(writer).reset()
            return
        pipe = Pipe(writer, beyond_writer)
        self._pipes.add(pipe)
        try:
            await pipe.run(reader, beyond_reader)
        finally:
            self._pipes.discard(pipe)

    async def fail(self, way: str, seconds: float) -> None:
        """Fail in this way for so long."""
        pipes = list(self._pipes)
        match way:
            case "reset":
                _reset(pipes)
            case "cut":
                self._cut = True
                _reset(pipes)
                await asyncio.sleep(seconds)
                self._cut = False
            case "stall":
                self._passing.clear()
                await _without(pipes, seconds)
                self._passing.set()
                for pipe in pipes:
                    pipe.open.set()
            case "half-open":
                await _without(pipes, seconds)
                _reset(pipes)
            case "vanish":
                for pipe in pipes:
                    pipe.vanish()
            case _:
                raise ValueError(way)


async def _without(pipes: list[Pipe], seconds: float) -> None:
    for pipe in pipes:
        pipe.open.clear()
    await asyncio.sleep(seconds)


def _reset(pipes: list[Pipe]) -> None:
    for pipe in pipes:
        pipe.reset()


async def _serve(control: int, links: dict[str, tuple[int, int]]) -> None:
    made = {name: Link(to) for name, (_, to) in links.items()}

    async def told(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            said: dict[str, Any] = orjson.loads(line)
            await made[said["link"]].fail(said["way"], said["seconds"])
            writer.write(b"\n")
        writer.close()

    servers = [await asyncio.start_server(made[name].take, HOST, port) for name, (port, _) in links.items()]
    servers.append(await asyncio.start_server(told, HOST, control))
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    await stopping.wait()
    for server in servers:
        server.close()


def _link(word: str) -> tuple[str, tuple[int, int]]:
    name, ports = word.split("=")
    port, to = ports.split(":")
    return name, (int(port), int(to))


if __name__ == "__main__":
    uvloop.run(_serve(int(sys.argv[1]), dict(map(_link, sys.argv[2:]))))
