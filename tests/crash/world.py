"""What is killed: the hub's servers and workers, the database's backends; and how each is brought back."""

import asyncio
import os
import random
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]

from hub.db import Database, migrate
from hub.keys import add_platform, issue_key
from tests.builders import a_uscc
from tests.crash.client import answers
from tests.support.databases import sqlite_url
from tests.support.postgres import Postgres
from tests.support.processes import HOST, HUB, Program, free_ports

PLATFORM = a_uscc(1)
READY_WITHIN = 60.0
SERVERS = WORKERS = 2
LEASE_SECONDS = 2


class Broken(Exception):
    """The programme itself cannot go on."""


@dataclass(slots=True)
class Casualties:
    """Kills by victim, and the seconds from each new start until the victim was ready."""

    kills: Counter[str] = field(default_factory=Counter)
    ready_after: dict[str, list[float]] = field(default_factory=dict)

    def ready(self, victim: str, seconds: float) -> None:
        """Note a recovery."""
        self.ready_after.setdefault(victim, []).append(seconds)


class World:
    """The running system: addresses, keys, processes, and the database they share."""

    def __init__(self, directory: Path, url: str, postgres: Postgres | None) -> None:
        self.directory = directory
        self.url = url
        self.postgres = postgres
        self.casualties = Casualties()
        ports = free_ports(SERVERS + 2)
        self.ports = ports[:SERVERS]
        self.targets = dict(zip(("national", "credit"), ports[SERVERS:], strict=True))
        settings = {
            "HUB_DATABASE_URL": url,
            "HUB_LEASE_SECONDS": str(LEASE_SECONDS),
            "HUB_TARGET_TIMEOUT": "5",
            **{f"HUB_TARGET_{name.upper()}_URL": f"http://{HOST}:{port}" for name, port in self.targets.items()},
        }
        self.servers = [
            Program(f"serve-{port}", (*HUB, "serve", "--host", HOST, "--port", str(port)), settings, directory)
            for port in self.ports
        ]
        self.workers = [Program(f"sync-{n}", (*HUB, "sync"), settings, directory) for n in range(WORKERS)]
        self.simulators = [
            Program(
                name,
                (
                    *HUB,
                    "simulate",
                    name,
                    "--host",
                    HOST,
                    "--port",
                    str(port),
                    "--store",
                    str(directory / f"{name}.sqlite3"),
                ),
                {},
                directory,
            )
            for name, port in self.targets.items()
        ]
        self.settings = settings
        self.ready: set[str] = set()
        self.beating: set[int] = set()
        """Process ids of workers that the database knows of."""

    @property
    def hub(self) -> list[Program]:
        """The processes of the hub itself, which are killed."""
        return [*self.servers, *self.workers]

    async def open(self) -> tuple[str, str]:
        """Start everything; a platform's key and a consumer's."""
        await asyncio.to_thread(migrate, self.url)
        database = Database(self.url)
        await add_platform(database, PLATFORM, "平台")
        keys = await issue_key(database, PLATFORM), await issue_key(database, None, note="checker")
        await database.close()
        for program in (*self.simulators, *self.hub):
            program.start()
        await self.until_up()
        return keys

    async def until_up(self) -> None:
        """Wait until every server answers, whoever starts it."""
        until = time.monotonic() + READY_WITHIN
        for program, port in zip(self.servers, self.ports, strict=True):
            while not await answers(port):
                if time.monotonic() > until:
                    raise Broken(f"{program.name} was not ready after {READY_WITHIN:g} s: {program.words()}")
                await asyncio.sleep(0.02)

    def close(self) -> None:
        """Stop everything that still runs."""
        for program in (*self.hub, *self.simulators):
            program.stop()

    async def keep(self) -> None:
        """Start again whatever has ended, until cancelled; how long each took to be ready is noted."""
        async with asyncio.TaskGroup() as group:
            for program, port in zip(self.servers, self.ports, strict=True):
                group.create_task(self._keep(program, port))
            for program in self.workers:
                group.create_task(self._keep(program, None))
            group.create_task(self._look_after_simulators())

    async def _keep(self, program: Program, port: int | None) -> None:
        while True:
            if not program.alive:
                program.start()
            while program.alive and not await self._is_ready(program, port):
                if time.monotonic() - program.started > READY_WITHIN:
                    raise Broken(f"{program.name} was not ready after {READY_WITHIN:g} s: {program.words()}")
                await asyncio.sleep(0.02)
            if program.alive and program.name not in self.ready:
                self.casualties.ready(_kind(program), time.monotonic() - program.started)
                self.ready.add(program.name)
            while program.alive:  # noqa: ASYNC110 (a process that is killed sets no event)
                await asyncio.sleep(0.02)
            self.ready.discard(program.name)

    async def _is_ready(self, program: Program, port: int | None) -> bool:
        """Whether a server answers, or a worker has said to the database that it lives."""
        return program.pid in self.beating if port is None else await answers(port)

    async def _look_after_simulators(self) -> None:
        while True:
            for program in self.simulators:
                if not program.alive:
                    raise Broken(f"{program.name} has ended: {program.words()}")
            await asyncio.sleep(1)

    async def kill(self, times: int, chance: random.Random) -> None:
        """Kill something that is ready, `times` times, each 0.2–2 s after the one before; every kind equally often."""
        kinds = ["serve", "sync", *(["postgres"] if self.postgres else [])]
        victims = [kinds[number % len(kinds)] for number in range(times)]
        chance.shuffle(victims)
        for victim in victims:
            await asyncio.sleep(chance.uniform(0.2, 2.0))
            while not await self._kill_one(victim, chance):  # noqa: ASYNC110 (nothing says when one is ready)
                await asyncio.sleep(0.05)

    async def _kill_one(self, victim: str, chance: random.Random) -> bool:
        """Kill one of this kind; False where none is ready."""
        if victim == "postgres":
            assert self.postgres is not None
            if not (backends := list(_backends(self.postgres.pid))):
                return False
            with suppress(ProcessLookupError):
                os.kill(chance.choice(backends), signal.SIGKILL)
                self.casualties.kills[victim] += 1
                await self._until_recovered(self.postgres)
                return True
            return False
        if not (ready := [program for program in self.hub if _kind(program) == victim and program.name in self.ready]):
            return False
        program = chance.choice(ready)
        self.ready.discard(program.name)
        program.kill()
        self.casualties.kills[victim] += 1
        return True

    async def _until_recovered(self, postgres: Postgres) -> None:
        """Wait until the database answers again, at most as long as the next kill would take anyway."""
        began = time.monotonic()
        dsn = postgres.address.set(drivername="postgresql").render_as_string(hide_password=False)
        while time.monotonic() - began < READY_WITHIN:
            try:
                connection = await asyncpg.connect(dsn, timeout=2)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError):
                await asyncio.sleep(0.02)
            else:
                connection.terminate()
                self.casualties.ready("postgres", time.monotonic() - began)
                return
        raise Broken(f"PostgreSQL did not recover: {postgres.log.read_text(errors='replace')[-2000:]}")


@asynccontextmanager
async def world(engine: str, directory: Path) -> AsyncIterator[World]:
    """A system on `postgresql` or `sqlite`, not opened yet, that is closed after the block."""
    with _database(engine, directory) as (url, postgres):
        built = World(directory, url, postgres)
        try:
            yield built
        finally:
            built.close()


@contextmanager
def _database(engine: str, directory: Path) -> Iterator[tuple[str, Postgres | None]]:
    if engine == "sqlite":
        yield sqlite_url(directory / "hub.sqlite3"), None
        return
    with Postgres.start(durable=True) as postgres:
        yield postgres.create_database("hub"), postgres


def _kind(program: Program) -> str:
    return program.name.split("-")[0]


def _backends(postmaster: int) -> Iterator[int]:
    """The processes that serve connections to the hub's database."""
    children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
    for child in children:
        with suppress(OSError):
            title = Path(f"/proc/{child}/cmdline").read_bytes()
            if b" hub " in title.replace(b"\x00", b" "):
                yield int(child)
