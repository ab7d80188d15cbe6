"""A snapshot every night, beside the sync workers; one process makes it, however many there are."""

import asyncio
import fcntl
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from hub.db import Database
from hub.ledger.epochs import read_epochs
from hub.ledger.read import head_position
from hub.settings import Settings
from hub.sync.daily import seconds_until

logger = logging.getLogger(__name__)

LOCK = ".lock"


@asynccontextmanager
async def nightly(database: Database, settings: Settings) -> AsyncIterator[None]:
    """Make snapshots every night for the length of the block, where the settings name a directory for them."""
    if settings.snapshot_dir is None:
        yield
        return
    task = asyncio.create_task(_every_night(database, settings, settings.snapshot_dir), name="nightly-snapshot")
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _every_night(database: Database, settings: Settings, directory: Path) -> None:
    while True:
        await asyncio.sleep(seconds_until(settings.snapshot_at, datetime.now(UTC)))
        try:
            for path in await make_missing(database, settings, directory):
                logger.info("snapshot: %s", path)
        except Exception:
            logger.exception("no snapshot was made this night")


async def make_missing(database: Database, settings: Settings, directory: Path) -> list[Path]:
    """Make the snapshots of this moment that no other process makes or has made, and remove the oldest ones."""
    # Imported here: a worker must be there again soon after it was killed, and it makes none before the night.
    from hub.exports.snapshot.make import make
    from hub.exports.snapshot.shelf import shelved, tidy

    with _alone(directory) as alone:
        if not alone:
            return []
        async with database.reading() as connection:
            head = await head_position(connection)
            epoch = (await read_epochs(connection))[-1].number
        there = {(one.view, one.manifest["cursor"]) for one in shelved(directory)}
        missing = [view for view in settings.snapshot_views if (view, f"{epoch}.{head}") not in there]
        formats = settings.snapshot_formats
        made = [await make(database, directory, at=head, formats=formats, view=view) for view in missing]
        await asyncio.to_thread(tidy, directory, settings.snapshot_keep)
        return made


@contextmanager
def _alone(directory: Path) -> Iterator[bool]:
    """Whether no other process that shares the directory is at it; it ends with the process."""
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / LOCK).open("wb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
        else:
            yield True
