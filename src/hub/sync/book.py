"""What a courier reads and writes in the database: windows of the ledger, delivery rows, attempts, cursors."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import bindparam, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.ledger.tables import LANES, Attempt, AttemptItem, Delivery, Platform, Record, Version
from hub.moments import now
from hub.schemas.kind import kinds
from hub.sync.queue import Item
from hub.sync.target import Marks, Outgoing, Target

ANSWER_KEPT = 64 * 1024
"""How much of an answer is kept, in bytes."""

WINDOW = 20_000
"""The most positions that one read looks at."""


@dataclass(slots=True)
class Call:
    """One HTTP call and what came of it."""

    id: int
    started_at: int
    finished_at: int
    items: Sequence[Item]
    status: int | None
    error: str | None
    answer: bytes


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


@dataclass(slots=True)
class Held:
    """Threads that a version holds, and by thread the records with versions that wait."""

    threads: set[str]
    records: dict[str, set[int]]


class Book:
    """The courier's book for one target."""

    def __init__(self, target: Target, worker: str) -> None:
        self._target = target
        self._worker = worker
        wanted = [name for name, kind in kinds().items() if target.wants(kind)]
        self._wanted = None if len(wanted) == len(kinds()) else wanted
        self._marks: dict[str, Marks] = {}

    async def window(
        self, connection: AsyncConnection, lanes: Sequence[int], after: int, to: int, limit: int, *, check: bool
    ) -> tuple[list[Item], int]:
        """Unfinished wanted versions of the lanes behind `after`, and the position up to which they are complete.

        `check` leaves out what has a delivery row already: only needed where an earlier owner may have been.
        """
        last = min(to, after + WINDOW)
        arguments: dict[str, Any] = {"after": after, "last": last, "most": limit}
        if len(lanes) < LANES:
            arguments["lanes"] = list(lanes)
        if self._wanted is not None:
            arguments["wanted"] = self._wanted
        statement = _window(self._target.name, "lanes" in arguments, "wanted" in arguments, check)
        rows = (await connection.execute(statement, arguments)).all()
        items = [await self._item(connection, row, due=False) for row in rows]
        return items, (rows[-1].position if len(rows) == limit else last)

    async def due(
        self, connection: AsyncConnection, lanes: Sequence[int], moment: int, limit: int, *, but: Iterable[int]
    ) -> list[Item]:
        """Versions whose delivery rows say that they are to be tried again, oldest first."""
        statement = (
            _VERSIONS.add_columns(Delivery.tries)
            .join(Delivery, Delivery.position == Version.position)
            .where(
                Delivery.target == self._target.name,
                Delivery.state == "waiting",
                Delivery.next_try <= moment,
                Delivery.lane.in_(lanes),
                Delivery.position.not_in(list(but)),
            )
            .limit(limit)
        )
        items = []
        for row in (await connection.execute(statement)).all():
            item = await self._item(connection, row, due=True)
            item.tries = row.tries
            items.append(item)
        return items

    async def held(
        self, connection: AsyncConnection, *, lanes: Sequence[int] | None = None, threads: Sequence[str] | None = None
    ) -> "Held":
        """What is held and what waits, in these lanes or in these threads."""
        narrowed = Delivery.thread.in_(threads) if threads is not None else Delivery.lane.in_(lanes or ())
        rows = await connection.execute(
            select(Delivery.thread, Delivery.holds, Version.record)
            .join(Version, Version.position == Delivery.position)
            .where(Delivery.target == self._target.name, Delivery.state.in_(("waiting", "parked")), narrowed)
        )
        found = Held(set(), {})
        for thread, holds, record in rows:
            found.records.setdefault(thread, set()).add(record)
            if holds:
                found.threads.add(thread)
        return found

    async def write(self, connection: AsyncConnection, calls: Sequence[Call], rows: Sequence[Row]) -> None:
        """Store attempts and the delivery rows that they brought about."""
        if calls:
            await connection.execute(insert(Attempt), [self._attempt(call) for call in calls])
        finished = {row.item.position for row in rows if row.state == "delivered"}
        unfinished = [
            {"attempt": call.id, "position": item.position}
            for call in calls
            for item in call.items
            if item.position not in finished
        ]
        if unfinished:
            await connection.execute(insert(AttemptItem), unfinished)
        if rows:
            await connection.execute(_upsert(connection.dialect.name), [self._delivery(row) for row in rows])

    async def release(self, connection: AsyncConnection, threads: Sequence[str], moment: int) -> None:
        """Let what waits in these threads be tried now: one of their versions has arrived."""
        await connection.execute(
            update(Delivery)
            .where(
                Delivery.target == self._target.name,
                Delivery.state == "waiting",
                Delivery.thread.in_(threads),
                or_(Delivery.next_try.is_(None), Delivery.next_try > moment),
            )
            .values(next_try=moment)
        )

    def _attempt(self, call: Call) -> dict[str, Any]:
        return {
            "id": call.id,
            "target": self._target.name,
            "worker": self._worker,
            "started_at": call.started_at,
            "finished_at": call.finished_at,
            "versions": len(call.items),
            "status": call.status,
            "error": call.error,
            "answer": call.answer[:ANSWER_KEPT],
        }

    def _delivery(self, row: Row) -> dict[str, Any]:
        return {
            "target": self._target.name,
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
        }

    async def _item(self, connection: AsyncConnection, row: Any, *, due: bool) -> Item:
        marks = self._marks.get(row.platform)
        if marks is None:
            marks = self._marks[row.platform] = await _marks_of(connection, row.platform)
        outgoing = Outgoing(
            position=row.position,
            previous=row.previous,
            number=row.number,
            record=f"{row.platform}/{row.kind}/{row.data_key}",
            kind=kinds()[row.kind],
            data_key=row.data_key,
            thread=row.thread,
            state=row.state,
            digest=row.digest,
            document=row.document,
            marks=marks,
        )
        return Item(outgoing, record=row.record, lane=row.lane, due=due)


