"""Status: is the process alive, is it ready, how far is everything, and what does a problem mean."""

from typing import Annotated

from fastapi import Path
from pydantic import BaseModel

from hub.api.describe import problems
from hub.api.parameters import a_router
from hub.api.reading import Running
from hub.db import current_migration, newest_migration
from hub.oversight import Status, status_of
from hub.problems import NotFound, NotReady, Problem
from hub.sync.target import targets

router = a_router(tags=["status 状态"])


class Alive(BaseModel):
    """The process answers."""

    status: str = "ok"


class Ready(BaseModel):
    """The process can store."""

    status: str = "ready"
    migration: str


class ProblemKind(BaseModel):
    """What a problem type means."""

    type: str
    title: str
    title_zh: str
    status: int


@router.head("/healthz", include_in_schema=False)
@router.get("/healthz", summary="进程存活 The process is alive")
async def healthz() -> Alive:
    """The process is alive."""
    return Alive()


@router.head("/readyz", include_in_schema=False)
@router.get("/readyz", summary="可以服务 The process can serve", responses=problems(503))
async def readyz(running: Running) -> Ready:
    """The process can read the database, which is at the migration that the program needs."""
    try:
        current = await current_migration(running.database)
    except Exception:
        raise NotReady("The database does not answer.") from None
    if current != newest_migration():
        raise NotReady("The database is not at the newest migration; run `hub migrate`.")
    return Ready(migration=current or "")


@router.get("/v1/status", summary="运行状态 How the hub is doing")
async def status(running: Running) -> Status:
    """The head position, how many versions there are of each kind, and how far each target has got."""
    async with running.database.reading() as connection:
        return await status_of(connection, tuple(targets()), running.guard.behind, running.guard.unguarded)


@router.get("/problems/{slug}", summary="问题类型的含义 What a problem type means", responses=problems(400, 404))
async def problem(slug: Annotated[str, Path(pattern=r"^[a-z-]{1,64}$")]) -> ProblemKind:
    """What a problem type means: the address in a problem's `type`."""
    for kind in Problem.__subclasses__():
        if kind.slug() == slug:
            return ProblemKind(type=f"/problems/{slug}", title=kind.title(), title_zh=kind.zh, status=kind.status)
    raise NotFound("There is no such problem.")
