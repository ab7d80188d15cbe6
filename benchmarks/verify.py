"""The page that verifies evidence: how long a browser takes from the choice of a file to the verdict."""

import asyncio
import random

import httpx
from tests.support.postgres import Postgres
from tests.support.verdicts import verdict_on
from tests.web.test_pages import a_page

from benchmarks import hub
from benchmarks.figures import BenchmarkFailed, Figure, Options, percentile
from benchmarks.filling import fill
from benchmarks.payloads import a_notice

SIZE, SIZE_QUICK = 100_000, 10_000
FILES = 50
COVERED_WITHIN = 120.0
"""Seconds in which the log is to cover the ledger."""


def run(postgres: Postgres, options: Options) -> list[Figure]:
    """Evidence of versions all over a log, each file verified once, in the page as the hub serves it."""
    size = SIZE_QUICK if options.quick else SIZE
    ledger = hub.new_ledger(postgres, "verify")
    fill(ledger.dsn, a_notice(), size)
    with hub.serving(ledger, workers=1) as server, hub.syncing(ledger, {}):
        times = asyncio.run(_verdicts(f"http://127.0.0.1:{server.port}", size))
    what = f"evidence from a log of {size:,} verified in a browser"
    return [
        Figure(f"{what}, p50", "ms", percentile(times, 0.5), at_most=100),
        Figure(f"{what}, p99", "ms", percentile(times, 0.99)),
    ]


async def _verdicts(url: str, size: int) -> list[float]:
    """Milliseconds of every verdict."""
    async with httpx.AsyncClient(base_url=url, timeout=30, trust_env=False) as http:
        await _covered(http, size)
        keys = [key["text"] for key in (await http.get("/v1/log/keys")).json()["keys"]]
        positions = random.Random(size).sample(range(1, size + 1), FILES)
        files = [(await http.get(f"/v1/versions/{position}/evidence")).content for position in positions]
    found = []
    async with a_page() as (page, _, _):
        await page.goto(f"{url}/verify")
        for file in files:
            verdict, milliseconds = await verdict_on(page, file, keys)
            if verdict != "good":
                raise BenchmarkFailed("the page does not accept the evidence")
            found.append(milliseconds)
    return found


async def _covered(http: httpx.AsyncClient, size: int) -> None:
    """Wait until a signed head covers so many versions."""
    async with asyncio.timeout(COVERED_WITHIN):
        while True:
            note = await http.get("/v1/log/checkpoint")
            if note.status_code == 200 and int(note.text.split("\n")[1]) >= size:
                return
            await asyncio.sleep(0.2)
