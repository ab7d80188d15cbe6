"""The transparency log: signed heads, keys, tiles and proofs, for whoever wants to check that nothing was rewritten."""

import re
from base64 import b64encode
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Path, Query
from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import Response

from hub.api.describe import problems
from hub.api.parameters import a_router
from hub.api.reading import Running
from hub.ledger.epochs import Stretch, read_epochs
from hub.moments import iso
from hub.problems import InvalidParameter, NotFound
from hub.transparency.identity import Identity, known_identity
from hub.transparency.integrator import Head, newest_head
from hub.transparency.keys import remembered
from hub.transparency.leaves import entries_after
from hub.transparency.merkle import HASH, consistency_proof, inclusion_proof, root_of
from hub.transparency.tree import WIDTH, Reader

router = a_router(prefix="/v1/log", tags=["log 透明日志"])

FOR_EVER = "public, max-age=31536000, immutable"

_TILE = re.compile(r"([0-9]|[1-5][0-9]|6[0-3]|entries)/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")

Size = Annotated[int, Query(ge=1, le=2**63 - 1)]


class KeyModel(BaseModel):
    """A public key whose signatures stand, or stood, on heads."""

    text: str = Field(description="`name+id+base64` (C2SP signed-note)")
    role: str = Field(examples=["log", "witness", "cosigner"])
    since_size: int = Field(description="The size of the newest head when the key was first used")
    since: str


class KeysModel(BaseModel):
    """What the log is called, how it hashes, and all keys that it ever had, the oldest first."""

    origin: str
    hashing: str
    keys: list[KeyModel]


class InclusionModel(BaseModel):
    """The way from a version's entry to the root of a tree (RFC 9162, 2.1.3); hashes in base64."""

    position: int
    size: int
    entry: str
    leaf: str
    path: list[str]
    root: str


class ConsistencyModel(BaseModel):
    """That one tree is the beginning of another one (RFC 9162, 2.1.4); hashes in base64."""

    first: int
    second: int
    path: list[str]
    first_root: str
    second_root: str


def _raw(media: str, what: str) -> dict[int | str, dict[str, Any]]:
    form = {"type": "string"} if media.startswith("text/") else {"type": "string", "format": "binary"}
    return {200: {"description": what, "content": {media: {"schema": form}}}}


@router.get(
    "/checkpoint",
    summary="最新签名树头 The newest signed head of the log",
    responses=_raw("text/plain", "A signed note: the log's name, its size and root, and signatures") | problems(404),
    response_class=Response,
)
async def checkpoint(running: Running) -> Response:
    """The newest signed head (C2SP tlog-checkpoint), with a time-stamped cosignature."""
    async with running.database.reading() as connection:
        _, head = await _begun(connection)
    return Response(
        head.note, media_type="text/plain", headers={"cache-control": "no-cache", "x-content-type-options": "nosniff"}
    )


@router.get("/keys", summary="日志公钥 All keys of the log", responses=problems(404))
async def keys(running: Running) -> KeysModel:
    """All keys of the log, those that are no longer used too: what they signed stays signed."""
    async with running.database.reading() as connection:
        log, _ = await _begun(connection)
        found = await remembered(connection)
    shown = [KeyModel(text=key.text, role=key.role, since_size=key.since_size, since=iso(key.since)) for key in found]
    return KeysModel(origin=log.origin, hashing=log.hashing.name, keys=shown)


