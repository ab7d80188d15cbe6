"""Bulk pushes: many lines a request, and what they cost in memory and to others."""

import asyncio
import subprocess
import time
from collections.abc import Coroutine, Iterator
from contextlib import ExitStack
from itertools import islice
from typing import IO, Any

from tests.support.postgres import Postgres

from benchmarks import database, hub, peers
from benchmarks.client import Streaming, post_lists, push_at_rate, stream
from benchmarks.figures import BenchmarkFailed, Figure, Options, interleaved, percentile
from benchmarks.payloads import Template, a_notice
from benchmarks.processes import PYTHON, Server

PROCESSES = 2
REQUESTS = 4
"""Requests at the same time, so that both processes are likely to get their share."""

LIST = 1000
"""Submissions in one request of the conventional way, and in one commit."""

BODY = 200_000_000
"""Bytes of the body that must not be held in memory."""

BESIDE = 200
"""Single pushes per second beside a bulk push."""

TABLE = """
CREATE TABLE copied (position bigint PRIMARY KEY, digest bytea NOT NULL, document bytea NOT NULL);
ALTER TABLE copied ALTER COLUMN document SET STORAGE EXTERNAL;
ALTER TABLE copied SET (toast_tuple_target = 8160);
"""


def run(postgres: Postgres, options: Options) -> list[Figure]:
    """Validate, hash and COPY in plain processes; an ORM session with add_all; and the hub's NDJSON route."""
    template = a_notice()
    return [*_rates(postgres, options, template), *_memory(postgres, options, template)]


def _rates(postgres: Postgres, options: Options, template: Template) -> list[Figure]:
    seconds = options.seconds
    with ExitStack() as stack:
        ledger = hub.new_ledger(postgres, "bulk")
        ours = stack.enter_context(hub.serving(ledger, workers=PROCESSES))
        store = peers.new_store(postgres, "bulk_conventional")
        peer = stack.enter_context(peers.conventional(store, workers=PROCESSES))
        bare = postgres.create_database("bulk_limit").replace("+asyncpg", "")
        database.run(bare, TABLE)
        _ours(ours, ledger.key, template, "warm", 1)
        found = interleaved(
            options.rounds,
            {
                "limit": lambda n: {"rate": _limit(bare, n, seconds)},
                "conventional": lambda n: {"rate": _conventional(peer, store.key, template, f"r{n}", seconds)},
                "ours": lambda n: {"rate": _ours(ours, ledger.key, template, f"r{n}", seconds)},
            },
        )
        beside = _single_beside_bulk(ours, ledger.key, template, seconds)
    rates = {name: values["rate"] for name, values in found.items()}
    return [
        Figure(
            "bulk push",
            "records/s",
            rates["ours"],
            rates["limit"],
            rates["conventional"],
            of_limit=0.5,
            times_conventional=12,
        ),
        Figure(f"single push at {BESIDE}/s beside a bulk push, p99", "ms", beside),
    ]


def _memory(postgres: Postgres, options: Options, template: Template) -> list[Figure]:
    """One process takes one large body on one connection."""
    size = BODY // 10 if options.quick else BODY
    lines = size // len(next(template.lines("memory"))) + 1
    ledger = hub.new_ledger(postgres, "bulk_memory")
    with hub.serving(ledger, workers=1) as server:
        seen, growth = asyncio.run(_watched(server, stream(server.port, ledger.key, _some(template, "memory", lines))))
    megabytes = size / 1e6
    return [
        Figure(f"bulk push of {megabytes:.0f} MB, growth of the server", "MB", growth / 1e6, at_most=150),
        Figure(
            f"bulk push of {megabytes:.0f} MB, sent before the first answer line",
            "%",
            100 * seen.sent_before_first_answer / seen.sent,
            at_most=99,
        ),
    ]


def _ours(server: Server, key: str, template: Template, prefix: str, seconds: float) -> float:
    """Records per second, from the first byte sent to the last answer line read."""

    async def run() -> list[Streaming]:
        until = time.perf_counter() + seconds
        bodies = (_until(template, f"{prefix}-{number}", until) for number in range(REQUESTS))
        return await asyncio.gather(*(stream(server.port, key, body) for body in bodies))

    streams = asyncio.run(run())
    elapsed = max(it.finished for it in streams) - min(it.started for it in streams)
    return sum(it.accepted for it in streams) / elapsed


def _conventional(server: Server, key: str, template: Template, prefix: str, seconds: float) -> float:
    """Records per second of clients that post one list after another."""

    async def run() -> int:
        until = time.perf_counter() + seconds
        bodies = (template.lines(f"{prefix}-{number}") for number in range(REQUESTS))
        taken = await asyncio.gather(*(post_lists(server.port, key, it, size=LIST, until=until) for it in bodies))
        return sum(taken)

    started = time.perf_counter()
    taken = asyncio.run(run())
    return taken / (time.perf_counter() - started)


def _limit(dsn: str, number: int, seconds: float) -> float:
    """Records per second of plain processes that begin together."""
    command = [PYTHON, "-m", "benchmarks.copying", dsn]
    with ExitStack() as stack:
        running = []
        for process in range(PROCESSES):
            first = (number * PROCESSES + process) * 1_000_000_000
            words = [*command, str(first), str(seconds)]
            copying = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            stack.enter_context(copying)
            stack.callback(copying.kill)
            running.append(copying)
        for copying in running:
            if _pipe(copying.stdout).readline() != "ready\n":
                raise BenchmarkFailed("a copying process did not start")
        for copying in running:
            _pipe(copying.stdin).write("\n")
            _pipe(copying.stdin).flush()
        rates = []
        for copying in running:
            rows, elapsed = _pipe(copying.stdout).readline().split()
            rates.append(int(rows) / float(elapsed))
        return sum(rates)


def _single_beside_bulk(server: Server, key: str, template: Template, seconds: float) -> float:
    """p99 in milliseconds, from when a push was due to when its receipt was read."""

    async def run() -> list[float]:
        until = time.perf_counter() + seconds + 1
        bulk = asyncio.create_task(stream(server.port, key, _until(template, "beside", until)))
        await asyncio.sleep(0.5)
        pushed = await push_at_rate(server.port, key, template, prefix="single", rate=BESIDE, seconds=seconds)
        await bulk
        return [1000 * (it.accepted - it.due) for it in pushed]

    return percentile(asyncio.run(run()), 0.99)


async def _watched(server: Server, work: Coroutine[Any, Any, Streaming]) -> tuple[Streaming, int]:
    """What the work returns, and by how many bytes the server's processes grew at most meanwhile."""
    before = sum(server.memory().values())
    most = before
    task = asyncio.create_task(work)
    while not task.done():
        await asyncio.wait([task], timeout=0.05)
        most = max(most, sum(server.memory().values()))
    return await task, most - before


def _until(template: Template, prefix: str, moment: float) -> Iterator[bytes]:
    """Lines until the moment, at least one."""
    for line in template.lines(prefix):
        yield line
        if time.perf_counter() > moment:
            return


def _some(template: Template, prefix: str, lines: int) -> Iterator[bytes]:
    return islice(template.lines(prefix), lines)


def _pipe(pipe: IO[str] | None) -> IO[str]:
    assert pipe is not None
    return pipe
