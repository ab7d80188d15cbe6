"""What a page weighs: entries of up to megabytes each are read apart, and only as many as a page may hold."""

from collections.abc import Iterable, Sequence
from itertools import accumulate, takewhile
from typing import Any

from sqlalchemy import ColumnElement, bindparam, case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.ledger.tables import Version

LIGHT = 16 * 1024
"""Bytes of an entry up to which it is read with the others of its page."""

MOST = 1000 * LIGHT
"""Bytes that the entries of a page have together at the most, unless a single one has more."""

Row = tuple[int, int | None, bytes, bytes]
"""The parts of an entry as they are stored: position, previous position, header, document or public member."""


def if_light(column: Any) -> ColumnElement[bytes | None]:
    """The column's value, NULL where it is not light; how long it is stands where it begins, so that it is not read."""
    return case((func.length(column) <= LIGHT, column))


def how_many_fit(weights: Iterable[int]) -> int:
    """How many of the entries with these weights, in bytes, a page may hold: at least one where there is one."""
    together = accumulate(weights)
    return sum(1 for _ in takewhile(lambda one: not one[0] or one[1] <= MOST, enumerate(together)))


async def weighed(connection: AsyncConnection, rows: Sequence[Any], column: Any) -> Sequence[Row]:
    """The first of the rows, as many as a page may hold; `rows` end with `if_light(column)`."""
    heavy = [row[0] for row in rows if row[3] is None]
    if not heavy:
        return rows
    lengths = await _of(connection, heavy, func.length(column))
    kept = rows[: how_many_fit(lengths[row[0]] if row[3] is None else len(row[3]) for row in rows)]
    contents = await _of(connection, [row[0] for row in kept if row[3] is None], column)
    return [(*row[:3], contents[row[0]] if row[3] is None else row[3]) for row in kept]


async def _of(connection: AsyncConnection, positions: Sequence[int], value: Any) -> dict[int, Any]:
    asked = select(Version.position, value).where(Version.position.in_(bindparam("positions", expanding=True)))
    return {row[0]: row[1] for row in await connection.execute(asked, {"positions": positions})}
