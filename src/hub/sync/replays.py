"""Replays: a range is delivered once more, with cursors of its own; receivers know what they have by its key."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, insert, select, union_all, update
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.db import Database
from hub.ledger.outcomes import last_number
from hub.ledger.read import head_position
from hub.ledger.tables import LANES, Audit, Delivery, LaneCursor, in_state
from hub.moments import now
from hub.problems import InvalidParameter
from hub.sync.tables import Replay, Subscription

MOST = 5
"""The most unfinished replays to one target."""


@dataclass(frozen=True, slots=True)
class Progress:
    """A replay and how far it is: `cursor` without a gap, and how many versions are in which state."""

    replay: Replay
    cursor: int
    states: dict[str, int]


async def order(
    database: Database,
    target: str,
    first: int,
    last: int,
    *,
    reason: str,
    actor: str,
    platform: str | None = None,
    kind: str | None = None,
) -> Replay:
    """Have the range from `first` to `last` or the newest, both included, delivered again; raises `InvalidParameter`."""
    if not 1 <= first <= last:
        raise InvalidParameter("A range begins at 1 or later, and does not end before it begins.")
    async with database.reading() as connection:
        head = await _head(connection, target)
    if first > head:
        raise InvalidParameter(f"There is nothing yet from {first} on: the newest is {head}.")
    last = min(last, head)
    row = {
        "name": f"replay_{secrets.token_hex(8)}",
        "target": target,
        "first": first,
        "last": last,
        "platform": platform,
        "kind": kind,
        "reason": reason,
        "created_at": now(),
        "finished_at": None,
    }
    async with database.transaction() as connection:
        if len(await unfinished(connection, target)) >= MOST:
            raise InvalidParameter(f"There are {MOST} unfinished replays to {target} already.")
        await connection.execute(insert(Replay).values(row))
        noted = {"at": now(), "actor": actor, "action": "replay", "subject": target}
        detail = f"{row['name']}: {first} to {last}, {platform or 'all platforms'}, {kind or 'all kinds'}: {reason}"
        await connection.execute(insert(Audit).values(noted | {"detail": detail}))
    return Replay(**row)


async def unfinished(connection: AsyncConnection, target: str | None = None) -> list[Replay]:
    """Replays that are not finished, the oldest first."""
    return await _listed(connection, Replay.finished_at.is_(None), *([Replay.target == target] if target else []))


async def progress(connection: AsyncConnection, target: str | None = None) -> list[Progress]:
    """All replays, the oldest first, and how far they are."""
    found = []
    for replay in await _listed(connection, *([Replay.target == target] if target else [])):
        counted = await connection.execute(
            select(Delivery.state, func.count()).where(Delivery.target == replay.name).group_by(Delivery.state)
        )
        states = {row[0]: row[1] for row in counted}
        cursor = await _cursor(connection, replay)
        found.append(Progress(replay, replay.first - 1 if cursor is None else cursor, states))
    return found


async def finish(database: Database, replays: Sequence[Replay]) -> None:
    """Note of each replay that its cursors have passed its end, and nothing of it waits or is yet to be decided."""
    for replay in replays:
        async with database.reading() as connection:
            cursor = await _cursor(connection, replay)
            rows = select(Delivery.position).where(Delivery.target == replay.name)
            # Each by the index of its own state.
            waiting = union_all(rows.where(in_state("waiting")), rows.where(in_state("pending_receipt")))
            waits = (await connection.execute(waiting.limit(1))).first()
        if cursor is not None and cursor >= replay.last and waits is None:
            over = update(Replay).where(Replay.name == replay.name, Replay.finished_at.is_(None))
            async with database.transaction() as connection:
                await connection.execute(over.values(finished_at=now()))


async def _head(connection: AsyncConnection, target: str) -> int:
    """The newest of what is counted for a target or a subscriber."""
    what = select(Subscription.what).where(Subscription.name == target)
    outcomes = (await connection.execute(what)).scalar_one_or_none() == "outcomes"
    return await (last_number if outcomes else head_position)(connection)


async def _cursor(connection: AsyncConnection, replay: Replay) -> int | None:
    """How far the slowest lane is, None before the first worker has begun."""
    lanes = select(func.min(LaneCursor.position), func.count()).where(LaneCursor.target == replay.name)
    lowest, count = (await connection.execute(lanes)).one()
    return lowest if count == LANES else None


async def _listed(connection: AsyncConnection, *conditions: object) -> list[Replay]:
    statement = select(Replay.__table__).where(*conditions).order_by(Replay.created_at, Replay.name)  # type: ignore[arg-type]
    return [Replay(**row._mapping) for row in await connection.execute(statement)]
