"""Reconciliation once a day, by the one worker that delivers the first lane of a target."""

import asyncio
import logging
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta

import orjson
from sqlalchemy import insert, select

from hub.db import Database
from hub.ledger.read import head_position
from hub.ledger.tables import Audit, LaneCursor
from hub.moments import now
from hub.sync.client import Client, NoAnswer
from hub.sync.holdings import Holdings, NotOffered
from hub.sync.reconcile import Report, reconcile, resend, whole
from hub.sync.target import Target, Unreadable
from hub.wire.moments import BEIJING

logger = logging.getLogger(__name__)

MOST_RESENT = 10_000
"""The most versions that are resent without anybody being asked: more are reported, and resent by hand."""


async def reconcile_daily(database: Database, worker: str, targets: Mapping[Target, Client], at: str) -> None:
    """Reconcile the targets of which `worker` holds the first lane, every day at `at` (HH:MM, Beijing time).

    A target that offers no holdings is asked again every day, and mentioned once.
    """
    mentioned: set[str] = set()
    while True:
        await asyncio.sleep(seconds_until(at, datetime.now(UTC)))
        for target, client in targets.items():
            try:
                if await _first_lane_is_of(database, target.name, worker):
                    await reconcile_now(database, target, client)
            except NotOffered as error:
                if target.name not in mentioned:
                    mentioned.add(target.name)
                    logger.info("%s: not reconciled: %s", target.name, error)
            except (NoAnswer, Unreadable) as error:
                logger.warning("%s: not reconciled: %s", target.name, error)
            except Exception:
                logger.exception("%s: not reconciled", target.name)


def seconds_until(at: str, moment: datetime) -> float:
    """Seconds from a moment to the next `at` (HH:MM, Beijing time), never 0."""
    here = moment.astimezone(BEIJING)
    next_one = datetime.combine(here.date(), time.fromisoformat(at), BEIJING)
    if next_one <= here:
        next_one += timedelta(days=1)
    return (next_one - here).total_seconds()


async def reconcile_now(database: Database, target: Target, client: Client) -> Report:
    """Reconcile everything, have what is missing resent, and note the result in the audit.

    Raises `NoAnswer` or `Unreadable` where the target does not tell.
    """
    async with database.reading() as connection:
        first, last = whole(await head_position(connection))
    report = await reconcile(database, target, Holdings(client), first, last, lambda _done, _all: None)
    if len(report.repairable) <= MOST_RESENT:
        report.resent = await resend(database, target.name, report.repairable, "reconciliation")
    counts = {
        name: len(getattr(report, name))
        for name in ("missing", "unknown", "different", "repeated", "surplus", "unconfirmed", "resent")
    }
    noted = {"agreed": report.agreed, **counts}
    row = {"at": now(), "actor": "reconciliation", "action": "target.reconcile", "subject": target.name}
    async with database.transaction() as connection:
        await connection.execute(insert(Audit).values(row | {"detail": orjson.dumps(noted).decode()}))
    level = logging.WARNING if report.remaining or report.resent else logging.INFO
    logger.log(level, "%s: reconciled: %s", target.name, ", ".join(f"{count} {name}" for name, count in noted.items()))
    return report


async def _first_lane_is_of(database: Database, target: str, worker: str) -> bool:
    statement = select(LaneCursor.owner).where(LaneCursor.target == target, LaneCursor.lane == 0)
    async with database.reading() as connection:
        return (await connection.execute(statement)).scalar_one_or_none() == worker
