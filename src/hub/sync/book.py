"""What a courier writes: delivery rows, attempts, and the order of outcomes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import ARRAY, BigInteger, any_, bindparam, case, delete, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.ledger.outcomes import next_number
from hub.ledger.tables import Attempt, AttemptItem, Delivery, LaneCursor, Version, in_state
from hub.moments import now
from hub.sync.queue import Item

ANSWER_KEPT = 64 * 1024
"""How much of an answer is kept, in bytes."""

TRANSIENT = frozenset({408, 425, 429})
"""Statuses of whole answers that say nothing of what was sent."""


@dataclass(slots=True)
class Call:
    """One HTTP call and what came of it; `next_try` is when what it carried may travel again, where all of it failed."""

    id: int
    started_at: int
    finished_at: int
    items: Sequence[Item]
    status: int | None
    error: str | None
    answer: bytes
    next_try: int | None = None


@dataclass(slots=True)
class Row:
    """The new delivery row of an item."""

    item: Item
    state: str
    attempt: int | None
    holds: bool = False
    receipt: str | None = None
    reason: str | None = None
    next_try: int | None = None
    quality: str | None = None


@dataclass(slots=True)
class Held:
    """Threads that a version holds, and by thread the records with versions that wait.

    `stranded` is by thread the first position that waits behind an earlier version, where there is none any more.
    """

    threads: set[str]
    records: dict[str, set[int]]
    stranded: dict[str, int]


class Book:
    """The rows of deliveries under one name.

    Where `numbered`, changes of a state get their numbers in the order of outcomes. `renews` is the target whose
    receipts a replay renews: one that lost what it held gives others.
    """

    def __init__(self, name: str, worker: str, *, numbered: bool = True, renews: str | None = None) -> None:
        self.name = name
        self.worker = worker
        self.numbered = numbered
        self._renews = renews

    @property
    def plain(self) -> bool:
        """Whether outcomes change no other rows than their own."""
        return self._renews is None

    async def held(
        self, connection: AsyncConnection, *, lanes: Sequence[int] | None = None, threads: Sequence[str] | None = None
    ) -> Held:
        """What is held and what waits, in these lanes or in these threads."""
        narrowed = Delivery.thread.in_(threads) if threads is not None else Delivery.lane.in_(lanes or ())
        rows = await connection.execute(
            select(Delivery.position, Delivery.thread, Delivery.holds, Delivery.next_try, Version.record)
            .join(Version, Version.position == Delivery.position)
            .where(Delivery.target == self.name, in_state("waiting", "parked"), narrowed)
        )
        found = Held(set(), {}, {})
        tried: set[tuple[str, int]] = set()
        for position, thread, holds, next_try, record in sorted(rows):
            found.records.setdefault(thread, set()).add(record)
            if holds:
                found.threads.add(thread)
            elif next_try is not None:
                tried.add((thread, record))
            elif thread not in found.threads and (thread, record) not in tried:
                found.stranded.setdefault(thread, position)
        return found

    async def failures(self, connection: AsyncConnection, positions: Sequence[int]) -> Sequence[Any]:
        """Of which positions whole requests failed though the target answered: `position`, `times`, `alone`, `fewest`.

        `fewest` is the smallest number of versions that such a request had.
        """
        asked = {"target": self.name, "positions": positions}
        return (await connection.execute(_failed(connection.dialect.name), asked)).all()

    async def write(self, connection: AsyncConnection, calls: Sequence[Call], rows: Sequence[Row]) -> None:
        """Store attempts and the delivery rows that they brought about."""
        if calls:
            await connection.execute(_ATTEMPT, [self._attempt(call) for call in calls])
        finished = {row.item.position for row in rows if row.state == "delivered"}
        unfinished = [
            {"attempt": call.id, "position": item.position}
            for call in calls
            for item in call.items
            if item.position not in finished
        ]
        if unfinished:
            await connection.execute(_ATTEMPT_ITEM, unfinished)
        if rows:
            first = await next_number(connection) if self.numbered else None
            written = [self._delivery(row, None if first is None else first + n) for n, row in enumerate(rows)]
            await connection.execute(_upsert(connection.dialect.name), written)
        await self.renew(connection, {row.item.position: row.receipt for row in rows if row.state == "delivered"})

    async def release(self, connection: AsyncConnection, threads: Sequence[str], moment: int) -> None:
        """Let what waits in these threads be tried now: one of their versions has arrived."""
        await connection.execute(
            update(Delivery)
            .where(
                Delivery.target == self.name,
                in_state("waiting"),
                Delivery.thread.in_(threads),
                or_(Delivery.next_try.is_(None), Delivery.next_try > moment),
            )
            .values(next_try=moment)
        )

    async def let_go(self, connection: AsyncConnection, positions: Iterable[int], moment: int) -> None:
        """Let these be tried now; each holds its thread, because nothing of it has gone on since."""
        rows = [{"of": self.name, "at": position, "moment": moment} for position in positions]
        await connection.execute(_LET_GO, rows)

    async def prune(self, connection: AsyncConnection) -> None:
        """Forget rows that no cursor needs any more: of a subscriber's deliveries the cursors say enough."""
        reached = select(func.min(LaneCursor.position)).where(LaneCursor.target == self.name).scalar_subquery()
        await connection.execute(delete(Delivery).where(Delivery.target == self.name, Delivery.position <= reached))

    async def renew(self, connection: AsyncConnection, told: Mapping[int, str | None]) -> None:
        """Give a replay's target's own rows, by position, the receipts that they do not have yet, as outcomes of their own."""
        target = self._renews
        if target is None or not told:
            return
        first = await next_number(connection)
        known = await connection.execute(
            select(Delivery.position, Delivery.receipt).where(Delivery.target == target, Delivery.position.in_(told))
        )
        changed = [
            {"of": target, "at": position, "told": told[position], "number": first + n, "moment": now()}
            for n, (position, receipt) in enumerate(known)
            if receipt != told[position]
        ]
        if changed:
            await connection.execute(_RENEW, changed)

    def _attempt(self, call: Call) -> dict[str, Any]:
        answer, length = kept_of(call.answer)
        return {
            "id": call.id,
            "target": self.name,
            "worker": self.worker,
            "started_at": call.started_at,
            "finished_at": call.finished_at,
            "versions": len(call.items),
            "status": call.status,
            "error": call.error,
            "answer": answer,
            "answer_bytes": length,
            "next_try": call.next_try,
        }

    def _delivery(self, row: Row, number: int | None) -> dict[str, Any]:
        return {
            "target": self.name,
            "position": row.item.position,
            "thread": row.item.thread,
            "lane": row.item.lane,
            "state": row.state,
            "holds": row.holds,
            "tries": row.item.tries,
            "attempt": row.attempt,
            "receipt": row.receipt,
            "reason": row.reason,
            "next_try": row.next_try,
            "updated_at": now(),
            "sequence": number,
            "quality": row.quality,
        }


