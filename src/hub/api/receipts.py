"""Receipts: a platform's outcomes at the targets, in the order in which they came about."""

from asyncio import get_running_loop
from typing import Annotated, Any

from fastapi import Query
from pydantic import BaseModel, Field

from hub.api.asking import NEXT, After, outcome_reached
from hub.api.deliveries import STATES, State, sender_of
from hub.api.describe import KEY, problems
from hub.api.parameters import a_router
from hub.api.reading import Limit, Reader, Running
from hub.ledger.epochs import handed_out
from hub.ledger.outcomes import OutcomePage, outcome_page, shown

router = a_router(tags=["deliveries 交换"])


class OutcomeModel(BaseModel):
    """The newest state of a version at a target."""

    sequence: int = Field(description="Its place in the order of outcomes: a delivery that changes moves to a new one")
    position: int
    target: str
    record: str
    number: int
    state: State = Field(description=STATES)
    receipt: str | None = Field(description="The target's own receipt number")
    reason: Any = Field(description="Why it is not delivered: the target's own words")
    quality: Any = Field(description="What the target notes on the quality of the data")
    changed_at: str


class OutcomesModel(BaseModel):
    """A page of outcomes."""

    outcomes: list[OutcomeModel]
    next: int | str = Field(description=NEXT)
    more: bool = Field(description="Whether there were outcomes behind it, whoever's")
    head: int = Field(description="The newest place in the order, whoever's it is")


@router.get(
    "/v1/receipts",
    summary="交换结果 Read the outcomes at the targets",
    responses=problems(400, 401, 403, 409),
    openapi_extra=KEY,
)
async def receipts(
    running: Running,
    reader: Reader,
    after: After = "0",
    limit: Limit = 100,
    wait: Annotated[int, Query(ge=0, le=60, description="Seconds to wait for the first outcome")] = 0,
) -> OutcomesModel:
    """The platform's outcomes behind the cursor `after`, in the order in which they came about.

    It is the newest state of each version at each target: one that changes again moves behind the others, so a reader
    that follows `next` has every newest state, and may miss one that did not last.
    """
    platform = sender_of(reader).platform
    epoch, start = (await running.epochs.current()).number, await outcome_reached(running, after)
    page = await _page(running, start, limit, platform)
    deadline = get_running_loop().time() + wait
    while not page.rows and not running.stopping and (left := deadline - get_running_loop().time()) > 0:
        await running.changed(page.next, left)
        page = await _page(running, page.next, limit, platform)
    outcomes = [OutcomeModel(**shown(row)) for row in page.rows]
    cursor = handed_out(page.next, epoch)
    return OutcomesModel(outcomes=outcomes, next=cursor, more=page.next < page.head, head=page.head)


async def _page(running: Running, after: int, limit: int, platform: str) -> OutcomePage:
    async with running.database.reading() as connection:
        return await outcome_page(connection, after=after, limit=limit, platform=platform)
