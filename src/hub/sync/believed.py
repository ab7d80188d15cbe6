"""What the hub believes a target to hold, and what else it knows of positions."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, bindparam, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.db import Database
from hub.ledger.tables import Delivery, LaneCursor, Version
from hub.schemas.kind import kinds
from hub.sync.holdings import NOTHING, SIZE, Sum, hash_of
from hub.sync.target import Target

READ_AT_ONCE = 16 * SIZE
"""Positions that one statement looks at; in between, others get their turn."""


async def sums(database: Database, target: str, first: int, last: int) -> dict[int, Sum]:
    """The sums of what is delivered, by the number of its bucket of `SIZE` positions."""
    found: dict[int, Sum] = {}
    while first <= last:
        end = min(last, (first - 1) // READ_AT_ONCE * READ_AT_ONCE + READ_AT_ONCE)
        hashes: dict[int, list[int]] = {}
        for position, digest in (await items(database, target, first, end)).items():
            hashes.setdefault((position - 1) // SIZE, []).append(hash_of(position, digest))
        for number, each in hashes.items():
            found[number] = found.get(number, NOTHING) + Sum(len(each), sum(each) % 2**256)
        first = end + 1
        await asyncio.sleep(0)
    return found


async def items(database: Database, target: str, first: int, last: int) -> dict[int, bytes]:
    """The digest of every version of a range that is delivered to the target, by position."""
    arguments = {"target": target, "first": first, "last": last}
    # A snapshot for its plans: two index scans side by side, where one look-up per row would take twice the time.
    async with database.snapshot() as connection:
        return {row[0]: row[1] for row in await connection.execute(_DELIVERED, arguments)}


@dataclass(frozen=True, slots=True)
class Known:
    """What the hub knows of a position: `state` is None where no outcome is stored."""

    kind: str
    digest: bytes
    state: str | None


async def known(database: Database, target: str, positions: Sequence[int]) -> dict[int, Known]:
    """What the hub knows of positions; one that the ledger does not have is left out."""
    found = {}
    async with database.reading() as connection:
        for start in range(0, len(positions), 500):
            some = positions[start : start + 500]
            rows = await connection.execute(_KNOWN, {"target": target, "positions": some})
            found.update({row[0]: Known(*row[1:]) for row in rows})
    return found


async def undelivered(database: Database, target: str, first: int, last: int) -> dict[str, list[int]]:
    """The positions of a range with a row that says why they are not delivered, by state."""
    # The condition is that of the index, word for word: the databases do not see through a parameter.
    statement = select(Delivery.state, Delivery.position).where(
        text("delivery.state <> 'delivered'"), Delivery.target == target, Delivery.position.between(first, last)
    )
    found: dict[str, list[int]] = {}
    async with database.reading() as connection:
        for state, position in await connection.execute(statement.order_by(Delivery.position)):
            found.setdefault(state, []).append(position)
    return found


async def pending(database: Database, target: Target, first: int, last: int) -> int:
    """How many versions of a range the target wants and has not decided on: not sent yet, on their way, or retried."""
    cursor = select(func.coalesce(func.min(LaneCursor.position), 0)).where(LaneCursor.target == target.name)
    there = select(Delivery.position).where(Delivery.target == target.name, Delivery.position == Version.position)
    async with database.reading() as connection:
        done = (await connection.execute(cursor)).scalar_one()
        counted = select(func.count()).where(
            Version.position.between(max(first, done + 1), last),
            Version.kind.in_([name for name, kind in kinds().items() if target.wants(kind)]),
            ~there.exists(),
        )
        return int((await connection.execute(counted)).scalar_one())


async def position_at(connection: AsyncConnection, moment: int, head: int) -> int:
    """The first position that was received at a moment or later, `head + 1` where there is none.

    Positions are in commit order, so around the moment itself a few may lie on either side.
    """
    low, high = 1, head + 1
    while low < high:
        middle = (low + high) // 2
        received_at = (await connection.execute(_RECEIVED_AT, {"position": middle})).scalar_one()
        low, high = (low, middle) if received_at >= moment else (middle + 1, high)
    return low


_DELIVERED: Any = (
    select(Delivery.position, Version.digest)
    .join(Version, Version.position == Delivery.position)
    .where(
        Delivery.target == bindparam("target"),
        Delivery.state == "delivered",
        Delivery.position.between(bindparam("first"), bindparam("last")),
        Version.position.between(bindparam("first"), bindparam("last")),
    )
)
_KNOWN: Any = (
    select(Version.position, Version.kind, Version.digest, Delivery.state)
    .outerjoin(Delivery, and_(Delivery.position == Version.position, Delivery.target == bindparam("target")))
    .where(Version.position.in_(bindparam("positions", expanding=True)))
)
_RECEIVED_AT: Any = select(Version.received_at).where(Version.position == bindparam("position"))
