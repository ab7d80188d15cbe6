"""Named consumers: readers whose cursor the hub keeps for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Integer, String, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import Mapped, mapped_column

from hub.ledger.tables import Micros, Position, Table, Version
from hub.moments import now

MOST = 100
"""The most named consumers of one owner."""


class ConsumerCursor(Table):
    """How far a named consumer has committed."""

    __tablename__ = "consumer_cursor"

    consumer: Mapped[str] = mapped_column(String(210), primary_key=True)
    """The owner: a platform's USCC, or `consumer:` and the name on the key."""
    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    position: Mapped[int] = mapped_column(Position)
    """Everything up to here was read; positions count in `epoch`."""
    epoch: Mapped[int] = mapped_column(Integer)
    committed_at: Mapped[int] = mapped_column(Micros)


@dataclass(frozen=True, slots=True)
class Committed:
    """A named consumer as it stands; `committed_at` is in microseconds UTC."""

    consumer: str
    name: str
    position: int
    epoch: int
    committed_at: int


async def consumers_of(connection: AsyncConnection, owner: str | None = None) -> Sequence[Committed]:
    """The consumers of an owner by name, or everybody's."""
    statement = _ALL if owner is None else _ALL.where(ConsumerCursor.consumer == owner)
    rows = await connection.execute(statement.order_by(ConsumerCursor.consumer, ConsumerCursor.name))
    return [Committed(*row) for row in rows]


async def consumer_named(connection: AsyncConnection, owner: str, name: str) -> Committed | None:
    """One consumer, or None."""
    row = (await connection.execute(_ALL.where(*_named(owner, name)))).first()
    return None if row is None else Committed(*row)


async def create_consumer(connection: AsyncConnection, owner: str, name: str, position: int, epoch: int) -> bool:
    """Begin a consumer; False where somebody has begun it in the meantime, at a place of their own."""
    values = {"consumer": owner, "name": name, "position": position, "epoch": epoch, "committed_at": now()}
    insert = (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(ConsumerCursor)
    return bool((await connection.execute(insert.values(values).on_conflict_do_nothing())).rowcount)


async def move_consumer(
    connection: AsyncConnection, owner: str, name: str, position: int, epoch: int, *, back: bool = False
) -> bool:
    """Set the cursor; False where there is no such consumer, or where it would go back and `back` does not allow it."""
    statement = update(ConsumerCursor).where(*_named(owner, name))
    if not back:
        statement = statement.where(ConsumerCursor.epoch == epoch, ConsumerCursor.position <= position)
    moved = await connection.execute(statement.values(position=position, epoch=epoch, committed_at=now()))
    return bool(moved.rowcount)


async def remove_consumer(connection: AsyncConnection, owner: str, name: str) -> bool:
    """Forget a consumer; False where there is none."""
    return bool((await connection.execute(delete(ConsumerCursor).where(*_named(owner, name)))).rowcount)


async def waiting_since(connection: AsyncConnection, position: int) -> int | None:
    """When the first version behind `position` was received, in microseconds UTC; None where there is none."""
    found = await connection.execute(select(Version.received_at).where(Version.position == position + 1))
    since: int | None = found.scalar_one_or_none()
    return since


def _named(owner: str, name: str) -> tuple[Any, Any]:
    return ConsumerCursor.consumer == owner, ConsumerCursor.name == name


_ALL = select(
    ConsumerCursor.consumer,
    ConsumerCursor.name,
    ConsumerCursor.position,
    ConsumerCursor.epoch,
    ConsumerCursor.committed_at,
)
