"""The order of outcomes: every change of a delivery's state at a statutory target gets the next number."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.ledger.tables import Delivery, Record, Version
from hub.moments import iso
from hub.problems import CursorBeyondHead

OUTCOME_LOCK = 0x48554202
"""The key of the advisory lock under which numbers are handed out."""

WINDOW = 20_000
"""The most numbers that one read looks at."""


async def next_number(connection: AsyncConnection) -> int:
    """The number of the next outcome; nobody else gets one before this transaction ends.

    Numbers are handed out under a lock that is held until the commit, so whoever has read up to a number can never
    miss one below it. Take it before any row of `delivery` is changed: all take the lock first, so none waits for ever.
    """
    if connection.dialect.name == "postgresql":
        # In a statement of its own: the next one sees what was committed while this one waited.
        await connection.execute(_LOCK)
    return await last_number(connection) + 1


async def last_number(connection: AsyncConnection, up_to: int | None = None) -> int:
    """The number of the newest outcome, of the versions up to a position or of all; 0 where there is none."""
    statement = _LAST if up_to is None else _LAST.where(Delivery.position <= up_to)
    return int((await connection.execute(statement)).scalar_one())


@dataclass(frozen=True, slots=True)
class OutcomePage:
    """Outcomes behind a cursor: `next` is the cursor to go on from, `head` the newest number."""

    rows: Sequence[Any]
    next: int
    head: int


async def outcome_page(connection: AsyncConnection, *, after: int, limit: int, platform: str) -> OutcomePage:
    """Up to `limit` outcomes of a platform's versions behind number `after`, in order; the newest state of each.

    A delivery whose state changes again moves to a new number, so a reader sees every delivery's newest state at
    least once, and each state only if it reads between two changes. Raises `CursorBeyondHead`.
    """
    head = await last_number(connection)
    if after > head:
        raise CursorBeyondHead(after, head, "The outcomes end at number")
    last = min(head, after + WINDOW)
    statement = OUTCOMES.where(
        Delivery.sequence > after, Delivery.sequence <= last, Version.platform == platform
    ).limit(limit)
    rows = (await connection.execute(statement)).all()
    return OutcomePage(rows, rows[-1].sequence if len(rows) == limit else max(after, last), head)


def said(words: str | None) -> Any:
    """A target's words as JSON where they are JSON, else as the text that they are."""
    if words is None or words[:1] not in "[{":
        return words
    try:
        return orjson.loads(words)
    except orjson.JSONDecodeError:
        return words


def shown(row: Any) -> dict[str, Any]:
    """A row of `OUTCOMES` as the sender sees it."""
    return {
        "sequence": row.sequence,
        "position": row.position,
        "target": row.target,
        "record": f"{row.platform}/{row.kind}/{row.data_key}",
        "number": row.number,
        "state": row.state,
        "receipt": row.receipt,
        "reason": said(row.reason),
        "quality": said(row.quality),
        "changed_at": iso(row.updated_at),
    }


_LOCK = text(f"SELECT pg_advisory_xact_lock({OUTCOME_LOCK})")
_LAST: Any = select(func.coalesce(func.max(Delivery.sequence), 0)).where(Delivery.sequence.is_not(None))
OUTCOMES: Any = (
    select(
        Delivery.sequence,
        Delivery.position,
        Delivery.target,
        Delivery.thread,
        Delivery.lane,
        Delivery.state,
        Delivery.receipt,
        Delivery.reason,
        Delivery.quality,
        Delivery.updated_at,
        Version.record,
        Version.number,
        Version.platform,
        Version.kind,
        Version.digest,
        Record.data_key,
    )
    .join(Version, Version.position == Delivery.position)
    .join(Record, Record.id == Version.record)
    .order_by(Delivery.sequence)
)
