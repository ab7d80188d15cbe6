"""The running system: servers, workers and targets as processes, the database they share, and what keeps them up."""

import asyncio
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from sqlalchemy import make_url, text

from hub.db import Database, migrate
from hub.keys import add_platform, issue_key
from tests.builders import a_uscc
from tests.crash.client import answers
from tests.crash.plan import Plan
from tests.crash.stories import POISONED
from tests.race.programme import PAUSES, PAUSING
from tests.support.databases import sqlite_url
from tests.support.postgres import Postgres
from tests.support.processes import HOST, HUB, Program, free_ports

PLATFORM = a_uscc(1)
READY_WITHIN = 60.0
SLOW = 10.0
SERVERS = WORKERS = 2
LEASE_SECONDS = 2
SYNC = ("sync", "--log-level", "warning")


class Broken(Exception):
    """The programme itself cannot go on."""


@dataclass(slots=True)
class Casualties:
    """Kills by victim, other faults by what was done, and the seconds from each death until the victim was ready."""

    kills: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    impossible: dict[str, str] = field(default_factory=dict)
    ready_after: dict[str, list[float]] = field(default_factory=dict)
    slow: list[str] = field(default_factory=list)
    """What programs said last that took `SLOW` seconds or more."""

    def ready(self, victim: str, seconds: float, words: str = "") -> None:
        """Note a recovery, and the victim's last words where it took long."""
        self.ready_after.setdefault(victim, []).append(seconds)
        if words:
            self.slow.append(f"{victim}, {seconds:.1f} s: {words}")


@dataclass(frozen=True, slots=True)
class Death:
    """Who died when, by time.monotonic(), and which process did the work until then."""

    victim: str
    at: float
    child: int | None = None


