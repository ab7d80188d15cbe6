"""Named consumers: the hub keeps a reader's cursor, which moves when the reader says so."""

from typing import Annotated, Any

from fastapi import Depends, Path
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from hub.api.as_of import moment_in
from hub.api.asking import Format, Wait, filter_of
from hub.api.describe import KEY, problems
from hub.api.parameters import a_router
from hub.api.reading import Limit, Reader, Running, json_of
from hub.keys import Consumer, Holder
from hub.ledger.consumers import (
    MOST,
    Committed,
    consumer_named,
    consumers_of,
    create_consumer,
    move_consumer,
    remove_consumer,
    waiting_since,
)
from hub.ledger.epochs import Cursor, position_in, read_epochs
from hub.ledger.past import position_at
from hub.ledger.read import head_position
from hub.moments import iso, now
from hub.problems import CursorBehind, CursorBeyondHead, InvalidParameter, NotFound, Unauthenticated

router = a_router(tags=["consumers 消费者"])

Name = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}$", description="The consumer's name")]
Place = Annotated[str, Field(max_length=40, examples=["0", "now", "1.1204", "2026-11-20T09:30:00+08:00"])]

Answers = dict[int | str, dict[str, Any]]


class StartModel(BaseModel):
    """Where a consumer begins."""

    model_config = ConfigDict(extra="forbid")

    start: Place = Field("0", description="A cursor, a position, `now`, or a moment in RFC 3339: from then on")


class CommitModel(BaseModel):
    """What a consumer has read."""

    model_config = ConfigDict(extra="forbid")

    cursor: Place = Field(description="The `cursor` of the page that was read")


class RewindModel(BaseModel):
    """Where a consumer goes on from, before or behind where it is."""

    model_config = ConfigDict(extra="forbid")

    to: Place = Field(description="A cursor, a position, `now`, or a moment in RFC 3339: from then on")


class ConsumerModel(BaseModel):
    """A named consumer and how far it is behind."""

    name: str
    cursor: str = Field(examples=["1.1204"])
    position: int = Field(description="Everything up to here was committed")
    committed_at: str
    lag: int = Field(description="Versions that were not committed yet")
    lag_seconds: float = Field(description="How long the first of them has been waiting; 0 where there is none")


class ConsumersModel(BaseModel):
    """The consumers of the key's owner, those that are most behind first."""

    owner: str
    view: str = Field(description="`government` where the key shows full documents in the feed, else `public`")
    head: int
    consumers: list[ConsumerModel]


_CREATED: Answers = {201: {"description": "It is new.", "model": ConsumerModel}}
_AS_FEED: Answers = {200: {"description": "What /v1/feed answers, in the dialect that Accept asks for"}}


@router.get(
    "/v1/consumers",
    summary="消费者清单 One's consumers with their lag",
    responses=problems(400, 401),
    openapi_extra=KEY,
)
async def consumers(running: Running, reader: Reader) -> ConsumersModel:
    """The consumers of the key's owner with their lag; the one that is most behind comes first."""
    owner = owner_of(reader)
    async with running.database.reading() as connection:
        found = [await _shown(connection, one) for one in await consumers_of(connection, owner)]
        head = await head_position(connection)
    return ConsumersModel(
        owner=owner,
        view="government" if isinstance(reader, Consumer) else "public",
        head=head,
        consumers=sorted(found, key=lambda one: -one.lag),
    )


@router.put(
    "/v1/consumers/{name}",
    summary="建立消费者 Create a consumer",
    responses=_CREATED | problems(400, 401, 409, 413, 415),
    response_model=ConsumerModel,
    openapi_extra=KEY,
)
async def create(name: Name, running: Running, reader: Reader, begun: StartModel) -> Response:
    """Create a consumer, or leave the one there is where it is: the answer says 201 or 200."""
    owner = owner_of(reader)
    async with running.database.transaction() as connection:
        known = await consumers_of(connection, owner)
        new = name not in {one.name for one in known}
        if new:
            if len(known) >= MOST:
                raise InvalidParameter(f"There are {MOST} consumers already; remove one first.")
            position, epoch = await _place(connection, begun.start)
            new = await create_consumer(connection, owner, name, position, epoch)
        shown = await _shown(connection, await _found(connection, owner, name))
    response = json_of(shown.model_dump_json().encode())
    response.status_code = 201 if new else 200
    return response


@router.delete(
    "/v1/consumers/{name}",
    summary="删除消费者 Forget a consumer",
    status_code=204,
    responses=problems(400, 401, 404),
    response_model=None,
    openapi_extra=KEY,
)
async def remove(name: Name, running: Running, reader: Reader) -> None:
    """Forget a consumer."""
    async with running.database.transaction() as connection:
        if not await remove_consumer(connection, owner_of(reader), name):
            raise NotFound("There is no such consumer.")


