"""The keeper: follows the ledger, keeps the tree within a second of it, and keeps the newest head outside the database."""

import asyncio
import logging
import os
from contextlib import suppress
from pathlib import Path

from hub.db import Database
from hub.ledger.bell import Bell
from hub.transparency.integrator import MOST, Fork, Head, Integrator, thin_out

logger = logging.getLogger(__name__)

BETWEEN_HEADS = 0.3
"""Seconds between two heads: what arrives meanwhile is covered by one signature."""

LOOK_AGAIN = 1.0
"""Seconds after which the keeper looks for itself."""

BETWEEN_THINNING = 600.0


class Keeper:
    """Signs a head soon after the ledger has grown, until it is stopped."""

    def __init__(self, database: Database, bell: Bell, integrator: Integrator, outside: Path) -> None:
        self._database = database
        self._bell = bell
        self._integrator = integrator
        self._outside = outside
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "Keeper":
        self._task = asyncio.create_task(self._run(), name="log-keeper")
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._task is not None
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task

    async def _run(self) -> None:
        clock = asyncio.get_running_loop().time
        thinned = clock()
        while True:
            try:
                while (head := await self._integrator.integrate()) is not None:
                    await asyncio.to_thread(keep_outside, self._outside, head)
                    await asyncio.sleep(0 if self._bell.heard - head.size > MOST else BETWEEN_HEADS)
                if clock() - thinned > BETWEEN_THINNING:
                    thinned = clock()
                    async with self._database.transaction() as connection:
                        await thin_out(connection)
                await self._bell.wait(self._integrator.covered, LOOK_AGAIN)
            except Fork as fork:
                logger.error("the transparency log stands still: %s; run `hub fsck`", fork)
                await asyncio.sleep(10)
            except Exception as error:
                logger.warning("the transparency log starts over: %s", str(error).split("\n", 1)[0])
                logger.debug("why", exc_info=True)
                await asyncio.sleep(LOOK_AGAIN)


def keep_outside(directory: Path, head: Head) -> None:
    """Write the head's note to `directory`/checkpoint, whole or not at all, and durably."""
    directory.mkdir(parents=True, exist_ok=True)
    beside = directory / f"checkpoint.{os.getpid()}"
    with beside.open("w") as opened:
        opened.write(head.note)
        opened.flush()
        os.fsync(opened.fileno())
    beside.replace(directory / "checkpoint")


def kept_outside(directory: Path) -> str | None:
    """The note kept outside the database, or None where there is none yet."""
    file = directory / "checkpoint"
    return file.read_text() if file.exists() else None
