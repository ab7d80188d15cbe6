"""How a process keeps the log: what the settings say, put together."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from hub.db import Database, patiently
from hub.ledger.bell import Bell
from hub.settings import Settings
from hub.transparency.guard import Guard
from hub.transparency.identity import Identity, identity, known_identity
from hub.transparency.integrator import Integrator
from hub.transparency.keeper import Keeper
from hub.transparency.keys import log_keys, remembered, sm2_cosigner
from hub.transparency.note import Checkpoint
from hub.transparency.outside import Outside
from hub.transparency.tables import LogKey

logger = logging.getLogger(__name__)


def guard_of(database: Database, settings: Settings) -> Guard:
    """The guard of the log that the settings name."""
    return Guard(database, settings.checkpoints(), settings.log_origin, settings.database_patience)


@asynccontextmanager
async def keeping(database: Database, bell: Bell, settings: Settings, guard: Guard) -> AsyncIterator[None]:
    """Keep the log for the length of the block. Raises `InvalidParameter` where the settings contradict the database.

    A log whose private key is not where it should be stands still: a new key is a person's decision.
    """
    cosigner = sm2_cosigner(settings.log_sm2_key, settings.log_sm2_command)

    async def known_to_the_database() -> tuple[Identity, list[LogKey]]:
        async with database.transaction() as connection:
            log = await identity(connection, settings.log_origin, settings.log_hashing)
            return log, [key for key in await remembered(connection) if key.role == "log"]

    log, known = await patiently(database, settings.database_patience, known_to_the_database)
    file = settings.log_key()
    if known and not file.exists():
        logger.error(
            "the transparency log stands still: its key is not at %s; put it there, or begin a new one: hub log rotate",
            file,
        )
        yield
        return
    cosigners = [] if cosigner is None else [cosigner]

    def means(log: Identity) -> tuple[Integrator, Outside]:
        keys = log_keys(log.origin, file, cosigners)
        return Integrator(database, log, keys), Outside(settings.checkpoints(), log.origin)

    async with Keeper(database, bell, guard, log, means):
        yield


async def kept_outside(database: Database, settings: Settings) -> Checkpoint | None:
    """The signed head that is kept outside the database, None before the first; raises `NoteInvalid`."""
    async with database.reading() as connection:
        log = await known_identity(connection)
    origin = log.origin if log is not None else settings.log_origin
    return Outside(settings.checkpoints(), origin).checkpoint() if origin else None
