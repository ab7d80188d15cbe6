"""Leases of lanes: who delivers which lane to which target, with a fencing token that rises at every change of owner."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from sqlalchemy import bindparam, delete, func, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.db import moment_of
from hub.ledger.tables import LANES, LaneCursor, Worker

Cursor = tuple[int, int, int]
"""A cursor to write: lane, token, position."""

_LONGER_MICROS = 60_000_000
"""How much longer than this worker's another one's leases may be; those that end later were given by another clock."""


@dataclass(slots=True)
class Lease:
    """A lane that this worker holds: its token, and the cursor found when it was taken."""

    lane: int
    token: int
    position: int


async def prepare(connection: AsyncConnection, target: str, start: int) -> None:
    """Make sure that the target's lanes exist; a new target gets what lies behind `start`."""
    fresh = {"target": target, "position": start, "start": start, "token": 0, "until": 0}
    rows = [fresh | {"lane": lane} for lane in range(LANES)]
    await connection.execute(_dialect(connection).insert(LaneCursor).on_conflict_do_nothing(), rows)


def _dialect(connection: AsyncConnection) -> Any:
    return postgresql if connection.dialect.name == "postgresql" else sqlite


async def beat(connection: AsyncConnection, target: str, worker: str, seconds: float) -> int:
    """Say that the worker delivers to the target, and count those that do."""
    moment = await moment_of(connection)
    until = moment + int(seconds * 1_000_000)
    statement = _dialect(connection).insert(Worker).values(target=target, name=worker, until=until)
    await connection.execute(statement.on_conflict_do_update(index_elements=["target", "name"], set_={"until": until}))
    await connection.execute(delete(Worker).where(Worker.until < moment - 60_000_000))
    # What is too far ahead was written before the clock was set back.
    live = select(func.count()).where(
        Worker.target == target, Worker.until > moment, Worker.until <= until + _LONGER_MICROS
    )
    return int((await connection.execute(live)).scalar_one())


async def leave(connection: AsyncConnection, worker: str) -> None:
    """Say that the worker is gone, so that the others share its lanes at once."""
    await connection.execute(delete(Worker).where(Worker.name == worker))


async def bury(connection: AsyncConnection, workers: Sequence[str]) -> None:
    """Free the lanes of dead workers, whose tokens stay valid until somebody takes the lanes."""
    theirs = LaneCursor.owner.in_(workers)
    # In the order in which every transaction locks them.
    order = select(LaneCursor.lane).where(theirs).order_by(LaneCursor.target, LaneCursor.lane)
    await connection.execute(order.with_for_update())
    await connection.execute(update(LaneCursor).where(theirs).values(owner=None, until=0))
    await connection.execute(delete(Worker).where(Worker.name.in_(workers)))


async def hold(
    connection: AsyncConnection, target: str, worker: str, seconds: float, workers: int, held: Mapping[int, int]
) -> dict[int, Lease]:
    """Renew the leases `held` (lane to token) and take free lanes up to a fair share of `workers`.

    Returns all leases that the worker holds now; the database's clock decides. One that ends a minute later than
    any that is given now was given before the clock was set back: nobody knows whether its owner is alive, so it is over.
    """
    moment = await moment_of(connection)
    until = moment + int(seconds * 1_000_000)
    rows = await connection.execute(
        select(LaneCursor.lane, LaneCursor.token, LaneCursor.position, LaneCursor.owner, LaneCursor.until)
        .where(LaneCursor.target == target)
        .order_by(LaneCursor.lane)
    )
    mine, free = [], []
    for lane, token, position, owner, lease_until in rows.all():
        if owner == worker and held.get(lane) == token:
            mine.append((lane, token, token, position))
        elif owner is None or not moment < lease_until <= until + _LONGER_MICROS or owner == worker:
            free.append((lane, token, token + 1, position))
    mine += free[: max(0, ceil(LANES / max(workers, 1)) - len(mine))]
    leases: dict[int, Lease] = {}
    # In the order of the lanes, as every transaction locks them: none waits for one that waits for it.
    for lane, token, new_token, position in sorted(mine):
        if await _set(connection, target, lane, token, worker, new_token, until):
            leases[lane] = Lease(lane, new_token, position)
    return leases


async def extend(
    connection: AsyncConnection, target: str, worker: str, seconds: float, held: Mapping[int, int]
) -> bool:
    """Renew the leases `held` (lane to token) and take none; says whether all of them are still the worker's."""
    await beat(connection, target, worker, seconds)
    theirs = (LaneCursor.target == target, tuple_(LaneCursor.lane, LaneCursor.token).in_(held.items()))
    mine = await connection.execute(select(LaneCursor.lane).where(*theirs).order_by(LaneCursor.lane).with_for_update())
    count = len(mine.all())
    until = await moment_of(connection) + int(seconds * 1_000_000)
    await connection.execute(update(LaneCursor).where(*theirs).values(owner=worker, until=until))
    return count == len(held)


async def _set(
    connection: AsyncConnection, target: str, lane: int, token: int, owner: str, new_token: int, until: int
) -> bool:
    statement = (
        update(LaneCursor)
        .where(LaneCursor.target == target, LaneCursor.lane == lane, LaneCursor.token == token)
        .values(owner=owner, token=new_token, until=until)
    )
    return (await connection.execute(statement)).rowcount == 1


async def release(connection: AsyncConnection, target: str, leases: Iterable[Cursor]) -> None:
    """Give lanes back at once, with their cursors."""
    rows = [{"of": target, "at": lane, "by": token, "reached": position} for lane, token, position in sorted(leases)]
    if rows:
        await connection.execute(_RELEASE, rows)


_MINE = (
    LaneCursor.target == bindparam("of"),
    LaneCursor.lane == bindparam("at"),
    LaneCursor.token == bindparam("by"),
)
# What is another's by now is not locked: its owner must not wait for a worker that lost it.
_STILL_MINE = (
    select(LaneCursor.lane)
    .where(
        LaneCursor.target == bindparam("of"),
        tuple_(LaneCursor.lane, LaneCursor.token).in_(bindparam("held", expanding=True)),
    )
    .order_by(LaneCursor.lane)
)
_STILL_MINE_LOCKED = _STILL_MINE.with_for_update(read=True)
_RELEASE = update(LaneCursor).where(*_MINE).values(owner=None, until=0, position=bindparam("reached"))
_ADVANCE = (
    update(LaneCursor).where(*_MINE, LaneCursor.position < bindparam("reached")).values(position=bindparam("reached"))
)


async def still_mine(connection: AsyncConnection, target: str, tokens: Mapping[int, int]) -> set[int]:
    """Which of the lanes (lane to token) still carry the worker's token; nobody can take those before the commit."""
    statement = _STILL_MINE_LOCKED if connection.dialect.name == "postgresql" else _STILL_MINE
    found = await connection.execute(statement, {"of": target, "held": list(tokens.items())})
    return set(found.scalars())


async def advance(connection: AsyncConnection, target: str, reached: Iterable[Cursor]) -> None:
    """Move cursors forward, never back."""
    rows = [{"of": target, "at": lane, "by": token, "reached": position} for lane, token, position in sorted(reached)]
    if rows:
        await connection.execute(_ADVANCE, rows)
