"""Delivery: from the receipt that a platform reads to the moment both targets have the version."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import mean
from tempfile import TemporaryDirectory

import httpx
from tests.support.postgres import Postgres

from benchmarks import hub, wrk
from benchmarks.client import Pushed, push_at_rate
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
ARRIVED_WITHIN = 60.0
"""Seconds after the last push in which everything must be at both targets."""

PAGE = 5000


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
        asyncio.run(_delays(server, targets, ledger.key, template, prefix="warm", rate=50, seconds=1))
        for slow in (0, SLOW_MS):
            with _answering_after(targets, slow):
                for rate in RATES:
                    seconds, prefix = options.seconds, f"d{slow}-{rate}"
                    found = _delays(server, targets, ledger.key, template, prefix=prefix, rate=rate, seconds=seconds)
                    delays = asyncio.run(found)
                    what = f"receipt to both targets, {rate}/s" + (f", targets take {slow} ms" if slow else "")
                    half, most = P50_MOST if not slow else None, slow + (ADDED_MOST if slow else P99_MOST)
                    figures.append(Figure(f"{what}, p50", "ms", percentile(delays, 0.5), at_most=half))
                    figures.append(Figure(f"{what}, p99", "ms", percentile(delays, 0.99), at_most=most))
        figures += asyncio.run(_full_load(server, targets, ledger, template, options))
    return figures


async def _delays(
    server: Server,
    targets: dict[str, Server],
    key: str,
    template: Template,
    *,
    prefix: str,
    rate: float,
    seconds: float,
) -> list[float]:
    """Milliseconds from each receipt to the arrival at the later of the two targets."""
    async with httpx.AsyncClient(timeout=30) as client:
        begin = {name: await _received_so_far(client, target) for name, target in targets.items()}
        pushed = await push_at_rate(server.port, key, template, prefix=prefix, rate=rate, seconds=seconds)
        arrivals = [await _arrivals(client, targets[name], begin[name], pushed) for name in targets]
    if max(push.accepted for push in pushed) - min(push.due for push in pushed) > seconds * 1.1 + 1:
        raise BenchmarkFailed(f"the hub did not take {rate:g} pushes per second")
    # What a target had before the platform had read its receipt took no time.
    return [1000 * max(0.0, max(it[push.position] for it in arrivals) - push.accepted) for push in pushed]


async def _arrivals(client: httpx.AsyncClient, target: Server, after: int, pushed: list[Pushed]) -> dict[int, float]:
    """When the target received each position, by its own clock, which is this machine's."""
    wanted = {push.position for push in pushed}
    found: dict[int, float] = {}
    deadline = time.monotonic() + ARRIVED_WITHIN
    while wanted - found.keys():
        answer = await client.get(f"{target.url}/received", params={"after": after, "limit": PAGE})
        page = answer.raise_for_status().json()
        for item in page["items"]:
            if item["status"] == "accepted":
                found[item["position"]] = datetime.fromisoformat(item["received_at"]).timestamp()
        if not page["items"]:
            if time.monotonic() > deadline:
                raise BenchmarkFailed(f"{len(wanted - found.keys())} versions have not arrived")
            await asyncio.sleep(0.1)
        after = page["next"]
    return found


async def _received_so_far(client: httpx.AsyncClient, target: Server) -> int:
    """The cursor behind everything that the target has received."""
    after = 0
    while True:
        answer = await client.get(f"{target.url}/received", params={"after": after, "limit": PAGE})
        page = answer.raise_for_status().json()
        if not page["items"]:
            return after
        after = int(page["next"])


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
            summaries = [await client.get(f"{it.url}/received/summary") for it in targets.values()]
            arrived = min(int(it.raise_for_status().json()["applied"]) for it in summaries)
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
