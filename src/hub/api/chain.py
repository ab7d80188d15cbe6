"""The correction chain of a record: every version with its reason and what it changed, and what other records say of it."""

from collections.abc import AsyncIterator, Mapping, Sequence
from re import fullmatch
from typing import Annotated, Any

import orjson
from fastapi import Query
from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.api.describe import DueModel, problems
from hub.api.parameters import a_router
from hub.api.reading import DataKey, Kind, Limit, PlatformCode, Reader, Running, sees_all
from hub.api.records import RECORD, DifferenceModel, found_record
from hub.diff import differences
from hub.keys import Holder
from hub.ledger.past import record_at
from hub.ledger.read import Stored, history, timeline
from hub.ledger.tables import Record
from hub.problems import NotFound
from hub.schemas.kind import kinds

router = a_router(tags=["records 记录"])

RECORD_NAME = r"[0-9A-Z]{18}/[a-z][a-z0-9_]{0,63}/[A-Za-z0-9._~-]{1,64}"

LOOKED_THROUGH = 2000
"""The most versions of a thread in which references to a record are looked for."""


class Who(BaseModel):
    """Who disclosed a version, and which platform pushed it."""

    platform: str
    discloser: str | None = Field(description="公开主体名称; null where the version is withheld or withdrawn")
    discloser_code: str | None


class StepModel(BaseModel):
    """One version: why it came, who sent it when, and what it changed."""

    number: int
    position: int
    state: str
    digest: str
    data_timestamp: str
    received_at: str
    changed_at: str | None
    reason: str | None = Field(description="变更原因 or 撤回原因; null for a first version")
    what: str | None = Field(description="变更内容, for people")
    who: Who
    due: DueModel | None
    withheld: dict[str, Any] | None = None
    differences: list[DifferenceModel] = Field(
        description="Against the version before it; empty for a first version, and where either is not visible"
    )


class ReferenceModel(BaseModel):
    """A record of another kind that names this one: a correction, a change notice, a result after its publicity."""

    record: str
    kind: str
    kind_title: str
    field: str = Field(description="The field that names the record")
    field_title: str
    title: str | None
    number: int
    position: int
    state: str
    received_at: str
    reason: str | None = Field(description="变更原因, where the kind gives one")
    items: list[dict[str, Any]] = Field(description="What is corrected: item, before, after")


class ChainModel(BaseModel):
    """How a record came to say what it says."""

    record: str
    kind: str
    kind_title: str
    state: str
    current: int = Field(description="The number of the current version")
    versions: list[StepModel]
    next: int | None = Field(description="What to give as `after` for later versions; null where these are all")
    named_by: list[ReferenceModel] = Field(description="Records that name this one")
    names: list[str] = Field(description="Records that the current version names, `platform/kind/data_key`")


class ChangesModel(BaseModel):
    """What became of a record since a version that the reader has."""

    record: str
    since: int
    current: int
    changes: list[StepModel] = Field(description="Every later version, oldest first; empty where there is none")
    next: int | None = Field(description="What to give as `since` for later versions; null where these are all")


@router.get(
    RECORD + "/chain", summary="记录的变更链 The correction chain of a record", responses=problems(400, 401, 404)
)
async def chain(
    platform: PlatformCode,
    kind: Kind,
    data_key: DataKey,
    running: Running,
    reader: Reader,
    after: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
    limit: Limit = 100,
) -> ChainModel:
    """The correction chain: each version's reason, sender, moment and differences, and the records that name this one.

    Records that name it are found in its project and among its change notices.
    """
    async with running.database.reading() as connection:
        head = await found_record(connection, platform, kind, data_key)
        return await chain_of(connection, head, reader, after=after, limit=limit)


@router.get(
    RECORD + "/changes",
    summary="自某版本以来的变更 What became of a record since a version",
    responses=problems(400, 401, 404),
)
async def changes(
    platform: PlatformCode,
    kind: Kind,
    data_key: DataKey,
    running: Running,
    reader: Reader,
    since: Annotated[
        str, Query(pattern=r"^([1-9][0-9]{0,9}|[0-9a-f]{64})$", description="The number or the digest of one's version")
    ],
    limit: Limit = 100,
) -> ChangesModel:
    """Whether a record has changed since the version that the reader has, and how: every later version in one call."""
    async with running.database.reading() as connection:
        head = await found_record(connection, platform, kind, data_key)
        number = await _number(connection, head, since)
        found = await _steps(connection, head, reader, after=number, limit=limit)
    last = found[-1].number if found else number
    return ChangesModel(
        record=_name(head),
        since=number,
        current=head.number,
        changes=found,
        next=last if last < head.number else None,
    )


