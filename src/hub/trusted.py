"""Trusted: what was looked up is good for a few seconds, and is looked up again before anybody has to wait for it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Generic, TypeVar

Found = TypeVar("Found")

AHEAD = 0.5
"""The share of its time after which whoever asks has it looked up again, and does not wait for that."""

logger = logging.getLogger(__name__)


class Trusted(Generic[Found]):
    """What `look_up` finds, never older than `seconds`."""

    def __init__(self, look_up: Callable[[], Awaitable[Found]], seconds: float) -> None:
        self._look_up = look_up
        self._seconds = seconds
        self._found: tuple[float, Found] | None = None
        self._forgotten = 0.0
        self._ahead: asyncio.Task[None] | None = None

    async def value(self) -> Found:
        """What was found; whoever asks for the first time in a long while waits for it, and gets what goes wrong."""
        if self._found is None or (age := monotonic() - self._found[0]) >= self._seconds:
            return await self._look()
        if age >= AHEAD * self._seconds and (self._ahead is None or self._ahead.done()):
            self._ahead = asyncio.create_task(self._look_ahead(), name="look-ahead")
        return self._found[1]

    def forget(self) -> None:
        """Have it looked up by whoever asks next."""
        self._found, self._forgotten = None, monotonic()

    async def _look(self) -> Found:
        # It may have changed from the moment on when it was asked for.
        asked = monotonic()
        found = await self._look_up()
        if asked >= self._forgotten and (self._found is None or asked > self._found[0]):
            self._found = asked, found
        return found

    async def _look_ahead(self) -> None:
        try:
            await self._look()
        except Exception as error:
            logger.warning("what is trusted was not looked up ahead: %s", str(error).split("\n", 1)[0])
