"""Deliveries: what became of a platform's versions at each target, with the targets' own answers."""

from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.api.describe import KEY, problems
from hub.api.reading import After, Limit, Position, Reader, Running
from hub.keys import Holder, Sender
from hub.ledger.read import WINDOW, head_position
from hub.ledger.tables import Attempt, AttemptItem, Delivery, Record, Version
from hub.moments import iso, now
from hub.problems import Forbidden, IllegalChange, NotFound, Unauthenticated
from hub.sync.target import targets

router = APIRouter(tags=["deliveries 交换"])

TargetName = Annotated[str, Path(pattern=r"^[a-z]{1,32}$", description="national | credit")]
State = Literal["pending", "delivered", "rejected", "waiting", "parked"]


class DeliveryModel(BaseModel):
    """A version at a target."""

    position: int
    target: str
    record: str
    number: int
    state: State = Field(description="pending: not tried yet; waiting: will be tried again; parked: until resent")
    tries: int
    receipt: str | None = Field(description="The target's own receipt number")
    reason: Any | None = Field(description="Why it is not delivered: the target's own words")
    next_try: str | None
    updated_at: str | None


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


class AttemptsModel(BaseModel):
    """A delivery and every attempt at it, oldest first."""

    delivery: DeliveryModel
    attempts: list[AttemptModel]


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
    sender = _sender(reader)
    async with running.database.reading() as connection:
        head = await head_position(connection)
        last = min(head, after + WINDOW)
        versions = (
            await connection.execute(
                _VERSIONS.where(
                    Version.position > after, Version.position <= last, Version.platform == sender.platform
                ).limit(limit)
            )
        ).all()
        found = await _rows(connection, [v.position for v in versions])
    shown = [
        _shown(version, name, found.get((version.position, name)))
        for version in versions
        for name in orjson.loads(b"{" + version.terms[1:])["targets"]
        if target is None or name == target
    ]
    reached = versions[-1].position if len(versions) == limit else max(after, last)
    return DeliveriesModel(deliveries=[d for d in shown if state is None or d.state == state], next=min(reached, head))


@router.get("/v1/deliveries/{target}/{position}", responses=problems(400, 401, 403, 404), openapi_extra=KEY)
async def delivery(target: TargetName, position: Position, running: Running, reader: Reader) -> AttemptsModel:
    """One delivery with every attempt and the target's complete answers."""
    sender = _sender(reader)
    async with running.database.reading() as connection:
        version = await _own(connection, sender, target, position)
        row = (await _rows(connection, [position])).get((position, target))
        carried = select(AttemptItem.attempt).where(AttemptItem.position == position)
        chosen = (
            Attempt.id.in_(carried)
            if row is None or row.attempt is None
            else (Attempt.id.in_(carried) | (Attempt.id == row.attempt))
        )
        attempts = await connection.execute(
            select(Attempt.__table__).where(Attempt.target == target, chosen).order_by(Attempt.id).limit(1000)
        )
        shown = [_attempt(attempt) for attempt in attempts]
    return AttemptsModel(delivery=_shown(version, target, row), attempts=shown)


@router.post(
    "/v1/deliveries/{target}/{position}:resend", responses=problems(400, 401, 403, 404, 409), openapi_extra=KEY
)
async def resend(target: TargetName, position: Position, running: Running, reader: Reader) -> DeliveryModel:
    """Send a parked, rejected or waiting version to the target again, now."""
    sender = _sender(reader)
    async with running.database.transaction() as connection:
        version = await _own(connection, sender, target, position)
        row = (await _rows(connection, [position])).get((position, target))
        if row is None or row.state == "delivered":
            raise IllegalChange("There is nothing to resend: the version is delivered or on its way.")
        if row.state == "rejected" and version.head != position:
            raise IllegalChange("A later version of the record has taken its place.", current_position=version.head)
        moment = now()
        await connection.execute(
            update(Delivery)
            .where(Delivery.target == target, Delivery.position == position)
            .values(state="waiting", next_try=moment, tries=0, updated_at=moment)
        )
        row = (await _rows(connection, [position]))[position, target]
    return _shown(version, target, row)


_VERSIONS = (
    select(
        Version.position,
        Version.number,
        Version.platform,
        Version.kind,
        Version.terms,
        Record.data_key,
        Record.position.label("head"),
    )
    .join(Record, Record.id == Version.record)
    .order_by(Version.position)
)


def _sender(reader: Holder | None) -> Sender:
    if reader is None:
        raise Unauthenticated("Deliveries are shown to the platform that sent the versions.")
    if not isinstance(reader, Sender):
        raise Forbidden("Deliveries are shown to the platform that sent the versions.")
    return reader


async def _own(connection: AsyncConnection, sender: Sender, target: str, position: int) -> Any:
    """The version, if it is the sender's and the target wants it: what is another's does not exist for this sender."""
    found = (
        await connection.execute(_VERSIONS.where(Version.position == position, Version.platform == sender.platform))
    ).first()
    if found is None or target not in orjson.loads(b"{" + found.terms[1:])["targets"]:
        raise NotFound("There is no such delivery.")
    return found


async def _rows(connection: AsyncConnection, positions: list[int]) -> dict[tuple[int, str], Any]:
    if not positions:
        return {}
    rows = await connection.execute(
        select(Delivery.__table__).where(Delivery.target.in_(list(targets())), Delivery.position.in_(positions))
    )
    return {(row.position, row.target): row for row in rows}


def _shown(version: Any, target: str, row: Any) -> DeliveryModel:
    record = f"{version.platform}/{version.kind}/{version.data_key}"
    if row is None:
        return DeliveryModel(
            position=version.position,
            target=target,
            record=record,
            number=version.number,
            state="pending",
            tries=0,
            receipt=None,
            reason=None,
            next_try=None,
            updated_at=None,
        )
    return DeliveryModel(
        position=version.position,
        target=target,
        record=record,
        number=version.number,
        state=row.state,
        tries=row.tries,
        receipt=row.receipt,
        reason=_reason(row.reason),
        next_try=iso(row.next_try) if row.next_try is not None else None,
        updated_at=iso(row.updated_at),
    )


def _reason(text: str | None) -> Any:
    """The target's words as JSON where they are JSON."""
    if text is None or text[:1] not in "[{":
        return text
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text


def _attempt(row: Any) -> AttemptModel:
    return AttemptModel(
        started_at=iso(row.started_at),
        finished_at=iso(row.finished_at),
        versions=row.versions,
        status=row.status,
        error=row.error,
        answer=row.answer.decode("utf-8", "replace"),
    )
