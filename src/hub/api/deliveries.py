"""Deliveries: what became of a platform's versions at each target, with the targets' own answers."""

from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field
from sqlalchemy import insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.api.describe import KEY, problems
from hub.api.reading import After, Limit, Position, Reader, Running
from hub.keys import Holder, Sender
from hub.ledger.outcomes import next_number, said
from hub.ledger.read import WINDOW, head_position
from hub.ledger.tables import Attempt, AttemptItem, Audit, Delivery, Record, Version
from hub.moments import iso, now
from hub.problems import Forbidden, IllegalChange, NotFound, Unauthenticated
from hub.schemas.kind import kinds
from hub.sync.alarms import alarm_of
from hub.sync.standing import FINISHED, Standing, standings
from hub.sync.target import wanted_by

router = APIRouter(tags=["deliveries 交换"])

TargetName = Annotated[str, Path(pattern=r"^[a-z]{1,32}$", description="national | credit")]
State = Literal["pending", "retrying", "delivered", "rejected", "waiting", "parked", "pending_receipt", "unknown"]
STATES = (
    "pending: not tried yet; retrying: its request failed and is repeated without end; waiting: behind another version, "
    "or until the target takes it; parked: until resent; pending_receipt: the target decides later; unknown: it never "
    "said what it decided"
)


class BehindModel(BaseModel):
    """The version that must be delivered first."""

    position: int
    record: str
    state: str = Field(description="parked | waiting | pending")


class DeliveryModel(BaseModel):
    """A version at a target."""

    position: int
    target: str
    record: str
    number: int
    state: State = Field(description=STATES)
    tries: int
    receipt: str | None = Field(description="The target's own receipt number")
    reason: Any | None = Field(description="Why it is not delivered: the target's own words")
    quality: Any | None = Field(description="What the target notes on the quality of the data")
    last_error: str | None = Field(description="What went wrong with the newest request that failed")
    behind: BehindModel | None = Field(description="Which version it waits behind")
    next_try: str | None
    updated_at: str | None
    sequence: int | None = Field(description="The place of its newest change in the order of outcomes")
    age_seconds: float | None = Field(description="Since it was received; null once it is delivered or rejected")
    alarm: str | None = Field(description="The limit that the age has passed", examples=["5 min", "1 h", "24 h"])


class DeliveriesModel(BaseModel):
    """Deliveries by position."""

    deliveries: list[DeliveryModel]
    next: int = Field(description="The cursor to go on from; always present")


class AttemptModel(BaseModel):
    """One HTTP call to the target."""

    started_at: str
    finished_at: str
    versions: int = Field(description="How many versions travelled together")
    status: int | None
    error: str | None
    answer: str = Field(description="The target's whole answer, up to 64 kB")


class ResendModel(BaseModel):
    """Somebody had it sent again."""

    at: str
    by: str
    reason: str


class AttemptsModel(BaseModel):
    """A delivery, every attempt at it, and every time that it was resent, oldest first."""

    delivery: DeliveryModel
    attempts: list[AttemptModel]
    resends: list[ResendModel]


class ResendOrder(BaseModel, extra="forbid"):
    """Why it is sent again."""

    reason: str = Field("", max_length=1000)


@router.get("/v1/deliveries", responses=problems(400, 401, 403), openapi_extra=KEY)
async def deliveries(
    running: Running,
    reader: Reader,
    after: After = 0,
    limit: Limit = 100,
    target: Annotated[str | None, Query(pattern=r"^[a-z]{1,32}$")] = None,
    state: State | None = None,
) -> DeliveriesModel:
    """The platform's own deliveries behind the cursor, per version and target."""
    sender = sender_of(reader)
    async with running.database.reading() as connection:
        head = await head_position(connection)
        last = min(head, after + WINDOW)
        own = _VERSIONS.where(Version.position > after, Version.position <= last, Version.platform == sender.platform)
        versions = (await connection.execute(own.limit(limit))).all()
        pairs = {(v.position, name): v for v in versions for name in _targets_of(v) if target in (None, name)}
        found = await standings(connection, pairs)
    shown = [_shown(version, name, found[position, name]) for (position, name), version in pairs.items()]
    reached = versions[-1].position if len(versions) == limit else max(after, last)
    return DeliveriesModel(deliveries=[d for d in shown if state in (None, d.state)], next=min(reached, head))


