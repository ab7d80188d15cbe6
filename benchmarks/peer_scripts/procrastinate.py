"""A worker of procrastinate on PostgreSQL."""

import procrastinate  # type: ignore[import-not-found]

from benchmarks.peer_scripts.posting import CONCURRENT, Job, Poster, main

ENQUEUED = 1000


async def enqueue(address: str, jobs: list[Job]) -> None:
    """Make the tables and store the jobs."""
    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=address))
    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        for start in range(0, len(jobs), ENQUEUED):
            some = [{"url": url, "body": body} for url, body in jobs[start : start + ENQUEUED]]
            await app.configure_task("deliver").batch_defer_async(*some)


async def work(address: str, poster: Poster) -> None:
    """Deliver until stopped."""
    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=address))
    app.task(name="deliver")(poster.post)
    async with app.open_async():
        await app.run_worker_async(concurrency=CONCURRENT)


if __name__ == "__main__":
    main(enqueue, work)
