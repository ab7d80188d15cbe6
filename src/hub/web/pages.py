"""The pages: the start page, made on the server, with no request to anywhere else."""

from typing import Any

import orjson
from fastapi import APIRouter
from starlette.responses import HTMLResponse

from hub.api.reading import Running
from hub.ledger.read import Stored, newest_records
from hub.oversight import BEHIND, HELD, IDLE, SILENT, status_of
from hub.schemas.clocks import AT_ONCE
from hub.schemas.kind import kinds
from hub.sync.target import targets
from hub.web.rendering import HEADERS, page, template

router = APIRouter(include_in_schema=False)

NEWEST = 20

STATES = {SILENT: "无交换进程", IDLE: "已同步", BEHIND: "追赶中", HELD: "有等待项"}

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
        newest = await newest_records(connection, NEWEST)
    return page(
        "start.html",
        status=status,
        states=STATES,
        kinds=kinds(),
        titles={name: target.title for name, target in targets().items()},
        newest=[_line(version) for version in newest],
    )


@router.get("/docs")
async def docs() -> HTMLResponse:
    """The OpenAPI document to read and to try out."""
    return HTMLResponse(template("docs.html").render(), headers=_DOCS_HEADERS)


def _line(version: Stored) -> dict[str, Any]:
    """What the page says of a version: only what the public may see."""
    entry = orjson.loads(version.entry(government=False))
    kind = kinds()[version.kind]
    document = entry.get("document", {})
    title = document.get("body", {}).get(kind.label) or kind.title()
    return {
        "position": version.position,
        "kind": kind.title(),
        "kind_name": version.kind,
        "title": title,
        "number": version.number,
        "state": version.state,
        "received_at": entry["received_at"][:19].replace("T", " "),
        "due": entry["due"],
        "shared_late": entry["due"] is not None and entry["due"]["clock"] == AT_ONCE.id,
        "page": f"/records/{entry['record']}",
        "history": f"/v1/records/{entry['record']}/versions",
        "thread": f"/v1/threads/{entry['thread']}",
    }
