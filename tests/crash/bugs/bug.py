"""What a seeded bug is, and how one is put into the hub."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from hub.db import Database


async def _nothing(_: Database) -> None:
    """What a bug prepares that is in Python alone."""


@dataclass(frozen=True, slots=True)
class Bug:
    """A bug: the invariants of which at least one must fall, and under what it comes to light.

    `apply` puts it into the process that it is called in; `prepare` into the database, before anything runs. `kills`,
    `database_kills` and `faults`, each of which strikes `strikes` times, are what the programme needs to find it; `freezes` as in a plan.
    """

    falls: frozenset[str]
    apply: Callable[[], None] = lambda: None
    prepare: Callable[[Database], Awaitable[None]] = _nothing
    engine: str = "postgresql"
    kills: int = 0
    database_kills: int = 0
    faults: tuple[str, ...] = ()
    strikes: int = 0
    freezes: str = ""


async def rewrite(database: Database, function: str, changes: dict[str, str], *statements: str) -> None:
    """Change what every pattern finds in the text of a function, exactly once, and run the statements."""
    async with database.transaction() as connection:
        found = await connection.execute(text(f"SELECT pg_get_functiondef('{function}'::regproc)"))
        source: str = found.scalar_one()
        for pattern, new in changes.items():
            source, count = re.subn(pattern, new, source)
            assert count == 1, f"{pattern} is found {count} times in {function}"
        for statement in (*statements, source):
            await connection.exec_driver_sql(statement)


def replace(owner: object, name: str, new: Any) -> None:
    """Put `new` in the place of what the module or class has under this name; it must have it."""
    assert hasattr(owner, name), f"{owner} has no {name}"
    setattr(owner, name, new)