@router.get("/v1/deliveries/{target}/{position}", responses=problems(400, 401, 403, 404), openapi_extra=KEY)
async def delivery(target: TargetName, position: Position, running: Running, reader: Reader) -> AttemptsModel:
    """One delivery with every attempt and the target's complete answers."""
    sender = sender_of(reader)
    async with running.database.reading() as connection:
        version = await _own(connection, sender, target, position)
        standing = (await standings(connection, {(position, target): version}))[position, target]
        carried: Any = Attempt.id.in_(select(AttemptItem.attempt).where(AttemptItem.position == position))
        if standing.attempt is not None:
            carried = or_(carried, Attempt.id == standing.attempt)
        attempts = await connection.execute(
            select(Attempt.__table__).where(Attempt.target == target, carried).order_by(Attempt.id).limit(1000)
        )
        shown = [_attempt(attempt) for attempt in attempts]
        orders = select(Audit.__table__).where(Audit.subject == _subject(target, position), Audit.action == RESEND)
        resends = [
            ResendModel(at=iso(row.at), by=row.actor, reason=row.detail)
            for row in await connection.execute(orders.order_by(Audit.id).limit(1000))
        ]
    return AttemptsModel(delivery=_shown(version, target, standing), attempts=shown, resends=resends)


@router.post(
    "/v1/deliveries/{target}/{position}:resend", responses=problems(400, 401, 403, 404, 409), openapi_extra=KEY
)
async def resend(
    target: TargetName, position: Position, running: Running, reader: Reader, order: ResendOrder | None = None
) -> DeliveryModel:
    """Send a parked, rejected, waiting or unknown version to the target again, now; the reason is kept and shown."""
    sender = sender_of(reader)
    async with running.database.transaction() as connection:
        number = await next_number(connection)
        version = await _own(connection, sender, target, position)
        row_of = (Delivery.target == target, Delivery.position == position)
        before = (await connection.execute(select(Delivery.state).where(*row_of))).scalar_one_or_none()
        if before in (None, "delivered", "pending_receipt"):
            raise IllegalChange("There is nothing to resend: the version is delivered or on its way.")
        if before == "rejected" and version.head != position:
            raise IllegalChange("A later version of the record has taken its place.", current_position=version.head)
        moment = now()
        fresh = {"state": "waiting", "next_try": moment, "tries": 0, "updated_at": moment, "sequence": number}
        await connection.execute(update(Delivery).where(*row_of).values(fresh))
        noted = {"at": moment, "actor": sender.platform, "action": RESEND, "subject": _subject(target, position)}
        await connection.execute(insert(Audit).values(noted | {"detail": order.reason if order else ""}))
        standing = (await standings(connection, {(position, target): version}))[position, target]
    return _shown(version, target, standing)


RESEND = "delivery.resend"

_VERSIONS = (
    select(
        Version.position,
        Version.record,
        Version.thread,
        Version.number,
        Version.platform,
        Version.kind,
        Version.received_at,
        Version.terms,
        Record.data_key,
        Record.position.label("head"),
    )
    .join(Record, Record.id == Version.record)
    .order_by(Version.position)
)


def sender_of(reader: Holder | None) -> Sender:
    """The platform that reads; raises `Unauthenticated` or `Forbidden` for anybody else."""
    if reader is None:
        raise Unauthenticated("Deliveries are shown to the platform that sent the versions.")
    if not isinstance(reader, Sender):
        raise Forbidden("Deliveries are shown to the platform that sent the versions.")
    return reader


def _subject(target: str, position: int) -> str:
    return f"{target}/{position}"


def _targets_of(version: Any) -> list[str]:
    """The targets that the receipt named, and those that came since."""
    named: list[str] = orjson.loads(b"{" + version.terms[1:])["targets"]
    return [*named, *(name for name in wanted_by(kinds()[version.kind]) if name not in named)]


async def _own(connection: AsyncConnection, sender: Sender, target: str, position: int) -> Any:
    """The version, if it is the sender's and the target wants it: what is another's does not exist for this sender."""
    found = (
        await connection.execute(_VERSIONS.where(Version.position == position, Version.platform == sender.platform))
    ).first()
    if found is None or target not in _targets_of(found):
        raise NotFound("There is no such delivery.")
    return found


def _shown(version: Any, target: str, standing: Standing) -> DeliveryModel:
    finished = standing.state in FINISHED
    age = max(0.0, (now() - version.received_at) / 1_000_000)
    behind = standing.behind
    return DeliveryModel(
        position=version.position,
        target=target,
        record=f"{version.platform}/{version.kind}/{version.data_key}",
        number=version.number,
        state=standing.state,
        tries=standing.tries,
        receipt=standing.receipt,
        reason=said(standing.reason),
        quality=said(standing.quality),
        last_error=standing.last_error,
        behind=behind and BehindModel(position=behind.position, record=behind.record, state=behind.state),
        next_try=iso(standing.next_try) if standing.next_try is not None else None,
        updated_at=iso(standing.updated_at) if standing.updated_at is not None else None,
        sequence=standing.sequence,
        age_seconds=None if finished else age,
        alarm=None if finished else alarm_of(age),
    )


def _attempt(row: Any) -> AttemptModel:
    return AttemptModel(
        started_at=iso(row.started_at),
        finished_at=iso(row.finished_at),
        versions=row.versions,
        status=row.status,
        error=row.error,
        answer=row.answer.decode("utf-8", "replace"),
    )
