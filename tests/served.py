"""A hub behind real sockets: in this process, or as `hub serve` in one of its own."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from tempfile import TemporaryFile

import httpx
import uvicorn

from hub.app import create_app
from hub.db import Database
from hub.keys import add_platform, issue_key
from hub.settings import Settings
from tests.hub import A, Hub
from tests.support.processes import a_free_port
from tests.support.warm import running


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


@dataclass(frozen=True)
class Server:
    """A running `hub serve`, and the key of a platform with which `http` calls it."""

    port: int
    key: str
    http: httpx.AsyncClient


@asynccontextmanager
async def a_server(database_url: str, *options: str, **settings: str) -> AsyncIterator[Server]:
    """`hub serve` with these options on a loopback port, once it answers."""
    key, port = await a_key(database_url), a_free_port()
    own = {"HUB_DATABASE_URL": database_url, "PATH": "/usr/bin:/bin"} | settings
    with TemporaryFile() as log, running("serve", "--port", str(port), *options, settings=own, log=log):
        async with calling(port, key) as http:
            yield Server(port, key, http)


async def a_key(database_url: str) -> str:
    """The key of a platform that is made for it."""
    database = Database(database_url)
    await add_platform(database, A, "平台")
    key = await issue_key(database, A)
    await database.close()
    return key


@asynccontextmanager
async def calling(port: int, key: str, alive: Callable[[], bool] = lambda: True) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the server that is being started, with the key, once it answers; `alive` says whether it still may."""
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{port}", timeout=30, headers={"authorization": f"Bearer {key}"}, trust_env=False
    ) as http:
        async with asyncio.timeout(30):
            while True:
                assert alive(), "the hub has ended"
                try:
                    await http.get("/healthz")
                except httpx.ConnectError:
                    await asyncio.sleep(0.02)
                else:
                    break
        yield http
