"""The integrator: brings the tree up to the ledger's head, and signs that head."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.db import Database, moment_of
from hub.moments import now
from hub.transparency import tables
from hub.transparency.identity import Identity, known_identity
from hub.transparency.keys import LogKeys, remember
from hub.transparency.leaves import entries_after
from hub.transparency.merkle import root_of
from hub.transparency.note import Checkpoint, signed
from hub.transparency.tree import Reader, Tiles, grown, right_edge

LOG_LOCK = 0x48554203
"""The key of the advisory lock under which a new head is stored."""

MOST = 50_000
"""The most versions that one head adds."""

KEPT = 3_600_000_000
"""Microseconds for which every head is kept; of older ones one an hour stays, so that old evidence has a close head."""


@dataclass(frozen=True, slots=True)
class Head:
    """A stored head: how many leaves it covers, the root over them, the note, and when it was signed (µs)."""

    size: int
    root: bytes
    note: str
    signed_at: int


class Integrator:
    """Extends the tree and signs its heads; any number of processes may try, one at a time succeeds."""

    def __init__(self, database: Database, identity: Identity, keys: LogKeys) -> None:
        self._database = database
        self.identity = identity
        self._keys = keys
        self._remembered = False
        self._edge: Tiles = {}
        self._size = -1
        self.covered = 0
        """The position up to which a head was seen to cover the ledger."""

    async def integrate(self) -> Head | None:
        """Add what is new to the tree, `MOST` versions at most, and return the new head; None where nothing is new.

        Raises `Hole` where the ledger lacks a position, `NoteInvalid` where a signer fails.
        """
        hashing = self.identity.hashing
        async with self._database.reading() as connection:
            last = await newest_head(connection)
            size = self.covered = last.size if last is not None else 0
            # By the clock of all processes, and never before the last one: an early head would prove what is not so.
            at = max(await moment_of(connection), last.signed_at if last is not None else 0) // 1_000_000
            entries = await entries_after(connection, size, MOST, hashing)
            if not entries:
                return None
            if self._size != size:
                reader = Reader(connection, hashing=hashing)
                self._edge = {place: await reader.tile(*place) for place in right_edge(size)}
            # In a thread: a process that serves requests keeps the log too.
            changed = await asyncio.to_thread(grown, size, self._edge, entries, hashing)
            new = size + len(entries)
            root = await root_of(new, Reader(connection, {**self._edge, **changed}, hashing).subtree, hashing)
        head = await self._signed(new, root, at)
        async with self._database.transaction() as connection:
            await lock(connection)
            stored = await newest_head(connection)
            if (stored.size if stored is not None else 0) != size or await known_identity(connection) != self.identity:
                self._size = -1
                return None
            if not self._remembered:
                await remember(connection, self._keys, size, head.signed_at)
            await write(connection, changed, head)
        self._remembered = True
        self._size = self.covered = new
        self._edge = {place: (changed.get(place) or self._edge.get(place, b"")) for place in right_edge(new)}
        return head

    async def _signed(self, size: int, root: bytes, at: int) -> Head:
        text = Checkpoint(self.identity.origin, size, root).text()
        # In a thread: a signer may be a machine elsewhere.
        note = await asyncio.to_thread(signed, text, *self._keys.signers, at=at)
        return Head(size, root, note, at * 1_000_000)


async def lock(connection: AsyncConnection) -> None:
    """Wait until no other process writes to the tree; SQLite has one writer at a time anyway."""
    if connection.dialect.name == "postgresql":
        await connection.execute(text(f"SELECT pg_advisory_xact_lock({LOG_LOCK})"))


async def newest_head(connection: AsyncConnection) -> Head | None:
    """The newest signed head, or None before the first."""
    return _head((await connection.execute(HEADS.order_by(tables.Checkpoint.size.desc()).limit(1))).first())


async def head_covering(connection: AsyncConnection, position: int) -> Head | None:
    """The oldest kept head that covers the position: it says at the latest when the version was there."""
    statement = HEADS.where(tables.Checkpoint.size >= position).order_by(tables.Checkpoint.size).limit(1)
    return _head((await connection.execute(statement)).first())


async def thin_out(connection: AsyncConnection) -> None:
    """Forget heads older than `KEPT` but the last one of every hour."""
    last = select(func.max(tables.Checkpoint.size)).group_by(tables.Checkpoint.signed_at // 3_600_000_000)
    old = tables.Checkpoint.signed_at < now() - KEPT
    await connection.execute(delete(tables.Checkpoint).where(old, tables.Checkpoint.size.not_in(last)))


HEADS = select(tables.Checkpoint.size, tables.Checkpoint.root, tables.Checkpoint.note, tables.Checkpoint.signed_at)


def _head(row: Sequence[object] | None) -> Head | None:
    return None if row is None else Head(*row)  # type: ignore[arg-type]


async def write(connection: AsyncConnection, changed: Tiles, head: Head | None) -> None:
    """Store tiles, and the head that they make."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    upsert = dialect.insert(tables.Tile)
    rows = [{"level": level, "number": number, "hashes": hashes} for (level, number), hashes in changed.items()]
    await connection.execute(
        upsert.on_conflict_do_update(index_elements=["level", "number"], set_={"hashes": upsert.excluded.hashes}),
        rows,
    )
    if head is not None:
        await connection.execute(
            insert(tables.Checkpoint),
            {"size": head.size, "root": head.root, "note": head.note, "signed_at": head.signed_at},
        )
