"""Deliveries: what became of a platform's versions at each target, with the targets' own answers."""

from typing import Annotated, Any, Literal

import orjson
from fastapi import Path
from pydantic import BaseModel, Field
from sqlalchemy import case, false, or_, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.api.describe import KEY, problems
from hub.api.parameters import a_router
from hub.api.reading import Position, Reader, Running
from hub.keys import Holder, Sender
from hub.ledger.outcomes import said
from hub.ledger.tables import Attempt, AttemptItem, Audit, Record, Version
from hub.moments import iso, now
from hub.problems import Forbidden, NotFound, Unauthenticated
from hub.schemas.kind import kinds
from hub.sync.alarms import alarm_of
from hub.sync.standing import FINISHED, Standing, standings
from hub.sync.target import wanted_by

router = a_router(tags=["deliveries 交换"])

TARGET_PATTERN = r"^[a-z][a-z_]{0,31}$"
TargetName = Annotated[
    str, Path(pattern=TARGET_PATTERN, description="The name of a target", examples=["national", "credit"])
]
State = Literal[
    "pending", "retrying", "delivered", "rejected", "skipped", "waiting", "parked", "pending_receipt", "unknown"
]
STATES = (
    "pending: not tried yet; retrying: its request failed and is repeated without end; waiting: behind another version, "
    "or until the target takes it; parked: until resent or skipped; skipped: by its sender, for good; pending_receipt: the target decides later; unknown: it never "
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
    reason: Any = Field(description="Why it is not delivered: the target's own words")
    quality: Any = Field(description="What the target notes on the quality of the data")
    last_error: str | None = Field(description="What went wrong with the newest request that failed")
    behind: BehindModel | None = Field(description="Which version it waits behind")
    next_try: str | None
    updated_at: str | None
    sequence: int | None = Field(description="The place of its newest change in the order of outcomes")
    age_seconds: float | None = Field(description="Since it was received; null once it is delivered or rejected")
    alarm: str | None = Field(description="The limit that the age has passed", examples=["5 min", "1 h", "24 h"])


class AttemptModel(BaseModel):
    """One HTTP call to the target."""

    started_at: str
    finished_at: str
    versions: int = Field(description="How many versions travelled together")
    status: int | None
    error: str | None
    answer: str = Field(
        description="The target's answer, whole unless `answer_bytes` or `answer_withheld` says otherwise"
    )
    answer_bytes: int | None = Field(
        description="How many bytes the answer had, where it was cut: its first 64 kB are kept; otherwise null"
    )
    answer_withheld: bool = Field(
        description="Whether other platforms' versions may have travelled with it: of the answer only the result of this version "
        "is shown then, and nothing where that cannot be told from the others"
    )


class OrderModel(BaseModel):
    """Somebody had it sent again, or skipped."""

    at: str
    by: str
    reason: str


class AttemptsModel(BaseModel):
    """A delivery, every attempt at it, and every time that it was resent, oldest first."""

    delivery: DeliveryModel
    attempts: list[AttemptModel]
    resends: list[OrderModel]
    skipped: OrderModel | None = Field(description="Who had it skipped, and why")


@router.get(
    "/v1/deliveries/{target}/{position}",
    summary="一条交换的详情 One delivery with every attempt",
    responses=problems(400, 401, 403, 404),
    openapi_extra=KEY,
)
async def delivery(target: TargetName, position: Position, running: Running, reader: Reader) -> AttemptsModel:
    """One delivery with every attempt and the target's answers."""
    sender = sender_of(reader)
    async with running.database.reading() as connection:
        version = await own_version(connection, sender, target, position)
        standing = await standing_of(connection, version, target)
        carried: Any = Attempt.id.in_(select(AttemptItem.attempt).where(AttemptItem.position == position))
        if standing.attempt is not None:
            carried = or_(carried, Attempt.id == standing.attempt)
        attempts = await connection.execute(
            select(Attempt.__table__, _others_travelled(sender))
            .where(Attempt.target == target, carried)
            .order_by(Attempt.id)
            .limit(1000)
        )
        shown = [_attempt(attempt, position) for attempt in attempts]
        resends, skips = [await _orders(connection, target, position, action) for action in (RESEND, SKIP)]
    return AttemptsModel(
        delivery=shown_delivery(version, target, standing),
        attempts=shown,
        resends=resends,
        skipped=skips[-1] if skips and standing.state not in ("delivered", "rejected") else None,
    )


RESEND, SKIP = "delivery.resend", "delivery.skip"
"""What is done to a delivery, as the audit calls it."""

VERSIONS: Any = (
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
"""The versions of which deliveries are, with what is shown of them."""


def sender_of(reader: Holder | None) -> Sender:
    """The platform that reads; raises `Unauthenticated` or `Forbidden` for anybody else."""
    if reader is None:
        raise Unauthenticated("Deliveries are shown to the platform that sent the versions.")
    if not isinstance(reader, Sender):
        raise Forbidden("Deliveries are shown to the platform that sent the versions.")
    return reader


def subject_of(target: str, position: int) -> str:
    """What the audit calls a delivery."""
    return f"{target}/{position}"


async def _orders(connection: AsyncConnection, target: str, position: int, action: str) -> list[OrderModel]:
    found = select(Audit.__table__).where(Audit.subject == subject_of(target, position), Audit.action == action)
    return [
        OrderModel(at=iso(row.at), by=row.actor, reason=row.detail)
        for row in await connection.execute(found.order_by(Audit.id).limit(1000))
    ]


def targets_of(version: Any) -> list[str]:
    """The targets that the receipt named, and those that came since."""
    named: list[str] = orjson.loads(b"{" + version.terms[1:])["targets"]
    return [*named, *(name for name in wanted_by(kinds()[version.kind]) if name not in named)]


async def own_version(connection: AsyncConnection, sender: Sender, target: str, position: int) -> Any:
    """The version, if it is the sender's and the target wants it: what is another's does not exist for this sender."""
    found = (
        await connection.execute(VERSIONS.where(Version.position == position, Version.platform == sender.platform))
    ).first()
    if found is None or target not in targets_of(found):
        raise NotFound("There is no such delivery.")
    return found


async def standing_of(connection: AsyncConnection, version: Any, target: str) -> Standing:
    """How the version stands; to a target that began later it was never sent, so there is no such delivery."""
    pair = (version.position, target)
    if (standing := (await standings(connection, {pair: version})).get(pair)) is None:
        raise NotFound("There is no such delivery: the target began with later versions.")
    return standing


def shown_delivery(version: Any, target: str, standing: Standing) -> DeliveryModel:
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


def _others_travelled(sender: Sender) -> Any:
    """Whether an attempt carried versions of others: known of those that it did not finish, which are all where it failed."""
    others = (
        select(AttemptItem.position)
        .outerjoin(Version, Version.position == AttemptItem.position)
        .where(AttemptItem.attempt == Attempt.id, Version.platform.is_distinct_from(sender.platform))
    )
    return case(
        (Attempt.versions == 1, false()), (Attempt.error.is_(None), true()), else_=others.correlate(Attempt).exists()
    ).label("shared")


def _attempt(row: Any, position: int) -> AttemptModel:
    answer, cut = row.answer, row.answer_bytes
    if row.shared:
        # The length, too, is that of what others were told.
        answer, cut = _result_of(row.answer, position), None
    return AttemptModel(
        started_at=iso(row.started_at),
        finished_at=iso(row.finished_at),
        versions=row.versions,
        status=row.status,
        error=row.error,
        answer=answer.decode("utf-8", "replace"),
        answer_bytes=cut,
        answer_withheld=row.shared and row.answer != b"",
    )


def _result_of(answer: bytes, position: int) -> bytes:
    """What an answer says of a position, in the same form; empty where it cannot be read, as where it was cut."""
    try:
        results = orjson.loads(answer)["results"]
        own = [result for result in results if type(at := result["position"]) is int and at == position]
        return orjson.dumps({"results": own}) if own else b""
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return b""
