"""How versions stand at targets: by their rows, or by the attempts at those that are only in a courier's memory."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.ledger.tables import Attempt, AttemptItem, Delivery, LaneCursor, Record, Version, in_state
from hub.schemas.kind import kinds
from hub.sync.target import targets

FINISHED = frozenset({"delivered", "rejected", "skipped"})


@dataclass(frozen=True, slots=True)
class Behind:
    """The version that another one waits behind."""

    position: int
    record: str
    state: str
    """parked | waiting | pending: what keeps it."""


@dataclass(slots=True)
class Standing:
    """A version at a target.

    `pending` was not tried yet; `retrying` failed with its whole request and is tried again, without end. `last_error`
    is what went wrong with the newest request that failed, `next_try` when the next one may leave.
    """

    state: str = "pending"
    tries: int = 0
    receipt: str | None = None
    reason: str | None = None
    quality: str | None = None
    next_try: int | None = None
    updated_at: int | None = None
    sequence: int | None = None
    attempt: int | None = None
    last_error: str | None = None
    behind: Behind | None = None


Pair = tuple[int, str]
"""A position and the name of a target."""


async def standings(connection: AsyncConnection, wanted: Mapping[Pair, Any]) -> dict[Pair, Standing]:
    """How versions stand: by position and target, where the values are their rows with `thread` and `record`.

    What lies before the beginning of a target is left out: it was never meant for it.
    """
    if not wanted:
        return {}
    positions = sorted({position for position, _ in wanted})
    names = sorted({name for _, name in wanted})
    began = await _beginnings(connection, names)
    found = {pair: Standing() for pair in wanted if pair[0] > began.get(pair[1], 0)}
    rows = await connection.execute(
        select(Delivery.__table__).where(Delivery.target.in_(names), Delivery.position.in_(positions))
    )
    for row in rows:
        if (row.position, row.target) in wanted:
            found[row.position, row.target] = _of_row(row)
    open_pairs = [pair for pair, standing in found.items() if standing.state not in FINISHED]
    await _add_attempts(connection, found, open_pairs)
    for name in names:
        await _add_behind(connection, name, {p: found[p, n] for p, n in open_pairs if n == name}, wanted)
    return found


async def _beginnings(connection: AsyncConnection, names: Sequence[str]) -> dict[str, int]:
    began = select(LaneCursor.target, func.min(LaneCursor.start)).where(LaneCursor.target.in_(names))
    return {row[0]: row[1] for row in await connection.execute(began.group_by(LaneCursor.target))}


def _of_row(row: Any) -> Standing:
    return Standing(
        state=row.state,
        tries=row.tries,
        receipt=row.receipt,
        reason=row.reason,
        quality=row.quality,
        next_try=row.next_try,
        updated_at=row.updated_at,
        sequence=row.sequence,
        attempt=row.attempt,
    )


async def _add_attempts(connection: AsyncConnection, found: Mapping[Pair, Standing], pairs: Sequence[Pair]) -> None:
    """What requests that failed as a whole say of the versions that they carried."""
    if not pairs:
        return
    counted = await connection.execute(
        select(AttemptItem.position, Attempt.target, func.count(), func.max(Attempt.id))
        .join(Attempt, Attempt.id == AttemptItem.attempt)
        .where(AttemptItem.position.in_(sorted({position for position, _ in pairs})), Attempt.error.is_not(None))
        .group_by(AttemptItem.position, Attempt.target)
    )
    failed = {(position, name): (tries, newest) for position, name, tries, newest in counted}
    newest_ids = {newest for _, newest in failed.values()}
    rows = await connection.execute(select(Attempt.__table__).where(Attempt.id.in_(newest_ids)))
    attempts = {row.id: row for row in rows}
    for pair in pairs:
        if pair not in failed:
            continue
        tries, newest = failed[pair]
        standing, attempt = found[pair], attempts[newest]
        standing.last_error = attempt.error
        if standing.state == "pending":
            standing.state, standing.tries = "retrying", tries
            standing.next_try, standing.updated_at = attempt.next_try, attempt.finished_at


async def _add_behind(
    connection: AsyncConnection, name: str, standing: Mapping[int, Standing], wanted: Mapping[Pair, Any]
) -> None:
    """The version that each of these waits behind at the target, where there is one."""
    threads = sorted({wanted[position, name].thread for position in standing})
    if not threads:
        return
    kept = (
        await connection.execute(
            select(Delivery.position, Delivery.thread, Delivery.state, Delivery.holds, Version.record)
            .join(Version, Version.position == Delivery.position)
            .where(Delivery.target == name, in_state("waiting", "parked"), Delivery.thread.in_(threads))
            .order_by(Delivery.position)
        )
    ).all()
    unread = await _first_without_row(connection, name, threads)
    chosen: dict[int, tuple[int, str]] = {}
    for position, version in standing.items():
        own = wanted[position, name]
        before = [
            (row.position, row.state)
            for row in kept
            if row.position < position and row.thread == own.thread and (row.holds or row.record == own.record)
        ]
        first = unread.get(own.thread)
        if version.state in ("pending", "retrying") and first is not None and first < position:
            before.append((first, "pending"))
        if before:
            chosen[position] = min(before)
    records = await _records(connection, {position for position, _ in chosen.values()})
    failed = await _failed(connection, name, {blocker for blocker, state in chosen.values() if state == "pending"})
    for position, (blocker, state) in chosen.items():
        standing[position].behind = Behind(blocker, records[blocker], "retrying" if blocker in failed else state)


async def _failed(connection: AsyncConnection, name: str, positions: Iterable[int]) -> set[int]:
    """Those of the positions whose request to the target has failed."""
    rows = await connection.execute(
        select(AttemptItem.position)
        .join(Attempt, Attempt.id == AttemptItem.attempt)
        .where(AttemptItem.position.in_(sorted(positions)), Attempt.target == name, Attempt.error.is_not(None))
    )
    return set(rows.scalars())


async def _first_without_row(connection: AsyncConnection, name: str, threads: Sequence[str]) -> dict[str, int]:
    """By thread the first version that the target wants and of which nothing is stored yet."""
    target = targets().get(name)
    wanted = [kind for kind, cls in kinds().items() if target is None or target.wants(cls)]
    cursor = select(func.coalesce(func.min(LaneCursor.position), 0)).where(LaneCursor.target == name)
    done = (await connection.execute(cursor)).scalar_one()
    there = select(Delivery.position).where(Delivery.target == name, Delivery.position == Version.position)
    rows = await connection.execute(
        select(Version.thread, func.min(Version.position))
        .where(Version.thread.in_(threads), Version.position > done, Version.kind.in_(wanted), ~there.exists())
        .group_by(Version.thread)
    )
    return {row[0]: row[1] for row in rows}


async def _records(connection: AsyncConnection, positions: Iterable[int]) -> dict[int, str]:
    rows = await connection.execute(
        select(Version.position, Version.platform, Version.kind, Record.data_key)
        .join(Record, Record.id == Version.record)
        .where(Version.position.in_(sorted(positions)))
    )
    return {row.position: f"{row.platform}/{row.kind}/{row.data_key}" for row in rows}
