"""The hub as a user runs it: its commands, with its settings in the environment."""

import asyncio
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.support.postgres import Postgres

from benchmarks import database
from benchmarks.figures import BenchmarkFailed
from benchmarks.payloads import uscc
from benchmarks.processes import PROGRAMS, Server, free_port, process, server

HUB = str(PROGRAMS / "hub")
PLATFORM = uscc(0)
KEPT_WITHIN = 600.0
KEPT = """
SELECT least(
    (SELECT coalesce(max(size), 0) FROM checkpoint),
    (SELECT coalesce(sum(count), 0) FROM bucket WHERE unit = 'page' AND scope = '')
)
"""
"""How many versions are both logged and summed up."""

COMMAND_WITHIN = 60.0
"""Seconds after which a command that has not ended has failed."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """A migrated database with one platform: its address, the platform's key, and where its hub keeps files."""

    url: str
    key: str
    files: Path

    @property
    def dsn(self) -> str:
        """The address as PostgreSQL's own programs and asyncpg take it."""
        return self.url.replace("+asyncpg", "")

    @property
    def settings(self) -> dict[str, str]:
        """What the hub's processes are told."""
        return {"HUB_DATABASE_URL": self.url, "HUB_DATA_DIR": str(self.files), "HUB_RECONCILE_AT": ""}


def new_ledger(postgres: Postgres, name: str) -> Ledger:
    """Make a database, migrate it, register a platform and give it a key."""
    url = postgres.create_database(name)
    _command(url, "migrate")
    _command(url, "platform", "add", PLATFORM, "--name", "基准测试平台")
    words = _command(url, "key", "issue", PLATFORM).split()
    files = postgres.directory / f"{name}-files"
    files.mkdir()
    return Ledger(url, next(word for word in words if word.startswith("hub_")), files)


def catch_up(ledger: Ledger, versions: int) -> None:
    """Have a worker sum up and log the versions that a filled ledger begins with, as it would have while they came."""
    until = time.monotonic() + KEPT_WITHIN
    with process([HUB, "sync"], ledger.settings):
        while asyncio.run(_kept(ledger.dsn)) < versions:
            if time.monotonic() > until:
                raise BenchmarkFailed(f"{versions:,} versions were not logged within {KEPT_WITHIN:g} s")
            time.sleep(0.5)
    database.settle(ledger.dsn)


async def _kept(dsn: str) -> int:
    async with database.connected(dsn) as connection:
        return int(await connection.fetchval(KEPT))


@contextmanager
def serving(ledger: Ledger, *, workers: int, settings: Mapping[str, str] | None = None) -> Iterator[Server]:
    """`hub serve` for the block; `settings` beside the ledger's."""
    port = free_port()
    command = [HUB, "serve", "--port", str(port), "--workers", str(workers)]
    with server(command, port, ready="/readyz", settings={**ledger.settings, **(settings or {})}) as running:
        yield running


@contextmanager
def delivering(ledger: Ledger) -> Iterator[dict[str, Server]]:
    """Both targets and `hub sync` for the block; the targets by their names."""
    with simulating() as targets, syncing(ledger, targets):
        yield targets


@contextmanager
def simulating() -> Iterator[dict[str, Server]]:
    """Both targets, with nothing in them, for the block; by their names."""
    with ExitStack() as stack:
        directory = Path(stack.enter_context(TemporaryDirectory()))
        targets = {}
        for name in ("national", "credit"):
            port, store = free_port(), directory / f"{name}.sqlite3"
            command = [HUB, "simulate", name, "--port", str(port), "--store", str(store)]
            targets[name] = stack.enter_context(server(command, port, ready="/healthz"))
        yield targets


@contextmanager
def syncing(ledger: Ledger, targets: dict[str, Server]) -> Iterator[int]:
    """`hub sync` to the targets for the block; its process id."""
    settings = ledger.settings | {f"HUB_TARGET_{name.upper()}_URL": it.url for name, it in targets.items()}
    with process([HUB, "sync"], settings) as running:
        yield running.pid


def _command(url: str, *words: str) -> str:
    command = ["env", f"HUB_DATABASE_URL={url}", HUB, *words]
    done = subprocess.run(command, capture_output=True, check=False, text=True, timeout=COMMAND_WITHIN)
    if done.returncode:
        raise BenchmarkFailed(f"hub {words[0]} failed: {(done.stdout + done.stderr)[-2000:]}")
    return done.stdout
