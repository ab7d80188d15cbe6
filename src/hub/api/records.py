"""Records: the current version, the history, one version, the difference of two, and the thread they belong to."""

from typing import Annotated, Any

import orjson
from fastapi import Query
from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import Response

from hub.api.as_of import AS_OF, AsOf, position_of, said_of
from hub.api.asking import NEXT, After, reached
from hub.api.describe import KEY, DueModel, ReceiptModel, problems
from hub.api.exporting import EXPORTED, Asked, exported
from hub.api.parameters import a_router
from hub.api.reading import (
    DataKey,
    Kind,
    Limit,
    Number,
    PlatformCode,
    Position,
    Reader,
    Running,
    json_of,
    listed,
    sees_all,
    shown,
)
from hub.diff import differences
from hub.keys import Holder, Sender
from hub.ledger.epochs import handed_out
from hub.ledger.past import record_at
from hub.ledger.read import Stored, find_record, history, timeline, version_at, version_of
from hub.ledger.tables import Record
from hub.problems import Forbidden, NotFound, Unauthenticated

router = a_router(tags=["records 记录"])

RECORD = "/v1/records/{platform}/{kind}/{data_key}"

_SHOWN: dict[int | str, dict[str, Any]] = {200: EXPORTED[200] | AS_OF[200]}


class EntryModel(BaseModel):
    """One version as a reader sees it: the hub's header, and the document or the ground on which it is withheld."""

    position: int
    record: str
    number: int
    previous: int | None
    state: str
    digest: str
    thread: str
    region_code: str
    data_timestamp: str
    received_at: str
    due: DueModel | None = Field(description="None for a withdrawal, and where no clock runs")
    document: dict[str, Any] | None = None
    withheld: dict[str, Any] | None = None
    opens_at: str | None = Field(None, description="When the public will see more of the document")
    due_now: DueModel | None = Field(None, description="The due date by calendars that were loaded since")


class HistoryModel(BaseModel):
    """Versions of a record, oldest first."""

    versions: list[EntryModel]
    next: int = Field(description="The number to give as `after` for the following page")


class TimelineModel(BaseModel):
    """Versions of a thread in the order in which they were stored."""

    versions: list[EntryModel]
    next: int | str = Field(description=NEXT)


class DifferenceModel(BaseModel):
    """One field that differs."""

    pointer: str
    title: str = Field(description="The field's Chinese title")
    before: Any = None
    after: Any = None


class DifferencesModel(BaseModel):
    """What changed between two versions of a record."""

    record: str
    before: int
    after: int
    reason: str | None
    differences: list[DifferenceModel]


@router.get(
    "/v1/records/{kind}/{data_key}",
    summary="本平台的记录 One of the platform's own records",
    responses=_SHOWN | problems(400, 401, 403, 404),
    response_model=EntryModel,
    openapi_extra=KEY,
)
async def own_record(
    kind: Kind, data_key: DataKey, running: Running, reader: Reader, asked: Asked, as_of: AsOf = None
) -> Response:
    """The current version of one of the platform's own records, or the one that was current `as_of`."""
    if reader is None:
        raise Unauthenticated("This address is for a platform's own records; others are at /v1/records/{platform}/….")
    if not isinstance(reader, Sender):
        raise Forbidden("Only a platform has records of its own.")
    return await _current(running, reader.platform, kind, data_key, reader, asked, as_of)


@router.get(
    RECORD, summary="一条记录 Read a record", responses=_SHOWN | problems(400, 401, 404), response_model=EntryModel
)
async def record(
    platform: PlatformCode,
    kind: Kind,
    data_key: DataKey,
    running: Running,
    reader: Reader,
    asked: Asked,
    as_of: AsOf = None,
) -> Response:
    """The current version of a record, or the one that was current `as_of`.

    In the envelope of the data specification where Accept asks for it.
    """
    return await _current(running, platform, kind, data_key, reader, asked, as_of)


@router.get(
    RECORD + "/versions",
    summary="记录的历次版本 The history of a record",
    responses=problems(400, 401, 404),
    response_model=HistoryModel,
)
async def versions(
    platform: PlatformCode,
    kind: Kind,
    data_key: DataKey,
    running: Running,
    reader: Reader,
    after: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
    limit: Limit = 100,
) -> Response:
    """The history of a record, oldest version first; withdrawn ones are part of it for ever.

    A page has fewer than `limit` where they are very large; the one behind the last version is empty.
    """
    async with running.database.reading() as connection:
        head = await found_record(connection, platform, kind, data_key)
        found = await history(connection, head.id, after=after, limit=limit)
    following = found[-1].number if found else after
    return json_of(listed("versions", shown(found, reader), b',"next":%d' % following))


@router.get(
    RECORD + "/versions/{number}",
    summary="记录的一个版本 One version of a record",
    responses=EXPORTED | problems(400, 401, 404),
    response_model=EntryModel,
)
async def version(
    platform: PlatformCode,
    kind: Kind,
    data_key: DataKey,
    number: Number,
    running: Running,
    reader: Reader,
    asked: Asked,
) -> Response:
    """One version of a record; in the envelope of the data specification where Accept asks for it."""
    async with running.database.reading() as connection:
        found = await _numbered(connection, platform, kind, data_key, number)
    return _entry(found, reader, asked)


