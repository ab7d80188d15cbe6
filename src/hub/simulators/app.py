"""A simulated platform as an HTTP application: it takes batches, tells what it received, and fails as dialled."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError

from hub.simulators import control, exchange, inspection
from hub.simulators.answers import refuse, refuse_unreadable
from hub.simulators.clock import Clock
from hub.simulators.dial import Dial
from hub.simulators.messages import Health, Platform
from hub.simulators.simulator import Simulator, simulator_of

TITLES: dict[Platform, tuple[str, str]] = {
    "national": ("全国公共资源交易平台（模拟）", "National public-resource trading platform (simulated)"),
    "credit": ("全国信用信息共享平台（模拟）", "National credit-information sharing platform (simulated)"),
}

_DESCRIPTION = """模拟平台：接收汇总平台（hub）转送的数据，逐项校验并给出回执；`/dial` 调节故障，`/clock` 调节时钟。

A platform to try a hub against: it takes batches of items, checks each one and gives receipts; `/dial` makes it fail,
`/clock` makes its days short. An answer leaves after its batch is stored; the store outlives the process."""


operation = APIRouter(tags=["运行 operation"])


@operation.get("/healthz", summary="运行状态 Health")
async def get_health(request: Request) -> Health:
    """Whether the platform answers; faults do not touch this."""
    return Health("ok", simulator_of(request).platform)


def create_app(platform: Platform, store: Path | str, dial: Dial | None = None, clock: Clock | None = None) -> FastAPI:
    """The application of one platform; `store` is the path of its SQLite file, which is made where there is none.

    Raises sqlite3.Error where the file cannot be opened.
    """
    simulator = Simulator(platform, store, dial or Dial(), clock or Clock())

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await simulator.close()

    zh, en = TITLES[platform]
    app = FastAPI(title=f"{zh} {en}", description=_DESCRIPTION, version="1.0", lifespan=lifespan)
    app.add_exception_handler(RequestValidationError, refuse)
    app.add_exception_handler(400, refuse_unreadable)
    app.state.panel = app.state.simulator = simulator
    for router in (exchange.router, inspection.router, control.router, control.damaging, operation):
        app.router.routes += router.routes
    exchange.describe_batch(app)
    return app
