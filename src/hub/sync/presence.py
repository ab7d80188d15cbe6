"""Presence: a worker's death shows by its connection, which ends with it, long before its leases run out."""

import asyncio
import hashlib
import logging
from collections.abc import Callable
from typing import Any

from sqlalchemy import select

from hub.db import Database, driver_of
from hub.ledger.tables import Worker
from hub.sync import lanes

logger = logging.getLogger(__name__)

PRESENT = 0x48554203
"""The class of the advisory locks that live workers hold, one each, for as long as their connection lasts."""

LOOK_EVERY = 0.1
"""Seconds between two looks; a worker that was there is gone when two of them miss it."""


class Presence:
    """Shows that a worker lives, frees what those held that died, and tells of lanes that are free.

    It is a hint and never the truth: tokens decide who may write. A worker that is declared dead and lives, because its
    connection was cut, loses its lanes and takes a fair share again. For PostgreSQL, where workers share lanes.
    """

    def __init__(self, database: Database, worker: str, free: Callable[[str], None]) -> None:
        self._database = database
        self._worker = worker
        self._free = free

    async def run(self) -> None:
        """Hold the lock and look at the others', without end."""
        while True:
            try:
                async with self._database.single.connect() as connection:
                    try:
                        await self._watch(await driver_of(connection))
                    finally:
                        await connection.invalidate()  # The lock is the connection's: it must not live on in a pool.
            except Exception as error:
                logger.warning("other workers could not be looked at: %s", str(error).split("\n", 1)[0])
            await asyncio.sleep(1)

    async def _watch(self, driver: Any) -> None:
        await driver.execute(_HERE, PRESENT, key_of(self._worker))
        for row in await driver.fetch(_LANES):  # The others may have taken this worker for dead.
            self._free(row[0])
        seen: set[int] = set()
        missed: set[int] = set()
        while True:
            present = {row[0] for row in await driver.fetch(_WHO, PRESENT)}
            gone = (seen - present) & missed
            if gone:
                await self._bury(gone)
            missed = seen - present - gone
            seen = present | missed
            for row in await driver.fetch(_FREE):
                self._free(row[0])
            await asyncio.sleep(LOOK_EVERY)

    async def _bury(self, gone: set[int]) -> None:
        """Free the lanes of the workers with these keys."""
        async with self._database.transaction() as connection:
            names = (await connection.execute(select(Worker.name).distinct())).scalars()
            dead = sorted(name for name in names if key_of(name) in gone)
            await lanes.bury(connection, dead)
        if dead:
            logger.warning("gone without a word, their lanes are free: %s", ", ".join(dead))


def key_of(worker: str) -> int:
    """The key of a worker's lock, 31 bits."""
    return int.from_bytes(hashlib.sha256(worker.encode()).digest()[:4]) >> 1


_HERE = "SELECT pg_advisory_lock($1::int, $2::int)"
_WHO = """
SELECT objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND classid = $1::int::oid AND objsubid = 2 AND granted
AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
_LANES = "SELECT DISTINCT target FROM lane_cursor"
_FREE = "SELECT DISTINCT target FROM lane_cursor WHERE owner IS NULL"
