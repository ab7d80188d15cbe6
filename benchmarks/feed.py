"""The feed: pages of a thousand records, against memory, a file and an ORM; and what a large ledger costs."""

import asyncio
import random
import shutil
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from tempfile import gettempdir

import httpx
from tests.support.postgres import Postgres

from benchmarks import hub, peers, wrk
from benchmarks.database import connected
from benchmarks.figures import BenchmarkFailed, Figure, Options, interleaved
from benchmarks.filling import data_key, fill
from benchmarks.payloads import Template, a_notice
from benchmarks.processes import Server

PAGE = 1000
NDJSON = "application/x-ndjson"
CONNECTIONS = 8
SMALL, LARGE = 10_000, 1_000_000
SMALL_QUICK, LARGE_QUICK = 2_000, 20_000
PUSHING = 32
PATHS = 10_000
"""How many addresses a round chooses from."""

BYTES_PER_VERSION = 12_000
"""What a filled version needs on disk at most: row, indexes and its share of the write-ahead log."""

DOCUMENTS = "SELECT platform, kind, position, digest, document FROM version ORDER BY position"
INSERT = """
INSERT INTO stored (platform, kind, data_key, data_timestamp, number, received_at, digest, document)
VALUES ($1, $2, $3, $4, 1, $4, $5, $6)
"""


def run(postgres: Postgres, options: Options) -> list[Figure]:
    """Fill a small and a large ledger, read the small one against the other ways, then compare the two.

    The comparison is of the database: no pages are kept for it.
    """
    small, large = (SMALL_QUICK, LARGE_QUICK) if options.quick else (SMALL, LARGE)
    if shutil.disk_usage(gettempdir()).free < large * BYTES_PER_VERSION:
        raise BenchmarkFailed(f"{large} versions need {large * BYTES_PER_VERSION / 1e9:.0f} GB of temporary space")
    template = a_notice()
    ledgers = {size: hub.new_ledger(postgres, f"feed_{size}") for size in (small, large)}
    for size, ledger in ledgers.items():
        fill(ledger.dsn, template, size)
    with ExitStack() as stack:
        servers = {
            size: stack.enter_context(hub.serving(ledger, workers=1, settings={"HUB_FEED_CACHE_BYTES": "0"}))
            for size, ledger in ledgers.items()
        }
        keeping = stack.enter_context(hub.serving(ledgers[small], workers=1))
        figures = _against_others(postgres, stack, keeping, servers[small], ledgers[small], small, options)
        figures += _by_size(servers, ledgers, template, options)
    return figures


def _against_others(
    postgres: Postgres,
    stack: ExitStack,
    server: Server,
    without: Server,
    ledger: hub.Ledger,
    size: int,
    options: Options,
) -> list[Figure]:
    """The same bytes from memory, as a file from nginx, and as objects of an ORM; `without` keeps no pages."""
    store = peers.new_store(postgres, "feed_conventional")
    asyncio.run(_copy_documents(ledger.dsn, store.dsn))
    peer = stack.enter_context(peers.conventional(store, workers=1))
    page = httpx.get(f"{server.url}/v1/feed?after=0&limit={PAGE}", headers={"accept": NDJSON}, timeout=30)
    if page.raise_for_status().content.count(b"\n") != PAGE:
        raise BenchmarkFailed("the first page of the feed is not full")
    memory = stack.enter_context(peers.memory(page.content))
    nginx = stack.enter_context(peers.nginx(page.content))
    paths = _pages(size)
    found = interleaved(
        options.rounds,
        {
            "limit": lambda _: _read(memory, ["/"], options.seconds),
            "nginx": lambda _: _read(nginx, ["/page"], options.seconds),
            "conventional": lambda _: _read(peer, paths, options.seconds),
            "ours": lambda _: _read(server, paths, options.seconds),
            "database": lambda _: _read(without, paths, options.seconds),
        },
    )
    rates = {name: PAGE * values["rate"] for name, values in found.items()}
    return [
        Figure(
            "feed, pages of 1,000",
            "records/s",
            rates["ours"],
            rates["limit"],
            rates["conventional"],
            of_limit=0.9,
            times_conventional=25,
        ),
        Figure(
            "feed, pages of 1,000, none of them kept",
            "records/s",
            rates["database"],
            rates["limit"],
            rates["conventional"],
        ),
        Figure(
            "feed, page of 1,000, p99", "ms", found["ours"]["p99"], found["limit"]["p99"], found["conventional"]["p99"]
        ),
        Figure("feed, against the page as a file from nginx", "records/s", rates["ours"], rates["nginx"]),
    ]


def _by_size(
    servers: dict[int, Server], ledgers: dict[int, hub.Ledger], template: Template, options: Options
) -> list[Figure]:
    """What one read or push costs at the large ledger, as a multiple of what it costs at the small one."""
    small, large = sorted(servers)

    def feed_everywhere(size: int, _: int) -> dict[str, float]:
        return _read(servers[size], _pages(size), options.seconds)

    def feed_near_head(size: int, _: int) -> dict[str, float]:
        return _read(servers[size], _pages(size, newest=small), options.seconds)

    def history(size: int, _: int) -> dict[str, float]:
        chosen = random.Random(size).sample(range(1, size + 1), min(size, PATHS))
        base = f"/v1/records/{hub.PLATFORM}/{template.kind}"
        paths = [f"{base}/{data_key(position)}/versions" for position in chosen]
        return _read(servers[size], paths, options.seconds)

    def push(size: int, number: int) -> dict[str, float]:
        url, key = f"{servers[size].url}/v1/records/{template.kind}", ledgers[size].key
        # Short, so that the small ledger stays small.
        return wrk.push(url, template, prefix=f"p{number}", key=key, connections=PUSHING, seconds=2).values()

    found = {
        measure.__name__.replace("_", " "): interleaved(
            options.rounds, {str(size): partial(measure, size) for size in servers}
        )
        for measure in (feed_everywhere, feed_near_head, history, push)
    }
    return [
        Figure(
            f"{name}, cost at {large:,} versions to {small:,}",
            "×",
            values[str(small)]["rate"] / values[str(large)]["rate"],
            at_most=1.2,
        )
        for name, values in found.items()
    ]


def _read(server: Server, paths: list[str], seconds: float) -> dict[str, float]:
    return wrk.get(server.url, paths, accept=NDJSON, connections=CONNECTIONS, seconds=seconds).values()


def _pages(size: int, *, newest: int | None = None) -> list[str]:
    """Addresses of full pages all over the ledger, or among its newest versions."""
    starts = range(size - (newest or size), size - PAGE + 1)
    chosen = random.Random(size).sample(starts, min(len(starts), PATHS))
    return [f"/v1/feed?after={after}&limit={PAGE}" for after in chosen]


async def _copy_documents(source: str, destination: str) -> None:
    """Give the conventional server the same documents."""
    moment = datetime.now(UTC)
    async with connected(source) as reading, connected(destination) as writing:
        await writing.executemany(
            INSERT,
            [
                (platform, kind, data_key(position), moment, digest.hex(), document.decode())
                for platform, kind, position, digest, document in await reading.fetch(DOCUMENTS)
            ],
        )
        await writing.execute("VACUUM (FREEZE, ANALYZE)")
