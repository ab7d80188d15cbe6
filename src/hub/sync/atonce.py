"""On PostgreSQL, what a courier's requests came to is stored by one function: one round trip, one commit."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from hub.db import driver_of
from hub.moments import now
from hub.sync.book import Book, Call, Row, kept_of
from hub.sync.lanes import Cursor


async def store_flights(
    connection: AsyncConnection,
    book: Book,
    tokens: Mapping[int, int],
    calls: Collection[Call],
    rows: Collection[Row],
    moved: Iterable[Cursor],
) -> set[int]:
    """Store calls, the rows of the lanes that still carry their token, and cursors, and commit; returns those lanes.

    `connection` commits every statement by itself. The arrays go to the driver as they are: SQLAlchemy's share would
    be most of the time. It writes what `Book.write` and `lanes.advance` write.
    """
    delivered = {row.item.position for row in rows if row.state == "delivered"}
    attempts = [
        (c.id, c.started_at, c.finished_at, len(c.items), c.status, c.error, *kept_of(c.answer), c.next_try)
        for c in calls
    ]
    unfinished = [(c.id, item.position) for c in calls for item in c.items if item.position not in delivered]
    written = [
        (
            row.item.position,
            row.item.thread,
            row.item.lane,
            row.state,
            row.holds,
            row.item.tries,
            row.attempt,
            row.receipt,
            row.reason,
            row.next_try,
            row.quality,
        )
        for row in rows
    ]
    driver = await driver_of(connection)
    mine = await driver.fetchval(
        _STORE,
        book.name,
        book.worker,
        now(),
        book.numbered,
        list(tokens),
        list(tokens.values()),
        *_columns(attempts, 9),
        *_columns(unfinished, 2),
        *_columns(written, 11),
        *_columns(sorted(moved), 3),
    )
    return set(mine)


def _columns(rows: Collection[tuple[Any, ...]], count: int) -> Iterable[Sequence[Any]]:
    return zip(*rows, strict=True) if rows else [()] * count


_STORE = f"SELECT store_flights({', '.join(f'${n}' for n in range(1, 32))})"
