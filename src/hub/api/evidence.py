"""Evidence of a version: a file that can be verified without the hub."""

from asyncio import get_running_loop, sleep
from typing import Any

from pydantic import BaseModel, Field
from starlette.responses import Response

from hub.api.describe import problems
from hub.api.parameters import a_router
from hub.api.reading import DataKey, Kind, Number, PlatformCode, Position, Reader, Running, sees_all
from hub.api.records import RECORD
from hub.keys import Holder
from hub.ledger.read import find_record, head_position, version_of
from hub.problems import NotFound
from hub.transparency.evidence import Proved, proved

router = a_router(tags=["log 透明日志"])

WAIT = 3.0
"""Seconds to wait for a head that covers a version that was just stored."""


class EvidenceLogModel(BaseModel):
    """The log's name and its hash function."""

    origin: str
    hashing: str


class EvidenceKeyModel(BaseModel):
    """A key that signed the head."""

    text: str
    role: str


class EvidenceModel(BaseModel):
    """What was stored under a position and by when; `hub verify FILE` and the page /verify say what it shows."""

    format: str
    record: str
    number: int
    position: int
    digest: str
    log: EvidenceLogModel
    entry: str = Field(description="The log's entry in base64: position, digest and seal")
    path: list[str] = Field(description="Hashes in base64 that lead from the entry to the head's root")
    checkpoint: str = Field(description="The signed head, a note")
    keys: list[EvidenceKeyModel]
    document: str | None = Field(None, description="The canonical document, for those who may see all of it")
    sealed: dict[str, Any] | None = Field(None, description="What the seal in the entry is made of")
    header: str | None = Field(None, description="The header, where what the seal is made of must not be told yet")


_FILE: dict[int | str, dict[str, Any]] = {200: {"description": "The evidence, as a file.", "model": EvidenceModel}}


@router.get(
    "/v1/versions/{position}/evidence",
    summary="账本某一位置的证据 Evidence of the version at a position",
    responses=_FILE | problems(400, 401, 404),
)
async def evidence_at(position: Position, running: Running, reader: Reader) -> Response:
    """Evidence of the version at a position, with the document as the reader may see it.

    It covers a version as soon as a signed head does, within a second or so; until then the answer waits a little.
    """
    return await _evidence(running, position, reader)


@router.get(
    RECORD + "/versions/{number}/evidence",
    summary="记录某一版本的证据 Evidence of a version of a record",
    responses=_FILE | problems(400, 401, 404),
)
async def evidence(
    platform: PlatformCode, kind: Kind, data_key: DataKey, number: Number, running: Running, reader: Reader
) -> Response:
    """Evidence of a version of a record, with the document as the reader may see it."""
    async with running.database.reading() as connection:
        head = await find_record(connection, platform, kind, data_key)
        found = None if head is None else await version_of(connection, head.id, number)
    if found is None:
        raise NotFound("The record has no such version.")
    return await _evidence(running, found.position, reader)


async def _evidence(running: Running, position: int, reader: Holder | None) -> Response:
    found = await _covered(running, position)
    whole = sees_all(reader, found.version.platform)
    name = f'attachment; filename="evidence-{position}.json"'
    headers = {"content-disposition": name, "vary": "Authorization", "cache-control": "no-cache"}
    return Response(found.file(whole=whole), media_type="application/json", headers=headers)


async def _covered(running: Running, position: int) -> Proved:
    """The proof of a version, once a head covers it."""
    clock = get_running_loop().time
    deadline = clock() + WAIT
    while True:
        async with running.database.reading() as connection:
            if (found := await proved(connection, position)) is not None:
                return found
            if position > await head_position(connection):
                raise NotFound("The ledger has no such position yet.")
        if clock() > deadline:
            raise NotFound("No signed head covers the version yet; ask again in a moment.")
        await sleep(0.1)
