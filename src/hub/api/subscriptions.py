"""Subscriptions: webhooks that are told of versions, or of the outcomes of one's own."""

from time import perf_counter
from typing import Annotated, Any, Literal

import orjson
from fastapi import Path
from pydantic import BaseModel, Field

from hub.api.asking import CURSOR
from hub.api.describe import KEY, problems
from hub.api.parameters import a_router
from hub.api.reading import Reader, Running
from hub.keys import Consumer, Holder
from hub.ledger.epochs import Cursor
from hub.moments import iso
from hub.problems import Unauthenticated
from hub.sync import replays, subscriptions
from hub.sync.allowed import Allowed
from hub.sync.subscriber import PING, Subscriber, message, shown_secret
from hub.sync.subscriptions import Owner, Standing, SubscriptionFilter, What
from hub.sync.tables import Subscription

router = a_router(prefix="/v1/subscriptions", tags=["subscriptions 订阅"])

Name = Annotated[str, Path(pattern=r"^sub_[0-9a-f]{16}$", description="订阅名")]
Reached = Annotated[str, Field(pattern=CURSOR)]
Place = Annotated[int, Field(ge=0, le=2**63 - 1)]


class SubscriptionOrder(BaseModel, extra="forbid"):
    """What is to be told, and where."""

    what: What = Field(description="versions: as in the feed; outcomes: as in /v1/receipts")
    url: str = Field(
        max_length=2000, description="Where messages are sent by POST", examples=["https://example.cn/hook"]
    )
    filter: SubscriptionFilter = Field(default_factory=SubscriptionFilter)
    start: Literal["now"] | Place | Reached = Field(
        "now", description="The cursor behind which it begins, as it was told; 0 for everything", examples=[0]
    )


class SubscriptionModel(BaseModel):
    """A subscription and how far it is."""

    name: str
    what: What
    url: str
    filter: SubscriptionFilter
    created_at: str
    paused_at: str | None
    cursor: int = Field(description="Everything up to here was delivered")
    head: int = Field(description="The newest position, or place in the order of outcomes")
    lag_seconds: float = Field(description="For how long the oldest entry that was not delivered could have been")
    alarm: str | None = Field(description="The limit that the lag has passed", examples=["5 min", "1 h", "24 h"])
    last_status: int | None = Field(description="The HTTP status of the newest request")
    last_error: str | None
    last_tried_at: str | None


class NewSubscriptionModel(SubscriptionModel):
    """A subscription with its secret, which is shown this once."""

    secret: str = Field(description="What messages are signed with, as Standard Webhooks have it", examples=["whsec_…"])


class SubscriptionsModel(BaseModel):
    """One's subscriptions, the oldest first."""

    subscriptions: list[SubscriptionModel]


class ReplayOrder(BaseModel, extra="forbid"):
    """A range, both ends included."""

    first: int = Field(alias="from", ge=1, le=2**63 - 1)
    last: int = Field(alias="to", ge=1, le=2**63 - 1)


class ReplayModel(BaseModel):
    """A replay that was ordered."""

    name: str
    first: int
    last: int


class PingModel(BaseModel):
    """How the subscriber answered a message without entries."""

    delivered: bool
    status: int | None
    error: str | None
    seconds: float
    answer: str = Field(description="Its answer, up to 64 kB")


@router.post(
    "", summary="订阅 Subscribe", status_code=201, responses=problems(400, 401, 409, 413, 415), openapi_extra=KEY
)
async def add(running: Running, reader: Reader, order: SubscriptionOrder) -> NewSubscriptionModel:
    """Subscribe. What is not answered with 2xx is sent again, without end; messages are signed."""
    owner = _owner(reader)
    Allowed(running.settings.outbound_allow.split(",")).check_url(order.url)
    added = await subscriptions.add(running.database, owner, order.what, order.url, order.filter, _start(order.start))
    shown = await _shown(running, added)
    return NewSubscriptionModel(**shown.model_dump(), secret=shown_secret(added.secret))


@router.get("", summary="订阅清单 List one's subscriptions", responses=problems(401), openapi_extra=KEY)
async def listed(running: Running, reader: Reader) -> SubscriptionsModel:
    """One's subscriptions and how far they are."""
    owner = _owner(reader)
    async with running.database.reading() as connection:
        found = await subscriptions.owned(connection, owner)
    return SubscriptionsModel(subscriptions=[await _shown(running, subscription) for subscription in found])


