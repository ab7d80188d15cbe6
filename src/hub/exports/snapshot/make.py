"""Making a snapshot: the ledger is read once, in windows, and every format takes what it needs."""

import asyncio
import os
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

import orjson

from hub import __version__
from hub.db import Database
from hub.exports.snapshot.ndjson import Ndjson
from hub.exports.snapshot.parquet import Parquet
from hub.exports.snapshot.tables import Csv
from hub.exports.snapshot.writer import Lines, Writer, Written, entry_of
from hub.ledger.buckets import MODULUS, item_hash
from hub.ledger.epochs import read_epochs
from hub.ledger.read import head_position
from hub.ledger.windows import Row, windows
from hub.moments import iso, now
from hub.problems import InvalidParameter

View = Literal["public", "government"]

FORMATS: Mapping[str, Callable[[Path], Writer]] = {"ndjson": Ndjson, "csv": Csv, "parquet": Parquet}
"""How each format is written."""

MANIFEST = "manifest.json"


async def make(
    database: Database,
    directory: Path,
    *,
    at: int | None = None,
    formats: Collection[str] = ("ndjson",),
    view: View = "public",
    told: Callable[[int, int], None] = lambda _done, _total: None,
) -> Path:
    """Write a snapshot of the ledger at the position `at`, by default its head, into a new folder of `directory`.

    The folder appears when it is whole; its path is returned. `told(done, total)` hears of the progress in versions.
    Raises `InvalidParameter` where there is no such position or format, or where the snapshot is there already.
    """
    if unknown := set(formats) - FORMATS.keys():
        raise InvalidParameter(f"A snapshot's formats are {', '.join(FORMATS)}.", formats=sorted(unknown))
    async with database.reading() as connection:
        head = await head_position(connection)
        epoch = (await read_epochs(connection))[-1].number
    position = head if at is None else at
    if not 0 <= position <= head:
        raise InvalidParameter("The ledger has no such position yet.", at=position, head=head)
    place = directory / f"{epoch}.{position:012d}-{view}"
    if place.exists():
        raise InvalidParameter(f"{place} is there already.")
    partial = directory / f".partial-{place.name}-{os.getpid()}"
    await asyncio.to_thread(_fresh, partial)
    writers: list[Writer] = []
    try:
        writers.extend(FORMATS[name](partial) for name in dict.fromkeys(formats))
        tally = Tally()
        member = b',"document":' if view == "government" else b","
        async for rows in _ahead(windows(database, position, government=view == "government")):
            await asyncio.to_thread(_take, rows, member, writers, tally)
            told(tally.versions, position)
        files = await asyncio.to_thread(_closed, writers)
        await asyncio.to_thread(_finish, partial, place, tally.manifest(epoch, position, view, files))
    finally:
        for writer in writers:  # Those that an error left open.
            with suppress(Exception):
                writer.close()
        await asyncio.to_thread(shutil.rmtree, partial, ignore_errors=True)
    return place


class Tally:
    """What the manifest says of the versions that went by."""

    def __init__(self) -> None:
        self.versions = 0
        self._total = 0
        self._versions: Counter[str] = Counter()
        self._records: Counter[str] = Counter()
        self._states: Counter[str] = Counter()
        self._editions: dict[str, set[str]] = {}

    def add(self, row: Row) -> None:
        """Count a version."""
        self.versions += 1
        self._total += item_hash(row.position, row.digest)
        self._versions[row.kind] += 1
        if not row.superseded:
            self._records[row.kind] += 1
            self._states[row.state] += 1
        if (edition := _edition(row.shown)) is not None:
            self._editions.setdefault(row.kind, set()).add(edition)

    def manifest(self, epoch: int, position: int, view: View, files: Sequence[Written]) -> dict[str, Any]:
        """The manifest of the snapshot."""
        return {
            "made_at": iso(now()),
            "program": f"public-resource-hub {__version__}",
            "view": view,
            "epoch": epoch,
            "position": position,
            "cursor": f"{epoch}.{position}",
            "counts": {
                "versions": self.versions,
                "records": self._records.total(),
                "by_state": dict(self._states),
                "by_kind": {
                    kind: {"versions": count, "records": self._records[kind]}
                    for kind, count in sorted(self._versions.items())
                },
            },
            "digest": (self._total % MODULUS).to_bytes(32, "big").hex(),
            "schema_versions": {kind: sorted(found) for kind, found in sorted(self._editions.items())},
            "files": [file.document() for file in files],
        }


def _edition(shown: bytes) -> str | None:
    """The schema version in a stored document; its keys are sorted, so it stands near the end."""
    start = shown.rfind(b'"schema_version":"')
    if start < 0:
        return None
    start += len(b'"schema_version":"')
    return shown[start : shown.index(b'"', start)].decode()


def _take(rows: Sequence[Row], member: bytes, writers: Sequence[Writer], tally: Tally) -> None:
    lines: Lines = [(row, entry_of(row, member)) for row in rows]
    for row in rows:
        tally.add(row)
    for writer in writers:
        writer.add(lines)


def _closed(writers: list[Writer]) -> list[Written]:
    files = [file for writer in writers for file in writer.close()]
    writers.clear()
    return files


async def _ahead(source: AsyncIterator[Sequence[Row]]) -> AsyncIterator[Sequence[Row]]:
    """The same windows, the next one being read while one is worked on."""
    following = asyncio.ensure_future(anext(source, None))
    try:
        while (rows := await following) is not None:
            following = asyncio.ensure_future(anext(source, None))
            yield rows
    finally:
        following.cancel()


def _fresh(partial: Path) -> None:
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)


def _finish(partial: Path, place: Path, manifest: dict[str, Any]) -> None:
    """Make everything durable, then let the folder appear under its name."""
    (partial / MANIFEST).write_bytes(orjson.dumps(manifest, option=orjson.OPT_INDENT_2))
    for path in (*partial.rglob("*"), partial):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    partial.rename(place)
