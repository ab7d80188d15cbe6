"""The page of a thread: what was disclosed of one project, or credit subject, in order."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import HTMLResponse

from hub.api.reading import Running
from hub.api.records import thread_named
from hub.ledger.read import timeline
from hub.problems import NotFound
from hub.web.lines import STATES, in_path, lines_of
from hub.web.rendering import page

router = APIRouter(include_in_schema=False)

PAGE = 50


@router.get("/threads/{thread:path}")
async def thread_page(
    thread: str, running: Running, after: Annotated[int, Query(ge=0, le=2**63 - 1)] = 0
) -> HTMLResponse:
    """The versions of a thread behind position `after`, as the public sees them, in the order in which they were stored."""
    name = thread_named(thread)
    async with running.database.reading() as connection:
        found = await timeline(connection, name, after=after, limit=PAGE)
        lines = await lines_of(connection, found)
        more = bool(found) and await timeline(connection, name, after=found[-1].position, limit=1)
    if not found:
        raise NotFound("There is no such thread, or nothing behind this position in it.")
    return page(
        "thread.html",
        thread=name,
        path=f"threads/{in_path(name)}",
        lines=lines,
        states=STATES,
        begins=not after,
        following=lines[-1]["position"] if more else None,
    )
