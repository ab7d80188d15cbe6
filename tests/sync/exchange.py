"""A hub with both targets as real servers, to see what reaches them and in which order."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from threading import Thread
from time import monotonic
from typing import Any, TypeVar

import httpx
import uvicorn
from sqlalchemy import select

from hub.ledger.tables import Attempt, Delivery, LaneCursor
from hub.settings import Settings
from hub.simulators import create_app
from hub.simulators.messages import Platform
from hub.simulators.server import DroppingProtocol
from hub.sync.outbound import trusted
from hub.sync.worker import Worker
from tests.hub import Caller, Hub, a_hub

T = TypeVar("T")


class Target:
    """A simulated platform behind a socket, in a thread of its own."""

    def __init__(self, platform: Platform, store: Path) -> None:
        self._listening = socket.socket()
        self._listening.bind(("127.0.0.1", 0))
        self._listening.listen()
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self._server = uvicorn.Server(
            uvicorn.Config(
                create_app(platform, store),
                http=DroppingProtocol,
                log_level="critical",
                access_log=False,
                timeout_graceful_shutdown=1,
            )
        )
        self._thread = Thread(target=self._server.run, args=([self._listening],))
        self._thread.start()

    def stop(self) -> None:
        """Ask it to end."""
        self._server.should_exit = True

    def wait(self) -> None:
        """Wait until it has ended."""
        self._thread.join(10)
        self._listening.close()


@contextmanager
def targets(directory: Path, *names: Platform) -> Iterator[dict[Platform, str]]:
    """Simulated platforms and their addresses; they end together."""
    running = {name: Target(name, directory / f"{name}.sqlite3") for name in names}
    try:
        yield {name: target.url for name, target in running.items()}
    finally:
        for target in running.values():
            target.stop()
        for target in running.values():
            target.wait()


class Received:
    """What a target holds, and its fault dial."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def dial(self, **dial: Any) -> None:
        """Set the fault dial; without arguments all faults are off."""
        (await self._http.put("/dial", json=dial)).raise_for_status()

    async def damage(self, **damage: int) -> dict[str, list[int]]:
        """Damage the target's store; the positions that suffered."""
        done: dict[str, list[int]] = (await self._http.post("/damage", json=damage)).raise_for_status().json()
        return done

    async def clock(self, now: str, speed: float = 1) -> None:
        """Set the target's clock."""
        (await self._http.post("/clock", json={"now": now, "speed": speed})).raise_for_status()

    async def holdings(self, first: int = 1, last: int = 10_000) -> list[tuple[int, str]]:
        """Position and digest of everything that is held."""
        page = (await self._http.get("/holdings", params={"from": first, "to": last})).json()
        assert page["next"] is None
        return [(item["position"], item["digest"]) for item in page["items"]]

    async def items(self, thread: str = "", status: str = "accepted") -> list[dict[str, Any]]:
        """The items with a status in the order in which they were decided, of threads that end in `thread`."""
        page = (await self._http.get("/received", params={"limit": 5000, "status": status})).json()
        return [item for item in page["items"] if item["thread"].endswith(thread)]

    async def told(self, thread: str = "") -> list[str]:
        """Kind and number of each accepted item, e.g. `tender_notice 1`."""
        return [f"{item['kind']} {item['number']}" for item in await self.items(thread)]

    async def positions(self, thread: str = "") -> list[int]:
        return [item["position"] for item in await self.items(thread)]

    async def detail(self, position: int) -> dict[str, Any]:
        found: dict[str, Any] = (await self._http.get(f"/received/{position}")).json()
        return found

    async def summary(self) -> dict[str, int]:
        found: dict[str, int] = (await self._http.get("/received/summary")).json()
        return found


class Exchange:
    """A hub, a platform that pushes to it, both targets, and the rows that workers wrote."""

    def __init__(self, hub: Hub, platform: Caller, national: Received, credit: Received, settings: Settings) -> None:
        self.hub = hub
        self.platform = platform
        self.national = national
        self.credit = credit
        self.settings = settings

    @asynccontextmanager
    async def working(self, **settings: Any) -> AsyncIterator[Worker]:
        """A sync worker for the length of a block."""
        changed = self.settings.model_copy(update=settings)
        async with Worker(self.hub.runtime.database, self.hub.runtime.bell, changed) as worker:
            yield worker

    async def states(self, target: str = "national") -> dict[int, str]:
        """The state of each delivery row by position."""
        return {row.position: row.state for row in await self.rows(target)}

    async def rows(self, target: str = "national") -> list[Any]:
        statement = select(Delivery.__table__).where(Delivery.target == target).order_by(Delivery.position)
        return await self._select(statement)

    async def attempts(self, target: str = "national") -> list[Any]:
        return await self._select(select(Attempt.__table__).where(Attempt.target == target).order_by(Attempt.id))

    async def lanes(self, target: str = "national") -> list[Any]:
        return await self._select(select(LaneCursor.__table__).where(LaneCursor.target == target))

    async def all_delivered(self, count: int, target: str = "national") -> None:
        """Wait until that many versions are delivered to the target."""

        async def delivered() -> bool:
            return list((await self.states(target)).values()).count("delivered") >= count

        await eventually(delivered)

    async def _select(self, statement: Any) -> list[Any]:
        async with self.hub.runtime.database.reading() as connection:
            return list((await connection.execute(statement)).all())


@asynccontextmanager
async def an_exchange(database_url: str, directory: Path, **settings: Any) -> AsyncIterator[Exchange]:
    """An exchange with empty targets."""
    with targets(directory, *NAMES) as urls:
        configured = Settings(
            database_url=database_url,
            target_national_url=urls["national"],
            target_credit_url=urls["credit"],
            **(_USUAL | settings),
        )
        async with (
            a_hub(database_url, outbound_allow=LOCAL) as hub,
            httpx.AsyncClient(base_url=urls["national"], verify=trusted(), trust_env=False) as national,
            httpx.AsyncClient(base_url=urls["credit"], verify=trusted(), trust_env=False) as credit,
        ):
            yield Exchange(hub, await hub.platform(), Received(national), Received(credit), configured)


NAMES: tuple[Platform, ...] = ("national", "credit")
LOCAL = "127.0.0.1"
"""Where the tests' subscribers are."""
_USUAL: dict[str, Any] = {
    "target_timeout": 5.0,
    "lease_seconds": 5.0,
    "outbound_allow": LOCAL,
    "reconcile_at": "",  # What a test loses stays lost, also where it runs in the night.
}


async def eventually(holds: Callable[[], Awaitable[T]], *, within: float = 60) -> T:
    """Wait until the condition holds; what it gave."""
    deadline = monotonic() + within
    while not (found := await holds()):
        assert monotonic() < deadline, "it did not come about in time"
        await asyncio.sleep(0.02)
    return found
