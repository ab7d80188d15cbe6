"""Overdue records: what was disclosed after its legal due date."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from hub.api.describe import problems
from hub.api.reading import Limit, Reader, Running, json_of, listed, sees_all
from hub.api.records import EntryModel
from hub.ledger.read import Filter, late_records

router = APIRouter(tags=["records 记录"])


class OverdueModel(BaseModel):
    """The current versions of records that were disclosed late, the newest record first."""

    records: list[EntryModel]
    next: int | None = Field(description="What to give as `after` for the following page; null on the last one")


@router.get("/v1/records", responses=problems(400, 401), response_model=OverdueModel)
async def overdue(
    running: Running,
    reader: Reader,
    _overdue: Annotated[
        Literal["true"], Query(alias="overdue", description="Records whose current version was disclosed late")
    ],
    after: Annotated[int | None, Query(ge=1, le=2**63 - 1, description="`next` of the page before")] = None,
    limit: Limit = 100,
    kind: Annotated[list[str] | None, Query(description="Only these kinds; may be repeated")] = None,
    region: Annotated[str | None, Query(pattern=r"^[0-9]{2,6}$", description="A prefix of the region code")] = None,
    platform: Annotated[str | None, Query(pattern=r"^[0-9A-Z]{18}$", description="Only what it pushed")] = None,
) -> Response:
    """Records that were disclosed after their legal due date, the newest record first, as the reader may see them.

    A record keeps its place whatever becomes of it, so following `next` misses none that was late all the while.
    """
    wanted = Filter(tuple(kind) if kind else None, region, platform)
    async with running.database.reading() as connection:
        found = await late_records(connection, after=after, limit=limit, wanted=wanted)
    entries = [version.entry(government=sees_all(reader, version.platform), due_now=now) for version, now in found]
    following = b"%d" % found[-1][0].record if len(found) == limit else b"null"
    return json_of(listed("records", entries, b',"next":' + following))
