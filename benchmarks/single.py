"""Single pushes: one submission, one durable commit, one receipt."""

from contextlib import ExitStack

from tests.support.postgres import Postgres

from benchmarks import database, hub, peers, pgbench, wrk
from benchmarks.figures import Figure, Options, interleaved
from benchmarks.payloads import Template, a_notice
from benchmarks.processes import Server

CONNECTIONS = 32
WORKERS = 2


def run(postgres: Postgres, options: Options) -> list[Figure]:
    """PostgreSQL's own inserts, an ORM session per request, and the hub, by the same 32 clients."""
    template, seconds = a_notice(), options.seconds
    with ExitStack() as stack:
        ledger = hub.new_ledger(postgres, "single")
        ours = stack.enter_context(hub.serving(ledger, workers=WORKERS))
        store = peers.new_store(postgres, "single_conventional")
        peer = stack.enter_context(peers.conventional(store, workers=WORKERS))
        bare = postgres.create_database("single_limit").replace("+asyncpg", "")
        pgbench.prepare(bare)
        document = template.filled("limit-0-000000001", 1)
        push(ours, ledger.key, template, prefix="warm", seconds=1)
        push(peer, store.key, template, prefix="warm", seconds=1)
        found = interleaved(
            options.rounds,
            {
                "limit": lambda _: {"rate": pgbench.inserts(bare, document, clients=CONNECTIONS, seconds=seconds)},
                "conventional": lambda n: push(peer, store.key, template, prefix=f"r{n}", seconds=seconds),
                "ours": lambda n: push(ours, ledger.key, template, prefix=f"r{n}", seconds=seconds),
            },
            lambda: database.settle(bare),
        )
    limit, conventional, mine = found["limit"], found["conventional"], found["ours"]
    return [
        Figure(
            "single push",
            "records/s",
            mine["rate"],
            limit["rate"],
            conventional["rate"],
            of_limit=0.5,
            times_conventional=8,
        ),
        Figure("single push, p50", "ms", mine["p50"], conventional=conventional["p50"]),
        Figure("single push, p99", "ms", mine["p99"], conventional=conventional["p99"], at_most=50),
    ]


def push(server: Server, key: str, template: Template, *, prefix: str, seconds: float) -> dict[str, float]:
    """Push as fast as 32 connections can."""
    url = f"{server.url}/v1/records/{template.kind}"
    load = wrk.push(url, template, prefix=prefix, key=key, connections=CONNECTIONS, seconds=seconds)
    return load.values()
