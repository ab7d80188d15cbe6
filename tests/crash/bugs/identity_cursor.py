"""Positions come from a sequence, without the ledger lock: they are handed out before they are committed."""

from hub.db import Database
from tests.crash.bugs.bug import Bug, rewrite

_TAKE = """
    PERFORM pg_advisory_lock(1);
    SELECT setval('seeded', nextval('seeded') + array_length(records, 1) - 1) - array_length(records, 1) INTO base;
    PERFORM pg_advisory_unlock(1);
"""


async def _prepare(database: Database) -> None:
    changes = {
        r"PERFORM pg_advisory_xact_lock\(\d+\);": "",
        r"SELECT coalesce\(max\(position\), 0\) INTO base FROM version;": _TAKE,
    }
    await rewrite(database, "append_versions", changes, "CREATE SEQUENCE seeded")


BUG = Bug(falls=frozenset({"I2", "I5"}), prepare=_prepare, kills=4)
