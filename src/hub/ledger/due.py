"""Due dates that may still change: the records that have one, and setting it anew. Versions stay as they are."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.ledger.tables import Record, Version

# The condition of the index, word for word: the databases do not see through a parameter.
_PROVISIONAL = text("record.provisional")


@dataclass(frozen=True, slots=True)
class Judged:
    """The current version of a record whose due date is provisional, with what it is judged by."""

    id: int
    position: int
    received_at: int
    header: bytes
    document: bytes


@dataclass(frozen=True, slots=True)
class NewDue:
    """The due date of a record's current version by the calendars of now; `due_now` is None where the header has it."""

    id: int
    position: int
    due_on: str | None
    days_late: int
    provisional: bool
    due_now: bytes | None


async def count_provisional(connection: AsyncConnection) -> int:
    """How many records have a due date that may still change."""
    return int((await connection.execute(select(func.count()).select_from(Record).where(_PROVISIONAL))).scalar_one())


async def provisional_ones(connection: AsyncConnection, *, after: int, limit: int) -> Sequence[Judged]:
    """Records with a due date that may still change, from behind the record `after` on, by their ids."""
    rows = await connection.execute(_ONES, {"after": after, "limit": limit})
    return [Judged(*row) for row in rows]


_ONES = (
    select(Record.id, Record.position, Version.received_at, Version.header, Version.document)
    .join(Version, Version.position == Record.position)
    .where(_PROVISIONAL, Record.id > bindparam("after"))
    .order_by(Record.id)
    .limit(bindparam("limit"))
)


async def set_due(connection: AsyncConnection, dues: Sequence[NewDue]) -> None:
    """Set the due dates of records that still have the same current version."""
    rows = [
        {
            "of": due.id,
            "at": due.position,
            "new_due_on": due.due_on,
            "new_days_late": due.days_late,
            "new_provisional": due.provisional,
            "new_due_now": due.due_now,
        }
        for due in dues
    ]
    await connection.execute(_SET, rows)


_SET = (
    update(Record)
    .where(Record.id == bindparam("of"), Record.position == bindparam("at"))
    .values(
        {
            name: bindparam(f"new_{name}", type_=Record.__table__.c[name].type)
            for name in ("due_on", "days_late", "provisional", "due_now")
        }
    )
)
