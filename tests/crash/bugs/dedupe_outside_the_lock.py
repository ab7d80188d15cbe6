"""Whether a version is there already is asked before the lock, and not again under it; nor do constraints ask."""

from hub.db import Database
from tests.crash.bugs.bug import Bug, rewrite


async def _prepare(database: Database) -> None:
    await rewrite(
        database,
        "append_versions",
        {"IF FOUND THEN": "IF false THEN"},
        "ALTER TABLE version DROP CONSTRAINT version_record_data_timestamp_key",
        "ALTER TABLE record DROP CONSTRAINT record_platform_kind_data_key_key",
        "CREATE INDEX ON version (record, data_timestamp)",
        "CREATE INDEX ON record (platform, kind, data_key)",
    )


BUG = Bug(falls=frozenset({"I3", "I7"}), prepare=_prepare, kills=2)
