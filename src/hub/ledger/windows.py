"""Reading the whole ledger in windows of bounded size, as it was at one position."""

from collections.abc import AsyncIterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import text

from hub.db import Database, driver_of

FIRST, MOST = 500, 8000
"""The versions of the first window, and the most of any."""

BYTES = 16 * 1024 * 1024
"""What a window should hold; its size follows what the one before held."""


class Row(NamedTuple):
    """A version as it is stored; `shown` is its document or its public member, `superseded` says that a later one stands."""

    position: int
    previous: int | None
    kind: str
    state: str
    digest: bytes
    header: bytes
    shown: bytes
    superseded: bool


async def windows(database: Database, until: int, *, government: bool) -> AsyncIterator[Sequence[Row]]:
    """All versions up to the position `until` in order, some at a time; no transaction is open between two windows.

    Versions never change, and what comes meanwhile has higher positions: all windows together are one state.
    """
    statement = _WINDOW.format(shown="document" if government else "public")
    after, size = 0, FIRST
    while after < until:
        last = min(until, after + size)
        rows = await _window(database, statement, after, last, until)
        yield rows
        held = sum(len(row.shown) + len(row.header) for row in rows)
        size = max(1, min(MOST, size * 4, BYTES * len(rows) // max(held, 1)))
        after = last


async def _window(database: Database, statement: str, after: int, last: int, until: int) -> Sequence[Row]:
    async with database.reading() as connection:
        if database.is_postgresql:
            rows: Any = await (await driver_of(connection)).fetch(statement, after, last, until)
        else:
            named = {"p1": after, "p2": last, "p3": until}
            rows = await connection.execute(text(statement.replace("$", ":p")), named)
        return [Row(*row) for row in rows]


_WINDOW = """
SELECT v.position, v.previous, v.kind, v.state, v.digest, v.header, v.{shown},
       EXISTS (SELECT 1 FROM version w
               WHERE w.record = v.record AND w.data_timestamp > v.data_timestamp AND w.position <= $3)
FROM version v WHERE v.position > $1 AND v.position <= $2 ORDER BY v.position
"""
