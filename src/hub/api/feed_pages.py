"""Full pages of the feed: they never change, so that whatever stands before the hub may keep them for good."""

from typing import Annotated, Any

from fastapi import Header, Path
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from hub.api.answering import Asked, page_answer, tag_of, unchanged
from hub.api.asking import Format
from hub.api.describe import problems
from hub.api.feed import PAGE_CONTENT
from hub.api.parameters import a_router
from hub.api.reading import Reader, Running
from hub.api.runtime import Runtime
from hub.exports.dialect import Frame
from hub.exports.dialects import DIALECTS, dialect_for
from hub.exports.lines import NDJSON
from hub.keys import Consumer
from hub.ledger.buckets import PAGE
from hub.ledger.pages import NAME, digest_of, full_page, name_of, number_of
from hub.ledger.read import ALL
from hub.problems import NotFound

router = a_router(tags=["feed 数据流"])

FOR_GOOD = "max-age=31536000, immutable"

_ANSWER: dict[int | str, dict[str, Any]] = {
    200: {"description": "The entries of the page, in position order.", "content": PAGE_CONTENT},
    304: {"description": "The page is the one that If-None-Match names."},
    307: {"description": "The page has another name since another epoch began."},
}


@router.get(
    "/v1/feed/pages/{name}",
    summary="数据流的固定页 A full page of the feed, for good",
    responses=_ANSWER | problems(400, 401, 404),
    response_class=Response,
)
async def page_of_the_feed(
    request: Request,
    running: Running,
    reader: Reader,
    name: Annotated[str, Path(pattern=NAME, description="1 for positions 1 to 1000, and so on", examples=["1"])],
    format: Format = None,
    accept: Annotated[str | None, Header(include_in_schema=False)] = None,
) -> Response:
    """Page `name` of the unfiltered feed, 1,000 positions each; 404 until it is full, and for ever the same then."""
    dialect = (dialect_for(accept, NDJSON) if format is None else DIALECTS.get(format)) or NDJSON
    number = number_of(name)
    epochs = await running.epochs.all()
    if name != (known := name_of(number, epochs)):
        if "." in name:
            raise NotFound("There is no such page in this epoch.", page=known)
        return RedirectResponse(request.url.replace(path=request.url.path.removesuffix(name) + known), 307)
    government = isinstance(reader, Consumer)
    epoch = int(known.partition(".")[0]) if "." in known else 1
    asked = Asked(dialect, ALL, government, epoch)
    tag = tag_of(asked, (number - 1) * PAGE, number * PAGE).removeprefix("W/")
    cache = f"{'private' if government else 'public'}, {FOR_GOOD}"
    if number * PAGE <= running.bell.heard and (same := unchanged(request, tag, cache)) is not None:
        return same
    async with running.database.reading() as connection:
        page = await full_page(connection, number, government=government)
    if page is None:
        raise NotFound("The page is not full yet; read /v1/feed until it is.", page=known, full=await _full(running))
    base = str(request.base_url).rstrip("/")
    links = {"self": str(request.url), "current": f"{base}/v1/feed?format={dialect.name}"}
    neighbours = {"next": number + 1, "prev": number - 1} if number > 1 else {"next": number + 1}
    for relation, other in neighbours.items():
        links[relation] = f"{base}/v1/feed/pages/{name_of(other, epochs)}?format={dialect.name}"
    frame = Frame(epoch, base, links, page=known, ocid_prefix=running.settings.ocds_prefix)
    headers = {
        "cache-control": cache,
        "hub-page": known,
        "hub-page-digest": digest_of(page).hex(),
        "hub-cursor": f"{epoch}.{page.next}",
    }
    return await page_answer(request, page, asked, frame, headers, tag)


async def _full(running: Runtime) -> int:
    """How many full pages there are."""
    return running.bell.heard // PAGE
