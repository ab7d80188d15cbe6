"""A hub in this process behind a real server: for what only real sockets show."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import uvicorn

from hub.app import create_app
from hub.settings import Settings
from tests.hub import Hub


@asynccontextmanager
async def a_served_hub(database_url: str) -> AsyncIterator[Hub]:
    """A hub that listens on a loopback port until the block ends; its public caller's base URL says where."""
    app = create_app(Settings(database_url=database_url, key_cache_seconds=0.0))
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=5))
    serving = asyncio.create_task(server.serve([listening]))
    async with asyncio.timeout(10):
        while not server.started:  # noqa: ASYNC110 (it has no event to wait for)
            await asyncio.sleep(0.01)
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    async with httpx.AsyncClient(base_url=url, timeout=30) as http:
        hub = Hub(app, http)
        yield hub
        hub.runtime.stop()
    server.should_exit = True
    await serving
