"""The tables of subscriptions and replays."""

from sqlalchemy import LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from hub.ledger.tables import Micros, Position, Table


class Subscription(Table):
    """Somebody's webhook: versions or outcomes are delivered to it as to a target, under the subscription's name."""

    __tablename__ = "subscription"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    platform: Mapped[str | None] = mapped_column(String(18))
    """The owner where it is a platform."""
    key: Mapped[str | None] = mapped_column(String(16))
    """The prefix of the owner's key where it is a consumer."""
    what: Mapped[str] = mapped_column(String(10))
    """versions | outcomes."""
    url: Mapped[str] = mapped_column(Text)
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    """What messages are signed with, so it cannot be kept as a hash."""
    filter: Mapped[str] = mapped_column(Text)
    """A JSON object: kinds, domains, regions, threads; what is missing or empty narrows nothing."""
    start: Mapped[int] = mapped_column(Position)
    """It gets what lies behind this position, or behind this place in the order of outcomes."""
    created_at: Mapped[int] = mapped_column(Micros)
    paused_at: Mapped[int | None] = mapped_column(Micros)


class Replay(Table):
    """A range that is delivered to a target or a subscriber once more, with cursors under the replay's own name."""

    __tablename__ = "replay"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    target: Mapped[str] = mapped_column(String(32))
    first: Mapped[int] = mapped_column(Position)
    last: Mapped[int] = mapped_column(Position)
    """The range, both ends included."""
    platform: Mapped[str | None] = mapped_column(String(18))
    kind: Mapped[str | None] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(Text)
    created_at: Mapped[int] = mapped_column(Micros)
    finished_at: Mapped[int | None] = mapped_column(Micros)
