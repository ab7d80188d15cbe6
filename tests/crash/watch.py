"""What is watched meanwhile: a reader that follows the feed through every crash, and the cursors of all lanes."""

import asyncio
from contextlib import suppress

import httpx
import orjson
from sqlalchemy import select

from hub.db import Database
from hub.ledger.tables import LaneCursor, Worker
from tests.crash.checker import Cursor
from tests.crash.world import World
from tests.support.processes import HOST

LOOK_EVERY = 0.2
"""Seconds between two looks at the cursors."""


class Follower:
    """A reader of the public feed that goes on from its cursor at whichever server answers."""

    def __init__(self, world: World, http: httpx.AsyncClient) -> None:
        self.seen: list[tuple[int, str]] = []
        self._world = world
        self._http = http
        self._after = 0

    async def run(self) -> None:
        """Follow until cancelled."""
        turn = 0
        while True:
            turn += 1
            if not await self.read(turn):
                await asyncio.sleep(0.05)

    async def read(self, turn: int) -> bool:
        """Read one page; whether there was anything in it."""
        port = self._world.ports[turn % len(self._world.ports)]
        query = {"after": self._after, "limit": 1000}
        try:
            response = await self._http.get(f"http://{HOST}:{port}/v1/feed", params=query)
        except httpx.TransportError:
            return False
        if response.status_code != 200:
            return False
        page = orjson.loads(response.content)
        self.seen += [(entry["position"], entry["digest"]) for entry in page["entries"]]
        self._after = page["next"]
        return bool(page["entries"])


async def watch_cursors(world: World, seen: list[Cursor]) -> None:
    """Look at the lanes' cursors and at the live workers, in the database itself, until cancelled."""
    lanes = select(LaneCursor.target, LaneCursor.lane, LaneCursor.position, LaneCursor.token)
    newest: dict[tuple[str, int], Cursor] = {}
    database = Database(world.url, pool=1)
    try:
        while True:
            await asyncio.sleep(LOOK_EVERY)
            # The database may be recovering, in any of the ways that a driver has to say so.
            with suppress(Exception):
                async with asyncio.timeout(10), database.reading() as connection:
                    rows = [Cursor(*row) for row in await connection.execute(lanes)]
                    names = list((await connection.execute(select(Worker.name))).scalars())
                world.beating.update(int(name.split("-")[0]) for name in names)
                for row in rows:
                    if newest.get((row.target, row.lane)) != row:
                        newest[row.target, row.lane] = row
                        seen.append(row)
    finally:
        await database.close()
