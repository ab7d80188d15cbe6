"""Trusted: what was looked up is good for a few seconds, and is looked up again before anybody has to wait for it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Any, Generic, TypeVar

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
        self._looking: tuple[float, asyncio.Task[Found]] | None = None

    async def value(self) -> Found:
        """What was found; whoever asks for the first time in a long while waits for it, and gets what goes wrong."""
        if self._found is None or (age := monotonic() - self._found[0]) >= self._seconds:
            # Those who wait share a look: one who gives up must not end it.
            return await asyncio.shield(self._look())
        if age >= AHEAD * self._seconds and (self._looking is None or self._looking[1].done()):
            self._look().add_done_callback(_tell)
        return self._found[1]

    def forget(self) -> None:
        """Have it looked up by whoever asks next."""
        self._found, self._forgotten = None, monotonic()

    def _look(self) -> asyncio.Task[Found]:
        """The look that is under way, or a new one where what that finds may be too old for whoever asks now."""
        asked = monotonic()
        if self._looking is not None:
            since, look = self._looking
            if not look.done() and since >= self._forgotten and asked - since < self._seconds:
                return look
        look = asyncio.create_task(self._look_from(asked), name="look-up")
        self._looking = asked, look
        return look

    async def _look_from(self, asked: float) -> Found:
        found = await self._look_up()
        # It may have changed from the moment on when it was asked for.
        if asked >= self._forgotten and (self._found is None or asked > self._found[0]):
            self._found = asked, found
        return found


def _tell(look: asyncio.Task[Any]) -> None:
    if not look.cancelled() and (error := look.exception()):
        logger.warning("what is trusted was not looked up ahead: %s", str(error).split("\n", 1)[0])
