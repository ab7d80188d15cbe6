"""How the hub is doing: head, counts, lag and state of each target; the one source for the API, the page and the demo."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, literal_column, select
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.ledger.buckets import counts_by_kind
from hub.ledger.read import head_position
from hub.ledger.tables import Delivery, LaneCursor, Version
from hub.moments import now
from hub.schemas.kind import kinds
from hub.sync.alarms import alarm_of
from hub.sync.target import targets
from hub.transparency.guard import Behind, Unguarded
from hub.transparency.identity import known_identity
from hub.transparency.integrator import newest_head

SILENT = "no worker"
IDLE = "up to date"
BEHIND = "catching up"
HELD = "some wait"


@dataclass(frozen=True, slots=True)
class TargetState:
    """A target as seen from the ledger.

    `cursor` is the lowest lane's, `waiting`, `parked`, `rejected`, `pending_receipt` and `unknown` are numbers of
    versions, `lag_seconds` the age of the oldest version that is behind every lane's cursor, waits or is undecided, and
    `alarm` the highest limit that this age has passed.
    """

    name: str
    state: str
    cursor: int
    waiting: int
    parked: int
    rejected: int
    pending_receipt: int
    unknown: int
    lag_seconds: float
    alarm: str | None


@dataclass(frozen=True, slots=True)
class LogState:
    """The transparency log: its name, how many versions its newest signed head covers, and how old that head is."""

    origin: str
    size: int
    signed_seconds_ago: float


@dataclass(frozen=True, slots=True)
class Status:
    """The hub at a glance; `read_only` says why nothing is taken, None where it is.

    `unguarded` says that a log exists of which the process keeps no head, None where it does.
    """

    head: int
    counts: dict[str, int]
    targets: list[TargetState]
    log: LogState | None = None
    read_only: Behind | None = None
    unguarded: Unguarded | None = None


async def status_of(
    connection: AsyncConnection,
    targets: tuple[str, ...],
    read_only: Behind | None = None,
    unguarded: Unguarded | None = None,
) -> Status:
    """The hub's status; `targets` are the names to report on, `read_only` and `unguarded` are what the guard says."""
    head = await head_position(connection)
    return Status(
        head=head,
        counts=await counts_by_kind(connection, list(kinds())),
        targets=await target_states(connection, targets),
        log=await _log(connection),
        read_only=read_only,
        unguarded=unguarded,
    )


async def target_states(connection: AsyncConnection, names: Sequence[str]) -> list[TargetState]:
    """The states of the targets of these names, in their order; however long a backlog is, it costs the same."""
    head = await head_position(connection)
    # For all targets at once: with the name of one, PostgreSQL without statistics goes through all that it was delivered.
    rows = (await connection.execute(_UNDELIVERED)).all()
    return [await _target(connection, name, head, [row for row in rows if row.target == name]) for name in names]


async def _log(connection: AsyncConnection) -> LogState | None:
    log, newest = await known_identity(connection), await newest_head(connection)
    if log is None or newest is None:
        return None
    return LogState(log.origin, newest.size, max(0.0, (now() - newest.signed_at) / 1_000_000))


async def _target(connection: AsyncConnection, name: str, head: int, undelivered: Sequence[Any]) -> TargetState:
    lanes = (
        await connection.execute(
            select(func.min(LaneCursor.position), func.max(LaneCursor.until)).where(LaneCursor.target == name)
        )
    ).one()
    open_counts: dict[str, int] = {row.state: row.versions for row in undelivered}
    oldest: list[int] = [row.first for row in undelivered if row.state in ("waiting", "parked", "pending_receipt")]
    cursor = lanes[0] if lanes[0] is not None else 0
    behind = await _first_wanted(connection, name, cursor, begun=lanes[0] is not None)
    if behind is not None:
        oldest.append(behind)
    held = open_counts.get("waiting", 0) + open_counts.get("parked", 0)
    alive = lanes[1] is not None and lanes[1] > now()
    lag = await _age(connection, min(oldest)) if oldest else 0.0
    return TargetState(
        name=name,
        state=SILENT if not alive else BEHIND if behind is not None else HELD if held else IDLE,
        cursor=head if behind is None else cursor,
        waiting=open_counts.get("waiting", 0),
        parked=open_counts.get("parked", 0),
        rejected=open_counts.get("rejected", 0),
        pending_receipt=open_counts.get("pending_receipt", 0),
        unknown=open_counts.get("unknown", 0),
        lag_seconds=lag,
        alarm=alarm_of(lag),
    )


_DELIVERED: ColumnElement[str] = literal_column("'delivered'")  # As in the condition of the index of the others.
_UNDELIVERED = (
    select(Delivery.target, Delivery.state, func.count().label("versions"), func.min(Delivery.position).label("first"))
    .where(Delivery.state != _DELIVERED)
    .group_by(Delivery.target, Delivery.state)
)


async def _first_wanted(connection: AsyncConnection, target: str, cursor: int, *, begun: bool) -> int | None:
    """The first version behind the cursor that the target wants and that has no delivery row yet."""
    wanted = [name for name, kind in kinds().items() if targets()[target].wants(kind)]
    # Where nobody delivers, no cursor moves past what is not wanted, and the look would be at everything.
    if not begun and not await counts_by_kind(connection, wanted):
        return None
    delivered = select(Delivery.position).where(Delivery.target == target, Delivery.position == Version.position)
    # Not min(): with a subquery beside it PostgreSQL looks at the whole backlog for that.
    statement = (
        select(Version.position)
        .where(Version.position > cursor, Version.kind.in_(wanted), ~delivered.exists())
        .order_by(Version.position)
        .limit(1)
    )
    found: int | None = (await connection.execute(statement)).scalar_one_or_none()
    return found


async def _age(connection: AsyncConnection, position: int) -> float:
    received = (await connection.execute(select(Version.received_at).where(Version.position == position))).scalar_one()
    return max(0.0, (now() - received) / 1_000_000)