@router.get(
    "/tile/{path:path}",
    summary="日志的数据块 A tile of the log",
    responses=_raw("application/octet-stream", "Up to 256 hashes of 32 bytes, or entries, each after its length")
    | problems(404),
    response_class=Response,
)
async def tile(
    path: Annotated[str, Path(description="`<L>/<N>[.p/<W>]`, or `entries/<N>[.p/<W>]`", examples=["0/x001/234"])],
    running: Running,
) -> Response:
    """A tile of the tree, or a bundle of its entries (C2SP tlog-tiles); neither ever changes within a log."""
    match = _TILE.fullmatch(path)
    if match is None or (match[3] is not None and int(match[3]) >= WIDTH):
        raise NotFound("A tile is at `<level>/<number>`, with `.p/<width>` where it is not full.")
    number, width = int(match[2].replace("x", "").replace("/", "")), int(match[3] or WIDTH)
    if number >= 2**48 or (match[2].startswith("x000/")):
        raise NotFound("A tile's number has no more digits than it needs.")
    level = 0 if match[1] == "entries" else int(match[1])
    async with running.database.reading() as connection:
        hashes = await Reader(connection).tile(level, number)
        if len(hashes) < width * HASH:
            raise NotFound("The tree has no such tile yet.", width=len(hashes) // HASH)
        if match[1] != "entries":
            body = hashes[: width * HASH]
        else:
            log, _ = await _begun(connection)
            entries = await entries_after(connection, number * WIDTH, width, log.hashing)
            body = b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)
        # Asked last: an epoch that begins meanwhile is known before any tile of its log is there.
        cached = _cached(await read_epochs(connection), (number * WIDTH + width) * WIDTH**level)
    return Response(body, media_type="application/octet-stream", headers={"cache-control": cached})


@router.get("/proof/inclusion", summary="包含证明 Prove that a version is in the log", responses=problems(400, 404))
async def inclusion(
    running: Running,
    position: Annotated[int, Query(ge=1, le=2**63 - 1)],
    size: Annotated[int | None, Query(ge=1, le=2**63 - 1, description="The tree's; default: the newest head's")] = None,
) -> InclusionModel:
    """That the version at a position is in the tree of the first `size` versions."""
    async with running.database.reading() as connection:
        log, head = await _begun(connection)
        size = size or head.size
        if not position <= size <= head.size:
            raise InvalidParameter(f"Of position and size, neither exceeds the next; the log has {head.size}.")
        subtree = Reader(connection, hashing=log.hashing).subtree
        path = await inclusion_proof(position - 1, size, subtree, log.hashing)
        root = await root_of(size, subtree, log.hashing)
        (entry,) = await entries_after(connection, position - 1, 1, log.hashing)
    return InclusionModel(
        position=position,
        size=size,
        entry=_base64(entry),
        leaf=_base64(log.hashing.leaf(entry)),
        path=[_base64(step) for step in path],
        root=_base64(root),
    )


@router.get("/proof/consistency", summary="一致性证明 Prove that the log has only grown", responses=problems(400, 404))
async def consistency(running: Running, first: Size, second: Size) -> ConsistencyModel:
    """That the tree of the first `first` versions is the beginning of that of the first `second`."""
    async with running.database.reading() as connection:
        log, head = await _begun(connection)
        if not first <= second <= head.size:
            raise InvalidParameter(f"Of first and second, neither exceeds the next; the log has {head.size}.")
        subtree = Reader(connection, hashing=log.hashing).subtree
        path = await consistency_proof(first, second, subtree, log.hashing)
        roots = [await root_of(size, subtree, log.hashing) for size in (first, second)]
    return ConsistencyModel(
        first=first,
        second=second,
        path=[_base64(step) for step in path],
        first_root=_base64(roots[0]),
        second_root=_base64(roots[1]),
    )


async def _begun(connection: AsyncConnection) -> tuple[Identity, Head]:
    """The log and its newest head; raises `NotFound` before the first."""
    log, head = await known_identity(connection), await newest_head(connection)
    if log is None or head is None:
        raise NotFound("The log has no signed head yet.")
    return log, head


def _cached(epochs: Sequence[Stretch], last: int) -> str:
    """How long what is made of the first `last` versions is good: for ever only where all epochs share these."""
    shared = all(last <= epoch.began_after for epoch in epochs if epoch.number > 1)
    return FOR_EVER if shared else "no-cache"


def _base64(raw: bytes) -> str:
    return b64encode(raw).decode()
