"""A simulated platform as an HTTP application: it takes batches, tells what it received, and fails as dialled."""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any, TypeVar

import orjson
from fastapi import FastAPI, Query, Request
from fastapi import Path as PathParameter
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.responses import Response

from hub.simulators import faults
from hub.simulators.datasets import Checked, Definitions
from hub.simulators.dial import Dealer, Dial
from hub.simulators.intake import Known, decide
from hub.simulators.messages import (
    MAX_HOLDINGS,
    MAX_PAGE,
    MAX_POSITION,
    Batch,
    BatchAnswer,
    Error,
    Health,
    Holdings,
    Item,
    Outcome,
    Platform,
    ReceivedDetail,
    ReceivedPage,
    Refusal,
    Result,
    Summary,
)
from hub.simulators.store import Store

TITLES: dict[Platform, tuple[str, str]] = {
    "national": ("全国公共资源交易平台（模拟）", "National public-resource trading platform (simulated)"),
    "credit": ("全国信用信息共享平台（模拟）", "National credit-information sharing platform (simulated)"),
}
LETTERS: dict[Platform, str] = {"national": "N", "credit": "C"}

_DIALLED = Error("", "dial", "按故障开关退回 (rejected by the fault dial)")
_DESCRIPTION = """模拟平台：接收汇总平台（hub）转送的数据，逐项校验并给出回执；`/dial` 调节故障。

A platform to try a hub against: it takes batches of items, checks each one and gives receipts; `/dial` makes it fail.
An answer leaves after its batch is stored; the store outlives the process."""

T = TypeVar("T")


