"""Loading a snapshot into a sink, after which the feed goes on at its position."""

import asyncio
import io
from collections.abc import Iterator
from hashlib import file_digest
from pathlib import Path
from typing import Any

import orjson
from zstandard import ZstdDecompressor

from hub.client.consume import Report, prepare
from hub.client.feed import FeedClient
from hub.client.page import Entry, Page, checked, epoch_of, position_of
from hub.client.sink import Sink
from hub.client.trouble import Broken, Trouble

MANIFEST = "manifest.json"
HISTORY = "history.ndjson.zst"
PIECE = 1000


async def load(directory: Path, client: FeedClient, sink: Sink, report: Report | None = None) -> int:
    """Write the snapshot's history to the sink; the number of versions. One that was begun before is gone on with.

    Raises `Broken` where the file is not the one of the manifest, and `Trouble` where it shows another view, or where
    the sink would have to go on from another epoch.
    """
    manifest = await asyncio.to_thread(_manifest, directory)
    cursor, full = manifest["cursor"], manifest["view"] == "government"
    if client.filters:
        raise Trouble("a snapshot has everything; filters go with the feed alone")
    if full != client.full:
        raise Trouble(f"the snapshot shows the {manifest['view']} view, and the key does not")
    kept = await prepare(client, sink, None)
    after = position_of(kept)
    if 0 < after < position_of(cursor) and epoch_of(kept) != epoch_of(cursor):
        raise Trouble(
            f"this goes up to {kept}, in another epoch than the snapshot of {cursor}: versions were lost in between. "
            "Consume without the snapshot, which forgets what holds no longer, or load it into a new place"
        )
    pages = _pages(directory / HISTORY, after, cursor, full)
    loaded = 0
    while (page := await asyncio.to_thread(next, pages, None)) is not None:
        await sink.write(page)
        loaded += len(page.entries)
        if report is not None:
            report(page)
    return loaded


def _manifest(directory: Path) -> dict[str, Any]:
    """The manifest, after its history file was found to be the one it names."""
    manifest: dict[str, Any] = orjson.loads((directory / MANIFEST).read_bytes())
    named = {file["name"]: file["sha256"] for file in manifest["files"]}
    if HISTORY not in named:
        raise Trouble(f"{directory} has no {HISTORY}: it was made without ndjson")
    with (directory / HISTORY).open("rb") as opened:
        if file_digest(opened, "sha256").hexdigest() != named[HISTORY]:
            raise Broken(f"{directory / HISTORY} is not the file that the manifest names")
    return manifest


def _pages(file: Path, after: int, cursor: str, full: bool) -> Iterator[Page]:
    """The entries behind `after` in pages, up to the snapshot's cursor."""
    last, epoch = position_of(cursor), epoch_of(cursor)
    entries: list[Entry] = []
    with file.open("rb") as opened, ZstdDecompressor().stream_reader(opened, read_across_frames=True) as plain:
        for line in io.BufferedReader(plain, 1 << 20):
            entry = Entry.read(line.rstrip(b"\n"), full=full)
            if entry.position <= after:
                continue
            entries.append(entry)
            if len(entries) == PIECE:
                yield checked(Page(entries, f"{epoch}.{entry.position}", last), after)
                after, entries = entry.position, []
    if after < last:
        yield checked(Page(entries, cursor, last), after)
