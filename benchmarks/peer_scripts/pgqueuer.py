"""A worker of pgqueuer, which takes a hundred jobs from PostgreSQL at a time."""

from typing import Any

import psycopg  # type: ignore[import-not-found]
from pgqueuer import PgQueuer  # type: ignore[import-not-found]
from pgqueuer.db import PsycopgDriver  # type: ignore[import-not-found]
from pgqueuer.queries import Queries  # type: ignore[import-not-found]

from benchmarks.peer_scripts.posting import Job, Poster, main

TAKEN = 100
ENQUEUED = 1000


async def enqueue(address: str, jobs: list[Job]) -> None:
    """Make the tables and store the jobs."""
    async with await psycopg.AsyncConnection.connect(address, autocommit=True) as connection:
        queries = Queries(PsycopgDriver(connection))
        await queries.install()
        for start in range(0, len(jobs), ENQUEUED):
            payloads = [f"{url}\t{body}".encode() for url, body in jobs[start : start + ENQUEUED]]
            await queries.enqueue(["deliver"] * len(payloads), payloads, [0] * len(payloads))


async def work(address: str, poster: Poster) -> None:
    """Deliver until stopped."""

    async def deliver(job: Any) -> None:
        url, _, body = job.payload.decode().partition("\t")
        await poster.post(url, body)

    async with await psycopg.AsyncConnection.connect(address, autocommit=True) as connection:
        worker = PgQueuer.from_psycopg_connection(connection)
        worker.entrypoint("deliver")(deliver)
        await worker.run(batch_size=TAKEN)


if __name__ == "__main__":
    main(enqueue, work)
