"""Whoever thinks that he holds a lane goes on with it: no token says that it has become another's meanwhile."""

from collections.abc import Mapping
from math import ceil

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.db import Database, moment_of
from hub.ledger.tables import LANES, LaneCursor
from hub.sync import lanes
from tests.crash.bugs.bug import Bug, replace, rewrite


async def _hold(
    connection: AsyncConnection, target: str, worker: str, seconds: float, workers: int, held: Mapping[int, int]
) -> dict[int, lanes.Lease]:
    moment = await moment_of(connection)
    columns = select(LaneCursor.lane, LaneCursor.token, LaneCursor.position, LaneCursor.owner, LaneCursor.until)
    rows = list(await connection.execute(columns.where(LaneCursor.target == target).order_by(LaneCursor.lane)))
    mine = [row for row in rows if row.lane in held]
    free = [row for row in rows if row.lane not in held and (row.owner in (None, worker) or row.until <= moment)]
    mine += free[: max(0, ceil(LANES / max(workers, 1)) - len(mine))]
    await connection.execute(
        update(LaneCursor)
        .where(LaneCursor.target == target, LaneCursor.lane.in_([row.lane for row in mine]))
        .values(owner=worker, until=moment + int(seconds * 1_000_000))
    )
    return {row.lane: lanes.Lease(row.lane, row.token, row.position) for row in mine}


async def _still_mine(_connection: AsyncConnection, _target: str, tokens: Mapping[int, int]) -> set[int]:
    return set(tokens)


def _apply() -> None:
    of_lane = (LaneCursor.target == bindparam("of"), LaneCursor.lane == bindparam("at"))
    moved = update(LaneCursor).where(*of_lane).values(position=bindparam("reached"))
    replace(lanes, "hold", _hold)
    replace(lanes, "still_mine", _still_mine)
    replace(lanes, "_ADVANCE", moved)
    replace(lanes, "_RELEASE", moved.values(owner=None, until=0))


async def _prepare(database: Database) -> None:
    await rewrite(database, "store_flights", {" AND l.token = h.token": "", " AND l.token = m.token": ""})


BUG = Bug(falls=frozenset({"I4", "I8"}), apply=_apply, prepare=_prepare, faults=("freeze",), strikes=3, freezes="sync")
