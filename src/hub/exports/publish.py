"""Publishing: the full pages of the public feed as files, with an index of them that is written last."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from hashlib import sha256
from itertools import takewhile
from typing import Any

import orjson

from hub.db import Database
from hub.exports.lines import NDJSON
from hub.exports.packing import Coding, pack
from hub.exports.shelf import Shelf, ShelfAway
from hub.ledger.bell import Bell
from hub.ledger.buckets import PAGE
from hub.ledger.epochs import read_epochs
from hub.ledger.feed import Page
from hub.ledger.pages import digest_of, full_page, name_of
from hub.ledger.read import head_position
from hub.problems import NotFound

logger = logging.getLogger(__name__)

INDEX = "index.json"
ENDINGS: dict[Coding, str] = {"gzip": ".gz", "zstd": ".zst"}
LEVELS: dict[Coding, int] = {"gzip": 6, "zstd": 9}
"""Files are packed once and read often."""

PAUSE = 5.0
"""Seconds before a place that was away is tried again, and between two looks at a ledger that is silent."""

EVERY = 20
"""Pages after which the index is written, so that what is interrupted need not begin again."""

Progress = Callable[[int, int], None]
"""`progress(published, full)`: pages that are there, and full pages that there are."""


async def publish(database: Database, shelf: Shelf, codings: Sequence[Coding], progress: Progress) -> int:
    """Bring the shelf up to the ledger's last full page, and return how many pages are there.

    Pages of an epoch that is over are published anew under their new names. Raises `ShelfAway`.
    """
    async with database.reading() as connection:
        epochs = await read_epochs(connection)
        head = await head_position(connection)
    written = await shelf.get(INDEX)
    index: dict[str, Any] = {} if written is None else orjson.loads(written)
    listed: list[dict[str, Any]] = index.get("pages", [])
    names = [name_of(number, epochs) for number in range(1, head // PAGE + 1)]
    pages = [page for page, _ in takewhile(lambda one: one[0]["name"] == one[1], zip(listed, names, strict=False))]
    for number in range(len(pages) + 1, len(names) + 1):
        pages.append(await _publish_page(database, shelf, number, names[number - 1], codings))
        progress(number, len(names))
        if number % EVERY == 0 and number < len(names):
            await _write_index(shelf, epochs[-1].number, head, pages)
    if (index.get("epoch"), listed) != (epochs[-1].number, pages):
        await _write_index(shelf, epochs[-1].number, head, pages)
    return len(pages)


async def follow(database: Database, shelf: Shelf, codings: Sequence[Coding], progress: Progress) -> None:
    """Publish each page as it becomes full, without end; a place that is away is tried again."""
    bell = Bell(database)
    try:
        while True:
            try:
                published = await publish(database, shelf, codings, progress)
            except ShelfAway as problem:
                logger.warning("%s", problem.detail)
                await asyncio.sleep(PAUSE)
            else:
                await bell.wait((published + 1) * PAGE - 1, PAUSE)
    finally:
        await bell.close()


async def _publish_page(
    database: Database, shelf: Shelf, number: int, name: str, codings: Sequence[Coding]
) -> dict[str, Any]:
    async with database.reading() as connection:
        page = await full_page(connection, number)
    if page is None:
        raise NotFound("The page is not full.", page=name)
    body, packed = await asyncio.to_thread(_made, page, codings)
    file = f"pages/{name}.ndjson"
    headers = {"content-type": NDJSON.medias[0], "cache-control": "public, max-age=31536000, immutable"}
    for coding, bytes_ in packed.items():
        await shelf.put(file + ENDINGS[coding], bytes_, headers | {"content-encoding": coding})
    await shelf.put(file, body, headers)
    return {
        "name": name,
        "first": (number - 1) * PAGE + 1,
        "last": number * PAGE,
        "count": len(page.rows),
        "digest": digest_of(page).hex(),
        "file": file,
        "bytes": len(body),
        "sha256": sha256(body).hexdigest(),
    }


def _made(page: Page, codings: Sequence[Coding]) -> tuple[bytes, dict[Coding, bytes]]:
    _, pieces = page.pieces(b"", b"\n", b"\n")
    body = b"".join(pieces)
    return body, {coding: pack(body, coding, LEVELS[coding]) for coding in codings}


async def _write_index(shelf: Shelf, epoch: int, head: int, pages: Sequence[dict[str, Any]]) -> None:
    """Write what there is, once all of it is there: a reader that goes by the index never misses a file."""
    published = pages[-1]["last"] if pages else 0
    told = {"epoch": epoch, "head": head, "page_size": PAGE, "published": published, "cursor": f"{epoch}.{published}"}
    body = orjson.dumps(told | {"pages": list(pages)})
    await shelf.put(INDEX, body, {"content-type": "application/json", "cache-control": "no-cache"})