async def chain_of(
    connection: AsyncConnection, head: Record, reader: Holder | None, *, after: int = 0, limit: int = 1000
) -> ChainModel:
    """The correction chain of a record as a reader may see it, from the version behind number `after`."""
    versions = await _steps(connection, head, reader, after=after, limit=limit)
    current = await record_at(connection, head.id, head.position)
    assert current is not None
    last = versions[-1].number if versions else after
    name = _name(head)
    body = _document(_entry(current, reader)).get("body", {})
    return ChainModel(
        record=name,
        kind=head.kind,
        kind_title=kinds()[head.kind].title(),
        state=head.state,
        current=head.number,
        versions=versions,
        next=last if last < head.number else None,
        named_by=[reference async for reference in _references(connection, head, reader)],
        names=[v for v in body.values() if isinstance(v, str) and v != name and fullmatch(RECORD_NAME, v)],
    )


async def _number(connection: AsyncConnection, head: Record, since: str) -> int:
    """The number of the reader's version, which must be one of the record's."""
    if len(since) < 64:
        if int(since) > head.number:
            raise NotFound("The record has no such version.", current_number=head.number)
        return int(since)
    digest, after = bytes.fromhex(since), 0
    while found := await history(connection, head.id, after=after, limit=1000):
        for version in found:
            if version.digest == digest:
                return version.number
        after = found[-1].number
    raise NotFound("The record has no version with this digest.", current_number=head.number)


async def _steps(
    connection: AsyncConnection, head: Record, reader: Holder | None, *, after: int, limit: int
) -> list[StepModel]:
    """The versions behind number `after`, each against the one before it."""
    found = await history(connection, head.id, after=max(after - 1, 0), limit=limit + (after > 0))
    entries = [_entry(version, reader) for version in found]
    before: Sequence[Mapping[str, Any] | None] = [None, *entries]
    steps = [_step(head, entry, previous) for entry, previous in zip(entries, before, strict=False)]
    return steps[1:] if after else steps


def _step(head: Record, entry: Mapping[str, Any], previous: Mapping[str, Any] | None) -> StepModel:
    document = _document(entry)
    why = document.get("change") or document.get("withdrawal") or {}
    discloser = document.get("discloser") or {}
    compared = previous is not None and "body" in document and "body" in _document(previous)
    changed = differences(head.kind, _document(previous), document) if compared and previous is not None else []
    return StepModel(
        **{name: entry[name] for name in ("number", "position", "state", "digest", "data_timestamp", "received_at")},
        changed_at=document.get("changed_at"),
        reason=why.get("reason"),
        what=why.get("of"),
        who=Who(platform=head.platform, discloser=discloser.get("name"), discloser_code=discloser.get("code")),
        due=entry["due"],
        withheld=entry.get("withheld"),
        differences=[
            DifferenceModel(pointer=c.pointer, title=c.title, before=c.before, after=c.after) for c in changed
        ],
    )


async def _references(
    connection: AsyncConnection, head: Record, reader: Holder | None
) -> AsyncIterator[ReferenceModel]:
    """The current versions of records that name this one, in the order in which they were stored."""
    name = _name(head)
    newest: dict[int, Stored] = {}
    for thread in (head.thread, f"change:{name}"):
        async for version in _beginning(connection, thread, LOOKED_THROUGH):
            # Parsing is for those few whose bytes have the name in them.
            if version.record != head.id and (version.record in newest or name.encode() in version.document):
                newest[version.record] = version
    for version in sorted(newest.values(), key=lambda found: found.position):
        entry = _entry(version, reader)
        body = _document(entry).get("body", {})
        for field, value in body.items():
            if value == name:
                yield _reference(version, entry, field)


async def _beginning(connection: AsyncConnection, thread: str, count: int) -> AsyncIterator[Stored]:
    """The first versions of a thread, `count` at the most; a page of heavy ones is short."""
    after = 0
    while count and (found := await timeline(connection, thread, after=after, limit=count)):
        for version in found:
            yield version
        after, count = found[-1].position, count - len(found)


def _reference(version: Stored, entry: Mapping[str, Any], field: str) -> ReferenceModel:
    kind = kinds()[version.kind]
    body = entry["document"]["body"]
    info = kind.model_fields.get(field)
    items = body.get("items")
    return ReferenceModel(
        record=entry["record"],
        kind=version.kind,
        kind_title=kind.title(),
        field=field,
        field_title=(info.title if info is not None else None) or field,
        title=body.get(kind.label),
        number=version.number,
        position=version.position,
        state=version.state,
        received_at=entry["received_at"],
        reason=body.get("reason"),
        items=[item for item in items if isinstance(item, dict)] if isinstance(items, list) else [],
    )


def _entry(version: Stored, reader: Holder | None) -> dict[str, Any]:
    entry: dict[str, Any] = orjson.loads(version.entry(government=sees_all(reader, version.platform)))
    return entry


def _document(entry: Mapping[str, Any] | None) -> dict[str, Any]:
    return (entry or {}).get("document") or {}


def _name(head: Record) -> str:
    return f"{head.platform}/{head.kind}/{head.data_key}"
