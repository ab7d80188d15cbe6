"""A database and an appender on it, once on each engine."""

from collections.abc import AsyncIterator

import pytest

from hub.db import Database
from hub.ledger.appender import Appender
from tests.ledger.entries import an_appender


@pytest.fixture
async def database(anyio_backend: str, database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url)
    yield opened
    await opened.close()


@pytest.fixture
async def appender(database: Database) -> AsyncIterator[Appender]:
    async with an_appender(database) as running:
        yield running
