"""Delivery against queue libraries; a target that is down, versions that no target takes, and a backlog."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import chain

from tests.support.postgres import Postgres

from benchmarks import arrivals, hub, queues, troubles
from benchmarks.figures import BenchmarkFailed, Figure, Options, interleaved
from benchmarks.filling import fill
from benchmarks.payloads import a_penalty
from benchmarks.processes import Server
from hub.db import open_database
from hub.ledger.tables import LANES
from hub.sync.source import Versions, Wanted
from hub.sync.target import Outgoing, targets

VERSIONS, VERSIONS_QUICK = 10_000, 1_000
READ_AT_ONCE = 1000


def run(postgres: Postgres, options: Options) -> list[Figure]:
    """The same versions by the hub and by each queue, then what goes wrong in ordinary operation."""
    return [*_against_queues(postgres, options), *troubles.run(postgres, options)]


def _against_queues(postgres: Postgres, options: Options) -> list[Figure]:
    versions = VERSIONS_QUICK if options.quick else VERSIONS
    filled = hub.new_ledger(postgres, "delivery")
    fill(filled.dsn, a_penalty(), versions)
    items = asyncio.run(_items(filled.url, versions))

    def ours(number: int) -> dict[str, float]:
        ledger = replace(filled, url=postgres.create_database(f"delivery_{number}", template="delivery"))
        with hub.simulating() as simulated, hub.syncing(ledger, simulated):
            return {"rate": asyncio.run(arrivals.rate_to(simulated, versions))}

    def theirs(name: str, number: int) -> dict[str, float]:
        with hub.simulating() as simulated:
            jobs = list(_jobs(simulated, items))
            with queues.working(name, postgres, f"{name}_{number}", jobs):
                return {"rate": asyncio.run(arrivals.rate_to(simulated, versions))}

    ways = {"ours": ours} | {name: partial(theirs, name) for name in queues.NAMES}
    found = interleaved(options.rounds, ways)
    rates = {name: values["rate"] for name, values in found.items()}
    best = max(queues.NAMES, key=lambda name: rates[name])
    what = f"delivery to two targets, {versions:,} versions"
    asked = {best: 5.0} | {"procrastinate": 20.0}
    return [
        Figure(
            f"{what}, against {name}" + (", the quickest queue" if name == best else ""),
            "versions/s",
            rates["ours"],
            conventional=rates[name],
            times_conventional=asked.get(name),
        )
        for name in queues.NAMES
    ]


def _jobs(simulated: dict[str, Server], items: list[dict[str, bytes]]) -> Iterator[tuple[str, bytes]]:
    urls = {name: simulated[name].url + targets()[name].path for name in simulated}
    return chain.from_iterable(((urls[name], body) for name, body in item.items()) for item in items)


async def _items(url: str, versions: int) -> list[dict[str, bytes]]:
    """For each version the body of the request that takes it alone to each target, by the target's name."""
    source, found, after = Versions("peers", Wanted()), list[Outgoing](), 0
    database = await open_database(url)
    try:
        async with database.reading() as connection:
            while after < versions:
                to = min(after + READ_AT_ONCE, versions)
                read, _ = await source.window(connection, range(LANES), after, to, READ_AT_ONCE + 1, check=False)
                found += (item.version for item in read)
                after = to
    finally:
        await database.close()
    if len(found) != versions:
        raise BenchmarkFailed(f"of {versions} versions {len(found)} were read")
    # The queues keep no order: each version is given a thread of its own, or targets would refuse what comes late.
    alone = [replace(version, thread=version.record) for version in found]
    return [{name: target.batch([target.encode(version)]) for name, target in targets().items()} for version in alone]
