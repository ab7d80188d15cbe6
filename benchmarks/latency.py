"""Delivery: from the receipt that a platform reads to the moment both targets have the version."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from tempfile import TemporaryDirectory

import httpx
from tests.support.postgres import Postgres

from benchmarks import arrivals, hub, wrk
from benchmarks.database import connected
from benchmarks.figures import BenchmarkFailed, Figure, Options, percentile
from benchmarks.payloads import Template, a_penalty
from benchmarks.processes import Server

RATES = (100, 500)
SLOW_MS = 50
"""Milliseconds that a slow target takes for an answer."""

P50_MOST, P99_MOST = 15, 60
"""Milliseconds to both targets that are asked for when they answer at once."""

ADDED_MOST = 30
"""Milliseconds at p99 that may come on top of what a slow target takes."""

CONNECTIONS = 32
WORKERS = 2


@dataclass(frozen=True, slots=True)
class Backlog:
    """How many versions were stored at a moment, and how many of them the slower target did not have yet."""

    stored: int
    missing: int


def run(postgres: Postgres, options: Options) -> list[Figure]:
    """At fixed rates with quick and with slow targets, then at full load."""
    template = a_penalty()
    ledger = hub.new_ledger(postgres, "latency")
    figures: list[Figure] = []
    with hub.serving(ledger, workers=WORKERS) as server, hub.delivering(ledger) as targets:
        asyncio.run(arrivals.delays(server, targets, ledger.key, template, prefix="warm", rate=50, seconds=1))
        for slow in (0, SLOW_MS):
            with _answering_after(targets, slow):
                for rate in RATES:
                    seconds, prefix = options.seconds, f"d{slow}-{rate}"
                    found = arrivals.delays(
                        server, targets, ledger.key, template, prefix=prefix, rate=rate, seconds=seconds
                    )
                    delays = asyncio.run(found)
                    what = f"receipt to both targets, {rate}/s" + (f", targets take {slow} ms" if slow else "")
                    half, most = P50_MOST if not slow else None, slow + (ADDED_MOST if slow else P99_MOST)
                    figures.append(Figure(f"{what}, p50", "ms", percentile(delays, 0.5), at_most=half))
                    figures.append(Figure(f"{what}, p99", "ms", percentile(delays, 0.99), at_most=most))
        figures += asyncio.run(_full_load(server, targets, ledger, template, options))
    return figures


async def _full_load(
    server: Server, targets: dict[str, Server], ledger: hub.Ledger, template: Template, options: Options
) -> list[Figure]:
    """Push as fast as the hub takes it, and look at what the targets do not have yet."""
    seconds = options.seconds * 2
    with TemporaryDirectory() as directory:
        command = wrk.push_command(
            f"{server.url}/v1/records/{template.kind}",
            template,
            Path(directory),
            prefix="full",
            key=ledger.key,
            connections=CONNECTIONS,
            seconds=seconds,
        )
        loading = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
        reading = asyncio.create_task(loading.communicate())
        backlogs = await _observed(targets, ledger.dsn, reading)
        load = wrk.load_of((await reading)[0])
    half = len(backlogs) // 2
    if half < 2:
        raise BenchmarkFailed("the load was too short to see a backlog grow")
    # By its own halves: what is missing when a load begins is no backlog.
    first, second = backlogs[half // 2 : half], backlogs[half:]
    stored = mean(it.stored for it in second) - mean(it.stored for it in first)
    growth = mean(it.missing for it in second) - mean(it.missing for it in first)
    last = mean(it.missing for it in backlogs[-3:])
    return [
        Figure("push at full load while everything is delivered", "records/s", load.rate),
        Figure("backlog at the end of full load", "ms of pushes", 1000 * last / load.rate, at_most=1000),
        Figure("growth of the backlog under full load", "% of pushes", max(0.0, 100 * growth / stored), at_most=5),
    ]


async def _observed(
    targets: dict[str, Server], dsn: str, loading: "asyncio.Task[tuple[bytes, bytes]]"
) -> list[Backlog]:
    """The backlog every quarter of a second while the load lasts."""
    found: list[Backlog] = []
    async with connected(dsn) as connection, httpx.AsyncClient(timeout=30) as client:
        while not loading.done():
            await asyncio.wait([loading], timeout=0.25)
            # The targets first: what arrives between the two looks then counts as missing, not as negative.
            arrived = min([(await arrivals.summary(client, it))["applied"] for it in targets.values()])
            stored = int(await connection.fetchval("SELECT coalesce(max(position), 0) FROM version"))
            found.append(Backlog(stored, stored - arrived))
    return found


@contextmanager
def _answering_after(targets: dict[str, Server], milliseconds: int) -> Iterator[None]:
    """Both targets take so long for each answer within the block."""
    for target in targets.values():
        httpx.put(f"{target.url}/dial", json={"latency_ms": milliseconds}).raise_for_status()
    try:
        yield
    finally:
        for target in targets.values():
            httpx.delete(f"{target.url}/dial").raise_for_status()