@router.get("/{name}", summary="一项订阅 Read a subscription", responses=problems(400, 401, 404), openapi_extra=KEY)
async def one(name: Name, running: Running, reader: Reader) -> SubscriptionModel:
    """One subscription."""
    return await _shown(running, await _own(running, reader, name))


@router.delete(
    "/{name}", summary="退订 Unsubscribe", status_code=204, responses=problems(400, 401, 404), openapi_extra=KEY
)
async def remove(name: Name, running: Running, reader: Reader) -> None:
    """Unsubscribe."""
    await subscriptions.remove(running.database, _owner(reader), name)


@router.post(
    "/{name}:pause", summary="暂停推送 Pause a subscription", responses=problems(400, 401, 404), openapi_extra=KEY
)
async def pause(name: Name, running: Running, reader: Reader) -> SubscriptionModel:
    """Send nothing until it is resumed; nothing is lost."""
    return await _shown(running, await subscriptions.set_paused(running.database, _owner(reader), name, paused=True))


@router.post(
    "/{name}:resume", summary="恢复推送 Resume a subscription", responses=problems(400, 401, 404), openapi_extra=KEY
)
async def resume(name: Name, running: Running, reader: Reader) -> SubscriptionModel:
    """Go on where it was paused."""
    return await _shown(running, await subscriptions.set_paused(running.database, _owner(reader), name, paused=False))


@router.post(
    "/{name}:replay",
    summary="重新推送一段 Send a range once more",
    status_code=202,
    responses=problems(400, 401, 404, 413, 415),
    openapi_extra=KEY,
)
async def replay(name: Name, running: Running, reader: Reader, order: ReplayOrder) -> ReplayModel:
    """Send a range once more, beside what is new."""
    owner = _owner(reader)
    subscription = await _own(running, reader, name)
    ordered = await replays.order(
        running.database, subscription.name, order.first, order.last, reason="by its owner", actor=str(owner)
    )
    return ReplayModel(name=ordered.name, first=ordered.first, last=ordered.last)


@router.post(
    "/{name}:ping", summary="测试推送 Send a signed test message", responses=problems(400, 401, 404), openapi_extra=KEY
)
async def ping(name: Name, running: Running, reader: Reader) -> PingModel:
    """Send a signed message without entries now, and tell how it was answered."""
    # Imported here: a server that does not deliver needs no HTTP client until somebody asks for this.
    from hub.sync.client import NoAnswer
    from hub.sync.routes import subscriber_client

    found = await _own(running, reader, name)
    target = Subscriber(found.name, found.what, found.url, found.secret)
    client = subscriber_client(running.settings, found.url)
    body = message(PING, [])
    started = perf_counter()
    try:
        reply = (await client.send(target.path, body, target.headers(body))).reply
    except NoAnswer as error:
        return PingModel(delivered=False, status=None, error=str(error), seconds=perf_counter() - started, answer="")
    finally:
        await client.close()
    return PingModel(
        delivered=target.took(reply.status),
        status=reply.status,
        error=None,
        seconds=perf_counter() - started,
        answer=reply.body.decode("utf-8", "replace"),
    )


def _start(said: int | str) -> Literal["now"] | Cursor:
    if said == "now":
        return "now"
    return Cursor(said) if isinstance(said, int) else Cursor.parse(said)


def _owner(reader: Holder | None) -> Owner:
    if reader is None:
        raise Unauthenticated("Subscriptions belong to a platform or to a consumer.")
    return Owner(key=reader.prefix) if isinstance(reader, Consumer) else Owner(platform=reader.platform)


async def _own(running: Running, reader: Holder | None, name: str) -> Subscription:
    async with running.database.reading() as connection:
        return await subscriptions.find(connection, _owner(reader), name)


async def _shown(running: Running, subscription: Subscription) -> SubscriptionModel:
    async with running.database.reading() as connection:
        standing: Standing = await subscriptions.standing(connection, subscription)
    narrowed: dict[str, Any] = orjson.loads(subscription.filter)
    return SubscriptionModel(
        name=subscription.name,
        what=subscription.what,
        url=subscription.url,
        filter=SubscriptionFilter(**narrowed),
        created_at=iso(subscription.created_at),
        paused_at=None if subscription.paused_at is None else iso(subscription.paused_at),
        cursor=standing.cursor,
        head=standing.head,
        lag_seconds=standing.lag_seconds,
        alarm=standing.alarm,
        last_status=standing.status,
        last_error=standing.error,
        last_tried_at=None if standing.tried_at is None else iso(standing.tried_at),
    )
