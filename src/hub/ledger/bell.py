"""The bell: readers that wait for the ledger to grow are woken; a hint, never a truth, so they also look by themselves."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

from sqlalchemy.ext.asyncio import AsyncConnection

from hub.db import Database, driver_of
from hub.ledger.read import head_position

logger = logging.getLogger(__name__)

CHANNEL = "hub_ledger"

BETWEEN_NOTIFICATIONS = 0.004
"""Seconds between two notifications of a process: a notifying transaction takes a lock of the whole cluster."""

LOOK_EVERY = {"postgresql": 1.0, "sqlite": 0.02}
"""Seconds between two looks by oneself; SQLite has no notifications between processes."""

LOOK_EVERY_UNTOLD = 0.25
"""Seconds between two looks of a bell that nobody rings."""

RECEIPT_FIRST = 0.002
"""Seconds by which readers wake up later than the appender goes on, whose senders have their receipts by then."""


class Bell:
    """Knows the highest position that was heard of, and wakes whoever waits for a higher one.

    `newest` is what is looked at; without it that is the ledger's head, of which processes notify each other.
    """

    def __init__(self, database: Database, newest: Callable[[AsyncConnection], Awaitable[int]] | None = None) -> None:
        self._database = database
        self._newest = newest or head_position
        self._look_every = LOOK_EVERY["postgresql" if database.is_postgresql else "sqlite"]
        self._heard = 0
        self._changed = asyncio.Event()
        self._released = False
        self._announce = asyncio.Event()
        self._tasks = [asyncio.create_task(self._look(), name="bell-look")]
        if newest is not None:
            self._look_every = LOOK_EVERY_UNTOLD
        elif database.is_postgresql:
            self._tasks.append(asyncio.create_task(self._announcing(), name="bell-announce"))
            self._tasks.append(asyncio.create_task(self._listening(), name="bell-listen"))

    @property
    def heard(self) -> int:
        """The highest position heard of so far."""
        return self._heard

    def ring(self, position: int) -> None:
        """Say that the ledger has grown to `position`: here at once, in other processes soon."""
        self._hear(position)
        self._announce.set()

    async def look(self, connection: AsyncConnection) -> int:
        """Look for the newest position now; it may be lower than what was heard of, where versions were lost."""
        before = self._heard
        newest = await self._newest(connection)
        # What was heard of is committed: a look that began later and does not see it shows a loss.
        if newest < before == self._heard:
            self._heard = newest
        self._hear(newest)
        return newest

    async def wait(self, after: int, timeout: float) -> bool:  # noqa: ASYNC109
        """Wait until a position above `after` was heard of, at most `timeout` seconds; says whether one was."""
        deadline = asyncio.get_running_loop().time() + timeout
        while self._heard <= after and not self._released:
            left = deadline - asyncio.get_running_loop().time()
            if left <= 0:
                return False
            # Not wait_for: on Python 3.11 that may swallow a cancellation.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self._changed.wait()
        return self._heard > after

    def release(self) -> None:
        """Let everybody go who waits, now and later: the process is about to stop."""
        self._released = True
        self._wake()

    async def close(self) -> None:
        """Stop listening."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _hear(self, position: int) -> None:
        if position > self._heard:
            self._heard = position
            # A thousand readers that wake up take the processor from whoever is about to read its receipt.
            asyncio.get_running_loop().call_later(RECEIPT_FIRST, self._wake)

    def _wake(self) -> None:
        # A fresh event: everybody who waits on the old one is woken exactly once.
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    async def _look(self) -> None:
        while True:
            try:
                async with self._database.reading() as connection:
                    while True:
                        await self.look(connection)
                        await connection.rollback()
                        await asyncio.sleep(self._look_every)
            except Exception as error:
                logger.warning("the database could not be looked at: %s", str(error).split("\n", 1)[0])
                await asyncio.sleep(1)

    async def _announcing(self) -> None:
        while True:
            try:
                async with self._database.single.connect() as connection:
                    driver = await driver_of(connection)
                    while True:
                        await self._announce.wait()
                        self._announce.clear()
                        await driver.execute("SELECT pg_notify($1, $2)", CHANNEL, str(self._heard))
                        await asyncio.sleep(BETWEEN_NOTIFICATIONS)
            except Exception as error:
                logger.warning("readers could not be notified: %s", str(error).split("\n", 1)[0])
                self._announce.set()
                await asyncio.sleep(1)

    async def _listening(self) -> None:
        while True:
            try:
                async with self._database.reading() as connection:
                    driver = await driver_of(connection)
                    gone = asyncio.Event()
                    driver.add_termination_listener(lambda *_: gone.set())  # noqa: B023
                    await driver.add_listener(CHANNEL, self._notified)
                    await gone.wait()
            except Exception as error:
                logger.warning("notifications could not be listened to: %s", str(error).split("\n", 1)[0])
            await asyncio.sleep(1)

    def _notified(self, _connection: object, _pid: int, _channel: str, payload: str) -> None:
        if payload.isdigit():
            self._hear(int(payload))
