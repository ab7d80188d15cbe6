"""What the job of every queue is: one POST of a batch of one item, which the target must accept.

A script of a queue is called with `enqueue ADDRESS FILE` or `work ADDRESS`; a line of FILE is a URL, a tab and a body.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp  # type: ignore[import-not-found]
import uvloop

Job = tuple[str, str]
"""URL and body."""

CONCURRENT = 32
"""Requests at a time: as many as the hub has to two targets."""


class NotAcceptedError(Exception):
    """The target answered something else than that it took the item."""


class Poster:
    """Connections to the targets."""

    def __init__(self) -> None:
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=CONCURRENT))

    async def post(self, url: str, body: str) -> None:
        """Deliver one item; raises `NotAcceptedError`."""
        headers = {"content-type": "application/json"}
        async with self._session.post(url, data=body.encode(), headers=headers) as response:
            answer = await response.json()
        if response.status != 200 or answer["results"][0]["status"] != "accepted":
            raise NotAcceptedError(str(answer)[:500])


def main(enqueue: Callable[[str, list[Job]], Awaitable[None]], work: Callable[[str, Poster], Awaitable[None]]) -> None:
    """Do what the command line says; a worker works until it is told to stop."""
    verb, address, *files = sys.argv[1:]

    async def run() -> None:
        if verb == "work":
            await work(address, Poster())
            return
        lines = Path(files[0]).read_text().splitlines()
        await enqueue(address, [(url, body) for url, _, body in (line.partition("\t") for line in lines)])

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run())
