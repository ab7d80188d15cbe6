"""The transparency log: how fast its tree grows, what a proof costs, and how far it is behind the ledger."""

import asyncio
import random
import shutil
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from tempfile import gettempdir

from tests.support.postgres import Postgres

from benchmarks import hub
from benchmarks.client import Streaming, stream
from benchmarks.database import connected
from benchmarks.feed import BYTES_PER_VERSION
from benchmarks.figures import BenchmarkFailed, Figure, Options, percentile
from benchmarks.filling import fill
from benchmarks.payloads import Template, a_notice
from hub.db import Database, open_database
from hub.moments import now
from hub.transparency.identity import identity
from hub.transparency.integrator import Head, Integrator, newest_head
from hub.transparency.keys import log_keys
from hub.transparency.leaves import entries_after
from hub.transparency.merkle import SHA256, verify_inclusion
from hub.transparency.tree import Reader

SIZE, SIZE_QUICK = 1_000_000, 50_000
ORIGIN = "benchmark"
PROOFS = 500

RATE = 3000
"""Pushes per second that the log has to follow."""

PIECES = 50
"""Parts of a second that pushes are spread over."""

LOOK_EVERY = 0.05

# The oldest version that no head covers, and when it was received; nothing where all are covered.
UNCOVERED = """
SELECT received_at FROM version WHERE position = 1 + coalesce((SELECT max(size) FROM checkpoint), 0)
"""


def run(postgres: Postgres, options: Options) -> list[Figure]:
    """A ledger whose log has not begun, and one that grows while `hub sync` keeps its log."""
    template = a_notice()
    size = SIZE_QUICK if options.quick else SIZE
    if shutil.disk_usage(gettempdir()).free < size * BYTES_PER_VERSION:
        raise BenchmarkFailed(f"{size:,} versions need {size * BYTES_PER_VERSION / 1e9:.0f} GB of temporary space")
    ledger = hub.new_ledger(postgres, "log")
    fill(ledger.dsn, template, size)
    return [*asyncio.run(_tree(ledger, size)), *_behind(postgres, template, options)]


async def _tree(ledger: hub.Ledger, size: int) -> list[Figure]:
    async with _opened(ledger.url) as database:
        async with database.transaction() as connection:
            log = await identity(connection, ORIGIN, SHA256.name)
        integrator = Integrator(database, log, log_keys(ORIGIN, ledger.files / "log.key"))
        started = time.perf_counter()
        while await integrator.integrate() is not None:
            pass
        grown = size / (time.perf_counter() - started)
        async with database.reading() as connection:
            head = await newest_head(connection)
        if head is None or head.size != size:
            raise BenchmarkFailed("the log does not cover the ledger")
        proofs = await _proofs(database, head)
    return [
        Figure("log, from the ledger to a signed head", "leaves/s", grown, limit=50_000, of_limit=1),
        Figure(f"inclusion proof in a log of {size:,}, p50", "ms", percentile(proofs, 0.5), at_most=2),
        Figure(f"inclusion proof in a log of {size:,}, p99", "ms", percentile(proofs, 0.99)),
    ]


async def _proofs(database: Database, head: Head) -> list[float]:
    """Milliseconds of proofs for versions all over the log, each with a connection from the pool; all are verified."""
    found = []
    for leaf in random.Random(head.size).sample(range(head.size), PROOFS):
        started = time.perf_counter()
        async with database.reading() as connection:
            path = await Reader(connection).inclusion(leaf, head.size)
        found.append(1000 * (time.perf_counter() - started))
        async with database.reading() as connection:
            (entry,) = await entries_after(connection, leaf, 1)
        verify_inclusion(leaf, head.size, SHA256.leaf(entry), path, head.root)
    return found


def _behind(postgres: Postgres, template: Template, options: Options) -> list[Figure]:
    """How old the oldest version without a head is, while platforms push at a fixed rate."""
    ledger = hub.new_ledger(postgres, "log_behind")
    seconds = options.seconds * 2
    with hub.serving(ledger, workers=1) as server, hub.syncing(ledger, {}):

        def push(prefix: str, seconds: float) -> Streaming:
            return asyncio.run(stream(server.port, ledger.key, _paced(template, prefix, seconds)))

        async def work() -> tuple[Streaming, list[float]]:
            # In a thread: keeping the rate means to sleep.
            pushing = asyncio.create_task(asyncio.to_thread(push, "push", seconds))
            ages = await _ages(ledger.dsn, pushing)
            return await pushing, ages

        push("warm", 1)
        pushed, ages = asyncio.run(work())
    rate = pushed.accepted / (pushed.finished - pushed.started)
    return [
        Figure(f"log behind the ledger, pushes at {RATE:,}/s, at most", "s", max(ages), at_most=1),
        Figure("pushes while the log follows", "records/s", rate, limit=RATE, of_limit=0.9),
    ]


def _paced(template: Template, prefix: str, seconds: float) -> Iterator[bytes]:
    """Lines at the rate; late ones are made up for, so that the rate is kept on the average."""
    started = time.perf_counter()
    for number, line in enumerate(template.lines(prefix)):
        due = started + number / RATE
        if number % (RATE // PIECES) == 0 and (pause := due - time.perf_counter()) > 0:
            time.sleep(pause)
        if due - started >= seconds:
            return
        yield line


async def _ages(dsn: str, pushing: "asyncio.Task[Streaming]") -> list[float]:
    """Seconds since the oldest version without a head was received, looked at until the pushes end."""
    found: list[float] = []
    async with connected(dsn) as connection:
        while not pushing.done():
            received_at = await connection.fetchval(UNCOVERED)
            found.append(0.0 if received_at is None else (now() - received_at) / 1_000_000)
            await asyncio.wait([pushing], timeout=LOOK_EVERY)
    return found


@asynccontextmanager
async def _opened(url: str) -> AsyncIterator[Database]:
    database = await open_database(url)
    try:
        yield database
    finally:
        await database.close()
