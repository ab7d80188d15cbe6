"""The past: what the ledger said at a position, or at a moment."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from hub.ledger.read import STORED, WINDOW, Filter, Stored, head_position, narrowed, weighed_rows
from hub.ledger.tables import Record, Version

NEIGHBOURS = 1000
"""How many positions may lie between two versions whose moments are the other way round: the batches of a few processes."""


async def position_at(connection: AsyncConnection, moment: int) -> int:
    """The last position whose version was received at `moment` (microseconds UTC) or before it; 0 where there is none.

    Processes stamp a version before they ask for its position, so neighbours' moments may be the other way round.
    """
    low, high = 0, await head_position(connection)
    while low < high:
        middle = (low + high + 1) // 2
        received = (await connection.execute(_RECEIVED.where(Version.position == middle))).scalar_one()
        low, high = (middle, high) if received <= moment else (low, middle - 1)
    later = select(func.max(Version.position)).where(
        Version.position > low, Version.position <= low + NEIGHBOURS, Version.received_at <= moment
    )
    return (await connection.execute(later)).scalar_one() or low


_RECEIVED = select(Version.received_at)


async def record_at(connection: AsyncConnection, record: int, position: int) -> Stored | None:
    """The version of a record that was current at `position`; None where there was no record yet."""
    statement = STORED.where(Version.record == record, Version.position <= position)
    row = (await connection.execute(statement.order_by(Version.data_timestamp.desc()).limit(1))).first()
    return None if row is None else Stored(*row)


async def records_at(
    connection: AsyncConnection, position: int, *, before: int | None, limit: int, wanted: Filter, state: str | None
) -> tuple[Sequence[Stored], int | None]:
    """The versions that were current at `position`, the newest record first, and the `before` of the following page.

    `before` is a record, None to begin. A filtered page looks at no more than `WINDOW` positions, and one of heavy
    versions has fewer, so it may end early; the second value is None on the last page.
    """
    first = position + 1 if before is None else min(before, position + 1)
    low = max(1, first - (WINDOW if wanted or state is not None else limit * 8))
    later = aliased(Version)
    newest = (
        select(func.max(later.position)).where(later.record == Record.id, later.position <= position).scalar_subquery()
    )
    statement = STORED.join(Record, Version.position == newest).where(Record.id >= low, Record.id < first)
    statement = narrowed(statement, wanted)
    if state is not None:
        statement = statement.where(Version.state == state)
    rows, more = await weighed_rows(connection, statement.order_by(Record.id.desc()), limit)
    found = [Stored(*row) for row in rows]
    if more:
        low = found[-1].record
    return found, low if low > 1 else None
