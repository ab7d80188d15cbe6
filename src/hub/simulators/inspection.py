"""What a simulated platform tells about what it received; the dial's faults do not show here."""

from typing import Annotated

import orjson
from fastapi import APIRouter, Query, Request
from fastapi import Path as PathParameter
from starlette.responses import Response

from hub.simulators.answers import json, refusal
from hub.simulators.messages import (
    MAX_PAGE,
    MAX_POSITION,
    Error,
    Outcome,
    ReceivedDetail,
    ReceivedPage,
    Refusal,
    Summary,
)
from hub.simulators.simulator import simulator_of
from hub.simulators.store import Store

router = APIRouter(tags=["查询 inspection"])


@router.get("/received", summary="已收清单 Received items", response_model=ReceivedPage)
async def get_received(
    request: Request,
    after: Annotated[int, Query(ge=0, le=MAX_POSITION, title="游标", description="The `next` of the page before.")] = 0,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE, title="条数")] = 1_000,
    thread: Annotated[str | None, Query(title="线程")] = None,
    status: Annotated[Outcome | None, Query(title="状态")] = None,
) -> Response:
    """The accepted and rejected items in the order of their decisions; faults do not touch this."""

    def page(store: Store) -> bytes:
        items = store.page(after, limit, thread, status)
        return orjson.dumps(ReceivedPage(items, items[-1].seq if items else after))

    return json(await simulator_of(request).ask(page))


@router.get("/received/summary", summary="统计 Summary", response_model=Summary)
async def get_summary(request: Request) -> Response:
    """Counts since the store was made."""
    return json(await simulator_of(request).ask(lambda store: orjson.dumps(store.summary())))


@router.get(
    "/received/{position}",
    summary="已收详情 Received item",
    response_model=ReceivedDetail,
    responses={404: {"model": Refusal}},
)
async def get_received_item(
    request: Request,
    position: Annotated[int, PathParameter(ge=1, le=MAX_POSITION, title="位置")],
) -> Response:
    """One item with its elements and errors."""
    detail = await simulator_of(request).ask(lambda store: store.detail(position))
    if detail is None:
        return refusal([Error("position", "unknown", "没有收到该位置 (not received)")], 404)
    return json(orjson.dumps(detail))
