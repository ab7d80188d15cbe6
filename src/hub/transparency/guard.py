"""The guard: a database that is not what its newest kept head says it once was is read, and not written."""

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from sqlalchemy.ext.asyncio import AsyncConnection

from hub.db import Database, patiently
from hub.ledger.read import head_position
from hub.problems import LedgerBehindCheckpoint
from hub.transparency.identity import Identity, known_identity
from hub.transparency.integrator import MOST, newest_head
from hub.transparency.leaves import Hole, entries_after
from hub.transparency.merkle import root_of
from hub.transparency.note import Checkpoint, NoteInvalid
from hub.transparency.outside import Outside
from hub.transparency.tree import Reader, TileMissing, Tiles, grown, right_edge

logger = logging.getLogger(__name__)

LOOK_EVERY = 2.0
"""Seconds between two looks."""

A_MOMENT = 0.5
"""Seconds after which a head that is in the database is outside of it as well."""


@dataclass(frozen=True, slots=True)
class Behind:
    """How the database differs from the head that was kept outside of it."""

    head: int
    """The position of the newest version in the database."""
    checkpoint: int | None
    """How many versions the kept head covers; None where it cannot be read."""
    en: str
    zh: str


@dataclass(frozen=True, slots=True)
class Unguarded:
    """A log exists, but the process finds no head of it outside the database, and so would notice no loss."""

    signed: int
    """How many versions the newest signed head in the database covers."""
    en: str
    zh: str


class Guard:
    """Compares the database with the newest head outside, and lets nobody write where they differ.

    For the first look it has `patience` seconds with a database that does not answer.
    """

    def __init__(self, database: Database, directory: Path, origin: str, patience: float = 0.0) -> None:
        self._database = database
        self._patience = patience
        self._directory = directory
        self._origin = origin
        self._task: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()
        self._sound = asyncio.Event()
        self._unsound = asyncio.Event()
        self.behind: Behind | None = None
        self.unguarded: Unguarded | None = None

    async def __aenter__(self) -> Self:
        await patiently(self._database, self._patience, self.look)
        self._task = asyncio.create_task(self._run(), name="epoch-guard")
        return self

    async def __aexit__(self, *_: object) -> None:
        # Not cancelled: that could leak a connection.
        assert self._task is not None
        self._stopping.set()
        await self._task

    def let_write(self) -> None:
        """Raise `LedgerBehindCheckpoint` where nothing may be written."""
        if (behind := self.behind) is not None:
            raise LedgerBehindCheckpoint(f"{behind.en} {behind.zh}", head=behind.head, checkpoint=behind.checkpoint)

    async def sound(self) -> None:
        """Wait until the database may be written."""
        await self._sound.wait()

    async def unsound(self) -> None:
        """Wait until it may not."""
        await self._unsound.wait()

    async def look(self) -> Behind | None:
        """Compare once: how they differ, or None."""
        found = await compared(self._database, self._directory, self._origin)
        blind = None if found is not None else await unguarded(self._database, self._directory)
        if blind is not None and self.unguarded is None:
            logger.error(blind.en)
        self.unguarded = blind
        if found is not None and self.behind is None:
            logger.critical("nothing is written from now on: %s", found.en)
        elif found is None and self.behind is not None:
            logger.warning("the ledger may be written again")
        self.behind = found
        now, before = (self._sound, self._unsound) if found is None else (self._unsound, self._sound)
        before.clear()
        now.set()
        return found

    async def _run(self) -> None:
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), LOOK_EVERY)
                return
            try:
                await self.look()
            except Exception as error:
                # A database that does not answer is not written either.
                logger.warning("the ledger could not be compared: %s", str(error).split("\n", 1)[0])


async def compared(database: Database, directory: Path, origin: str) -> Behind | None:
    """How the database differs from the head that `directory` keeps of its log; None where it does not.

    A log that did not begin yet is the one that is to be called `origin`.
    """
    async with database.reading() as connection:
        known = await known_identity(connection)
    name = known.origin if known is not None else origin
    if not name:
        return None
    outside = Outside(directory, name)
    kept: Checkpoint | str | None
    try:
        kept = await asyncio.to_thread(outside.checkpoint)
    except NoteInvalid as problem:
        kept = str(problem)
    if kept is None:
        return None
    # Read in a transaction that begins after the note was read: heads are in the database before they are outside.
    async with database.reading() as connection:
        return await _compared_with(kept, connection, known, name, outside.file)


async def _compared_with(
    kept: Checkpoint | str, connection: AsyncConnection, known: Identity | None, name: str, file: Path
) -> Behind | None:
    """The same for a head that was read, or for what is wrong with it."""
    head = await head_position(connection)
    if isinstance(kept, str):
        return Behind(head, None, f"{file} cannot be read: {kept}.", f"无法读取库外保存的签名检查点 {file}。")
    if kept.origin != name:
        return Behind(
            head,
            kept.size,
            f"{file} is a head of {kept.origin}, not of {name}.",
            f"{file} 是另一日志 {kept.origin} 的检查点。",
        )
    if head < kept.size:
        return Behind(
            head,
            kept.size,
            f"The database ends at position {head}; a signed head outside of it covers {kept.size}.",
            f"数据库止于位置 {head}，库外保存的签名检查点已到 {kept.size}。",
        )
    if known is not None and await _root_at(connection, known, kept.size) != kept.root:
        return Behind(
            head,
            kept.size,
            f"The first {kept.size} versions are not those that were signed.",
            f"前 {kept.size} 个版本与库外保存的签名检查点不符。",
        )
    return None


async def unguarded(database: Database, directory: Path) -> Unguarded | None:
    """Whether heads of a log were signed of which `directory` keeps none; None where it does, or where there are none."""
    async with database.reading() as connection:
        known, newest = await known_identity(connection), await newest_head(connection)
    if known is None or newest is None:
        return None
    # The first head is outside a moment after it is in the database.
    for seconds in (0.0, A_MOMENT):
        await asyncio.sleep(seconds)
        if await asyncio.to_thread(Outside(directory, known.origin).note) is not None:
            return None
    return Unguarded(
        newest.size,
        f"Heads of {known.origin} up to {newest.size} are signed, but this process finds none outside the database and "
        "would not notice that versions are lost: HUB_CHECKPOINT_DIR must be one folder for all processes.",
        f"{known.origin} 的签名检查点已到 {newest.size}，但本进程在库外找不到任何检查点，无法发现版本丢失："
        "所有进程的 HUB_CHECKPOINT_DIR 必须是同一目录。",
    )


async def _root_at(connection: AsyncConnection, identity: Identity, size: int) -> bytes | None:
    """The root over the first `size` versions: from the tiles, and from the ledger where those do not reach.

    None where a tile or a version is missing.
    """
    try:
        return await _worked_out(connection, identity, size)
    except (TileMissing, Hole):
        return None


async def _worked_out(connection: AsyncConnection, identity: Identity, size: int) -> bytes:
    hashing = identity.hashing
    last = await newest_head(connection)
    at = last.size if last is not None else 0
    reader = Reader(connection, hashing=hashing)
    tiles: Tiles = {place: await reader.tile(*place) for place in right_edge(at)} if at < size else {}
    while at < size:
        entries = await entries_after(connection, at, min(MOST, size - at), hashing)
        tiles |= grown(at, tiles, entries, hashing)
        at += len(entries)
    return await root_of(size, Reader(connection, tiles, hashing).subtree, hashing)
