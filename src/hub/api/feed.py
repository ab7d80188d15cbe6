"""The feed: every version in the order of the ledger, from any cursor on."""

from asyncio import get_running_loop
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from hub.api.describe import problems
from hub.api.reading import After, Limit, Pieces, Reader, Running
from hub.api.records import EntryModel
from hub.keys import Consumer
from hub.ledger.read import ALL, Filter, Page, feed_page
from hub.problems import InvalidParameter
from hub.schemas.kind import Domain, Stage, kinds

router = APIRouter(tags=["feed 数据流"])

NDJSON = "application/x-ndjson"


class FeedModel(BaseModel):
    """A page of the feed."""

    entries: list[EntryModel]
    next: int = Field(description="The cursor to go on from; always present")
    head: int = Field(description="The position of the newest version")


_FEED_ANSWER: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Entries behind the cursor, in position order. As NDJSON the cursor is in the header Hub-Next.",
        "model": FeedModel,
        "content": {NDJSON: {"schema": {"$ref": "#/components/schemas/EntryModel"}}},
        "headers": {
            "Hub-Next": {"description": "The cursor to go on from", "schema": {"type": "string"}},
            "Hub-Head": {"description": "The position of the newest version", "schema": {"type": "string"}},
            "Link": {"description": 'The next page, `rel="next"`', "schema": {"type": "string"}},
        },
    }
}


@router.get("/v1/feed", responses=_FEED_ANSWER | problems(400, 401))
async def feed(
    request: Request,
    running: Running,
    reader: Reader,
    after: After = 0,
    limit: Limit = 100,
    wait: Annotated[int, Query(ge=0, le=60, description="Seconds to wait for the first entry")] = 0,
    kind: Annotated[list[str] | None, Query(description="Only these kinds; may be repeated")] = None,
    domain: Annotated[Domain | None, Query(description="Only this field")] = None,
    stage: Annotated[Stage | None, Query(description="Only this stage")] = None,
    region: Annotated[str | None, Query(pattern=r"^[0-9]{2,6}$", description="A prefix of the region code")] = None,
    platform: Annotated[str | None, Query(pattern=r"^[0-9A-Z]{18}$", description="Only what it pushed")] = None,
    accept: Annotated[str | None, Header(include_in_schema=False)] = None,
) -> Response:
    """Versions behind the cursor `after`, in position order.

    Positions are dense: a reader that keeps following `next` from 0 has everything. What is not public appears as a
    withheld entry with its ground. A consumer's key shows the government's view.
    """
    wanted = _filter(kind, domain, stage, region, platform)
    government = isinstance(reader, Consumer)
    page = await _page(running, after, limit, wanted, government)
    if wait and not page.rows:
        page = await _wait(running, page.next, limit, wait, wanted, government)
    query = request.url.include_query_params(after=page.next)
    headers = {
        "hub-next": str(page.next),
        "hub-head": str(page.head),
        "link": f'<{query.path}?{query.query}>; rel="next"',
        "vary": "Accept, Authorization",
        "cache-control": "no-cache",
    }
    if accept is not None and NDJSON in accept:
        return Pieces(*page.pieces(b"", b"\n", b"\n" if page.rows else b""), NDJSON, headers)
    last = b'],"next":%d,"head":%d}' % (page.next, page.head)
    return Pieces(*page.pieces(b'{"entries":[', b",", last), "application/json", headers)


async def _page(running: Running, after: int, limit: int, wanted: Filter, government: bool) -> Page:
    async with running.database.reading() as connection:
        return await feed_page(connection, after=after, limit=limit, wanted=wanted, government=government)


async def _wait(running: Running, after: int, limit: int, seconds: int, wanted: Filter, government: bool) -> Page:
    """The first page with an entry in it, or an empty one when the time is up or the server stops."""
    deadline = get_running_loop().time() + seconds
    while True:
        left = deadline - get_running_loop().time()
        await running.grown(after, max(left, 0))
        page = await _page(running, after, limit, wanted, government)
        if page.rows or left <= 0 or running.stopping.is_set():
            return page
        after = page.next


def _filter(
    names: list[str] | None, domain: Domain | None, stage: Stage | None, region: str | None, platform: str | None
) -> Filter:
    known = kinds()
    if names and (unknown := [name for name in names if name not in known]):
        raise InvalidParameter("There is no such kind.", kind=[name[:64] for name in unknown])
    if not (names or domain or stage or region or platform):
        return ALL
    chosen = None
    if names or domain or stage:
        chosen = tuple(
            name
            for name, kind in known.items()
            if (not names or name in names)
            and (domain is None or kind.domain is domain)
            and (stage is None or kind.stage is stage)
        )
    return Filter(chosen, region, platform)
