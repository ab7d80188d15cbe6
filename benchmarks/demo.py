"""The demonstration: how soon a stranger sees a record."""

import time
from statistics import median
from tempfile import TemporaryDirectory

import httpx
from tests.support.postgres import Postgres

from benchmarks.figures import BenchmarkFailed, Figure, Options
from benchmarks.hub import HUB
from benchmarks.processes import HOST, READY_WITHIN, free_port, process


def run(_: Postgres, options: Options) -> list[Figure]:
    """Start it several times; it brings its own database."""
    found = median(_first_record() for _ in range(options.rounds))
    return [Figure("hub demo, first accepted record", "s", found, at_most=5)]


def _first_record() -> float:
    """Seconds from the command to a first entry in the feed."""
    port = free_port()
    with TemporaryDirectory() as directory:
        started = time.perf_counter()
        command = [HUB, "demo", "--port", str(port)]
        with process(command, {"HUB_DATA_DIR": directory}) as running:
            while not _accepted(port):
                if running.poll() is not None or time.perf_counter() - started > READY_WITHIN:
                    raise BenchmarkFailed("hub demo did not accept a record")
                time.sleep(0.02)
            return time.perf_counter() - started


def _accepted(port: int) -> bool:
    try:
        answer = httpx.get(f"http://{HOST}:{port}/v1/feed", params={"limit": 1}, timeout=2)
    except httpx.TransportError:
        return False
    return answer.is_success and bool(answer.json()["entries"])
