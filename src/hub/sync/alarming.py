"""Raising alarms: a line in the log, once for each limit that what is not delivered becomes older than."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from hub.db import Database
from hub.oversight import target_states
from hub.sync import subscriptions
from hub.sync.alarms import LIMITS
from hub.sync.tables import Subscription

logger = logging.getLogger(__name__)

LOOK_EVERY = 15.0
"""Seconds between two looks."""


@dataclass(frozen=True, slots=True)
class Lag:
    """Of a target or a subscription: for how long something is not delivered, the limit passed, and what else to say."""

    name: str
    seconds: float
    alarm: str | None
    words: str


async def raise_alarms(database: Database, names: tuple[str, ...]) -> None:
    """Look at the targets of these names and at the live subscriptions without end.

    Each alarm is logged once, until what raised it has caught up.
    """
    raised: dict[str, str] = {}
    while True:
        try:
            log_alarms(await _lags(database, names), raised)
        except Exception as error:
            logger.warning("the lag of deliveries could not be looked at: %s", str(error).split("\n", 1)[0])
        await asyncio.sleep(LOOK_EVERY)


def log_alarms(lags: Sequence[Lag], raised: dict[str, str]) -> None:
    """Log what is new; `raised` has the highest alarm of each name so far, and is brought up to date.

    What is not looked at any more, as a subscription that was paused or deleted, is forgotten.
    """
    order = list(LIMITS)
    for gone in raised.keys() - {lag.name for lag in lags}:
        del raised[gone]
    for lag in lags:
        before = raised.get(lag.name)
        if lag.alarm is None:
            if before is not None:
                logger.warning("%s: nothing is overdue any more", lag.name)
                del raised[lag.name]
        elif before is None or order.index(lag.alarm) > order.index(before):
            raised[lag.name] = lag.alarm
            logger.error(
                "%s: something is not delivered for more than %s (%.0f s); %s",
                lag.name,
                lag.alarm,
                lag.seconds,
                lag.words,
            )


async def _lags(database: Database, names: tuple[str, ...]) -> list[Lag]:
    """How the targets and the live subscriptions are; one that cannot be looked at hides no other."""
    async with database.reading() as connection:
        lags = await _of_targets(connection, names)
        live = await subscriptions.live(connection)
    for told in live:
        try:
            # In a transaction of its own: on PostgreSQL a statement that fails ends the one it is in.
            async with database.reading() as connection:
                lags.append(await _of_subscription(connection, told))
        except Exception as error:
            logger.warning("%s: its lag could not be looked at: %s", told.name, str(error).split("\n", 1)[0])
    return lags


async def _of_targets(connection: AsyncConnection, names: tuple[str, ...]) -> list[Lag]:
    return [
        Lag(
            state.name,
            state.lag_seconds,
            state.alarm,
            f"waiting {state.waiting}, parked {state.parked}, undecided {state.pending_receipt}",
        )
        for state in await target_states(connection, names)
    ]


async def _of_subscription(connection: AsyncConnection, told: Subscription) -> Lag:
    standing = await subscriptions.standing(connection, told)
    owner = told.platform or f"key {told.key}"
    newest = standing.error or ("none" if standing.status is None else f"HTTP {standing.status}")
    words = f"subscription of {owner}, reached {standing.cursor} of {standing.head}, newest request: {newest}"
    return Lag(told.name, standing.lag_seconds, standing.alarm, words)
