"""The sync worker as a process: what it loads before it forks, and how it stops."""

import asyncio
import importlib
import signal
import sys
from contextlib import suppress

import uvloop

from hub.db import open_database
from hub.forking import keep_running
from hub.garbage import keep_what_is, look_not_at_all
from hub.ledger.bell import Bell
from hub.schemas.kind import kinds
from hub.settings import settings
from hub.sync.target import targets
from hub.transparency.keeping import guard_of, keeping


def sync() -> None:
    """Deliver until SIGTERM or SIGINT; what is in flight is stored first."""
    look_not_at_all()
    load()

    def work(_number: int) -> None:
        with suppress(KeyboardInterrupt):
            uvloop.run(_sync())

    keep_running(work)


def load() -> None:
    """Load what a process that delivers needs, before it is forked."""
    # httpx does without its own command line, which would load a library for colours.
    sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
    kinds()
    targets()
    for name in ("hub.exports.snapshot.nightly", "hub.sync.guarded"):
        importlib.import_module(name)


async def _sync() -> None:
    from hub.exports.snapshot.nightly import nightly
    from hub.sync.guarded import Delivering
    from hub.sync.yielding import Yielding

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
            Delivering(database, bell, configured, guard, Yielding.of_this_process()),
            nightly(database, configured),
        ):
            keep_what_is()
            await stopping.wait()
    finally:
        await bell.close()
        await database.close()
