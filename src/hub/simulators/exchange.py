"""The exchange of a simulated platform: batches in, receipts and holdings out; the dial's faults show here."""

import asyncio
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, FastAPI, Query, Request
from pydantic import ValidationError
from starlette.responses import Response

from hub.simulators import faults
from hub.simulators.answers import NOT_JSON, errors_of, json, refusal
from hub.simulators.messages import (
    MAX_BUCKETS,
    MAX_HELD,
    MAX_POSITION,
    MAX_TICKETS,
    Batch,
    BatchAnswer,
    Buckets,
    Error,
    Holdings,
    Receipts,
    Refusal,
)
from hub.simulators.simulator import simulator_of

First = Annotated[int, Query(alias="from", ge=1, le=MAX_POSITION, title="起始位置")]
Last = Annotated[int, Query(alias="to", ge=1, le=MAX_POSITION, title="终止位置")]


router = APIRouter(tags=["交换 exchange"], responses={422: {"model": Refusal}})
_BODY = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Batch"}}}, "required": True}


@router.post(
    "/batches",
    summary="报送批次 Send a batch",
    response_model=BatchAnswer,
    openapi_extra={"requestBody": _BODY},
)
async def post_batch(request: Request) -> Response:
    """Take up to 500 items in one transaction and answer one result for each, in their order.

    Sending a batch again is safe: what was applied is answered `duplicate` with its first receipt.
    """
    simulator = simulator_of(request)
    dealer = simulator.dealer
    if dealer.down(simulator.clock.now()):
        return faults.outage(dealer.dial, request)
    fate = dealer.deal()
    raw = await request.body()
    await asyncio.sleep(fate.latency_s)
    if fate.refusal is not None:
        return faults.refusal(dealer.dial, fate, request)
    try:
        batch = Batch.model_validate(orjson.loads(raw))
    except orjson.JSONDecodeError:
        return refusal(NOT_JSON)
    except ValidationError as error:
        return refusal(errors_of(error))
    if any(dealer.poisoned(item.record) for item in batch.items):
        return faults.failure(500)
    if fate.spoilt == "late":
        await asyncio.sleep(dealer.dial.hang_seconds)
    answer = await simulator.take(batch.items)
    await asyncio.sleep(fate.answer_latency_s)
    return await faults.answered(json(answer), fate, dealer, request)


@router.get(
    "/receipts",
    summary="审核结果 Receipts of pending items",
    response_model=Receipts,
    responses={400: {"description": "地址过长 The address is too long for the server"}},
)
async def get_receipts(
    request: Request,
    ids: Annotated[
        str,
        Query(
            title="受理号",
            description="Separated by commas, at most 500.",
            max_length=20_000,
            pattern=r"^[A-Za-z0-9]+(,[A-Za-z0-9]+)*$",
        ),
    ],
) -> Response:
    """What became of items that were answered `pending`; null for a ticket that was never given."""
    simulator = simulator_of(request)
    if simulator.dealer.down(simulator.clock.now()):
        return faults.outage(simulator.dealer.dial, request)
    tickets = ids.split(",")
    if len(tickets) > MAX_TICKETS:
        return refusal([Error("ids", "range", f"不能超过 {MAX_TICKETS} 个 (at most {MAX_TICKETS})")])
    return json(await simulator.receipts(tickets))


@router.get("/holdings", summary="持有清单 Holdings", response_model=Holdings)
async def get_holdings(
    request: Request,
    first: First,
    last: Last,
    limit: Annotated[int, Query(ge=1, le=MAX_HELD, title="条数")] = MAX_HELD,
) -> Response:
    """The positions from `from` to `to`, both included, that were applied, with their digests; a page of them."""
    simulator = simulator_of(request)
    if simulator.dealer.down(simulator.clock.now()):
        return faults.outage(simulator.dealer.dial, request)
    return json(orjson.dumps(await simulator.read(lambda reader: reader.held(first, last, limit))))


@router.get("/holdings/buckets", summary="持有汇总 Holdings by buckets", response_model=Buckets)
async def get_buckets(
    request: Request,
    first: First,
    last: Last,
    size: Annotated[int, Query(ge=1, le=10**6, title="桶的大小", description="Positions in a bucket.")],
) -> Response:
    """Count and sum of what is held in each bucket: who holds the same gets the same, in one answer."""
    simulator = simulator_of(request)
    if simulator.dealer.down(simulator.clock.now()):
        return faults.outage(simulator.dealer.dial, request)
    if (last - 1) // size - (first - 1) // size >= MAX_BUCKETS:
        return refusal([Error("to", "range", f"不能超过 {MAX_BUCKETS} 个桶 (at most {MAX_BUCKETS} buckets)")])
    buckets = await simulator.read(lambda reader: reader.buckets(first, last, size))
    return json(orjson.dumps(Buckets(size, buckets)))


def describe_batch(app: FastAPI) -> None:
    """Add the body of `post_batch`, which it reads by itself, to the OpenAPI document."""
    build = app.openapi

    def openapi() -> dict[str, Any]:
        document = build()
        batch = Batch.model_json_schema(ref_template="#/components/schemas/{model}")
        document["components"]["schemas"] |= batch.pop("$defs") | {"Batch": batch}
        return document

    app.openapi = openapi  # type: ignore[method-assign]