async def _of_a_page(limit: Limit = 100, wait: Wait = 0, format: Format = None) -> None:
    """What goes on to the feed, besides its filters."""
    del limit, wait, format


@router.get(
    "/v1/consumers/{name}/feed",
    summary="消费者的下一页 The next page of a consumer",
    dependencies=[Depends(filter_of), Depends(_of_a_page)],
    responses=_AS_FEED | problems(400, 401, 404, 409),
    response_model=dict[str, Any],
    openapi_extra=KEY,
)
async def consumer_feed(request: Request, name: Name, running: Running, reader: Reader) -> Response:
    """The next page of a consumer: /v1/feed from its cursor, with every parameter of it but for the place.

    Reading does not move the cursor; committing the page's `cursor` does.
    """
    owner = owner_of(reader)
    if "since" in request.query_params:
        raise InvalidParameter("The place is the consumer's own cursor.", parameter=["since"])
    async with running.database.reading() as connection:
        found = await _found(connection, owner, name)
    query = request.url.include_query_params(after=f"{found.epoch}.{found.position}").query
    return _Forwarded(request.app, "/v1/feed", query)


@router.post(
    "/v1/consumers/{name}:commit",
    summary="确认已读位置 Commit what was read",
    responses=problems(400, 401, 404, 409, 413, 415),
    openapi_extra=KEY,
)
async def commit(name: Name, running: Running, reader: Reader, read: CommitModel) -> ConsumerModel:
    """Move the cursor forward to what was read; saying the same again changes nothing."""
    owner = owner_of(reader)
    async with running.database.transaction() as connection:
        position, epoch = await _place(connection, read.cursor)
        found = await _found(connection, owner, name)
        position_in(await read_epochs(connection), Cursor(found.position, found.epoch))
        if not await move_consumer(connection, owner, name, position, epoch):
            raise CursorBehind("Use :rewind to go back.", position=found.position)
        return await _shown(connection, await _found(connection, owner, name))


@router.post(
    "/v1/consumers/{name}:rewind",
    summary="重设读取位置 Set a consumer's cursor anew",
    responses=problems(400, 401, 404, 409, 413, 415),
    openapi_extra=KEY,
)
async def rewind(name: Name, running: Running, reader: Reader, place: RewindModel) -> ConsumerModel:
    """Set the cursor anywhere, to read again or to leave out; also the way into a new epoch."""
    owner = owner_of(reader)
    async with running.database.transaction() as connection:
        position, epoch = await _place(connection, place.to)
        if not await move_consumer(connection, owner, name, position, epoch, back=True):
            raise NotFound("There is no such consumer.")
        return await _shown(connection, await _found(connection, owner, name))


class _Forwarded(Response):
    """The answer of another route to the same request."""

    def __init__(self, app: Any, path: str, query: str) -> None:
        super().__init__()
        self._app = app
        self._scope = {"path": path, "raw_path": path.encode(), "query_string": query.encode()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send what the application answers there."""
        await self._app({**scope, **self._scope}, receive, send)


def owner_of(reader: Holder | None) -> str:
    """Whose consumers a key sees: those of the platform, or of all keys of the same consumer."""
    if reader is None:
        raise Unauthenticated("Named consumers belong to a key; /v1/feed needs neither.")
    return f"consumer:{reader.name}" if isinstance(reader, Consumer) else reader.platform


async def _found(connection: AsyncConnection, owner: str, name: str) -> Committed:
    found = await consumer_named(connection, owner, name)
    if found is None:
        raise NotFound("There is no such consumer.")
    return found


async def _place(connection: AsyncConnection, text: str) -> tuple[int, int]:
    """The position and the epoch that a place stands for; raises `InvalidParameter`, `EpochChanged` and `CursorBeyondHead`."""
    # Not the server's own look-up: it would wait for a second connection while this one is kept from others.
    epochs, head = await read_epochs(connection), await head_position(connection)
    if text == "now":
        position = head
    else:
        try:
            position = position_in(epochs, Cursor.parse(text))
        except ValueError:
            position = await position_at(connection, moment_in(text) - 1)
    if position > head:
        raise CursorBeyondHead(position, head)
    return position, epochs[-1].number


async def _shown(connection: AsyncConnection, one: Committed) -> ConsumerModel:
    since = await waiting_since(connection, one.position)
    return ConsumerModel(
        name=one.name,
        cursor=f"{one.epoch}.{one.position}",
        position=one.position,
        committed_at=iso(one.committed_at),
        lag=max(await head_position(connection) - one.position, 0),
        lag_seconds=0.0 if since is None else max(now() - since, 0) / 1_000_000,
    )
