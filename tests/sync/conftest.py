"""An exchange whose pauses are short, on SQLite and on both engines."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.sync.exchange import Exchange, an_exchange


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.sync.breaker.FIRST_PAUSE", 0.02)
    monkeypatch.setattr("hub.sync.breaker.LONGEST_PAUSE", 0.1)
    monkeypatch.setattr("hub.sync.courier.LOOK_AGAIN", 0.05)
    monkeypatch.setattr("hub.sync.worker.LOOK_EVERY", 0.1)


@pytest.fixture
async def exchange(anyio_backend: str, sqlite_database_url: str, tmp_path: Path) -> AsyncIterator[Exchange]:
    async with an_exchange(sqlite_database_url, tmp_path) as running:
        yield running


@pytest.fixture
async def either(anyio_backend: str, database_url: str, tmp_path: Path) -> AsyncIterator[Exchange]:
    """An exchange once on each engine."""
    async with an_exchange(database_url, tmp_path) as running:
        yield running
