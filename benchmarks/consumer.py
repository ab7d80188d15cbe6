"""A consumer that lacks a few versions of many, and finds out by comparing sums with the hub."""

import asyncio
import random
import shutil
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from tempfile import gettempdir
from typing import Self

import httpx
from tests.support.postgres import Postgres

from benchmarks import hub
from benchmarks.database import connected
from benchmarks.feed import BYTES_PER_VERSION
from benchmarks.figures import BenchmarkFailed, Figure, Options
from benchmarks.filling import fill
from benchmarks.payloads import a_notice
from benchmarks.processes import Server
from hub.client.check import check_against
from hub.client.feed import FeedClient
from hub.client.page import Page
from hub.client.sink import Item, Kept
from hub.client.trouble import Refused
from hub.db import open_database
from hub.ledger.buckets import sum_up

VERSIONS, VERSIONS_QUICK = 1_000_000, 50_000
LACKING = 10
SUMMED_AT_ONCE = 50_000


@dataclass(frozen=True, slots=True)
class Held:
    """A sink in memory that is never written to: what the consumer has, and up to which position."""

    held: Sequence[Item]
    reached: int

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        return None

    async def kept(self) -> Kept:
        """The cursor."""
        return Kept(str(self.reached))

    async def begin(self, source: str, cursor: str) -> None:
        """Refuse: it is only read."""
        raise NotImplementedError(source, cursor)

    async def write(self, page: Page) -> None:
        """Refuse: it is only read."""
        raise NotImplementedError(page)

    async def cut(self, cursor: str) -> None:
        """Refuse: it is only read."""
        raise NotImplementedError(cursor)

    async def items(self) -> AsyncIterator[Sequence[Item]]:
        """Everything, in one piece."""
        yield self.held


def run(postgres: Postgres, options: Options) -> list[Figure]:
    """`FeedClient` and the comparison that `hub consume --check` makes, in this process."""
    versions = VERSIONS_QUICK if options.quick else VERSIONS
    if shutil.disk_usage(gettempdir()).free < versions * BYTES_PER_VERSION:
        raise BenchmarkFailed(
            f"{versions:,} versions need {versions * BYTES_PER_VERSION / 1e9:.0f} GB of temporary space"
        )
    ledger = hub.new_ledger(postgres, "consumer")
    fill(ledger.dsn, a_notice(), versions)
    items = asyncio.run(_summed_up(ledger))
    lacking = set(random.Random(versions).sample(range(1, versions + 1), LACKING))
    sink = Held([item for item in items if item[0] not in lacking], versions)
    with hub.serving(ledger, workers=1) as server:
        seconds, read = asyncio.run(_compared(server, sink, len({(position - 1) // 1000 for position in lacking})))
    what = f"consumer that lacks {LACKING} of {versions:,} finds the pages"
    return [
        Figure(what, "s", seconds, at_most=1),
        Figure(f"{what}, read from the hub", "kB", read / 1000, at_most=100),
    ]


async def _compared(server: Server, sink: Held, pages: int) -> tuple[float, int]:
    """Seconds and bytes of a comparison, which must find as many pages that differ."""
    read = 0

    async def count(response: httpx.Response) -> None:
        nonlocal read
        await response.aread()
        read += response.num_bytes_downloaded

    async with httpx.AsyncClient(timeout=30, event_hooks={"response": [count]}) as http:
        client = FeedClient(server.url, http=http)
        started = time.perf_counter()
        try:
            found = await check_against(client, sink)
        except Refused as refused:
            raise BenchmarkFailed(f"the hub does not tell its sums: {refused}") from None
        seconds = time.perf_counter() - started
    if len(found.differing) != pages:
        raise BenchmarkFailed(f"{pages} pages differ, and {len(found.differing)} were found to")
    return seconds, read


async def _summed_up(ledger: hub.Ledger) -> list[Item]:
    """Position and digest of every version, of which the hub has the sums then."""
    database = await open_database(ledger.url)
    try:
        await sum_up(database, SUMMED_AT_ONCE)
    finally:
        await database.close()
    async with connected(ledger.dsn) as connection:
        rows = await connection.fetch("SELECT position, digest FROM version ORDER BY position")
    return [(row["position"], row["digest"]) for row in rows]
