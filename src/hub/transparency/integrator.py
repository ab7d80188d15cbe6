"""The integrator: brings the tree up to the ledger's head, and signs that head."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.db import Database
from hub.ledger.tables import Version
from hub.moments import now
from hub.transparency import tables
from hub.transparency.merkle import root_of
from hub.transparency.note import Checkpoint, Signer, signed
from hub.transparency.tree import Reader, Tiles, entry_of, grown, right_edge

logger = logging.getLogger(__name__)

LOG_LOCK = 0x48554202
"""The key of the advisory lock under which a new head is stored."""

MOST = 50_000
"""The most versions that one head adds."""

KEPT = 3_600_000_000
"""Microseconds for which every head is kept; of older ones one an hour stays, so that old evidence has a close head."""


class Fork(Exception):
    """The ledger does not continue the tree: a version is missing or in another's place."""


@dataclass(frozen=True, slots=True)
class Head:
    """A stored head: how many leaves it covers, the root over them, the note, and when it was signed (µs)."""

    size: int
    root: bytes
    note: str
    signed_at: int


class Integrator:
    """Extends the tree and signs its heads; any number of processes may try, one at a time succeeds."""

    def __init__(self, database: Database, origin: str, signers: Sequence[Signer]) -> None:
        self._database = database
        self._origin = origin
        self._signers = signers
        self._edge: Tiles = {}
        self._size = -1
        self.covered = 0
        """The position up to which a head was seen to cover the ledger."""

    async def integrate(self) -> Head | None:
        """Add what is new to the tree, `MOST` versions at most, and return the new head; None where nothing is new.

        Raises `Fork` where the ledger lacks a position.
        """
        async with self._database.reading() as connection:
            last = await newest_head(connection)
            size = self.covered = last.size if last is not None else 0
            rows = (
                await connection.execute(
                    select(Version.position, Version.digest)
                    .where(Version.position > size)
                    .order_by(Version.position)
                    .limit(MOST)
                )
            ).all()
            if not rows:
                return None
            if [row[0] for row in (rows[0], rows[-1])] != [size + 1, size + len(rows)]:
                raise Fork(f"the ledger is not dense behind position {size}")
            if self._size != size:
                reader = Reader(connection)
                self._edge = {place: await reader.tile(*place) for place in right_edge(size)}
            changed = grown(size, self._edge, [entry_of(*row) for row in rows])
            new = size + len(rows)
            root = await root_of(new, Reader(connection, {**self._edge, **changed}).subtree)
        note = signed(Checkpoint(self._origin, new, root).text(), *self._signers)
        head = Head(new, root, note, now())
        async with self._database.transaction() as connection:
            if connection.dialect.name == "postgresql":
                await connection.execute(text(f"SELECT pg_advisory_xact_lock({LOG_LOCK})"))
            stored = await newest_head(connection)
            if (stored.size if stored is not None else 0) != size:
                self._size = -1
                return None
            await _write(connection, changed, head)
        self._size = self.covered = new
        self._edge = {place: (changed.get(place) or self._edge.get(place, b"")) for place in right_edge(new)}
        return head


async def newest_head(connection: AsyncConnection) -> Head | None:
    """The newest signed head, or None before the first."""
    return _head(
        (await connection.execute(_HEADS.order_by(tables.Checkpoint.size.desc()).limit(1))).first(),
    )


async def head_covering(connection: AsyncConnection, position: int) -> Head | None:
    """The oldest kept head that covers the position: it says at the latest when the version was there."""
    statement = _HEADS.where(tables.Checkpoint.size >= position).order_by(tables.Checkpoint.size).limit(1)
    return _head((await connection.execute(statement)).first())


async def thin_out(connection: AsyncConnection) -> None:
    """Forget heads older than `KEPT` but the last one of every hour."""
    hour = tables.Checkpoint.signed_at / 3_600_000_000
    last = select(func.max(tables.Checkpoint.size)).group_by(func.floor(hour)).scalar_subquery()
    old = tables.Checkpoint.signed_at < now() - KEPT
    await connection.execute(delete(tables.Checkpoint).where(old, tables.Checkpoint.size.not_in(last)))


_HEADS = select(tables.Checkpoint.size, tables.Checkpoint.root, tables.Checkpoint.note, tables.Checkpoint.signed_at)


def _head(row: Sequence[object] | None) -> Head | None:
    return None if row is None else Head(*row)  # type: ignore[arg-type]


async def _write(connection: AsyncConnection, changed: Tiles, head: Head) -> None:
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    upsert = dialect.insert(tables.Tile)
    rows = [{"level": level, "number": number, "hashes": hashes} for (level, number), hashes in changed.items()]
    await connection.execute(
        upsert.on_conflict_do_update(index_elements=["level", "number"], set_={"hashes": upsert.excluded.hashes}),
        rows,
    )
    await connection.execute(
        insert(tables.Checkpoint),
        {"size": head.size, "root": head.root, "note": head.note, "signed_at": head.signed_at},
    )
