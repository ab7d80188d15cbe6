"""Loaded calendars: what the State Council's notices say of years that the program does not know yet."""

import logging
from collections.abc import Sequence

import orjson
from pydantic import ValidationError
from sqlalchemy import delete, func, insert, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.db import Database
from hub.ledger.tables import Audit
from hub.ledger.tables import Calendar as Loaded
from hub.moments import now
from hub.problems import InvalidParameter, InvalidSubmission, MalformedDocument
from hub.schemas.explain import faults
from hub.schemas.workdays import Calendar, shipped, use
from hub.trusted import Trusted

logger = logging.getLogger(__name__)


def calendar_in(raw: bytes) -> Calendar:
    """The calendar that a file holds; raises `MalformedDocument`, or `InvalidSubmission` with every fault of it."""
    try:
        document = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise MalformedDocument(f"{error.msg} at line {error.lineno}, column {error.colno}.") from None
    try:
        return Calendar.model_validate_json(raw)
    except ValidationError as error:
        raise InvalidSubmission(faults(Calendar, document, error)) from None


async def loaded(connection: AsyncConnection) -> Sequence[Calendar]:
    """The loaded calendars by year."""
    rows = await connection.execute(select(Loaded.body).order_by(Loaded.year))
    return [Calendar.model_validate_json(body) for (body,) in rows]


async def load(database: Database, calendar: Calendar) -> None:
    """Keep a calendar, instead of one of the same year; `InvalidParameter` where that one is official and this is not."""
    async with database.transaction() as connection:
        kept = {found.year: found for found in await loaded(connection)}
        known = kept.get(calendar.year) or shipped().get(calendar.year)
        if known is not None and known.status == "official" and calendar.status != "official":
            raise InvalidParameter(f"The calendar of {calendar.year} is official; a provisional one cannot replace it.")
        moment = now()
        row = {
            "year": calendar.year,
            "status": calendar.status,
            "body": orjson.dumps(calendar.model_dump(mode="json")),
            "loaded_at": moment,
        }
        await connection.execute(delete(Loaded).where(Loaded.year == calendar.year))
        await connection.execute(insert(Loaded).values(row))
        audit = {"at": moment, "actor": "operator", "action": "calendar.load", "subject": str(calendar.year)}
        await connection.execute(insert(Audit).values(audit | {"detail": calendar.source}))


class Calendars:
    """Lets the process count by the loaded calendars, and looks every few seconds whether there are newer ones."""

    def __init__(self, database: Database, trust_seconds: float) -> None:
        self._database = database
        self._newest = Trusted(self._look, trust_seconds)
        self._seen: int | None = None

    async def refresh(self) -> None:
        """Count by the newest calendars from now on; by those of before while the database does not answer."""
        await self._newest.value()

    async def _look(self) -> None:
        try:
            async with self._database.reading() as connection:
                newest = (await connection.execute(_NEWEST)).scalar_one()
                if newest != self._seen:
                    use(await loaded(connection))
                    self._seen = newest
        except (SQLAlchemyError, OSError) as error:
            logger.warning("the calendars could not be looked up: %s", str(error).split("\n", 1)[0])


_NEWEST = select(func.coalesce(func.max(Loaded.loaded_at), 0))
