"""Contracting processes: everything of one project as an OCDS record package."""

from typing import Any

import orjson
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from hub.api.as_of import AS_OF, AsOf, position_of, said_of
from hub.api.describe import problems
from hub.api.parameters import a_router
from hub.api.reading import Reader, Running, shown
from hub.exports.ocds import release_of
from hub.exports.ocds_record import MEDIA, record_package
from hub.ledger.read import Stored, timeline
from hub.problems import NotFound

router = a_router(tags=["records 记录"])

AT_A_TIME = 1000

_PACKAGE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "An OCDS 1.1 record package with one record: its releases, and the compiled one",
        "content": {MEDIA: {"schema": {"type": "object"}}},
        **AS_OF[200],
    }
}


@router.get(
    "/v1/threads/{thread:path}/ocds",
    summary="项目的 OCDS 数据 A project as an OCDS record",
    responses=_PACKAGE | problems(400, 401, 404),
    response_class=Response,
)
async def process(request: Request, thread: str, running: Running, reader: Reader, as_of: AsOf = None) -> Response:
    """One project of tendering or government procurement as an OCDS record: a release per version, and all compiled."""
    if "\x00" in thread or len(thread) > 200:
        raise NotFound("There is no such thread.")
    async with running.database.reading() as connection:
        until = None if as_of is None else await position_of(connection, as_of)
        found: list[Stored] = []
        while more := await timeline(
            connection, thread, after=found[-1].position if found else 0, limit=AT_A_TIME, until=until
        ):
            found += more
    epoch = (await running.epochs.current()).number
    base = str(request.base_url).rstrip("/")

    def made() -> bytes | None:
        entries = map(orjson.loads, shown(found, reader))
        prefix = running.settings.ocds_prefix
        releases = [one for entry in entries if (one := release_of(entry, prefix=prefix, epoch=epoch)) is not None]
        return orjson.dumps(record_package(releases, str(request.url), base)) if releases else None

    body = await to_thread.run_sync(made)
    if body is None:
        raise NotFound("There is no contracting process of OCDS under this thread.")
    headers = {"vary": "Authorization", **(said_of(until) or {})}
    return Response(body, media_type=MEDIA, headers=headers)