class Simulator:
    """A platform: its datasets, its store and its dial; the store is used by one thread of its own."""

    def __init__(self, platform: Platform, store: Path | str, dial: Dial) -> None:
        self.definitions = Definitions(platform)
        self.dealer = Dealer(dial)
        self._store = Store(store, LETTERS[platform])
        self._thread = ThreadPoolExecutor(1, "store")

    async def ask(self, question: Callable[[Store], T]) -> T:
        """Run `question` in the store's thread, after the ones before it."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, question, self._store)

    async def close(self) -> None:
        """Close the store when all questions are answered."""
        await self.ask(Store.close)
        self._thread.shutdown()

    async def take(self, items: list[Item]) -> bytes:
        """Store a batch; the answer as JSON, once it is durable."""
        dealer = self.dealer
        rejected = {item.position for item in items if dealer.rejects()} if dealer.dial.reject_percent else set()
        return await self.ask(partial(self._take, items, rejected, dealer.dial.require_parents))

    def _take(self, items: list[Item], rejected: set[int], require_parents: bool, store: Store) -> bytes:
        batch = [self._check(item, item.position in rejected) for item in items]

        def decided(known: Known) -> list[Result]:
            return decide(batch, known, require_parents=require_parents)

        number, results = store.take(batch, decided, datetime.now(UTC))
        return orjson.dumps(BatchAnswer(number, results))

    def _check(self, item: Item, rejected: bool) -> Checked:
        checked = self.definitions.check(item)
        if rejected:
            checked.errors.append(_DIALLED)
        return checked


def create_app(platform: Platform, store: Path | str, dial: Dial | None = None) -> FastAPI:
    """The application of one platform; `store` is the path of its SQLite file, which is made where there is none.

    Raises sqlite3.Error where the file cannot be opened.
    """
    simulator = Simulator(platform, store, dial or Dial())

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await simulator.close()

    zh, en = TITLES[platform]
    app = FastAPI(title=f"{zh} {en}", description=_DESCRIPTION, version="1.0", lifespan=lifespan)
    app.add_exception_handler(RequestValidationError, _refuse)
    app.add_exception_handler(400, _refuse_unreadable)
    _add_exchange(app, simulator)
    _add_received(app, simulator)
    _add_dial(app, simulator)
    _describe_batch(app)

    @app.get("/healthz", summary="运行状态 Health", tags=["运行 operation"])
    async def get_health() -> Health:
        """Whether the platform answers; faults do not touch this."""
        return Health("ok", platform)

    return app


def _add_exchange(app: FastAPI, simulator: Simulator) -> None:
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Batch"}}}, "required": True}

    @app.post(
        "/batches",
        summary="报送批次 Send a batch",
        tags=["交换 exchange"],
        response_model=BatchAnswer,
        responses={422: {"model": Refusal}},
        openapi_extra={"requestBody": body},
    )
    async def post_batch(request: Request) -> Response:
        """Take up to 500 items in one transaction and answer one result for each, in their order.

        Sending a batch again is safe: what was applied is answered `duplicate` with its first receipt.
        """
        dealer = simulator.dealer
        if dealer.down():
            return faults.outage(dealer.dial, request)
        fate = dealer.deal()
        raw = await request.body()
        await asyncio.sleep(fate.latency_s)
        if fate.refusal is not None:
            return faults.refusal(dealer.dial, fate)
        try:
            batch = Batch.model_validate(orjson.loads(raw))
        except orjson.JSONDecodeError:
            return _refusal([Error("", "json", "请求正文不是 JSON (the body is not JSON)")])
        except ValidationError as error:
            return _refusal([Error("/".join(map(str, e["loc"])), e["type"], e["msg"]) for e in error.errors()])
        if any(dealer.poisoned(item.record) for item in batch.items):
            return faults.failure(500)
        answer = await simulator.take(batch.items)
        if fate.spoilt == "error":
            return faults.failure(fate.status)
        if fate.spoilt == "hang":
            await asyncio.sleep(dealer.dial.hang_seconds)
        elif fate.spoilt == "truncate":
            answer = answer[: len(answer) // 2]
        return _json(answer)

    @app.get(
        "/holdings",
        summary="持有清单 Holdings",
        tags=["交换 exchange"],
        response_model=Holdings,
        responses={422: {"model": Refusal}},
    )
    async def get_holdings(
        request: Request,
        first: Annotated[int, Query(alias="from", ge=1, le=MAX_POSITION, title="起始位置")],
        last: Annotated[int, Query(alias="to", ge=1, le=MAX_POSITION, title="终止位置")],
    ) -> Response:
        """The positions from `from` to `to`, both included, that were applied; at most 100,000 positions a range."""
        if simulator.dealer.down():
            return faults.outage(simulator.dealer.dial, request)
        if last - first >= MAX_HOLDINGS:
            message = f"范围不能超过 {MAX_HOLDINGS} 个位置 (at most {MAX_HOLDINGS} positions)"
            return _refusal([Error("to", "range", message)])
        return _json(await simulator.ask(lambda store: orjson.dumps(Holdings(store.holdings(first, last)))))


def _describe_batch(app: FastAPI) -> None:
    """Add the body of `post_batch`, which it reads by itself, to the OpenAPI document."""
    build = app.openapi

    def openapi() -> dict[str, Any]:
        document = build()
        batch = Batch.model_json_schema(ref_template="#/components/schemas/{model}")
        document["components"]["schemas"] |= batch.pop("$defs") | {"Batch": batch}
        return document

    app.openapi = openapi  # type: ignore[method-assign]


def _add_received(app: FastAPI, simulator: Simulator) -> None:
    tags: list[Any] = ["查询 inspection"]

    @app.get("/received", summary="已收清单 Received items", tags=tags, response_model=ReceivedPage)
    async def get_received(
        after: Annotated[
            int, Query(ge=0, le=MAX_POSITION, title="游标", description="The `next` of the page before.")
        ] = 0,
        limit: Annotated[int, Query(ge=1, le=MAX_PAGE, title="条数")] = 1_000,
        thread: Annotated[str | None, Query(title="线程")] = None,
        status: Annotated[Outcome | None, Query(title="状态")] = None,
    ) -> Response:
        """The accepted and rejected items in the order of their decisions; faults do not touch this."""

        def page(store: Store) -> bytes:
            items = store.page(after, limit, thread, status)
            return orjson.dumps(ReceivedPage(items, items[-1].seq if items else after))

        return _json(await simulator.ask(page))

    @app.get("/received/summary", summary="统计 Summary", tags=tags, response_model=Summary)
    async def get_summary() -> Response:
        """Counts since the store was made."""
        return _json(await simulator.ask(lambda store: orjson.dumps(store.summary())))

    @app.get(
        "/received/{position}",
        summary="已收详情 Received item",
        tags=tags,
        response_model=ReceivedDetail,
        responses={404: {"model": Refusal}},
    )
    async def get_received_item(
        position: Annotated[int, PathParameter(ge=1, le=MAX_POSITION, title="位置")],
    ) -> Response:
        """One item with its elements and errors."""
        detail = await simulator.ask(lambda store: store.detail(position))
        if detail is None:
            return _refusal([Error("position", "unknown", "没有收到该位置 (not received)")], 404)
        return _json(orjson.dumps(detail))


def _add_dial(app: FastAPI, simulator: Simulator) -> None:
    tags: list[Any] = ["故障 faults"]

    @app.get("/dial", summary="查看故障开关 Read the dial", tags=tags)
    async def get_dial() -> Dial:
        """The dial as it was set last."""
        return simulator.dealer.dial

    @app.put("/dial", summary="设置故障开关 Set the dial", tags=tags, responses={422: {"model": Refusal}})
    async def put_dial(dial: Dial) -> Dial:
        """Replace the dial; its random numbers and its outage start now."""
        simulator.dealer = Dealer(dial)
        return dial

    @app.delete("/dial", summary="复位故障开关 Reset the dial", tags=tags)
    async def delete_dial() -> Dial:
        """Switch all faults off."""
        simulator.dealer = Dealer(Dial())
        return simulator.dealer.dial


def _json(body: bytes, status: int = 200) -> Response:
    return Response(body, status, media_type="application/json")


def _refusal(errors: list[Error], status: int = 422) -> Response:
    title = "没有找到 (not found)" if status == 404 else "请求不合法 (invalid request)"
    return _json(orjson.dumps(Refusal(title, status, errors)), status)


async def _refuse(_: Request, error: Exception) -> Response:
    """A refusal that does not echo what was sent, as FastAPI's own would."""
    assert isinstance(error, RequestValidationError)
    return _refusal([Error("/".join(map(str, e["loc"])), e["type"], e["msg"]) for e in error.errors()])


async def _refuse_unreadable(_request: Request, _error: Exception) -> Response:
    """A body that FastAPI cannot read at all, e.g. for its encoding: refused like any that is not JSON."""
    return _refusal([Error("", "json", "请求正文不是 JSON (the body is not JSON)")])
