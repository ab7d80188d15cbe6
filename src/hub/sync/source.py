"""What couriers read: versions in the order of the ledger, narrowed to those that are wanted."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Protocol

from sqlalchemy import ARRAY, BigInteger, ColumnElement, Select, all_, and_, bindparam, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from hub.ledger.epochs import Stretch, read_epochs, stretch_of
from hub.ledger.tables import LANES, Delivery, Epoch, Platform, Record, Version, in_state
from hub.schemas.kind import kinds
from hub.straight import Straight
from hub.sync.queue import Item
from hub.sync.target import Marks, Outgoing

WINDOW = 20_000
"""The most positions that one read looks at."""


class Source(Protocol):
    """What a courier reads, by positions that rise."""

    def head(self, heard: int) -> int:
        """The position to read up to where `heard` is the highest one heard of."""

    async def window(
        self, connection: AsyncConnection, lanes: Sequence[int], after: int, to: int, limit: int, *, check: bool
    ) -> tuple[list[Item], int]:
        """Unfinished items of the lanes behind `after`, and the position up to which they are complete.

        `check` leaves out what has a delivery row already: only needed where an earlier owner may have been.
        """

    async def ahead(
        self,
        connection: AsyncConnection,
        *,
        lanes: Sequence[int],
        after: int,
        to: int,
        limit: int,
        low: int,
        but: Sequence[str],
    ) -> tuple[list[Item], int]:
        """Like `window`, of all platforms `but` these, and without what they keep: see `hub.sync.ahead`."""

    async def due(
        self, connection: AsyncConnection, lanes: Sequence[int], moment: int, limit: int, *, but: Iterable[int]
    ) -> list[Item]:
        """Items whose delivery rows say that they are to be tried again, oldest first."""

    async def ordered(self, connection: AsyncConnection, lanes: Sequence[int], limit: int) -> list[Item]:
        """Items that their senders want skipped, oldest first."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which versions are read; what is None or empty narrows nothing. `regions` are prefixes of region codes.

    `delivered_to` narrows to versions that a target has got: a replay leaves alone what was never delivered.
    """

    kinds: tuple[str, ...] | None = None
    regions: tuple[str, ...] = ()
    threads: tuple[str, ...] = ()
    platform: str | None = None
    delivered_to: str | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """What a version fulfils that is wanted."""
        found: list[ColumnElement[bool]] = []
        if self.kinds is not None:
            found.append(Version.kind.in_(self.kinds))
        if self.regions:
            found.append(or_(*(Version.region.startswith(prefix, autoescape=True) for prefix in self.regions)))
        if self.threads:
            found.append(Version.thread.in_(self.threads))
        if self.platform is not None:
            found.append(Version.platform == self.platform)
        if self.delivered_to is not None:
            found.append(_row_of(self.delivered_to).where(Delivery.state == "delivered").exists())
        return found


class Versions:
    """The ledger's versions, for deliveries under a name; `last` ends a range."""

    def __init__(self, name: str, wanted: Wanted, last: int | None = None) -> None:
        self.name = name
        self._last = last
        self._conditions = wanted.conditions()
        # A replay sends what its target got, and knows by the target's rows what that never got.
        self._skipped = _skipped_at(wanted.delivered_to or name)
        self._after_skipped = _comes_after_skipped(wanted.delivered_to or name)
        self._windows: dict[tuple[bool, bool], Select[Any]] = {}
        self._marks: dict[str, Marks] = {}
        self._epochs: Sequence[Stretch] = ()

    def head(self, heard: int) -> int:
        """The end of the range where it has one."""
        return heard if self._last is None else min(heard, self._last)

    async def window(
        self, connection: AsyncConnection, lanes: Sequence[int], after: int, to: int, limit: int, *, check: bool
    ) -> tuple[list[Item], int]:
        """Versions of the lanes behind `after`."""
        last = min(to, after + WINDOW)
        arguments: dict[str, Any] = {"after": after, "last": last, "most": limit}
        if some := len(lanes) < LANES:
            arguments["lanes"] = list(lanes)
        if check or some or connection.dialect.name != "postgresql":
            rows = (await connection.execute(self._window(some, check), arguments)).all()
        else:
            # Asked for every few versions, by every courier.
            rows = await self._newest.rows(connection, arguments)
        items = [await self.item(connection, row, due=False) for row in rows]
        await self._bridge(connection, items, rows)
        return items, (rows[-1].position if len(rows) == limit else last)

    async def ahead(
        self,
        connection: AsyncConnection,
        *,
        lanes: Sequence[int],
        after: int,
        to: int,
        limit: int,
        low: int,
        but: Sequence[str],
    ) -> tuple[list[Item], int]:
        """Versions of other platforms behind `after` that nothing of `but` since `low` precedes in their threads."""
        last = min(to, after + WINDOW)
        arguments: dict[str, Any] = {"after": after, "last": last, "most": limit, "lanes": list(lanes)}
        rows = (await connection.execute(self._ahead, arguments | {"low": low, "but": list(but)})).all()
        items = [await self.item(connection, row, due=False) for row in rows]
        await self._bridge(connection, items, rows)
        return items, (rows[-1].position if len(rows) == limit else last)

    @cached_property
    def _newest(self) -> Straight:
        return Straight(self._window(some_lanes=False, check=False), "after", "last", "most")

    @cached_property
    def _ahead(self) -> Select[Any]:
        earlier = aliased(Version)
        before = select(earlier.position).where(
            earlier.thread == Version.thread,
            earlier.position > bindparam("low"),
            earlier.position < Version.position,
            earlier.platform.in_(bindparam("but", expanding=True)),
        )
        others = Version.platform.not_in(bindparam("but", expanding=True))
        return self._window(some_lanes=True, check=True).where(others, ~before.exists())

    async def due(
        self, connection: AsyncConnection, lanes: Sequence[int], moment: int, limit: int, *, but: Iterable[int]
    ) -> list[Item]:
        """Versions that wait in their rows and are due."""
        asked = {"moment": moment, "lanes": list(lanes), "but": list(but), "most": limit}
        return await self._from_rows(connection, self._due[connection.dialect.name], asked)

    async def ordered(self, connection: AsyncConnection, lanes: Sequence[int], limit: int) -> list[Item]:
        """Versions that their senders want skipped."""
        return await self._from_rows(connection, self._ordered, {"lanes": list(lanes), "most": limit})

    async def _from_rows(
        self, connection: AsyncConnection, statement: Select[Any], asked: Mapping[str, Any]
    ) -> list[Item]:
        items = []
        rows = (await connection.execute(statement, asked)).all()
        for row in rows:
            item = await self.item(connection, row, due=True)
            item.tries, item.skip = row.tries, row.skip
            items.append(item)
        await self._bridge(connection, items, rows)
        return items

    @cached_property
    def _waiting(self) -> Select[Any]:
        return (
            self.columns()
            .add_columns(Delivery.tries, Delivery.skip, self._after_skipped)
            .join(Delivery, Delivery.position == Version.position)
            .where(
                Delivery.target == self.name,
                in_state("waiting"),
                Delivery.lane.in_(bindparam("lanes", expanding=True)),
            )
            .limit(bindparam("most"))
        )

    @cached_property
    def _due(self) -> Mapping[str, Select[Any]]:
        """By the name of the database's dialect."""
        due = self._waiting.where(Delivery.next_try <= bindparam("moment"), Delivery.skip.is_(None), ~_kept_back())
        return {
            "sqlite": due.where(Delivery.position.not_in(bindparam("but", expanding=True))),
            # One array is one parameter, of which PostgreSQL takes 32,767 at the most.
            "postgresql": due.where(Delivery.position != all_(bindparam("but", type_=ARRAY(BigInteger)))),
        }

    @cached_property
    def _ordered(self) -> Select[Any]:
        return self._waiting.where(Delivery.skip.is_not(None))

    async def _bridge(self, connection: AsyncConnection, items: Iterable[Item], rows: Iterable[Any]) -> None:
        """Let versions behind skipped ones follow what the target has: it would wait for the skipped ones for ever."""
        behind = [row.previous for row in rows if row.after_skipped]
        past: dict[int, int | None] = {}
        while behind:
            found = (await connection.execute(self._skipped, {"positions": behind})).all()
            past |= {row.position: row.previous for row in found}
            behind = [row.previous for row in found if row.previous is not None]
        for item in items if past else ():
            previous = item.version.previous
            while previous in past:
                previous = past[previous]
            item.version = replace(item.version, previous=previous)

    def columns(self) -> Select[Any]:
        """What is read of a version."""
        return _VERSIONS

    async def item(self, connection: AsyncConnection, row: Any, *, due: bool) -> Item:
        """A row as an item."""
        marks = self._marks.get(row.platform)
        if marks is None:
            marks = self._marks[row.platform] = await _marks_of(connection, row.platform)
        version = outgoing(row, row.document, marks)
        if row.epochs > 1:
            version = replace(version, epoch=await self.epoch_of(connection, row))
        return Item(version, record=row.record, lane=row.lane, due=due)

    async def epoch_of(self, connection: AsyncConnection, row: Any) -> Stretch | None:
        """The epoch in which a version was appended, None for the first one."""
        if len(self._epochs) < row.epochs:
            self._epochs = await read_epochs(connection)
        found = stretch_of(self._epochs, row.position)
        return None if found.number == 1 else found

    def _window(self, some_lanes: bool, check: bool) -> Select[Any]:
        """The statement that reads a window; made once for each of its few forms."""
        if (known := self._windows.get((some_lanes, check))) is not None:
            return known
        statement = self.columns().add_columns(self._after_skipped)
        statement = statement.where(Version.position > bindparam("after"), Version.position <= bindparam("last"))
        statement = statement.where(*self._conditions)
        if some_lanes:
            statement = statement.where(Version.lane.in_(bindparam("lanes", expanding=True)))
        if check:
            statement = statement.where(~_row_of(self.name).exists())
        self._windows[some_lanes, check] = statement = statement.limit(bindparam("most"))
        return statement


