"""The keeper: follows the ledger, keeps the tree within a second of it, and keeps the newest head outside the database."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, Self

from hub.db import Database
from hub.ledger.bell import Bell
from hub.ledger.buckets import sum_up
from hub.transparency.guard import Guard
from hub.transparency.identity import Identity, known_identity
from hub.transparency.integrator import MOST, Integrator, thin_out
from hub.transparency.leaves import Hole
from hub.transparency.outside import Outside

logger = logging.getLogger(__name__)

BETWEEN_HEADS = 0.5
"""Seconds between two heads: what arrives meanwhile is covered by one signature."""

LOOK_AGAIN = 1.0
"""Seconds after which the keeper looks for itself."""

AFTER_A_HOLE = 10.0

BETWEEN_THINNING = 600.0


Means = Callable[[Identity], tuple[Integrator, Outside]]
"""What a log is kept with: a new epoch's log has another name, and so another one."""


class Keeper:
    """Signs a head soon after the ledger has grown, and sums up what is new; stands still while the guard says so."""

    def __init__(self, database: Database, bell: Bell, guard: Guard, log: Identity, means: Means) -> None:
        self._database = database
        self._bell = bell
        self._guard = guard
        self._means = means
        self._integrator, self._outside = means(log)
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run(), name="log-keeper")
        return self

    async def __aexit__(self, *_: object) -> None:
        # Not cancelled: that could leak a connection in the middle of a transaction, and with it the only write lock.
        assert self._task is not None
        self._stopping.set()
        await self._task

    async def _run(self) -> None:
        clock = asyncio.get_running_loop().time
        thinned = clock()
        while not self._stopping.is_set():
            await self._until(self._guard.sound())
            try:
                await self._follow()
                if clock() - thinned > BETWEEN_THINNING:
                    thinned = clock()
                    async with self._database.transaction() as connection:
                        await thin_out(connection)
                await self._until(self._bell.wait(self._integrator.covered, LOOK_AGAIN))
            except Hole as hole:
                logger.error("the transparency log stands still: %s; run `hub fsck`", hole)
                await self._until(asyncio.sleep(AFTER_A_HOLE))
            except Exception as error:
                logger.warning("the transparency log starts over: %s", str(error).split("\n", 1)[0])
                logger.debug("why", exc_info=True)
                await self._until(asyncio.sleep(LOOK_AGAIN))

    async def _until(self, done: Coroutine[Any, Any, object]) -> None:
        """Wait for something, or until the keeper is to stop."""
        waiting = {asyncio.create_task(done), asyncio.create_task(self._stopping.wait())}
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()

    async def _follow(self) -> None:
        """Sign heads until all that is there is covered.

        The guard looks before each one: a head of a ledger that lost its past would be a signed lie.
        """
        while not self._stopping.is_set() and await self._guard.look() is None:
            await self._call_it_as_it_is_called()
            if (head := await self._integrator.integrate()) is None:
                break
            await asyncio.to_thread(self._outside.keep, head.note)
            await sum_up(self._database, MOST)
            await self._until(asyncio.sleep(0 if self._bell.heard - head.size > MOST else BETWEEN_HEADS))
        else:
            return
        await sum_up(self._database, MOST)

    async def _call_it_as_it_is_called(self) -> None:
        async with self._database.reading() as connection:
            log = await known_identity(connection)
        if log is not None and log != self._integrator.identity:
            self._integrator, self._outside = self._means(log)
