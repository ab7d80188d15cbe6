"""The long-running processes: the API server and the sync worker, and how they stop."""

import asyncio
import signal
from contextlib import suppress
from typing import Any

import uvicorn
import uvloop

from hub.db import open_database
from hub.garbage import keep_what_is, look_rarely
from hub.law.local_rules_file import local_rules_at
from hub.ledger.bell import Bell
from hub.settings import settings
from hub.transparency.keeping import guard_of, keeping


def serve(host: str, port: int, *, workers: int, sync: bool, log_level: str) -> None:
    """Serve until SIGTERM or SIGINT; requests under way are answered, and what was handed in is committed."""
    local_rules_at(settings().local_rules)  # Wrong ones are refused before any server process starts, too.
    uvloop.run(_check_database())
    uvicorn.run(
        "hub.server:syncing_app" if sync else "hub.server:app",
        factory=True,
        host=host,
        port=port,
        workers=workers if workers > 1 else None,
        log_level=log_level,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        date_header=True,
        timeout_graceful_shutdown=30,
        backlog=4096,
    )


def app() -> Any:
    """The application, in the server process or in one of several."""
    look_rarely()
    from hub.app import create_app

    return create_app()


def syncing_app() -> Any:
    """The same with a sync worker in the process."""
    look_rarely()
    from hub.app import create_app

    return create_app(sync=True)


async def _check_database() -> None:
    """Refuse an outdated database before any server process starts."""
    database = await open_database(settings().url(), patience=settings().database_patience)
    await database.close()


def sync() -> None:
    """Deliver until SIGTERM or SIGINT; what is in flight is stored first."""
    with suppress(KeyboardInterrupt):
        uvloop.run(_sync())


async def _sync() -> None:
    from hub.exports.snapshot.nightly import nightly
    from hub.sync.guarded import Delivering

    stopping = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stopping.set)
    configured = settings()
    database = await open_database(configured.url(), patience=configured.database_patience)
    bell = Bell(database)
    guard = guard_of(database, configured)
    try:
        async with (
            guard,
            keeping(database, bell, configured, guard),
            Delivering(database, bell, configured, guard),
            nightly(database, configured),
        ):
            keep_what_is()
            await stopping.wait()
    finally:
        await bell.close()
        await database.close()
