"""Raising alarms: a line in the log, once for each limit that what is not delivered becomes older than."""

import asyncio
import logging
from collections.abc import Sequence

from hub.db import Database
from hub.oversight import TargetState, status_of
from hub.sync.alarms import LIMITS

logger = logging.getLogger(__name__)

LOOK_EVERY = 15.0
"""Seconds between two looks."""


async def raise_alarms(database: Database, names: tuple[str, ...]) -> None:
    """Look at the targets of these names without end, and log each alarm once, until the target has caught up."""
    raised: dict[str, str] = {}
    while True:
        try:
            async with database.reading() as connection:
                states = (await status_of(connection, names)).targets
            log_alarms(states, raised)
        except Exception as error:
            logger.warning("the targets' lag could not be looked at: %s", str(error).split("\n", 1)[0])
        await asyncio.sleep(LOOK_EVERY)


def log_alarms(states: Sequence[TargetState], raised: dict[str, str]) -> None:
    """Log what is new; `raised` has the highest alarm of each target so far, and is brought up to date."""
    order = list(LIMITS)
    for state in states:
        before = raised.get(state.name)
        if state.alarm is None:
            if before is not None:
                logger.warning("%s: nothing is overdue any more", state.name)
                del raised[state.name]
        elif before is None or order.index(state.alarm) > order.index(before):
            raised[state.name] = state.alarm
            logger.error(
                "%s: something is not delivered for more than %s (%.0f s); waiting %d, parked %d, undecided %d",
                state.name,
                state.alarm,
                state.lag_seconds,
                state.waiting,
                state.parked,
                state.pending_receipt,
            )
