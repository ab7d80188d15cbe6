"""Start-up: how soon the hub is ready, and what it holds in memory."""

import time
from statistics import median

from tests.support.postgres import Postgres

from benchmarks import hub
from benchmarks.figures import Figure, Options

WORKERS = 2
IDLE = 2.0
"""Seconds after which a server that nobody asks anything counts as idle."""


def run(postgres: Postgres, options: Options) -> list[Figure]:
    """Start the server several times."""
    ledger = hub.new_ledger(postgres, "startup")
    ready, idle = [], []
    for _ in range(options.rounds):
        with hub.serving(ledger, workers=WORKERS) as server:
            ready.append(server.ready_after)
            time.sleep(IDLE)
            idle.append(max(server.memory().values()))
    return [
        Figure("hub serve, ready", "s", median(ready), at_most=2),
        Figure("hub serve, idle memory of the largest process", "MB", median(idle) / 1e6, at_most=120),
    ]
