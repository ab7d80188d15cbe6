"""Who vanishes without a word does not hold up whoever waits for him."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import make_url, text

from hub import heeding, vanished
from hub.db import AWAY, Database
from tests.crash.proxy import DEAF, SO_ATTACH_FILTER, Link
from tests.support.postgres import Postgres
from tests.support.processes import HOST, HUB, a_free_port
from tests.support.programs import a_program, until

OPEN, ASKING = "01", "02"
"""A connection's state and its timer, in the words of /proc/net/tcp."""

pytestmark = pytest.mark.anyio

SOON = {"TCP_KEEPIDLE": 1, "TCP_KEEPINTVL": 1, "TCP_KEEPCNT": 1, "TCP_USER_TIMEOUT": 1000}


@pytest.fixture(scope="module")
def local() -> Iterator[Postgres]:
    """A PostgreSQL on this machine, as the link leads to."""
    with Postgres.start() as server:
        yield server


@pytest.fixture
async def link(local: Postgres) -> AsyncIterator[tuple[Link, Database]]:
    """A link to PostgreSQL that may fail, and the database behind it."""
    behind = make_url(local.url())
    link, port = Link(local.port), a_free_port()
    async with await asyncio.start_server(link.take, HOST, port):
        database = Database(behind.set(host=HOST, port=port).render_as_string(hide_password=False))
        yield link, database
        await database.close()


async def ask(database: Database, question: str) -> object:
    """What the database answers."""
    async with database.reading() as connection:
        return (await connection.execute(text(question))).scalar_one()


async def fails_soon(asking: asyncio.Task[object]) -> None:
    """See that it fails, not that it is not waited for any longer."""
    assert (await asyncio.wait({asking}, timeout=20))[0]
    with pytest.raises(AWAY):
        await asking


async def test_a_question_on_its_way_fails_and_the_next_one_is_answered(
    link: tuple[Link, Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heeding, "OF_DATABASES", SOON)
    between, database = link
    asking = asyncio.create_task(ask(database, "SELECT pg_sleep(60)"))
    await asyncio.sleep(0.5)

    await between.fail("vanish", 0)

    await fails_soon(asking)
    assert await ask(database, "SELECT 7") == 7


async def test_a_question_that_is_asked_too_late_fails_and_the_next_one_is_answered(
    link: tuple[Link, Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heeding, "OF_DATABASES", SOON)
    between, database = link
    assert await ask(database, "SELECT 1") == 1  # On a connection that is kept.

    await between.fail("vanish", 0)

    await fails_soon(asyncio.create_task(ask(database, "SELECT 2")))
    assert await ask(database, "SELECT 7") == 7


async def test_half_a_minute_of_silence_is_enough(link: tuple[Link, Database]) -> None:
    _, database = link
    async with database.reading() as connection:
        transport = (await connection.get_raw_connection()).driver_connection._transport  # type: ignore[union-attr]
        raw: socket.socket = transport.get_extra_info("socket")
        asked = {name: raw.getsockopt(socket.IPPROTO_TCP, getattr(socket, name)) for name in vanished.OF_DATABASES}

    assert raw.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
    assert asked == vanished.OF_DATABASES
    assert vanished.UNHEARD <= 30_000
    for name, value in vanished.ON_THE_OTHER_SIDE.items():
        assert await ask(database, f"SELECT setting FROM pg_settings WHERE name = '{name}'") == value


async def test_a_client_that_vanishes_in_the_middle_of_what_it_sends_is_hung_up_on() -> None:
    ended: asyncio.Future[type[Exception]] = asyncio.get_running_loop().create_future()

    async def read(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readexactly(100)
        except (OSError, asyncio.IncompleteReadError) as error:
            ended.set_result(type(error))
        writer.close()

    listening = socket.create_server((HOST, 0))
    vanished.heed(listening, {"TCP_KEEPIDLE": 1, "TCP_KEEPINTVL": 1, "TCP_KEEPCNT": 1})
    async with await asyncio.start_server(read, sock=listening):
        _, writer = await asyncio.open_connection(*listening.getsockname())
        writer.write(b"PUT ")
        await asyncio.sleep(0.2)

        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, DEAF)

        assert await asyncio.wait_for(ended, 20) is TimeoutError
        writer.transport.abort()


def test_a_server_asks_for_its_clients_every_minute(tmp_path: Path) -> None:
    port = a_free_port()
    with a_program(tmp_path, *HUB, "serve", "--host", HOST, "--port", str(port)) as program:
        until(lambda: accepts(port), program)
        with socket.create_connection((HOST, port)):
            until(lambda: any(0 < seconds <= 60 for seconds in asked_in(port)), program)


def accepts(port: int) -> bool:
    with suppress(OSError), socket.create_connection((HOST, port)):
        return True
    return False


def asked_in(port: int) -> list[float]:
    """In how many seconds the kernel asks whether the others are there, for each open connection of a loopback port."""
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    timers = [line[5].split(":") for line in lines if line[1].endswith(f":{port:04X}") and line[3] == OPEN]
    return [int(ticks, 16) / os.sysconf("SC_CLK_TCK") for timer, ticks in timers if timer == ASKING]
