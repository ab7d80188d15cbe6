"""The proxy passes bytes on, and fails in each of its ways."""

import asyncio
import errno
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import pytest

from tests.crash.proxy import Link
from tests.support.processes import HOST, free_ports

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def anyio_backend() -> tuple[str, dict[str, bool]]:
    """The loop that the proxy runs on: what is left of an ended connection is not the same on every one."""
    return "asyncio", {"use_uvloop": True}


Ask = Callable[[bytes], Awaitable[bytes]]


@asynccontextmanager
async def linked() -> AsyncIterator[tuple[Link, int]]:
    """A link to a server that answers each line with the same line, and the link's port."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while line := await reader.readline():
                writer.write(line)
        writer.close()

    beyond, port = free_ports(2)
    link = Link(beyond)
    async with await asyncio.start_server(echo, HOST, beyond), await asyncio.start_server(link.take, HOST, port):
        try:
            yield link, port
        finally:
            await link.fail("reset", 0)
            await asyncio.sleep(0.05)


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[Ask]:
    """A connection, as a function that sends a line and waits for the next one, at most half a second."""
    reader, writer = await asyncio.open_connection(HOST, port)

    async def ask(line: bytes) -> bytes:
        writer.write(line)
        return await asyncio.wait_for(reader.readline(), 0.5)

    try:
        yield ask
    finally:
        writer.transport.abort()


async def test_bytes_pass_both_ways() -> None:
    async with linked() as (_, port), connected(port) as ask:
        assert await ask(b"one\n") == b"one\n"
        assert await ask(b"two\n") == b"two\n"


async def test_a_reset_ends_the_connections_there_are_and_lets_new_ones_in() -> None:
    async with linked() as (link, port), connected(port) as ask:
        await ask(b"one\n")

        await link.fail("reset", 0)

        with pytest.raises(ConnectionResetError):
            await ask(b"two\n")
        async with connected(port) as again:
            assert await again(b"three\n") == b"three\n"


async def test_while_a_link_is_cut_new_connections_are_reset_too() -> None:
    async with linked() as (link, port), connected(port) as ask:
        await ask(b"one\n")
        cut = asyncio.create_task(link.fail("cut", 0.5))
        await asyncio.sleep(0.1)

        async with connected(port) as refused:
            with pytest.raises(ConnectionError):
                await refused(b"two\n")

        await cut
        async with connected(port) as again:
            assert await again(b"three\n") == b"three\n"


async def test_a_stall_loses_nothing() -> None:
    async with linked() as (link, port), connected(port) as ask:
        await ask(b"one\n")
        stall = asyncio.create_task(link.fail("stall", 0.8))
        await asyncio.sleep(0.1)

        with pytest.raises(TimeoutError):
            await ask(b"two\n")

        await stall
        assert await ask(b"three\n") == b"two\n"


async def test_of_a_half_open_connection_nothing_ever_comes_while_new_ones_work() -> None:
    async with linked() as (link, port), connected(port) as ask:
        await ask(b"one\n")
        half_open = asyncio.create_task(link.fail("half-open", 0.8))
        await asyncio.sleep(0.1)

        with pytest.raises(TimeoutError):
            await ask(b"two\n")
        async with connected(port) as other:
            assert await other(b"three\n") == b"three\n"

        await half_open
        with pytest.raises(ConnectionResetError):
            await ask(b"four\n")


async def test_of_a_connection_that_vanishes_nobody_hears_and_its_bytes_are_not_acknowledged() -> None:
    async with linked() as (link, port):
        reader, writer = await asyncio.open_connection(HOST, port)
        raw: socket.socket = writer.get_extra_info("socket")
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 300)
        writer.write(b"one\n")
        assert await reader.readline() == b"one\n"

        await link.fail("vanish", 0)
        writer.write(b"two\n")

        # A kernel whose bytes nobody acknowledges gives up; it would never do so of bytes that nobody reads.
        with pytest.raises(TimeoutError) as given_up:
            await asyncio.wait_for(reader.readline(), 10)
        assert given_up.value.errno == errno.ETIMEDOUT
        async with connected(port) as other:
            assert await other(b"three\n") == b"three\n"
        writer.transport.abort()
