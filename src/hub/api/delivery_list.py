"""The list of a platform's deliveries: filtered, and, where only unfinished ones are asked for, without a walk."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Query
from pydantic import AwareDatetime, BaseModel, Field, StringConstraints
from sqlalchemy import Select, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.api.asking import NEXT, After, known_kinds, reached
from hub.api.deliveries import (
    TARGET_PATTERN,
    VERSIONS,
    DeliveryModel,
    State,
    sender_of,
    shown_delivery,
    targets_of,
)
from hub.api.describe import KEY, problems
from hub.api.parameters import a_router
from hub.api.reading import Limit, Reader, Running
from hub.ledger.epochs import handed_out
from hub.ledger.feed import CLOCKS_APART
from hub.ledger.past import position_at
from hub.ledger.read import WINDOW, Filter, head_position, narrowed
from hub.ledger.tables import Delivery, Record, Version
from hub.moments import micros
from hub.problems import CursorBeyondHead, InvalidParameter
from hub.schemas.kind import kinds
from hub.sync.standing import standings
from hub.sync.target import targets

router = a_router(tags=["deliveries 交换"])

INDEXED = frozenset({"waiting", "parked", "rejected", "unknown", "pending_receipt", "skipped"})
"""States that a row says, and that an index of those rows finds: few among millions are found at once."""

_RECORD = r"^([0-9A-Z]{18}/[a-z][a-z0-9_]{0,63}/)?[A-Za-z0-9._~-]{1,64}$"

Named = Annotated[str, StringConstraints(pattern=TARGET_PATTERN)]


class DeliveriesModel(BaseModel):
    """Deliveries by position."""

    deliveries: list[DeliveryModel]
    next: int | str = Field(description=NEXT)
    more: bool = Field(description="Whether there were versions behind it, whoever's")
    head: int = Field(description="The position of the newest version")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which deliveries a sender wants; None and an empty set mean all of them. `record` is as in the query."""

    versions: Filter
    record: str | None
    targets: frozenset[str]
    states: frozenset[str]


async def wanted_of(
    target: Annotated[list[Named] | None, Query(description="Only at these targets; may be repeated")] = None,
    state: Annotated[list[State] | None, Query(description="Only in these states; may be repeated")] = None,
    kind: Annotated[list[str] | None, Query(description="Only these kinds; may be repeated")] = None,
    record: Annotated[
        str | None, Query(pattern=_RECORD, description="Only this record: `platform/kind/data_key`, or its data_key")
    ] = None,
    thread: Annotated[str | None, Query(max_length=200, description="Only this project or credit subject")] = None,
    region: Annotated[str | None, Query(pattern=r"^[0-9]{2,6}$", description="A prefix of the region code")] = None,
    since: Annotated[AwareDatetime | None, Query(description="Only what was received then or later, RFC 3339")] = None,
) -> Wanted:
    """The filters of a request."""
    if thread is not None and "\x00" in thread:
        raise InvalidParameter("There is no such thread.")
    versions = Filter(
        kinds=known_kinds(kind),
        region=region,
        thread=thread,
        since=None if since is None else micros(since),
    )
    return Wanted(versions, record, frozenset(target or ()), frozenset(state or ()))


@dataclass(frozen=True, slots=True)
class Found:
    """Versions with the name of a target, in position order, and the cursor behind which nothing was looked at."""

    pairs: Sequence[tuple[Any, str]]
    next: int


