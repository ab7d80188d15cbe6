"""What a target must not get any more: versions whose record has moved on there."""

from collections.abc import Sequence, Set
from typing import Any

from sqlalchemy import and_, bindparam, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from hub.ledger.tables import Delivery, Version


async def overtaken(
    connection: AsyncConnection, target: str, positions: Sequence[int], but: Set[int] = frozenset()
) -> list[int]:
    """Which of the positions have a later version of their record at the target, or on its way there; none of `but`."""
    found: set[int] = set()
    for start in range(0, len(positions), 500):
        asked = {"target": target, "positions": positions[start : start + 500]}
        found |= {row[0] for row in await connection.execute(_LATER, asked) if row[1] not in but}
    return sorted(found)


_LATER_VERSION = aliased(Version)
_LATER: Any = (
    select(Version.position, _LATER_VERSION.position)
    .join(
        _LATER_VERSION,
        and_(_LATER_VERSION.record == Version.record, _LATER_VERSION.position > Version.position),
    )
    .outerjoin(Delivery, and_(Delivery.position == _LATER_VERSION.position, Delivery.target == bindparam("target")))
    .where(
        Version.position.in_(bindparam("positions", expanding=True)),
        or_(Delivery.state.is_(None), Delivery.state.not_in(("rejected", "skipped", "parked"))),
    )
)