class World:
    """Addresses, keys, processes, and the database that they share."""

    def __init__(self, directory: Path, url: str, postgres: Postgres | None, plan: Plan) -> None:
        self.directory = directory
        self.url = url
        self.postgres = postgres
        self.plan = plan
        self.casualties = Casualties()
        self.ready: set[str] = set()
        self.deaths: dict[str, Death] = {}
        """Of programs that have died and not recovered, by their names."""
        self.beating: set[int] = set()
        """Process ids of workers that the database knows of."""
        self.launcher = ThreadPoolExecutor(1, "launcher")
        """What is started from here dies with this thread, not with the task that wanted it."""
        ports = iter(free_ports(2 * SERVERS + 8))
        self.ports = [next(ports) for _ in range(SERVERS)]
        self.targets = {name: next(ports) for name in ("national", "credit")}
        self.proxy_control = next(ports)
        self.links: dict[str, int] = {}
        """The ports of the proxy by what is behind them; empty where nothing stands between."""
        self.proxy: Program | None = None
        if "network" in plan.faults:
            self._stand_between({name: next(ports) for name in (*self.targets, "database")})
        self._settings = {
            "HUB_DATABASE_URL": self._through_proxy(),
            "HUB_LEASE_SECONDS": str(LEASE_SECONDS),
            "HUB_TARGET_TIMEOUT": "5",
            "HUB_RECONCILE_AT": "",  # It would have sent again what is to be missed.
            **{
                f"HUB_TARGET_{name.upper()}_URL": f"http://{HOST}:{self.links.get(name, port)}"
                for name, port in self.targets.items()
            },
        }
        self.servers = [
            self._program(f"serve-{port}", "serve", "--host", HOST, "--port", str(port)) for port in self.ports
        ]
        self.workers = [self._program(f"sync-{number}", *SYNC) for number in range(WORKERS)]
        self.simulators = [
            Program(name, (*HUB, *_simulating(name, port, directory / f"{name}.sqlite3")), {}, directory)
            for name, port in self.targets.items()
        ]

    @property
    def hub(self) -> list[Program]:
        """The processes of the hub itself, which are killed."""
        return [*self.servers, *self.workers]

    @property
    def others(self) -> list[Program]:
        """The processes that are left alone."""
        return [*self.simulators, *([self.proxy] if self.proxy else [])]

    @property
    def database_file(self) -> Path:
        """The SQLite file."""
        return self.directory / "hub.sqlite3"

    def clock_of(self, program: Program) -> Path:
        """The file that says by how much a process's clock is off."""
        return self.directory / f"{program.name}.clock"

    def backends(self) -> list[int]:
        """The processes of PostgreSQL that serve connections to the hub's database."""
        return [] if self.postgres is None else list(_backends(self.postgres.pid))

    def die(self, program: Program, victim: str) -> None:
        """Note that somebody is about to kill this program, or what it has forked."""
        self.ready.discard(program.name)
        self.deaths[program.name] = Death(victim, time.monotonic(), program.child)

    async def open(self) -> tuple[str, str]:
        """Start everything; a platform's key and a consumer's."""
        await asyncio.to_thread(migrate, self.url)
        database = Database(self.url)
        await add_platform(database, PLATFORM, "平台")
        keys = await issue_key(database, PLATFORM), await issue_key(database, None, note="checker")
        if self.postgres is not None and self.plan.kills:
            # Between being written and being committed versions linger: what is done in the wrong order then shows.
            async with database.transaction() as connection:
                for statement in (PAUSES, PAUSING):
                    await connection.execute(text(statement))
        if self.plan.bug:
            from tests.crash.bugs import bug_of

            await bug_of(self.plan.bug).prepare(database)
        await database.close()
        for program in (*self.others, *self.hub):
            program.start()
        await self.until_up()
        await self._poison()
        return keys

    async def _poison(self) -> None:
        """Have the targets fail on each batch with a record that is poison to them."""
        async with httpx.AsyncClient(trust_env=False, transport=httpx.AsyncHTTPTransport(retries=50)) as http:
            for target, poison in POISONED.items():
                url = f"http://{HOST}:{self.targets[target]}/dial"
                (await http.put(url, json={"poison": [poison]})).raise_for_status()

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
        for program in (*self.hub, *self.others):
            program.stop()
        self.launcher.shutdown()

    async def keep(self) -> None:
        """Start again whatever has ended, until cancelled; how long each took from its death to be ready is noted."""
        async with asyncio.TaskGroup() as group:
            for program, port in zip(self.servers, self.ports, strict=True):
                group.create_task(self._keep(program, port))
            for program in self.workers:
                group.create_task(self._keep(program, None))
            group.create_task(self._look_after_others())

    async def _keep(self, program: Program, port: int | None) -> None:
        while True:
            if not program.alive:
                self.deaths.setdefault(program.name, Death(program.name.split("-")[0], time.monotonic()))
                program.start()
            until = time.monotonic() + READY_WITHIN
            while program.alive and not await self._is_ready(program, port):
                if time.monotonic() > until:
                    raise Broken(f"{program.name} was not ready after {READY_WITHIN:g} s: {program.words()}")
                await asyncio.sleep(0.02)
            if program.alive and program.name not in self.ready:
                if death := self.deaths.pop(program.name, None):
                    seconds = time.monotonic() - death.at
                    self.casualties.ready(death.victim, seconds, program.words() if seconds >= SLOW else "")
                self.ready.add(program.name)
            while program.alive and program.name in self.ready:  # noqa: ASYNC110 (a process that is killed sets no event)
                await asyncio.sleep(0.02)
            self.ready.discard(program.name)

    async def _is_ready(self, program: Program, port: int | None) -> bool:
        """Whether a server answers, or a worker has said to the database that it lives, and it is not the one that died."""
        child = program.child
        if child is None or (program.name in self.deaths and self.deaths[program.name].child == child):
            return False
        return child in self.beating if port is None else await answers(port)

    async def _look_after_others(self) -> None:
        while True:
            for program in self.others:
                if not program.alive:
                    raise Broken(f"{program.name} has ended: {program.words()}")
            await asyncio.sleep(1)

    def _program(self, name: str, *words: str) -> Program:
        """A process of the hub: as it is, or with a seeded bug."""
        hub = (sys.executable, "-m", "tests.crash.bugs", self.plan.bug) if self.plan.bug else HUB
        return Program(name, (*hub, *words), self._settings, self.directory)

    def _stand_between(self, ports: dict[str, int]) -> None:
        behind = dict(self.targets)
        if self.postgres is not None:
            behind["database"] = self.postgres.port
        self.links = {name: ports[name] for name in behind}
        words = [f"{name}={self.links[name]}:{port}" for name, port in behind.items()]
        command = (sys.executable, "-m", "tests.crash.proxy", str(self.proxy_control), *words)
        self.proxy = Program("proxy", command, {}, self.directory)

    def _through_proxy(self) -> str:
        if "database" not in self.links:
            return self.url
        address = make_url(self.url).set(port=self.links["database"])
        return address.render_as_string(hide_password=False)


@asynccontextmanager
async def world(plan: Plan, directory: Path) -> AsyncIterator[World]:
    """The system of a plan, not opened yet, that is closed after the block."""
    with _database(plan.engine, directory) as (url, postgres):
        built = World(directory, url, postgres, plan)
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


def _simulating(name: str, port: int, store: Path) -> tuple[str, ...]:
    return ("simulate", name, "--host", HOST, "--port", str(port), "--store", str(store))


def _backends(postmaster: int) -> Iterator[int]:
    children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
    for child in children:
        with suppress(OSError):
            title = Path(f"/proc/{child}/cmdline").read_bytes()
            if b" hub " in title.replace(b"\x00", b" "):
                yield int(child)
