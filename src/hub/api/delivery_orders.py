"""What a sender does about a delivery that is held up: has it sent again, or skipped."""

from typing import Any

from pydantic import BaseModel, Field
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.api.deliveries import (
    RESEND,
    SKIP,
    DeliveryModel,
    TargetName,
    own_version,
    sender_of,
    shown_delivery,
    standing_of,
    subject_of,
)
from hub.api.describe import KEY, problems
from hub.api.parameters import a_router
from hub.api.reading import Position, Reader, Running
from hub.keys import Sender
from hub.ledger.append import lane_of
from hub.ledger.outcomes import next_number
from hub.ledger.tables import Attempt, AttemptItem, Audit, Delivery
from hub.moments import now
from hub.problems import DeliveryNotHeld
from hub.schemas.types.text import LINES
from hub.sync.overtaken import overtaken

router = a_router(tags=["deliveries 交换"])

_PROBLEMS = problems(400, 401, 403, 404, 409, 413, 415)


class Order(BaseModel, extra="forbid"):
    """Why it is done; kept and shown with the delivery."""

    reason: str = Field(
        min_length=1, max_length=1000, pattern=LINES, examples=["目标平台已修复 The platform was mended"]
    )


@router.post(
    "/v1/deliveries/{target}/{position}:resend",
    summary="重新发送 Send a version to a target again",
    responses=_PROBLEMS,
    openapi_extra=KEY,
)
async def resend(
    target: TargetName, position: Position, running: Running, reader: Reader, order: Order
) -> DeliveryModel:
    """Send a parked, rejected, waiting or unknown version to the target again, now; the reason is kept and shown.

    What waits behind an earlier version goes when that one has gone, and not before: 409.
    """
    sender = sender_of(reader)
    async with running.database.transaction() as connection:
        number = await next_number(connection)
        version = await own_version(connection, sender, target, position)
        row = await _row(connection, target, position)
        if row is None or row.state in ("delivered", "pending_receipt", "skipped") or row.skip is not None:
            raise await _nothing_to("resend", connection, target, version)
        if (row.state == "rejected" and version.head != position) or (
            row.state == "unknown" and await overtaken(connection, target, [position])
        ):
            raise DeliveryNotHeld("A later version of the record has taken its place.", current_position=version.head)
        if row.state == "waiting" and row.next_try is None:
            before = (await standing_of(connection, version, target)).behind
            if before is not None:
                detail = "It waits behind an earlier version; resend or skip that one."
                raise DeliveryNotHeld(detail, behind=before.position)
        fresh = {"state": "waiting", "next_try": now(), "tries": 0}
        return await _ordered(connection, sender, version, target, fresh | {"sequence": number}, RESEND, order)


@router.post(
    "/v1/deliveries/{target}/{position}:skip",
    summary="不再发送 Leave a version out at a target",
    responses=_PROBLEMS,
    openapi_extra=KEY,
)
async def skip(target: TargetName, position: Position, running: Running, reader: Reader, order: Order) -> DeliveryModel:
    """Leave a parked, waiting or unknown version out at this target, for good; what waits behind it goes on.

    So is one that is retried without end, once it has failed alone: where a platform sends little else, it is never
    parked. It may still arrive with the request that is under way. The ledger and all other readers keep the version. The record's next version follows what the target has.
    """
    sender = sender_of(reader)
    async with running.database.transaction() as connection:
        number = await next_number(connection)
        version = await own_version(connection, sender, target, position)
        row = await _row(connection, target, position)
        if row is None and await _failed_alone(connection, target, position):
            await _give_row(connection, target, version)
        elif row is None or row.state not in ("parked", "waiting", "unknown") or row.skip is not None:
            raise await _nothing_to("skip", connection, target, version)
        # Not ended here: the courier that has the lane does it, so that it knows what may go on.
        wanted = {"state": "waiting", "next_try": now(), "skip": order.reason}
        return await _ordered(connection, sender, version, target, wanted | {"sequence": number}, SKIP, order)


async def _row(connection: AsyncConnection, target: str, position: int) -> Any:
    row_of = select(Delivery.__table__).where(Delivery.target == target, Delivery.position == position)
    return (await connection.execute(row_of)).first()


async def _failed_alone(connection: AsyncConnection, target: str, position: int) -> bool:
    """Whether a request failed that carried nothing but this version."""
    failed = (
        select(Attempt.id)
        .join(AttemptItem, AttemptItem.attempt == Attempt.id)
        .where(AttemptItem.position == position)
        .where(Attempt.target == target, Attempt.versions == 1, Attempt.error.is_not(None))
    )
    return (await connection.execute(failed.limit(1))).first() is not None


async def _give_row(connection: AsyncConnection, target: str, version: Any) -> None:
    """Give a row to a version that was only in a courier's memory; nobody else does meanwhile: it would need a number."""
    standing = await standing_of(connection, version, target)
    row = {"target": target, "position": version.position, "thread": version.thread, "lane": lane_of(version.thread)}
    row |= {"state": "waiting", "holds": False, "tries": standing.tries, "updated_at": now()}
    await connection.execute(insert(Delivery).values(row))


async def _nothing_to(action: str, connection: AsyncConnection, target: str, version: Any) -> DeliveryNotHeld:
    """What to say where a version is in no state in which it could be resent or skipped."""
    standing = await standing_of(connection, version, target)
    said = f"There is nothing to {action}: the version is {standing.state}."
    if standing.state == "waiting":
        said = "Its sender has ordered already that it is skipped."
    elif standing.state == "retrying":
        said = "It is being sent again without end; once it has failed alone, it can be skipped."
    if (behind := standing.behind) is None:
        return DeliveryNotHeld(said, state=standing.state)
    if standing.state == "pending":
        said = f"It has not been tried yet: it waits behind position {behind.position}; skip or resend that one."
    return DeliveryNotHeld(said, state=standing.state, behind=behind.position)


async def _ordered(
    connection: AsyncConnection,
    sender: Sender,
    version: Any,
    target: str,
    changed: dict[str, Any],
    action: str,
    order: Order,
) -> DeliveryModel:
    """Change the delivery's row, note who wanted it and why, and show how it stands."""
    position, moment = version.position, now()
    row_of = (Delivery.target == target, Delivery.position == position)
    await connection.execute(update(Delivery).where(*row_of).values(changed | {"updated_at": moment}))
    noted = {"at": moment, "actor": sender.platform, "action": action, "subject": subject_of(target, position)}
    await connection.execute(insert(Audit).values(noted | {"detail": order.reason}))
    standing = await standing_of(connection, version, target)
    return shown_delivery(version, target, standing)
