"""Start-up: how soon the hub is ready and shows its API's description, and what it holds in memory."""

import time
from statistics import median

import httpx
from tests.support.postgres import Postgres

from benchmarks import hub
from benchmarks.figures import BenchmarkFailed, Figure, Options
from benchmarks.processes import Server

WORKERS = 2
IDLE = 2.0
"""Seconds after which a server that nobody asks anything counts as idle."""
LATER = 5
"""How many later requests there are."""


def run(postgres: Postgres, options: Options) -> list[Figure]:
    """Start the server several times."""
    ledger = hub.new_ledger(postgres, "startup")
    ready, idle, shown = [], [], []
    for _ in range(options.rounds):
        with hub.serving(ledger, workers=WORKERS) as server:
            ready.append(server.ready_after)
            time.sleep(IDLE)
            idle.append(max(server.memory().values()))
            shown.append(_shown(server))
    first, later, page = (median(times) for times in zip(*shown, strict=True))
    return [
        Figure("hub serve, ready", "s", median(ready), at_most=2),
        Figure("hub serve, idle memory of the largest process", "MB", median(idle) / 1e6, at_most=120),
        Figure("/openapi.json, first request of a process", "ms", first, at_most=100),
        Figure("/openapi.json, later requests", "ms", later, at_most=100),
        Figure("/docs, the page", "ms", page, at_most=100),
    ]


def _shown(server: Server) -> tuple[float, float, float]:
    """Milliseconds of the first request for the description, of later ones, and of the page that shows it.

    They go over one connection, so to one process, which was not asked for it before.
    """
    with httpx.Client(base_url=server.url, trust_env=False) as http:
        http.get("/healthz")
        first = _taken(http, "/openapi.json")
        return first, median(_taken(http, "/openapi.json") for _ in range(LATER)), _taken(http, "/docs")


def _taken(http: httpx.Client, path: str) -> float:
    started = time.perf_counter()
    answer = http.get(path)
    if not answer.is_success:
        raise BenchmarkFailed(f"{path} was answered {answer.status_code}")
    return (time.perf_counter() - started) * 1000