def statutory(name: str, wants: Iterable[str]) -> Versions:
    """What a statutory target reads: all versions of the kinds that it wants."""
    wanted = tuple(wants)
    return Versions(name, Wanted() if len(wanted) == len(kinds()) else Wanted(wanted))


def outgoing(row: Any, document: bytes, marks: Marks) -> Outgoing:
    """A row as what is sent."""
    return Outgoing(
        position=row.position,
        previous=row.previous,
        number=row.number,
        record=f"{row.platform}/{row.kind}/{row.data_key}",
        kind=kinds()[row.kind],
        data_key=row.data_key,
        thread=row.thread,
        state=row.state,
        digest=row.digest,
        document=document,
        marks=marks,
    )


def _row_of(target: str) -> Select[Any]:
    return select(Delivery.position).where(Delivery.target == target, Delivery.position == Version.position)


def _skipped_at(target: str) -> Select[Any]:
    """Which of some positions were skipped at a target, and what came before them in their records."""
    columns: tuple[Any, ...] = (Version.position, Version.previous)
    return (
        select(*columns)
        .join(Delivery, Delivery.position == Version.position)
        .where(
            in_state("skipped"),
            Delivery.target == target,
            Delivery.position.in_(bindparam("positions", expanding=True)),
        )
    )


def _comes_after_skipped(target: str) -> ColumnElement[bool]:
    """Whether the record's version before was skipped at a target: hardly ever, so that nothing more is asked."""
    before = aliased(Delivery)
    found = select(before.position).where(
        before.target == target, before.position == Version.previous, in_state("skipped", of=before)
    )
    return found.correlate(Version).exists().label("after_skipped")