@router.get(
    RECORD + "/versions/{number}/receipt",
    summary="版本的回执 The receipt of a version",
    responses=problems(400, 401, 403, 404),
    response_model=ReceiptModel,
    openapi_extra=KEY,
)
async def receipt(
    platform: PlatformCode, kind: Kind, data_key: DataKey, number: Number, running: Running, reader: Reader
) -> Response:
    """The receipt of a version, the same bytes that its sender got."""
    if reader is None:
        raise Unauthenticated("A receipt is shown to its sender.")
    if not sees_all(reader, platform):
        raise Forbidden("A receipt is shown to its sender.")
    async with running.database.reading() as connection:
        found = await _numbered(connection, platform, kind, data_key, number)
    return json_of(found.receipt(), etag=found.digest.hex())


@router.get(
    RECORD + "/diff",
    summary="两个版本的差异 What changed between two versions",
    responses=problems(400, 401, 404),
    response_model=DifferencesModel,
)
async def diff(
    platform: PlatformCode,
    kind: Kind,
    data_key: DataKey,
    running: Running,
    reader: Reader,
    before: Annotated[int, Query(ge=1, le=2**31 - 1)],
    after: Annotated[int, Query(ge=1, le=2**31 - 1)],
) -> DifferencesModel:
    """What changed between two versions, field by field, with the fields' Chinese titles."""
    async with running.database.reading() as connection:
        first = await _numbered(connection, platform, kind, data_key, before)
        second = await _numbered(connection, platform, kind, data_key, after)
    old, new = (orjson.loads(v.entry(government=sees_all(reader, platform))).get("document") for v in (first, second))
    changes = differences(kind, old or {}, new or {})
    change = (new or {}).get("change") or (new or {}).get("withdrawal") or {}
    return DifferencesModel(
        record=f"{platform}/{kind}/{data_key}",
        before=before,
        after=after,
        reason=change.get("reason"),
        differences=[
            DifferenceModel(pointer=c.pointer, title=c.title, before=c.before, after=c.after) for c in changes
        ],
    )


@router.get(
    "/v1/versions/{position}",
    summary="账本某一位置的版本 The version at a position",
    responses=EXPORTED | problems(400, 401, 404),
    response_model=EntryModel,
)
async def at_position(position: Position, running: Running, reader: Reader, asked: Asked) -> Response:
    """The version at a position of the ledger; in the envelope of the data specification where Accept asks for it."""
    async with running.database.reading() as connection:
        found = await version_at(connection, position)
    if found is None:
        raise NotFound("The ledger has no such position yet.")
    return _entry(found, reader, asked)


@router.get(
    "/v1/threads/{thread:path}",
    summary="项目全过程 Everything of one project or credit subject",
    responses=AS_OF | problems(400, 401, 404, 409),
    response_model=TimelineModel,
)
async def thread(
    thread: str, running: Running, reader: Reader, after: After = "0", limit: Limit = 100, as_of: AsOf = None
) -> Response:
    """Everything that was disclosed of one project (or credit subject), in the order in which it was stored.

    A page has fewer than `limit` where they are very large; the one behind the last version is empty.
    """
    thread = thread_named(thread)
    epoch, position = (await running.epochs.current()).number, await reached(running, after)
    async with running.database.reading() as connection:
        until = None if as_of is None else await position_of(connection, as_of)
        found = await timeline(connection, thread, after=position, limit=limit, until=until)
    if not found and not position:
        raise NotFound("There is no such thread.")
    following = handed_out(found[-1].position if found else position, epoch)
    return json_of(
        listed("versions", shown(found, reader), b',"next":' + orjson.dumps(following)), headers=said_of(until)
    )


async def _current(
    running: Running,
    platform: str,
    kind: str,
    data_key: str,
    reader: Holder | None,
    asked: str | None,
    as_of: str | None,
) -> Response:
    async with running.database.reading() as connection:
        until = None if as_of is None else await position_of(connection, as_of)
        head = await found_record(connection, platform, kind, data_key)
        found = await (
            version_at(connection, head.position) if until is None else record_at(connection, head.id, until)
        )
    if found is None:
        raise NotFound("There was no such record then.", as_of=until)
    response = _entry(found, reader, asked, head.due_now if until is None else None)
    response.headers.update(said_of(until) or {})
    return response


def thread_named(name: str) -> str:
    """The name of a thread as an address has it; raises `NotFound` where no thread can have it."""
    if "\x00" in name or len(name) > 200:
        raise NotFound("There is no such thread.")
    return name


async def found_record(connection: AsyncConnection, platform: str, kind: str, data_key: str) -> Record:
    """The head of a record; raises `NotFound`."""
    head = await find_record(connection, platform, kind, data_key)
    if head is None:
        raise NotFound("There is no such record.")
    return head


async def _numbered(connection: AsyncConnection, platform: str, kind: str, data_key: str, number: int) -> Stored:
    head = await found_record(connection, platform, kind, data_key)
    found = await version_of(connection, head.id, number)
    if found is None:
        raise NotFound("The record has no such version.", current_number=head.number)
    return found


def _entry(found: Stored, reader: Holder | None, asked: str | None, due_now: bytes | None = None) -> Response:
    entry = found.entry(government=sees_all(reader, found.platform), due_now=due_now)
    return json_of(entry, etag=found.digest.hex()) if asked is None else exported(found, entry, asked)
