"""A worker of taskiq on a stream of Redis, whose messages are acknowledged when they are done."""

import asyncio
from typing import Any

from taskiq.api import run_receiver_task  # type: ignore[import-not-found]
from taskiq_redis import RedisStreamBroker  # type: ignore[import-not-found]

from benchmarks.peer_scripts.posting import CONCURRENT, Job, Poster, main

ENQUEUED = 100


async def enqueue(address: str, jobs: list[Job]) -> None:
    """Make the stream and store the jobs."""
    broker = _broker(address)

    async def deliver(url: str, body: str) -> None:
        """Stand for the task, which is the worker's."""

    task = broker.register_task(deliver, task_name="deliver")
    await broker.startup()
    for start in range(0, len(jobs), ENQUEUED):
        await asyncio.gather(*(task.kiq(url, body) for url, body in jobs[start : start + ENQUEUED]))
    await broker.shutdown()


async def work(address: str, poster: Poster) -> None:
    """Deliver until stopped."""
    broker = _broker(address)

    async def deliver(url: str, body: str) -> None:
        await poster.post(url, body)

    broker.register_task(deliver, task_name="deliver")
    await run_receiver_task(broker, max_async_tasks=CONCURRENT, run_startup=True)


def _broker(address: str) -> Any:
    return RedisStreamBroker(address, consumer_id="0")


if __name__ == "__main__":
    main(enqueue, work)
