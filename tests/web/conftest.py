"""A hub in this process with a platform, for pages that need no browser."""

from collections.abc import AsyncIterator

import pytest

from tests.hub import Caller, Hub, a_hub


@pytest.fixture
async def hub(anyio_backend: str, sqlite_database_url: str) -> AsyncIterator[Hub]:
    async with a_hub(sqlite_database_url) as running:
        yield running


@pytest.fixture
async def platform(hub: Hub) -> Caller:
    return await hub.platform()
