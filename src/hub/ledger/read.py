"""The one way out: reading versions by position, record or thread."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.ledger.openings import OPENING
from hub.ledger.tables import Record, Version
from hub.ledger.weighing import how_many_fit
from hub.moments import now

WINDOW = 20_000
"""The most positions that one filtered read looks at: its cost is bounded however rare the matches are."""


def opening(position: int, previous: int | None) -> bytes:
    """The beginning of every JSON object about a version; its header follows."""
    if previous is None:
        return b'{"position":%d,"previous":null,' % position
    return b'{"position":%d,"previous":%d,' % (position, previous)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which versions a reader wants; None means all of them.

    `region` is a prefix of the region code, `party` a code that the record's public documents named, `since` the
    moment (microseconds UTC) from which on they were received.
    """

    kinds: tuple[str, ...] | None = None
    region: str | None = None
    platform: str | None = None
    discloser: str | None = None
    party: str | None = None
    thread: str | None = None
    since: int | None = None

    def __bool__(self) -> bool:
        return self != ALL


ALL = Filter()


async def head_position(connection: AsyncConnection) -> int:
    """The position of the newest version, 0 for an empty ledger."""
    return int((await connection.execute(_HEAD)).scalar_one())


def narrowed(statement: Select[Any], wanted: Filter, table: type[Version] | type[Record] = Version) -> Select[Any]:
    """The statement with those of the filter's conditions that `table` has columns for in either case."""
    if wanted.kinds is not None:
        statement = statement.where(table.kind.in_(wanted.kinds))
    if wanted.region is not None:
        statement = statement.where(table.region.startswith(wanted.region, autoescape=True))
    if wanted.platform is not None:
        statement = statement.where(table.platform == wanted.platform)
    return statement


_HEAD = select(func.coalesce(func.max(Version.position), 0))


@dataclass(frozen=True, slots=True)
class Stored:
    """One stored version with what every reader may need of it."""

    position: int
    record: int
    number: int
    previous: int | None
    platform: str
    kind: str
    state: str
    digest: bytes
    header: bytes
    terms: bytes
    document: bytes
    public: bytes
    opened: bytes | None
    opens_at: int | None
    """When the public sees `opened`: see `hub.ledger.openings`."""

    def entry(self, *, government: bool, due_now: bytes | None = None) -> bytes:
        """The version as it is shown now; `due_now` is the record's due date where it is no longer the header's."""
        later = b"" if due_now is None else b',"due_now":' + due_now
        return b"%b%b,%b%b}" % (opening(self.position, self.previous), self.header, self._shown(government), later)

    def _shown(self, government: bool) -> bytes:
        """The member that a reader sees now. The feed shows `public` for ever: its pages do not change."""
        if government:
            return b'"document":' + self.document
        if self.opened is not None and self.opens_at is not None and self.opens_at <= now():
            return self.opened
        return self.public

    def receipt(self) -> bytes:
        """回执: the same bytes that the sender got."""
        return opening(self.position, self.previous) + self.header + self.terms


STORED: Any = select(
    Version.position,
    Version.record,
    Version.number,
    Version.previous,
    Version.platform,
    Version.kind,
    Version.state,
    Version.digest,
    Version.header,
    Version.terms,
    Version.document,
    Version.public,
    Version.opened,
    OPENING,
)


_WEIGHT: Any = (
    func.length(Version.document) + func.length(Version.public) + func.coalesce(func.length(Version.opened), 0)
)


async def weighed_rows(connection: AsyncConnection, statement: Select[Any], limit: int) -> tuple[Sequence[Any], bool]:
    """Up to `limit` rows of a statement of `STORED`, fewer where they are heavy, and whether there may be more."""
    weights = statement.with_only_columns(_WEIGHT, maintain_column_froms=True).limit(limit)
    found = (await connection.execute(weights)).scalars().all()
    count = how_many_fit(found)
    rows = (await connection.execute(statement.limit(count))).all() if count else ()
    return rows, count < len(found) or count == limit


async def version_at(connection: AsyncConnection, position: int) -> Stored | None:
    """The version at `position`."""
    row = (await connection.execute(STORED.where(Version.position == position))).first()
    return None if row is None else Stored(*row)


async def version_of(connection: AsyncConnection, record: int, number: int) -> Stored | None:
    """Version `number` of a record."""
    statement = STORED.where(Version.record == record, Version.number == number)
    row = (await connection.execute(statement)).first()
    return None if row is None else Stored(*row)


async def find_record(connection: AsyncConnection, platform: str, kind: str, data_key: str) -> Record | None:
    """The head of a record, or None."""
    row = (
        await connection.execute(
            select(Record.__table__).where(
                Record.platform == platform, Record.kind == kind, Record.data_key == data_key
            )
        )
    ).first()
    return None if row is None else Record(**row._mapping)


async def history(
    connection: AsyncConnection, record: int, *, after: int, limit: int, until: int | None = None
) -> Sequence[Stored]:
    """Versions of a record with a number above `after`, oldest first, up to the position `until`: fewer where heavy."""
    statement = STORED.where(Version.record == record, Version.number > after)
    if until is not None:
        statement = statement.where(Version.position <= until)
    rows, _ = await weighed_rows(connection, statement.order_by(Version.data_timestamp), limit)
    return [Stored(*row) for row in rows]


async def timeline(
    connection: AsyncConnection, thread: str, *, after: int, limit: int, until: int | None = None
) -> Sequence[Stored]:
    """Versions of a thread behind position `after`, in order, up to the position `until`: fewer where heavy."""
    statement = STORED.where(Version.thread == thread, Version.position > after)
    if until is not None:
        statement = statement.where(Version.position <= until)
    rows, _ = await weighed_rows(connection, statement.order_by(Version.position), limit)
    return [Stored(*row) for row in rows]


async def versions_at(connection: AsyncConnection, positions: Collection[int]) -> dict[int, Stored]:
    """The versions at these positions, by position; those that there are not are left out."""
    if not positions:
        return {}
    rows = await connection.execute(STORED.where(Version.position.in_(positions)))
    return {row.position: Stored(*row) for row in rows}


async def newest_versions(connection: AsyncConnection, limit: int, *, before: int | None = None) -> Sequence[Stored]:
    """The versions that were appended last, of those below the position `before` if one is given; newest first.

    Fewer where they are heavy.
    """
    statement = STORED if before is None else STORED.where(Version.position < before)
    rows, _ = await weighed_rows(connection, statement.order_by(Version.position.desc()), limit)
    return [Stored(*row) for row in rows]


async def late_records(
    connection: AsyncConnection, *, after: int | None, limit: int, wanted: Filter = ALL
) -> tuple[Sequence[tuple[Stored, bytes | None]], bool]:
    """The current versions of records that were disclosed late, the newest record first, with their `due_now`.

    `after` is the `record` of the last one seen, None to begin: a record keeps its place whatever becomes of it.
    Fewer where they are heavy; the second value is whether there may be more.
    """
    statement = narrowed(_LATE if after is None else _LATE.where(Record.id < after), wanted, Record)
    rows, more = await weighed_rows(connection, statement.order_by(Record.id.desc()), limit)
    return [(Stored(*row), due_now) for *row, due_now in rows], more


# The condition is that of the index, word for word: the databases do not see through a parameter.
_LATE = (
    STORED.add_columns(Record.due_now)
    .join(Record, Record.position == Version.position)
    .where(text("record.days_late > 0"))
)