def _kept_back() -> ColumnElement[bool]:
    """Whether an earlier version holds the thread, or waits without being due at `moment` while it is of the same record."""
    earlier, of = aliased(Delivery), aliased(Version)
    not_due = or_(earlier.next_try.is_(None), earlier.next_try > bindparam("moment"))
    return (
        select(earlier.position)
        .join(of, of.position == earlier.position)
        .where(
            earlier.target == Delivery.target,
            earlier.thread == Delivery.thread,
            in_state("waiting", "parked", of=earlier),
            # Not by the primary key, whose way leads through everything delivered before: by the index of what is open.
            earlier.position + 0 < Delivery.position,
            or_(earlier.holds, and_(of.record == Version.record, not_due)),
        )
        .correlate(Delivery, Version)
        # An offset keeps it a question about each row by itself: without statistics PostgreSQL would make a join of it that
        # compares all that waits with all that waits.
        .offset(0)
        .exists()
    )


async def _marks_of(connection: AsyncConnection, platform: str) -> Marks:
    row = (await connection.execute(select(Platform.__table__).where(Platform.code == platform))).first()
    if row is None:
        return Marks(platform, platform, f"C{platform[2:8]}0001", f"C{platform[2:8]}0001")
    return Marks(row.code, row.public_service_code, row.trade_mark, row.public_service_mark)


EPOCHS: Any = select(func.count()).select_from(Epoch).scalar_subquery().label("epochs")
"""How many there are, asked once for all rows: hardly any ledger has a second one."""

SHARED: tuple[Any, ...] = (
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
    EPOCHS,
)
_VERSIONS: Select[Any] = (
    select(*SHARED, Version.document).join(Record, Record.id == Version.record).order_by(Version.position)
)
