"""The sync process: one courier per target, until it is told to stop."""

import asyncio
import logging
import os
import secrets
from contextlib import suppress
from types import TracebackType
from typing import Self

from hub.db import Database
from hub.ledger.bell import Bell
from hub.settings import Settings
from hub.sync import lanes
from hub.sync.client import Client
from hub.sync.courier import Courier
from hub.sync.pace import Pace
from hub.sync.target import targets

logger = logging.getLogger(__name__)


class Worker:
    """The couriers of one process. Any number of processes on any number of hosts share the lanes."""

    def __init__(self, database: Database, bell: Bell, settings: Settings, name: str = "") -> None:
        self._database = database
        self.name = name or f"{os.getpid()}-{secrets.token_hex(4)}"
        pace = Pace(settings.delivery_batch, settings.delivery_requests, settings.lease_seconds)
        self._clients: list[Client] = []
        self.couriers: dict[str, Courier] = {}
        known = targets()
        for target, url in settings.targets().items():
            client = Client(
                url, token=settings.target_token, seconds=settings.target_timeout, requests=settings.delivery_requests
            )
            self._clients.append(client)
            self.couriers[target] = Courier(database, bell, known[target], client, self.name, pace)
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        if not self.couriers:
            logger.warning("no target is switched on: set HUB_TARGET_NATIONAL_URL and HUB_TARGET_CREDIT_URL")
        self._tasks = [
            asyncio.create_task(courier.run(), name=f"courier-{target}") for target, courier in self.couriers.items()
        ]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for courier in self.couriers.values():
            courier.stop()
        await asyncio.gather(*self._tasks)
        with suppress(Exception):  # The row runs out by itself where the database is away.
            async with self._database.transaction() as connection:
                await lanes.leave(connection, self.name)
        for client in self._clients:
            await client.close()

    async def until_idle(self) -> None:
        """Wait until every courier has finished or set aside everything in the ledger."""
        while not all(courier.idle for courier in self.couriers.values()):  # noqa: ASYNC110 (idleness has no event)
            await asyncio.sleep(0.01)