async def _marks_of(connection: AsyncConnection, platform: str) -> Marks:
    row = (await connection.execute(select(Platform.__table__).where(Platform.code == platform))).first()
    if row is None:
        return Marks(platform, platform, f"C{platform[2:8]}0001", f"C{platform[2:8]}0001")
    return Marks(row.code, row.public_service_code, row.trade_mark, row.public_service_mark)


_VERSIONS = (
    select(
        Version.position,
        Version.previous,
        Version.number,
        Version.platform,
        Version.kind,
        Record.data_key,
        Version.record,
        Version.thread,
        Version.lane,
        Version.state,
        Version.digest,
        Version.document,
    )
    .join(Record, Record.id == Version.record)
    .order_by(Version.position)
)
_CHANGED = ("state", "holds", "tries", "attempt", "receipt", "reason", "next_try", "updated_at")


@cache
def _window(target: str, some_lanes: bool, some_kinds: bool, check: bool) -> Any:
    """The statement that reads a window; made once for each of its few forms."""
    statement = _VERSIONS.where(Version.position > bindparam("after"), Version.position <= bindparam("last"))
    if some_lanes:
        statement = statement.where(Version.lane.in_(bindparam("lanes", expanding=True)))
    if some_kinds:
        statement = statement.where(Version.kind.in_(bindparam("wanted", expanding=True)))
    if check:
        rows_there = select(Delivery.position).where(Delivery.target == target, Delivery.position == Version.position)
        statement = statement.where(~rows_there.exists())
    return statement.limit(bindparam("most"))


@cache
def _upsert(dialect: str) -> Any:
    statement = (postgresql if dialect == "postgresql" else sqlite).insert(Delivery)
    changed = {name: statement.excluded[name] for name in _CHANGED}
    return statement.on_conflict_do_update(index_elements=["target", "position"], set_=changed)
