"""The API server as a process: what it loads before it forks, and how it stops."""

import logging
import socket
import sys

import uvicorn
import uvloop

from hub.accepting import Shares, SharingServer
from hub.commands.running import url_of
from hub.db import open_database
from hub.forking import keep_running
from hub.garbage import look_not_at_all
from hub.heads import BoundedHeads
from hub.law.local_rules_file import local_rules_at
from hub.schemas.kind import kinds
from hub.settings import settings
from hub.transparency.keys import sm2_cosigner
from hub.vanished import OF_CLIENTS, heed

logger = logging.getLogger(__name__)

FAILED = 3
"""The exit code of a server that could not start; it has logged why."""


def serve(host: str, port: int, *, workers: int, sync: bool, log_level: str) -> None:
    """Serve until SIGTERM or SIGINT; requests under way are answered, and what was handed in is committed."""
    look_not_at_all()
    local_rules_at(settings().local_rules)  # Wrong ones are refused before any server process starts, too.
    if sync or not settings().url().startswith("postgresql"):
        sm2_cosigner(settings().log_sm2_key, settings().log_sm2_command)  # The same holds for the key that signs.
    uvloop.run(_check_database())
    config = _configured(host, port, sync=sync, log_level=log_level)
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listening = socket.create_server((host, port), family=family, backlog=config.backlog)
        listening.setblocking(False)
        heed(listening, OF_CLIENTS)
    except OSError as error:
        logger.error("%s", error)
        sys.exit(FAILED)
    # Before any fork, so that it is said once; a port of 0 was chosen by the system.
    print(f"交换中心 the hub: {url_of(*listening.getsockname()[:2])}", flush=True)

    shares = Shares(workers)

    def work(process: int) -> None:
        server = SharingServer(config, shares, process) if workers > 1 else uvicorn.Server(config)
        server.run(sockets=[listening])
        if not server.started:
            sys.exit(FAILED)

    keep_running(work, workers)


def _configured(host: str, port: int, *, sync: bool, log_level: str) -> uvicorn.Config:
    """The server with its application, both loaded."""
    from hub.app import create_app

    kinds()
    if sync:
        from hub.sync.process import load

        load()
    config = uvicorn.Config(
        create_app(sync=sync),
        host=host,
        port=port,
        http=BoundedHeads,
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
