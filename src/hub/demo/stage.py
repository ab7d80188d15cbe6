"""The stage: both targets, the API, a worker and a reader as processes, with a database, platforms and keys."""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from hub import keys
from hub.db import Database, open_database
from hub.demo.processes import HOST, Processes, free_ports
from hub.demo.reader import Reader
from hub.demo.steps import SamplePlatform
from hub.problems import InvalidParameter, NotReady
from hub.settings import Settings

KEY_DAYS = 1
"""Days after which a key of the demo expires, should the demo be killed before it revokes it."""


@dataclass(frozen=True, slots=True)
class Stage:
    """What runs: the API's address, the targets' addresses by name, the database, the processes and the reader."""

    url: str
    targets: Mapping[str, str]
    database: Database
    http: httpx.AsyncClient
    processes: Processes
    reader: Reader

    async def admit(self, platforms: Iterable[SamplePlatform]) -> dict[str, str]:
        """Register the platforms that are not, and give each a key; the keys by the platforms' codes."""
        issued = {}
        for platform in platforms:
            with suppress(InvalidParameter):
                await keys.add_platform(self.database, platform.code, platform.name, regions=platform.regions)
            issued[platform.code] = await keys.issue_key(self.database, platform.code, note="demo", days=KEY_DAYS)
        return issued

    async def dismiss(self, issued: Mapping[str, str]) -> None:
        """Revoke the keys."""
        for key in issued.values():
            await keys.revoke_key(self.database, key)

    async def dial(self, target: str, dial: Mapping[str, Any]) -> None:
        """Set a target's fault dial."""
        (await self.http.put(f"{self.targets[target]}/dial", json=dict(dial))).raise_for_status()


@asynccontextmanager
async def set_stage(directory: Path, port: int, database_url: str) -> AsyncIterator[Stage]:
    """Start everything and stop it after the block; `port` is the API's, 0 for a free one.

    An empty `database_url` means a SQLite file in `directory`; any other database is migrated first, and its hub's settings
    hold but for the targets: samples are for simulated ones. Raises `hub.problems.NotReady` with the last words of a
    process that does not start.
    """
    # Settings of another hub are neither used nor judged.
    url = Settings.model_construct(data_dir=directory, database_url=database_url).url()
    processes = Processes(directory, foreign="HUB_TARGET_" if database_url else "HUB_")
    limits = httpx.Limits(max_connections=64, max_keepalive_connections=64)
    async with httpx.AsyncClient(trust_env=False, timeout=30, limits=limits) as http:
        try:
            if database_url:
                await _migrate(processes, url)
            free = free_ports(3)
            api = f"http://{HOST}:{port or free[0]}"
            targets = {"national": f"http://{HOST}:{free[1]}", "credit": f"http://{HOST}:{free[2]}"}
            await _start(processes, http, api, targets, url)
            reader = Reader(processes, api, directory / "kept")
            reader.start()
            database = await open_database(url)
            try:
                yield Stage(api, targets, database, http, processes, reader)
            finally:
                await database.close()
        finally:
            processes.stop()


async def _migrate(processes: Processes, database_url: str) -> None:
    code, words = await processes.run("migrate", ["migrate"], {"HUB_DATABASE_URL": database_url})
    if code:
        raise NotReady("\n".join(words[-8:]))


async def _start(
    processes: Processes, http: httpx.AsyncClient, api: str, targets: Mapping[str, str], database_url: str
) -> None:
    settings = {"HUB_DATABASE_URL": database_url}
    settings |= {f"HUB_TARGET_{name.upper()}_URL": address for name, address in targets.items()}
    server = processes.start("serve", ["serve", "--host", HOST, "--port", _port(api)], settings)
    waiting = []
    for name, address in targets.items():
        store = str(server.log.with_name(f"{name}.sqlite3"))
        words = ["simulate", name, "--host", HOST, "--port", _port(address), "--store", store]
        waiting.append((processes.start(name, words), f"{address}/healthz"))
    await processes.answering(server, f"{api}/readyz", http)
    # The worker starts when the API is ready: nothing is there to deliver before, and a small machine starts the
    # server sooner.
    processes.start("sync", ["sync"], settings)
    for simulated, healthy in waiting:
        await processes.answering(simulated, healthy, http)


def _port(address: str) -> str:
    return address.rpartition(":")[2]
