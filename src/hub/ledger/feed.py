"""The feed: pages of versions in the order of the ledger, forwards from a cursor or backwards from one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.db import driver_of
from hub.ledger.past import position_at
from hub.ledger.read import ALL, WINDOW, Filter, head_position, narrowed, opening
from hub.ledger.tables import Version, VersionParty
from hub.ledger.weighing import LIGHT, Row, if_light, weighed
from hub.problems import CursorBeyondHead

PIECE = 32
"""Entries of a page that are joined together: some 100 kB, which are copied within the processor's cache."""

CLOCKS_APART = 300_000_000
"""Microseconds by which the clocks of processes that append may differ, so that `received_at` is not quite in order."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the feed: what there is of the positions behind `low` up to `next`, of which all were looked at.

    `next` is the cursor to go on from forwards, `low` the one before the page; `head` is the last position. `rows` are
    in the order of the reading; `whole` says that no later reading finds more in it.
    """

    rows: Sequence[Row]
    low: int
    next: int
    head: int
    government: bool
    whole: bool = False

    @property
    def prev(self) -> int | None:
        """What to give as `before` for what lies before the page, None where nothing does."""
        return self.low + 1 if self.low > 0 else None

    @property
    def entries(self) -> list[bytes]:
        """Each entry as a JSON object."""
        return [b"".join(parts) for parts in self._parts(b"", b"")]

    def pieces(self, first: bytes, between: bytes, last: bytes) -> tuple[int, Iterator[bytes]]:
        """The entries between `first` and `last`: the length of all of it, and pieces that fit a processor's cache."""
        parts = self._parts(first, between)
        starts = range(0, len(parts), PIECE)
        joined = (b"".join(chain.from_iterable(parts[start : start + PIECE])) for start in starts)
        outside = last if parts else first + last
        length = sum(len(part) for entry in parts for part in entry) + len(outside)
        return length, chain(joined, (outside,))

    def _parts(self, first: bytes, between: bytes) -> list[tuple[bytes, ...]]:
        member = b',"document":' if self.government else b","
        return [
            (between if index else first, opening(position, previous), header, member, shown, b"}")
            for index, (position, previous, header, shown) in enumerate(self.rows)
        ]


async def feed_page(
    connection: AsyncConnection, *, after: int, limit: int, wanted: Filter = ALL, government: bool = False
) -> Page:
    """Up to `limit` entries behind the cursor `after`, in position order; fewer where they are heavy (`hub.ledger.weighing`).

    A filtered read that meets few matches ends early with a `next` that is further on: every position up to it was
    looked at. Raises `CursorBeyondHead`.
    """
    head = await head_position(connection)
    if after > head:
        raise CursorBeyondHead(after, head)
    if after == head:
        return Page((), head, head, head, government)
    if not wanted:
        last = min(head, after + limit)
        found = await _unfiltered(connection, after, last, government)
        rows = await weighed(connection, found, _shown(government))
        cut = len(rows) < len(found)
        return Page(rows, after, rows[-1][0] if cut else last, head, government, whole=cut or len(rows) == limit)
    start = max(after, await _start(connection, wanted))
    last = await _reach(connection, wanted, start, head)
    found = await _filtered(connection, wanted, start, last, limit, government, backwards=False)
    rows = await weighed(connection, found, _shown(government))
    full = len(rows) == limit or len(rows) < len(found)
    return Page(rows, after, rows[-1][0] if full else last, head, government, whole=full or last < head)


async def page_before(
    connection: AsyncConnection,
    *,
    before: int | None,
    limit: int,
    wanted: Filter = ALL,
    government: bool = False,
) -> Page:
    """Up to `limit` entries at positions below `before`, the newest first; None begins at the head; fewer where heavy.

    Whoever goes on with `prev` until it is None, and forwards from the first page's `next`, has everything once.
    Raises `CursorBeyondHead`.
    """
    head = await head_position(connection)
    if before is not None and before > head + 1:
        raise CursorBeyondHead(before, head)
    high = head if before is None else max(before - 1, 0)
    whole = before is not None
    if not wanted:
        low = max(0, high - limit)
        found = (await _unfiltered(connection, low, high, government))[::-1]
        rows = await weighed(connection, found, _shown(government))
        low = rows[-1][0] - 1 if len(rows) < len(found) else low
        return Page(rows, low, high, head, government, whole)
    start = min(high, await _start(connection, wanted))
    low = await _depth(connection, wanted, start, high)
    found = await _filtered(connection, wanted, low, high, limit, government, backwards=True)
    rows = await weighed(connection, found, _shown(government))
    full = len(rows) == limit or len(rows) < len(found)
    ended = rows[-1][0] - 1 if full else low
    return Page(rows, 0 if ended <= start else ended, high, head, government, whole)


