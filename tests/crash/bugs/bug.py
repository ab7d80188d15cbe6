"""What a seeded bug is, and how one is put into the ledger's function in PostgreSQL."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sqlalchemy import text

from hub.db import Database


async def _nothing(_: Database) -> None:
    """What a bug prepares that is in Python alone."""


@dataclass(frozen=True, slots=True)
class Bug:
    """A bug: the invariants of which at least one must fall, and under what it comes to light.

    `apply` puts it into the process that it is called in; `prepare` into the database, before anything runs. `kills`,
    `database_kills` and `faults`, each of which strikes `strikes` times, are what the programme needs to find it.
    """

    falls: frozenset[str]
    apply: Callable[[], None] = lambda: None
    prepare: Callable[[Database], Awaitable[None]] = _nothing
    engine: str = "postgresql"
    kills: int = 0
    database_kills: int = 0
    faults: tuple[str, ...] = ()
    strikes: int = 0


async def rewrite_append(database: Database, changes: dict[str, str], *statements: str) -> None:
    """Change the text of `append_versions`, in which every key must stand, and run the statements."""
    async with database.transaction() as connection:
        found = await connection.execute(text("SELECT pg_get_functiondef('append_versions'::regproc)"))
        source: str = found.scalar_one()
        for old, new in changes.items():
            assert source.count(old) == 1, f"{old!r} stands {source.count(old)} times in append_versions"
            source = source.replace(old, new)
        for statement in (*statements, source):
            await connection.exec_driver_sql(statement)
