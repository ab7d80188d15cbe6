"""The sync process: one courier per route, until it is told to stop."""

import asyncio
import logging
import os
import secrets
from collections.abc import Iterable
from contextlib import suppress
from types import TracebackType
from typing import Self

from hub.db import Database
from hub.ledger.bell import Bell
from hub.settings import Settings
from hub.sync import lanes, replays
from hub.sync.alarming import raise_alarms
from hub.sync.client import Client
from hub.sync.courier import Courier
from hub.sync.daily import reconcile_daily
from hub.sync.presence import Presence
from hub.sync.route import Route
from hub.sync.routes import Routes
from hub.sync.yielding import Yielding

logger = logging.getLogger(__name__)

LOOK_EVERY = 1.0
"""Seconds between two looks for subscriptions and replays that came or went."""


class Worker:
    """The couriers of one process. Any number of processes on any number of hosts share the lanes."""

    def __init__(
        self,
        database: Database,
        bell: Bell,
        settings: Settings,
        name: str = "",
        yielding: Yielding | None = None,
    ) -> None:
        self._database = database
        self._yielding = yielding or Yielding()
        self.name = name or f"{os.getpid()}-{secrets.token_hex(4)}"
        self._reconcile_at = settings.reconcile_at
        self._routes = Routes(database, bell, settings)
        self._fixed = self._routes.statutory()
        self.couriers: dict[str, Courier] = {}
        self._clients: dict[str, Client] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._beside: list[asyncio.Task[None]] = []
        """What runs beside the couriers, from the first to the last moment."""
        self._ending: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        if not self._fixed:
            logger.warning(
                "no target is switched on: set HUB_TARGET_NATIONAL_URL, HUB_TARGET_CREDIT_URL or HUB_TARGET_URLS"
            )
        for route in self._fixed:
            self._start(route)
        self._beside.append(asyncio.create_task(self._watch(), name="watch"))
        if self._database.is_postgresql:
            presence = Presence(self._database, self.name, self._lanes_are_free)
            self._beside.append(asyncio.create_task(presence.run(), name="presence"))
        fixed = tuple(route.name for route in self._fixed)
        self._beside.append(asyncio.create_task(raise_alarms(self._database, fixed), name="alarms"))
        if self._reconcile_at:
            clients = {route.target: self._clients[route.name] for route in self._fixed}
            daily = reconcile_daily(self._database, self.name, clients, self._reconcile_at)
            self._beside.append(asyncio.create_task(daily, name="reconcile"))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._beside:
            task.cancel()
        await asyncio.gather(*self._beside, return_exceptions=True)
        self._stop(list(self.couriers))
        await asyncio.gather(*self._ending)
        with suppress(Exception):  # The row runs out by itself where the database is away.
            async with self._database.transaction() as connection:
                await lanes.leave(connection, self.name)
        if self._routes.outcomes is not None:
            await self._routes.outcomes.close()

    async def until_idle(self) -> None:
        """Wait until every courier has finished or set aside everything in the ledger."""
        while not all(courier.idle for courier in self.couriers.values()):  # noqa: ASYNC110 (idleness has no event)
            await asyncio.sleep(0.01)

    def _start(self, route: Route) -> None:
        client = self._clients[route.name] = self._routes.client(route)
        pace, meter = self._routes.pace(route), self._routes.meter(route)
        courier = self.couriers[route.name] = Courier(
            self._database, route, client, self.name, pace, meter, self._yielding
        )
        self._tasks[route.name] = asyncio.create_task(courier.run(), name=f"courier-{route.name}")

    def _stop(self, names: Iterable[str]) -> None:
        """Have couriers stop, each once what it has in flight is stored."""
        for name in names:
            ending = asyncio.create_task(
                _ended(self.couriers.pop(name), self._tasks.pop(name), self._clients.pop(name))
            )
            self._ending.add(ending)
            ending.add_done_callback(self._ending.discard)

    def _lanes_are_free(self, name: str) -> None:
        """Lanes of a route are nobody's: somebody gave them back, or died."""
        if (courier := self.couriers.get(name)) is not None:
            courier.renew()

    async def _watch(self) -> None:
        while True:
            try:
                await self._look()
            except Exception as error:
                logger.warning("subscriptions could not be looked at: %s", str(error).split("\n", 1)[0])
            await asyncio.sleep(LOOK_EVERY)

    async def _look(self) -> None:
        """Begin what is new, end what is over."""
        async with self._database.reading() as connection:
            others, begun = await self._routes.others(connection)
        await replays.finish(self._database, begun)
        wanted = {route.name: route for route in [*self._fixed, *others]}
        for name in wanted.keys() - self.couriers.keys():
            self._start(wanted[name])
        self._stop(self.couriers.keys() - wanted.keys())


async def _ended(courier: Courier, task: asyncio.Task[None], client: Client) -> None:
    courier.stop()
    await asyncio.gather(task, return_exceptions=True)
    await client.close()
