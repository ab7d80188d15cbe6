"""The pages to begin with: the start page and what came before, made on the server, with no request to anywhere else."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import HTMLResponse

from hub.api.reading import Running
from hub.ledger.read import Stored, newest_versions
from hub.oversight import BEHIND, HELD, IDLE, SILENT, status_of
from hub.schemas.kind import kinds
from hub.sync.target import targets
from hub.web.lines import STATES, lines_of
from hub.web.rendering import HEADERS, page, template

router = APIRouter(include_in_schema=False)

NEWEST = 20
PAGE = 50

TARGET_STATES = {SILENT: "无交换进程", IDLE: "已同步", BEHIND: "追赶中", HELD: "有等待项"}

# Swagger UI writes style attributes, draws with data: images, and fetches the OpenAPI document and what one tries out.
_DOCS_HEADERS = HEADERS | {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'"
}


@router.get("/")
async def start(running: Running) -> HTMLResponse:
    """The start page: where the ledger is, what is in it, how the targets are, and what came last."""
    async with running.database.reading() as connection:
        status = await status_of(connection, tuple(targets()), running.guard.behind)
        newest = await newest_versions(connection, NEWEST)
        lines = await lines_of(connection, newest)
    return page(
        "start.html",
        status=status,
        target_states=TARGET_STATES,
        kinds=kinds(),
        titles={name: target.title for name, target in targets().items()},
        lines=lines,
        states=STATES,
        older=_older(newest),
    )


@router.get("/records")
async def records(running: Running, before: Annotated[int | None, Query(ge=1, le=2**63 - 1)] = None) -> HTMLResponse:
    """What came last, or before a position, the newest first; a page costs the same however far back it lies."""
    async with running.database.reading() as connection:
        found = await newest_versions(connection, PAGE, before=before)
        lines = await lines_of(connection, found)
    return page("records.html", lines=lines, states=STATES, newest=before is None, older=_older(found))


@router.get("/docs")
async def docs() -> HTMLResponse:
    """The OpenAPI document to read and to try out."""
    return HTMLResponse(template("docs.html").render(), headers=_DOCS_HEADERS)


def _older(found: Sequence[Stored]) -> int | None:
    """The position before which to go on; positions are dense, so nothing is older than the first."""
    return found[-1].position if found and found[-1].position > 1 else None
