"""Statements that PostgreSQL's driver is given as they are, where SQLAlchemy's share of the time is the larger one."""

from collections import namedtuple
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select
from sqlalchemy.dialects.postgresql import asyncpg
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.db import driver_of


class Straight:
    """A SELECT that is compiled once, with its arguments by name; rows are tuples with names, read without conversions."""

    def __init__(self, statement: Select[Any], *arguments: str) -> None:
        dialect = asyncpg.dialect()  # type: ignore[no-untyped-call]
        written = statement.compile(dialect=dialect).construct_expanded_state(dict.fromkeys(arguments))
        self._text = written.statement
        self._order: Sequence[str] = written.positiontup or ()
        self._known = dict(written.parameters)
        self._row: Any = namedtuple("Row", statement.selected_columns.keys())  # type: ignore[misc]

    async def rows(self, connection: AsyncConnection, arguments: dict[str, Any]) -> Sequence[Any]:
        """What is found with these arguments."""
        asked = self._known | arguments
        found = await (await driver_of(connection)).fetch(self._text, *[asked[name] for name in self._order])
        return [self._row._make(row) for row in found]