@router.get(
    "/v1/deliveries", summary="交换清单 One's deliveries", responses=problems(400, 401, 403, 409), openapi_extra=KEY
)
async def deliveries(
    running: Running,
    reader: Reader,
    wanted: Annotated[Wanted, Depends(wanted_of)],
    after: After = "0",
    limit: Limit = 100,
) -> DeliveriesModel:
    """The platform's own deliveries behind the cursor, per version and target, in position order.

    A page may have fewer than `limit` versions, and none, while there are more. Where all states that are asked
    for are of those that need somebody (waiting, parked, rejected, unknown, pending_receipt, skipped), they are found at
    once, however many versions there are.
    """
    sender = sender_of(reader)
    epoch, position = (await running.epochs.current()).number, await reached(running, after)
    async with running.database.reading() as connection:
        head = await head_position(connection)
        if position > head:
            raise CursorBeyondHead(position, head)
        statement = await _narrowed(connection, wanted, sender.platform)
        if statement is None:
            found = Found((), head)
        elif wanted.states and wanted.states <= INDEXED:
            found = await _indexed(connection, statement, wanted, position, head, limit)
        else:
            found = await _walked(connection, statement, wanted, position, head, limit)
        versions = {(version.position, name): version for version, name in found.pairs}
        standing = await standings(connection, versions)
    shown = [shown_delivery(versions[pair], pair[1], standing[pair]) for pair in versions if pair in standing]
    chosen = [delivery for delivery in shown if not wanted.states or delivery.state in wanted.states]
    seen = min(found.next, head)
    cursor = handed_out(seen, epoch)
    return DeliveriesModel(deliveries=chosen, next=cursor, more=seen < head, head=head)


async def _narrowed(connection: AsyncConnection, wanted: Wanted, platform: str) -> Select[Any] | None:
    """The platform's versions that the filters let through, None where they are of a record that it does not have."""
    statement = narrowed(VERSIONS, wanted.versions).where(Version.platform == platform)
    if wanted.versions.thread is not None:
        statement = statement.where(Version.thread == wanted.versions.thread)
    if wanted.versions.since is not None:
        statement = statement.where(Version.received_at >= wanted.versions.since)
    if wanted.record is not None:
        owner, kind, data_key = (wanted.record if "/" in wanted.record else f"//{wanted.record}").split("/")
        # All kinds are named where none is: so that the index, in which the kind comes first, is read by key.
        of = select(Record.id).where(
            Record.platform == platform, Record.kind.in_([kind] if kind else kinds()), Record.data_key == data_key
        )
        records = (await connection.execute(of)).scalars().all() if owner in ("", platform) else []
        if not records:
            return None
        statement = statement.where(Version.record.in_(records))
    return statement


async def _walked(
    connection: AsyncConnection, statement: Select[Any], wanted: Wanted, after: int, head: int, limit: int
) -> Found:
    """Version by version, at most `limit` of them; a window of positions, unless an index leads to the versions."""
    since, by_index = wanted.versions.since, wanted.record is not None or wanted.versions.thread is not None
    start = after if since is None else max(after, await position_at(connection, since - CLOCKS_APART))
    last = head if by_index else min(head, start + WINDOW)
    bounded = statement.where(Version.position > start, Version.position <= last).limit(limit)
    rows = (await connection.execute(bounded)).all()
    pairs = [(row, name) for row in rows for name in targets_of(row) if not wanted.targets or name in wanted.targets]
    return Found(pairs, rows[-1].position if len(rows) == limit else last)


async def _indexed(
    connection: AsyncConnection, statement: Select[Any], wanted: Wanted, after: int, head: int, limit: int
) -> Found:
    """By the rows of what is not delivered: at most a window of them, everybody's, and of those some `limit`."""
    # Subscribers have rows too: only targets are named here.
    names = sorted(wanted.targets or targets())
    rows: Any = (
        select(Delivery.position, Delivery.target)
        # The condition of the index, word by word: with a parameter in it the planner could not know that it fits.
        .where(text("delivery.state <> 'delivered'"), Delivery.position > after, Delivery.position <= head)
        .where(Delivery.state.in_(sorted(wanted.states)), Delivery.target.in_(names))
        .order_by(Delivery.position)
    )
    beyond = (await connection.execute(rows.offset(WINDOW).limit(1))).first()
    last = head if beyond is None else beyond.position - 1
    # The limit has the rows be found first, and the versions by them. Some may have been added since they were counted.
    window = rows.where(Delivery.position <= last).limit(2 * WINDOW).subquery()
    joined = statement.add_columns(window.c.target).join(window, window.c.position == Version.position)
    # A version has one row for each target: with so many more, the last version of the page is whole.
    found = (await connection.execute(joined.limit(limit + len(names) - 1))).all()
    end = found[limit - 1].position if len(found) >= limit else last
    pairs = [(row, row.target) for row in found if row.position <= end and row.target in targets_of(row)]
    return Found(pairs, end)