def _shown(government: bool) -> Any:
    return Version.document if government else Version.public


async def _unfiltered(connection: AsyncConnection, after: int, last: int, government: bool) -> Sequence[Any]:
    if connection.dialect.name == "postgresql":
        # Without SQLAlchemy's rows, which would cost as much as the reading.
        driver = await driver_of(connection)
        rows: Sequence[Any] = await driver.fetch(_DOCUMENTS if government else _MEMBERS, after, last)
        return rows
    return await _found(connection, _page(ALL, government).order_by(Version.position), after, last)


async def _filtered(
    connection: AsyncConnection, wanted: Filter, after: int, last: int, limit: int, government: bool, *, backwards: bool
) -> Sequence[Any]:
    order = Version.position.desc() if backwards else Version.position
    return await _found(connection, _page(wanted, government).order_by(order).limit(limit), after, last)


async def _found(connection: AsyncConnection, statement: Select[Any], after: int, last: int) -> Sequence[Any]:
    rows: Sequence[Any] = (await connection.execute(statement, {"after": after, "last": last})).all()
    return rows


async def _start(connection: AsyncConnection, wanted: Filter) -> int:
    """A cursor behind which everything is that the filter's `since` lets through."""
    return 0 if wanted.since is None else await position_at(connection, wanted.since - CLOCKS_APART)


async def _reach(connection: AsyncConnection, wanted: Filter, after: int, head: int) -> int:
    """The last position that a reading forwards looks at: it meets no more than a window of candidates until there."""
    if (position := _indexed(wanted)) is None:
        return min(head, after + WINDOW)
    candidates = select(position).where(_named(wanted), position > after, position <= head).order_by(position)
    return await _end(connection, candidates, func.max, head)


async def _depth(connection: AsyncConnection, wanted: Filter, start: int, high: int) -> int:
    """The cursor behind which a reading backwards looks."""
    if (position := _indexed(wanted)) is None:
        return max(start, high - WINDOW)
    candidates = select(position).where(_named(wanted), position > start, position <= high).order_by(position.desc())
    return await _end(connection, candidates, lambda least: func.min(least) - 1, start)


async def _end(connection: AsyncConnection, candidates: Select[Any], least: Any, otherwise: int) -> int:
    window = candidates.limit(WINDOW).subquery()
    count, end = (await connection.execute(select(func.count(), least(window.c.position)).select_from(window))).one()
    return int(end) if count == WINDOW else otherwise


def _indexed(wanted: Filter) -> Any:
    """The column with the positions of an index that the filter names one key of, or None."""
    if wanted.party is not None:
        return VersionParty.position
    return Version.position if wanted.thread is not None else None


def _named(wanted: Filter) -> ColumnElement[bool]:
    return VersionParty.code == wanted.party if wanted.party is not None else Version.thread == wanted.thread


def _page(wanted: Filter, government: bool) -> Select[Any]:
    columns: Any = select(Version.position, Version.previous, Version.header, if_light(_shown(government)))
    statement = narrowed(columns, wanted)
    if wanted.party is not None:
        statement = statement.join(VersionParty, VersionParty.position == Version.position).where(
            VersionParty.code == wanted.party,
            VersionParty.position > bindparam("after"),
            VersionParty.position <= bindparam("last"),
        )
    else:
        statement = statement.where(Version.position > bindparam("after"), Version.position <= bindparam("last"))
    if wanted.thread is not None:
        statement = statement.where(Version.thread == wanted.thread)
    if wanted.since is not None:
        statement = statement.where(Version.received_at >= wanted.since)
    if wanted.discloser is not None:
        statement = statement.where(Version.discloser == wanted.discloser)
        if not government:
            # Who discloses what the public does not see is not for it to find out.
            statement = statement.where(func.substr(Version.public, 1, len(_WITHHELD)) != _WITHHELD)
    return statement


_WITHHELD = b'"withheld":'
_MEMBERS = (
    f"SELECT position, previous, header, CASE WHEN length(public) <= {LIGHT} THEN public END FROM version "  # noqa: S608
    "WHERE position > $1 AND position <= $2 ORDER BY position"
)
_DOCUMENTS = _MEMBERS.replace("public", "document")
