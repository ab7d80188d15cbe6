"""Many readers: pages that never change through nginx, Kinto's listing of the same records, and readers that wait."""

import asyncio
import os
import random
import subprocess
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
from tests.support.postgres import Postgres

from benchmarks import hub, kinto, peers, wrk
from benchmarks.client import Pushed, push_at_rate
from benchmarks.database import connected
from benchmarks.feed import CONNECTIONS, NDJSON, PAGE, PATHS
from benchmarks.figures import BenchmarkFailed, Figure, Options, interleaved, percentile
from benchmarks.filling import data_key, fill
from benchmarks.payloads import Template, a_notice
from benchmarks.processes import Server
from benchmarks.waiting import Readers, Waiting, events, long_polls

RECORDS, RECORDS_QUICK = 5_000, 2_000

WAITING = 1000
"""Readers that wait for the next version at the same time."""

RATE = 1.0
"""Pushes per second that they wait for: each wakes all of them."""

PUSHES = 100
WOKEN_WITHIN = 60.0
"""Seconds in which a reader that is not woken is lost."""

DOCUMENTS = "SELECT position, document FROM version ORDER BY position"


def run(postgres: Postgres, options: Options) -> list[Figure]:
    """Readers of what is there, then readers of what comes."""
    template = a_notice()
    ledger = hub.new_ledger(postgres, "readers")
    fill(ledger.dsn, template, RECORDS_QUICK if options.quick else RECORDS)
    with hub.serving(ledger, workers=1) as server:
        figures = _of_what_is_there(postgres, server, ledger, options)
    figures += _of_what_comes(ledger, template, "long-polling readers", long_polls)
    figures += _of_what_comes(ledger, template, "readers of events", events)
    return figures


def _of_what_is_there(postgres: Postgres, server: Server, ledger: hub.Ledger, options: Options) -> list[Figure]:
    documents = asyncio.run(_documents(ledger.dsn))
    with ExitStack() as stack:
        listing = stack.enter_context(kinto.serving(postgres, "kinto", documents))
        changes = kinto.pages(listing, PATHS)
        pages = Path(stack.enter_context(TemporaryDirectory()))
        subprocess.run([hub.HUB, "publish", pages], check=True, env={**os.environ, **ledger.settings})
        numbers = range(1, len(documents) // PAGE + 1)
        published = stack.enter_context(peers.nginx_before(server, pages))
        plain = stack.enter_context(peers.nginx_of_files(pages))
        full, files = [f"/v1/feed/pages/{n}" for n in numbers], [f"/pages/{n}.ndjson" for n in numbers]
        for path, file in zip(full, files, strict=True):
            if _page(published, path) != _page(plain, file):
                raise BenchmarkFailed(f"{file} is not {path}")
        starts = range(len(documents) - PAGE + 1)
        chosen = random.Random(len(documents)).sample(starts, min(len(starts), PATHS))
        feed = [f"/v1/feed?after={after}&limit={PAGE}" for after in chosen]
        found = interleaved(
            options.rounds,
            {
                "file": lambda _: _read(plain, files, options.seconds),
                "pages": lambda _: _read(published, full, options.seconds),
                "kinto": lambda _: _read(listing, changes, options.seconds, accept="application/json"),
                "feed": lambda _: _read(server, feed, options.seconds),
            },
        )
    rates = {name: PAGE * values["rate"] for name, values in found.items()}
    return [
        Figure(
            "full pages through nginx, against the same as plain files from nginx",
            "records/s",
            rates["pages"],
            limit=rates["file"],
            of_limit=0.95,
        ),
        Figure(
            "feed, pages of 1,000, against Kinto's changes",
            "records/s",
            rates["feed"],
            conventional=rates["kinto"],
            times_conventional=15,
        ),
        Figure(
            "feed, page of 1,000 against Kinto's, p99", "ms", found["feed"]["p99"], conventional=found["kinto"]["p99"]
        ),
    ]


def _of_what_comes(ledger: hub.Ledger, template: Template, what: str, waiting: Waiting) -> list[Figure]:
    """A server of its own: its memory is to show what these readers cost."""
    with hub.serving(ledger, workers=1) as server:

        async def work() -> tuple[float, float, float, float]:
            await _pushed(server, ledger, template, f"{what[:4]}-warm", pushes=2)
            alone = percentile([it.took for it in await _pushed(server, ledger, template, f"{what[:4]}-alone")], 0.99)
            before = sum(server.memory().values())
            async with Readers(server.port, WAITING, waiting) as readers:
                each = (sum(server.memory().values()) - before) / WAITING
                pushed = await _pushed(server, ledger, template, f"{what[:4]}-beside")
                woken = [await readers.all_woken(push.position, WOKEN_WITHIN) - push.accepted for push in pushed]
            beside = percentile([it.took for it in pushed], 0.99)
            return alone, beside, each, 1000 * max(0.0, *woken)

        alone, beside, each, woken = asyncio.run(work())
    readers = f"{WAITING:,} {what}"
    return [
        Figure(f"{readers}, the last one is woken after", "ms", woken, at_most=1000),
        Figure(f"{readers}, push at {RATE:g}/s beside, p99", "ms", beside),
        Figure("the same, to that without readers", "×", beside / alone, at_most=1.2),
        Figure(f"{readers}, memory of the server for each", "kB", each / 1000, at_most=100),
    ]


async def _pushed(
    server: Server, ledger: hub.Ledger, template: Template, prefix: str, pushes: int = PUSHES
) -> list[Pushed]:
    return await push_at_rate(server.port, ledger.key, template, prefix=prefix, rate=RATE, seconds=pushes / RATE)


async def _documents(dsn: str) -> list[tuple[str, bytes]]:
    """Key and document of every version."""
    async with connected(dsn) as connection:
        return [(data_key(position), document) for position, document in await connection.fetch(DOCUMENTS)]


def _page(server: Server, path: str) -> bytes:
    """A full page; raises where there is none."""
    answer = httpx.get(server.url + path, headers={"accept": NDJSON}, timeout=30)
    if answer.status_code != 200 or answer.content.count(b"\n") != PAGE:
        raise BenchmarkFailed(f"{path} is not a full page of the feed: {answer.status_code}")
    return answer.content


def _read(server: Server, paths: list[str], seconds: float, *, accept: str = NDJSON) -> dict[str, float]:
    return wrk.get(server.url, paths, accept=accept, connections=CONNECTIONS, seconds=seconds).values()
