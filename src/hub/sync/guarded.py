"""Delivering while the ledger is what its signed head says: what was never signed like this goes nowhere."""

import asyncio
import logging
from contextlib import suppress
from typing import Self

from hub.db import Database
from hub.ledger.bell import Bell
from hub.settings import Settings
from hub.sync.worker import Worker
from hub.sync.yielding import Yielding
from hub.transparency.guard import Guard

logger = logging.getLogger(__name__)


class Delivering:
    """A worker that stands still while the guard lets nobody write, and starts anew when it does."""

    def __init__(
        self, database: Database, bell: Bell, settings: Settings, guard: Guard, yielding: Yielding | None = None
    ) -> None:
        self._parts = (database, bell, settings)
        self._yielding = yielding
        self._guard = guard
        self._worker: Worker | None = None
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        if self._guard.behind is None:
            await self._start()
        self._task = asyncio.create_task(self._run(), name="delivering")
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._task is not None
        self._stopping.set()
        await self._task
        await self._stop()

    @property
    def delivers(self) -> bool:
        """Whether a worker runs."""
        return self._worker is not None

    async def _run(self) -> None:
        while not self._stopping.is_set():
            turned = self._guard.unsound() if self.delivers else self._guard.sound()
            waiting = {asyncio.create_task(turned), asyncio.create_task(self._stopping.wait())}
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for task in waiting:
                task.cancel()
            if self._stopping.is_set():
                return
            await (self._stop() if self.delivers else self._start())

    async def _start(self) -> None:
        self._worker = await Worker(*self._parts, yielding=self._yielding).__aenter__()

    async def _stop(self) -> None:
        worker, self._worker = self._worker, None
        if worker is not None:
            logger.warning("nothing is delivered from now on")
            with suppress(Exception):
                await worker.__aexit__(None, None, None)
