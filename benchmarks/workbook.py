"""Workbooks: a filled form of many rows, pushed by the command that people push it with."""

import subprocess
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import httpx
import orjson
from tests.support.postgres import Postgres

from benchmarks import hub
from benchmarks.figures import BenchmarkFailed, Figure, Options
from benchmarks.payloads import a_notice
from benchmarks.processes import Server
from hub.forms.template import write_template
from hub.schemas.kind import kinds

WORKERS = 2
ROWS, ROWS_QUICK = 10_000, 500
PUSHED_WITHIN = 300.0


def run(postgres: Postgres, options: Options) -> list[Figure]:
    """`hub push FILE.xlsx` from its start to its end, each round with records of its own."""
    rows, template = ROWS_QUICK if options.quick else ROWS, a_notice()
    ledger = hub.new_ledger(postgres, "workbook")
    with TemporaryDirectory() as directory, hub.serving(ledger, workers=WORKERS) as server:
        taken = []
        for number in range(options.rounds):
            file = Path(directory, f"{number}.xlsx")
            documents = (orjson.loads(template.filled(f"w{number}-{row:06d}", row)) for row in range(rows))
            write_template(file, kinds()[template.kind], documents)
            taken.append(_pushed(server, ledger, file))
            if _newest(server) != (number + 1) * rows:
                raise BenchmarkFailed("not every row of the workbook was stored")
    return [Figure(f"hub push of a workbook of {rows:,} rows", "s", median(taken), at_most=30)]


def _pushed(server: Server, ledger: hub.Ledger, file: Path) -> float:
    """Seconds that the command takes; every row must be taken."""
    command = ["env", f"HUB_URL={server.url}", f"HUB_KEY={ledger.key}", hub.HUB, "push", str(file)]
    started = time.perf_counter()
    done = subprocess.run(command, capture_output=True, check=False, text=True, timeout=PUSHED_WITHIN)
    if done.returncode:
        raise BenchmarkFailed(f"hub push failed: {(done.stdout + done.stderr)[-2000:]}")
    return time.perf_counter() - started


def _newest(server: Server) -> int:
    """The position of the newest version."""
    answer = httpx.get(f"{server.url}/v1/feed", params={"before": "head", "limit": 1}, trust_env=False)
    position: int = answer.raise_for_status().json()["entries"][0]["position"]
    return position
