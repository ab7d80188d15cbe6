"""Snapshots: everything that a ledger holds, written to files."""

import shutil
import time
from tempfile import TemporaryDirectory, gettempdir

from tests.support.postgres import Postgres

from benchmarks import hub
from benchmarks.feed import BYTES_PER_VERSION
from benchmarks.figures import BenchmarkFailed, Figure, Options
from benchmarks.filling import fill
from benchmarks.payloads import a_notice
from benchmarks.processes import descendants, process, resident

VERSIONS, VERSIONS_QUICK = 1_000_000, 50_000
WRITTEN_WITHIN = 1800.0
LOOK_EVERY = 0.05


def run(postgres: Postgres, options: Options) -> list[Figure]:
    """`hub snapshot` as an operator runs it, from its start to its end."""
    versions = VERSIONS_QUICK if options.quick else VERSIONS
    # A version is there once in the database, and as a line of the history and of the current records.
    needed = 2 * versions * BYTES_PER_VERSION
    if shutil.disk_usage(gettempdir()).free < needed:
        raise BenchmarkFailed(f"a snapshot of {versions:,} versions needs {needed / 1e9:.0f} GB of temporary space")
    ledger = hub.new_ledger(postgres, "snapshot")
    fill(ledger.dsn, a_notice(), versions)
    with TemporaryDirectory() as directory:
        seconds, memory = _written(ledger, directory)
    what = f"hub snapshot of {versions:,} versions"
    return [
        Figure(what, "records/s", versions / seconds, limit=50_000, of_limit=1),
        Figure(f"{what}, memory", "MB", memory / 1e6, at_most=300),
    ]


def _written(ledger: hub.Ledger, directory: str) -> tuple[float, int]:
    """Seconds, and the most resident bytes that were seen."""
    started, most = time.perf_counter(), 0
    with process([hub.HUB, "snapshot", directory], ledger.settings) as running:
        while (code := running.poll()) is None:
            most = max(most, sum(map(resident, descendants(running.pid))))
            if time.perf_counter() - started > WRITTEN_WITHIN:
                raise BenchmarkFailed(f"hub snapshot has not ended after {WRITTEN_WITHIN:g} s")
            time.sleep(LOOK_EVERY)
        seconds = time.perf_counter() - started
        if code:
            raise BenchmarkFailed(f"hub snapshot ended with {code}")
    return seconds, most
