"""The long-running processes: the API server and the sync worker, and how they stop."""

import asyncio
import importlib
import logging
import signal
import socket
import sys
from contextlib import suppress

import uvicorn
import uvloop

from hub.db import open_database
from hub.forking import keep_running
from hub.garbage import keep_what_is, look_not_at_all
from hub.law.local_rules_file import local_rules_at
from hub.ledger.bell import Bell
from hub.schemas.kind import kinds
from hub.settings import settings
from hub.sync.target import targets
from hub.transparency.keeping import guard_of, keeping

logger = logging.getLogger(__name__)

FAILED = 3
"""The exit code of a server that could not start; it has logged why."""


def serve(host: str, port: int, *, workers: int, sync: bool, log_level: str) -> None:
    """Serve until SIGTERM or SIGINT; requests under way are answered, and what was handed in is committed."""
    look_not_at_all()
    local_rules_at(settings().local_rules)  # Wrong ones are refused before any server process starts, too.
    uvloop.run(_check_database())
    config = _configured(host, port, sync=sync, log_level=log_level)
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listening = socket.create_server((host, port), family=family, backlog=config.backlog)
    except OSError as error:
        logger.error("%s", error)
        sys.exit(FAILED)

    def work() -> None:
        server = uvicorn.Server(config)
        server.run(sockets=[listening])
        if not server.started:
            sys.exit(FAILED)

    keep_running(work, workers)


def _configured(host: str, port: int, *, sync: bool, log_level: str) -> uvicorn.Config:
    """The server with its application, both loaded."""
    from hub.app import create_app

    kinds()
    if sync:
        _load_worker()
    config = uvicorn.Config(
        create_app(sync=sync),
        host=host,
        port=port,
        log_level=log_level,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        date_header=True,
        timeout_graceful_shutdown=30,
        backlog=4096,
    )
    config.load()
    return config


async def _check_database() -> None:
    """Refuse an outdated database before any server process starts."""
    database = await open_database(settings().url(), patience=settings().database_patience)
    await database.close()


def sync() -> None:
    """Deliver until SIGTERM or SIGINT; what is in flight is stored first."""
    look_not_at_all()
    _load_worker()

    def work() -> None:
        with suppress(KeyboardInterrupt):
            uvloop.run(_sync())

    keep_running(work)


def _load_worker() -> None:
    """What a process that delivers needs, before it is forked."""
    kinds()
    targets()
    for name in ("hub.exports.snapshot.nightly", "hub.sync.guarded"):
        importlib.import_module(name)


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
