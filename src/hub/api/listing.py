"""The list of records: the current ones, those of an earlier moment, and those that were disclosed late."""

from typing import Annotated, Literal

from fastapi import Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from hub.api.as_of import AS_OF, AsOf, position_of, said_of
from hub.api.asking import known_kinds
from hub.api.describe import problems
from hub.api.parameters import a_router
from hub.api.reading import Limit, Reader, Running, json_of, listed, sees_all, shown
from hub.api.records import EntryModel
from hub.keys import Holder
from hub.ledger.past import records_at
from hub.ledger.read import Filter, head_position, late_records
from hub.problems import InvalidParameter

router = a_router(tags=["records 记录"])


class RecordsModel(BaseModel):
    """The current versions of records, the newest record first."""

    records: list[EntryModel]
    next: int | None = Field(description="What to give as `after` for the following page; null on the last one")


@router.get(
    "/v1/records", summary="记录清单 List records", responses=AS_OF | problems(400, 401), response_model=RecordsModel
)
async def records(
    running: Running,
    reader: Reader,
    overdue: Annotated[
        Literal["true"] | None,
        Query(description="Only records whose current version was disclosed, or by the clock D-RT shared, late"),
    ] = None,
    after: Annotated[int | None, Query(ge=1, le=2**63 - 1, description="`next` of the page before")] = None,
    limit: Limit = 100,
    kind: Annotated[list[str] | None, Query(description="Only these kinds; may be repeated")] = None,
    region: Annotated[str | None, Query(pattern=r"^[0-9]{2,6}$", description="A prefix of the region code")] = None,
    platform: Annotated[str | None, Query(pattern=r"^[0-9A-Z]{18}$", description="Only what it pushed")] = None,
    state: Annotated[
        Literal["published", "withheld", "withdrawn"] | None, Query(description="Only in this state")
    ] = None,
    as_of: AsOf = None,
) -> Response:
    """Records as they are, or as they were `as_of`, the newest record first, as the reader may see them.

    A record keeps its place whatever becomes of it, so following `next` misses none. A page may have fewer records than
    `limit`, and none, while `next` is not null.
    """
    wanted = Filter(known_kinds(kind), region, platform)
    if overdue is not None:
        if as_of is not None or state is not None:
            raise InvalidParameter("`overdue` lists records as they are now, in any state.")
        return await _late(running, reader, after, limit, wanted)
    async with running.database.reading() as connection:
        until = None if as_of is None else await position_of(connection, as_of)
        position = await head_position(connection) if until is None else until
        found, following = await records_at(connection, position, before=after, limit=limit, wanted=wanted, state=state)
    return json_of(_listed(shown(found, reader), following), headers=said_of(until))


async def _late(running: Running, reader: Holder | None, after: int | None, limit: int, wanted: Filter) -> Response:
    async with running.database.reading() as connection:
        found, more = await late_records(connection, after=after, limit=limit, wanted=wanted)
    entries = [version.entry(government=sees_all(reader, version.platform), due_now=now) for version, now in found]
    return json_of(_listed(entries, found[-1][0].record if more else None))


def _listed(entries: list[bytes], following: int | None) -> bytes:
    return listed("records", entries, b',"next":' + (b"null" if following is None else b"%d" % following))
