"""What an owner of the database can do to it: the triggers do not hold him."""

from typing import Any

from sqlalchemy import text

from hub.db import Database


async def tamper(database: Database, statement: str, **values: Any) -> None:
    """Run a statement on tables that nobody may change."""
    async with database.transaction() as connection:
        if database.is_postgresql:
            await connection.execute(text("SET LOCAL session_replication_role = replica"))
        else:
            for event in ("update", "delete"):
                await connection.execute(text(f"DROP TRIGGER IF EXISTS version_no_{event}"))
        await connection.execute(text(statement), values)


async def lose_the_tail(database: Database, after: int) -> None:
    """Bring the ledger back to position `after`, as a backup that was restored or a standby that was behind."""
    for table, column in (
        ("version", "position"),
        ("version_party", "position"),
        ("record", "position"),
        ("delivery", "position"),
    ):
        await tamper(database, f"DELETE FROM {table} WHERE {column} > :after", after=after)
    await tamper(database, "UPDATE lane_cursor SET position = :after WHERE position > :after", after=after)
    for table in ("tile", "checkpoint", "bucket"):
        await tamper(database, f"DELETE FROM {table}")
