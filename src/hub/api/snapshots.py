"""Snapshots: the ledger at one position as files, for whoever begins with everything."""

from typing import Annotated, Any

from anyio import to_thread
from fastapi import Path
from pydantic import BaseModel, Field
from starlette.responses import FileResponse, Response

from hub.api.describe import problems
from hub.api.parameters import a_router
from hub.api.reading import Reader, Running
from hub.exports.snapshot import Shelved, shelved
from hub.keys import Consumer, Holder
from hub.problems import NotFound

router = a_router(tags=["snapshots 快照"])

Name = Annotated[str, Path(pattern=r"^[0-9]{1,9}\.[0-9]{12}-(public|government)$", description="`name` in the list")]
File = Annotated[
    str, Path(pattern=r"^[a-z0-9_.]{1,80}(/[a-z0-9_.]{1,80})?$", description="A file that its manifest names")
]

IMMUTABLE = {"cache-control": "public, max-age=31536000, immutable", "vary": "Authorization"}
_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file; Range is heeded.",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


class SnapshotFileModel(BaseModel):
    """A file of a snapshot."""

    name: str
    format: str = Field(examples=["ndjson", "csv", "parquet"])
    what: str = Field(description="history: every version; current: the current ones; codebook: the columns of CSV")
    kind: str | None = None
    rows: int
    bytes: int
    sha256: str


class SnapshotModel(BaseModel):
    """A snapshot; the feed behind its `cursor` has what it has not."""

    name: str
    made_at: str
    view: str
    epoch: int
    position: int
    cursor: str = Field(description="What to give the feed as `after`")
    counts: dict[str, Any]
    digest: str = Field(description="The order-free digest over all versions, as in /v1/feed/digests")
    schema_versions: dict[str, list[str]]
    files: list[SnapshotFileModel]


class SnapshotsModel(BaseModel):
    """The snapshots that the reader may see, the newest first."""

    snapshots: list[SnapshotModel]


@router.get("/v1/snapshots", summary="快照清单 List the snapshots", responses=problems(400, 401))
async def snapshots(running: Running, reader: Reader) -> SnapshotsModel:
    """The snapshots there are; those of the government's view are listed for consumers only."""
    found = await _visible(running, reader)
    return SnapshotsModel(snapshots=[SnapshotModel(name=one.name, **one.manifest) for one in found])


@router.get(
    "/v1/snapshots/{name}/{file:path}",
    summary="快照的文件 A file of a snapshot",
    responses=_FILE | problems(400, 401, 404),
    response_class=Response,
)
async def snapshot_file(name: Name, file: File, running: Running, reader: Reader) -> FileResponse:
    """A file of a snapshot, or its `manifest.json`."""
    found = next((one for one in await _visible(running, reader) if one.name == name), None)
    path = None if found is None else found.file(file)
    if path is None:
        raise NotFound("There is no such file of a snapshot.")
    private = {"cache-control": "private, max-age=31536000, immutable"} if name.endswith("government") else {}
    return FileResponse(path, headers=IMMUTABLE | private)


async def _visible(running: Running, reader: Holder | None) -> list[Shelved]:
    directory = running.settings.snapshot_dir
    if directory is None:
        return []
    found = await to_thread.run_sync(shelved, directory)
    return [one for one in found if one.view == "public" or isinstance(reader, Consumer)]
