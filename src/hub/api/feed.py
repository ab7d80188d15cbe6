"""The feed: every version in the order of the ledger, from any cursor on, in several dialects."""

from asyncio import get_running_loop
from typing import Annotated, Any

from fastapi import Header
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from hub.api.answering import Asked, cursors_of, link_field, links_of, page_answer, tag_of, unchanged
from hub.api.asking import At, Format, Place, Wait, Wanted
from hub.api.describe import problems
from hub.api.parameters import a_router
from hub.api.reading import Limit, Reader, Running
from hub.api.records import EntryModel
from hub.api.streaming import event_stream
from hub.exports.dialect import Frame
from hub.exports.dialects import DIALECTS, EVENT_STREAM, dialect_for
from hub.keys import Consumer
from hub.ledger.buckets import PAGE, page_of
from hub.ledger.feed import Page, feed_page, page_before
from hub.ledger.pages import name_of
from hub.ledger.read import Filter

router = a_router(tags=["feed 数据流"])

CACHE = "no-cache"
"""A page may be kept, but is asked for again: its tag says whether it stands."""


class FeedModel(BaseModel):
    """A page of the feed."""

    entries: list[EntryModel]
    next: int | str = Field(
        description="The cursor to go on from forwards; always present. A number in epoch 1, `<epoch>.<position>` later",
        examples=[42, "2.42"],
    )
    prev: int | str | None = Field(description="What to give as `before` for older ones; null where there are none")
    cursor: str = Field(description="`next` with the epoch before it, in every epoch", examples=["1.42"])
    head: int = Field(description="The position of the newest version")


def _header(description: str) -> dict[str, Any]:
    return {"description": description, "schema": {"type": "string"}}


def _text(description: str) -> dict[str, Any]:
    return {"type": "string", "description": description}


PAGE_CONTENT: dict[str, Any] = {
    "application/x-ndjson": {"schema": {"$ref": "#/components/schemas/EntryModel"}},
    "application/cloudevents-batch+json": {
        "schema": {"type": "array", "items": {"type": "object"}, "description": "CloudEvents 1.0"}
    },
    "application/atom+xml": {"schema": _text("RFC 4287")},
    "application/vnd.ocds.release-package+json": {
        "schema": {"type": "object", "description": "OCDS 1.1 release package; tender and procurement only"}
    },
}
"""The dialects of a page, besides JSON."""

_FEED_ANSWER: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Entries behind the cursor in position order, or before it, the newest first.",
        "model": FeedModel,
        "content": {**PAGE_CONTENT, EVENT_STREAM: {"schema": _text("An event per version; its id is the cursor")}},
        "headers": {
            "Hub-Next": _header("The cursor to go on from; with the epoch before it from epoch 2 on"),
            "Hub-Cursor": _header("The same with the epoch before it, in every epoch"),
            "Hub-Prev": _header("What to give as `before` for older ones"),
            "Hub-Head": _header("The position of the newest version"),
            "Link": _header('The pages around, `rel="next"` (newer) and `rel="prev"` (older)'),
            "ETag": _header("On pages in which no later reading finds more"),
        },
    },
    304: {"description": "The page is the one that If-None-Match names."},
}


@router.get("/v1/feed", summary="数据流 Read the feed", responses=_FEED_ANSWER | problems(400, 401, 409))
async def feed(
    request: Request,
    running: Running,
    reader: Reader,
    wanted: Wanted,
    place: At,
    limit: Limit = 100,
    wait: Wait = 0,
    format: Format = None,
    accept: Annotated[str | None, Header(include_in_schema=False)] = None,
    last_event_id: Annotated[str | None, Header(description="As `after`, from a stream of events")] = None,
) -> Response:
    """Versions behind the cursor `after` in position order, or before `before`, the newest first.

    Positions are dense: a reader that keeps following `next` from 0 has everything. What is not public appears as a
    withheld entry with its ground. A consumer's key shows the government's view.
    """
    dialect = dialect_for(accept) if format is None else DIALECTS.get(format)
    government = isinstance(reader, Consumer)
    if dialect is None:
        return await event_stream(request, running, wanted, government, place, last_event_id)
    if dialect.newest_first and not place.given:
        place = Place(backwards=True)
    asked = Asked(dialect, wanted, government, (await running.epochs.current()).number, place.backwards)
    if not place.backwards and not wanted and place.after + limit <= running.bell.heard:
        # Such a page is whole: whether the reader has it is known without reading it.
        tag = tag_of(asked, place.after, place.after + limit)
        if (known := unchanged(request, tag, CACHE)) is not None:
            return known
    if wait and not place.backwards:
        page = await _wait(running, place.after, limit, wait, wanted, government)
    else:
        page = await _page(running, place, limit, wanted, government)
    whole = tag_of(asked, page.low, page.next) if page.whole else None
    if whole is not None and (known := unchanged(request, whole, CACHE)) is not None:
        return known
    links = links_of(request.url, page, asked.epoch)
    frame = await _frame(request, running, page, asked, links)
    headers = cursors_of(page, asked.epoch) | {"link": link_field(links), "cache-control": CACHE}
    return await page_answer(request, page, asked, frame, headers, whole)


async def _frame(request: Request, running: Running, page: Page, asked: Asked, links: dict[str, str]) -> Frame:
    base = str(request.base_url).rstrip("/")
    if asked.backwards and not asked.wanted and page.low > 0 and (number := page_of(page.low)) * PAGE <= page.head:
        # RFC 5005, 4: everything that is older than this page is in the archive that ends with that full page.
        name = name_of(number, await running.epochs.all())
        links = links | {"prev-archive": f"{base}/v1/feed/pages/{name}?format={asked.dialect.name}"}
    return Frame(asked.epoch, base, links, newest_first=asked.backwards, ocid_prefix=running.settings.ocds_prefix)


async def _page(running: Running, place: Place, limit: int, wanted: Filter, government: bool) -> Page:
    async with running.database.reading() as connection:
        if place.backwards:
            return await page_before(connection, before=place.before, limit=limit, wanted=wanted, government=government)
        return await feed_page(connection, after=place.after, limit=limit, wanted=wanted, government=government)


async def _wait(running: Running, after: int, limit: int, seconds: int, wanted: Filter, government: bool) -> Page:
    """The first page with an entry in it, or an empty one when the time is up or the server stops."""
    deadline = get_running_loop().time() + seconds
    # A cursor that is not the newest one is looked at first: there is something behind it, or it is beyond the head.
    waits = after == running.bell.heard
    while True:
        left = deadline - get_running_loop().time()
        if waits:
            await running.grown(after, max(left, 0))
        waits = True
        page = await running.together.answer((after, limit, wanted, government))
        if page.rows or left <= 0 or running.stopping:
            return page
        after = page.next