def kept_of(answer: bytes) -> tuple[bytes, int | None]:
    """What is kept of an answer, and its length where that is more."""
    return answer[:ANSWER_KEPT], len(answer) if len(answer) > ANSWER_KEPT else None


_ATTEMPT, _ATTEMPT_ITEM = insert(Attempt), insert(AttemptItem)
_RENEW = (
    update(Delivery)
    .where(Delivery.target == bindparam("of"), Delivery.position == bindparam("at"))
    .values(receipt=bindparam("told"), sequence=bindparam("number"), updated_at=bindparam("moment"))
)
_LET_GO = (
    update(Delivery)
    .where(Delivery.target == bindparam("of"), Delivery.position == bindparam("at"), in_state("waiting"))
    .values(next_try=bindparam("moment"), holds=True)
)
_CHANGED = ("state", "holds", "tries", "attempt", "receipt", "reason", "next_try", "updated_at", "quality")


@cache
def _failed(dialect: str) -> Any:
    # One array is one parameter: a window's positions by name would be written and planned anew for every window.
    asked: Any = (
        AttemptItem.position == any_(bindparam("positions", type_=ARRAY(BigInteger)))
        if dialect == "postgresql"
        else AttemptItem.position.in_(bindparam("positions", expanding=True))
    )
    return (
        select(
            AttemptItem.position,
            func.count().label("times"),
            func.sum(case((Attempt.versions == 1, 1), else_=0)).label("alone"),
            func.min(Attempt.versions).label("fewest"),
        )
        .join(Attempt, Attempt.id == AttemptItem.attempt)
        .where(
            asked,
            Attempt.target == bindparam("target"),
            Attempt.error.is_not(None),
            Attempt.status.not_in(sorted(TRANSIENT)),
        )
        .group_by(AttemptItem.position)
    )


@cache
def _upsert(dialect: str) -> Any:
    statement = (postgresql if dialect == "postgresql" else sqlite).insert(Delivery)
    new = statement.excluded
    changed = {name: new[name] for name in _CHANGED}
    # What was tried once more and stands as it stood is no new outcome.
    same = (Delivery.state == new.state) & Delivery.receipt.is_not_distinct_from(new.receipt)
    same &= Delivery.quality.is_not_distinct_from(new.quality)
    changed["sequence"] = case((same, Delivery.sequence), else_=new.sequence)
    # What its sender wants skipped is not parked, and waits for nothing: it is due at once, and ends then. Where the
    # order came too late, nothing is left of it.
    unfinished = (new.state == "waiting") | (new.state == "parked")
    to_skip = Delivery.skip.is_not(None) & unfinished
    changed["skip"] = case((unfinished, Delivery.skip), else_=None)
    changed["state"] = case((to_skip, "waiting"), else_=new.state)
    changed["next_try"] = case((to_skip, new.updated_at), else_=new.next_try)
    return statement.on_conflict_do_update(index_elements=["target", "position"], set_=changed)
