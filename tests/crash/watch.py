"""What is watched meanwhile: a reader that follows the feed through every crash, and the cursors of all lanes."""

import asyncio
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass, field

import httpx
import orjson
from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.db import Database
from hub.ledger.tables import Delivery, LaneCursor, Version, Worker
from tests.crash.checker import Cursor, Passed
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
                await asyncio.sleep(0.03)

    async def read(self, turn: int) -> bool:
        """Read one page; whether there was anything in it."""
        port = self._world.ports[turn % len(self._world.ports)]
        query = {"after": self._after, "limit": 1000}
        try:
            response = await self._http.get(f"http://{HOST}:{port}/v1/feed", params=query, timeout=5)
        except httpx.TransportError:
            return False
        if response.status_code != 200:
            return False
        page = orjson.loads(response.content)
        self.seen += [(entry["position"], entry["digest"]) for entry in page["entries"]]
        self._after = page["next"]
        return bool(page["entries"])


@dataclass(slots=True)
class Watch:
    """The cursors as they were seen, in the order of time, and what one of them passed that was not finished."""

    wanted: Mapping[str, AbstractSet[str]]
    cursors: list[Cursor] = field(default_factory=list)
    passed: list[Passed] = field(default_factory=list)
    _newest: dict[tuple[str, int], Cursor] = field(default_factory=dict)
    _verified: dict[str, int] = field(default_factory=dict)
    """By target, the position up to which everything was finished when a cursor stood there."""

    async def run(self, world: World) -> None:
        """Look at the lanes' cursors and at the live workers, in the database itself, until cancelled."""
        database = Database(world.url, pool=1)
        try:
            while True:
                await asyncio.sleep(LOOK_EVERY)
                # The database may be recovering, in any of the ways that a driver has to say so.
                with suppress(Exception):
                    async with asyncio.timeout(10), database.reading() as connection:
                        await self._look(connection)
                        names = list((await connection.execute(select(Worker.name))).scalars())
                    world.beating.update(int(name.split("-")[0]) for name in names)
        finally:
            await database.close()

    async def _look(self, connection: AsyncConnection) -> None:
        rows = [Cursor(*row) for row in await connection.execute(_LANES, {"targets": list(self.wanted)})]
        for row in rows:
            if self._newest.get((row.target, row.lane)) != row:
                self._newest[row.target, row.lane] = row
                self.cursors.append(row)
        for target, kinds in self.wanted.items():
            # A cursor only moves forward, so what is checked now is the least that the next look need not check.
            reached = min((row.position for row in rows if row.target == target), default=0)
            arguments = {"of": target, "verified": self._verified.get(target, 0), "wanted": list(kinds)}
            found = [Passed(target, *row) for row in await connection.execute(_UNFINISHED, arguments)]
            self.passed += found
            self._verified[target] = reached


_LANES = select(LaneCursor.target, LaneCursor.lane, LaneCursor.position, LaneCursor.token).where(
    LaneCursor.target.in_(bindparam("targets", expanding=True))
)
_UNFINISHED = (
    select(Version.lane, Version.position)
    .join(LaneCursor, (LaneCursor.lane == Version.lane) & (Version.position <= LaneCursor.position))
    .where(
        LaneCursor.target == bindparam("of"),
        Version.position > bindparam("verified"),
        Version.kind.in_(bindparam("wanted", expanding=True)),
        ~select(Delivery.position)
        .where(Delivery.target == bindparam("of"), Delivery.position == Version.position)
        .exists(),
    )
    .limit(10)
)
