"""The two platforms, each on an empty store."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.simulators.builders import Client, a_platform


@pytest.fixture
async def national(anyio_backend: str, tmp_path: Path) -> AsyncIterator[Client]:
    async with a_platform(tmp_path / "national.sqlite3") as client:
        yield client


@pytest.fixture
async def credit(anyio_backend: str, tmp_path: Path) -> AsyncIterator[Client]:
    async with a_platform(tmp_path / "credit.sqlite3", "credit") as client:
        yield client
