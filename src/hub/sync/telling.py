"""What subscribers are told: versions as they may see them, or the outcomes of their own."""

from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import Select, case, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from hub.ledger.epochs import Stretch, read_epochs
from hub.ledger.outcomes import OUTCOMES, WINDOW, shown
from hub.ledger.read import opening
from hub.ledger.tables import LANES, Delivery, Record, Version
from hub.schemas.kind import kinds
from hub.sync.queue import Item
from hub.sync.source import EPOCHS, SHARED, Versions, Wanted, outgoing
from hub.sync.target import Marks, Outgoing


class Entries(Versions):
    """Versions as a subscriber sees them: what the public sees of others' records, and `owner`'s own whole.

    Without an owner it is the government's view: everything whole.
    """

    def __init__(self, name: str, wanted: Wanted, owner: str | None, last: int | None = None) -> None:
        super().__init__(name, wanted, last)
        self._owner = owner
        whole = literal(True) if owner is None else Version.platform == owner
        self._columns: Select[Any] = (
            select(*SHARED, Version.header, case((whole, Version.document), else_=Version.public).label("shown"))
            .join(Record, Record.id == Version.record)
            .order_by(Version.position)
        )

    def columns(self) -> Select[Any]:
        """The header, and of the content what is shown."""
        return self._columns

    async def item(self, connection: AsyncConnection, row: Any, *, due: bool) -> Item:
        """A row as a feed entry, which says of a later epoch than the first that it is of it."""
        whole = self._owner is None or row.platform == self._owner
        member = b'"document":' + row.shown if whole else row.shown
        epoch = await self.epoch_of(connection, row) if row.epochs > 1 else None
        said = b"" if epoch is None else b',"epoch":' + orjson.dumps(_said(epoch.number, epoch.began_after))
        entry = b"%b%b,%b%b}" % (opening(row.position, row.previous), row.header, member, said)
        return Item(outgoing(row, entry, _marks(row.platform)), record=row.record, lane=row.lane, due=due)


class Outcomes:
    """A platform's outcomes by their numbers, which stand for positions here."""

    def __init__(self, name: str, wanted: Wanted, last: int | None = None) -> None:
        self._name = name
        self._conditions = wanted.conditions()
        self._last = last

    def head(self, heard: int) -> int:
        """The end of the range where it has one."""
        return heard if self._last is None else min(heard, self._last)

    async def window(
        self, connection: AsyncConnection, lanes: Sequence[int], after: int, to: int, limit: int, *, check: bool
    ) -> tuple[list[Item], int]:
        """Outcomes of the lanes behind `after`; one that changed again has moved on to another number."""
        last = min(to, after + WINDOW)
        statement = OUTCOMES.where(Delivery.sequence > after, Delivery.sequence <= last, *self._conditions)
        if len(lanes) < LANES:
            statement = statement.where(Delivery.lane.in_(lanes))
        if check:
            told = aliased(Delivery)
            there = select(told.position).where(told.target == self._name, told.position == Delivery.sequence)
            statement = statement.where(~there.exists())
        rows = (await connection.execute(statement.add_columns(EPOCHS).limit(limit))).all()
        epochs = await read_epochs(connection) if rows and rows[0].epochs > 1 else ()
        return [_outcome(row, epochs) for row in rows], (rows[-1].sequence if len(rows) == limit else last)

    async def ahead(self, *_: Any, after: int, **__: Any) -> tuple[list[Item], int]:
        """None: they are all of one platform."""
        return [], after

    async def due(self, *_: Any, **__: Any) -> list[Item]:
        """None: what fails is tried again from memory."""
        return []

    async def ordered(self, *_: Any) -> list[Item]:
        """None: nothing of them is skipped."""
        return []


def _outcome(row: Any, epochs: Sequence[Stretch]) -> Item:
    of = max((one for one in epochs if one.outcomes_after < row.sequence), key=lambda one: one.number, default=None)
    epoch = {} if of is None or of.number == 1 else {"epoch": _said(of.number, of.outcomes_after)}
    told = Outgoing(
        position=row.sequence,
        previous=None,
        number=row.number,
        record=f"{row.platform}/{row.kind}/{row.data_key}",
        kind=kinds()[row.kind],
        data_key=row.data_key,
        thread=row.thread,
        state=row.state,
        digest=row.digest,
        document=orjson.dumps(shown(row) | epoch),
        marks=_marks(row.platform),
    )
    return Item(told, record=row.record, lane=row.lane, due=False)


def _said(number: int, began_after: int) -> dict[str, int]:
    """Numbers behind `began_after` are given out again: whoever got some of an earlier epoch forgets those."""
    return {"number": number, "began_after": began_after}


def _marks(platform: str) -> Marks:
    return Marks(platform, "", "", "")
