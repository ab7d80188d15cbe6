"""The tables. `version` is insert-only; positions are dense, from 1, in commit order."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    literal_column,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

LANES = 16
"""How many lanes there are; a version's lane is stored, so another number holds for new versions only."""

Position = BigInteger().with_variant(Integer, "sqlite")
Micros = BigInteger().with_variant(Integer, "sqlite")
"""A moment in microseconds since 1970-01-01T00:00:00Z: the same on both databases and exact."""


def _where(condition: str) -> dict[str, Any]:
    return {"postgresql_where": text(condition), "sqlite_where": text(condition)}


class Table(DeclarativeBase):
    """The base of all tables."""


class Version(Table):
    """One immutable state of a record."""

    __tablename__ = "version"
    __table_args__ = (
        UniqueConstraint("record", "data_timestamp"),
        Index("version_thread", "thread", "position"),
    )

    position: Mapped[int] = mapped_column(Position, primary_key=True, autoincrement=False)
    record: Mapped[int] = mapped_column(Position)
    """The record, named by the position of its first version."""
    number: Mapped[int] = mapped_column(Integer)
    previous: Mapped[int | None] = mapped_column(Position)
    """The position of the record's previous version."""
    platform: Mapped[str] = mapped_column(String(18))
    kind: Mapped[str] = mapped_column(String(64))
    data_timestamp: Mapped[int] = mapped_column(Micros)
    received_at: Mapped[int] = mapped_column(Micros)
    thread: Mapped[str] = mapped_column(String(200))
    lane: Mapped[int] = mapped_column(SmallInteger)
    region: Mapped[str] = mapped_column(String(6))
    state: Mapped[str] = mapped_column(String(10))
    """published | withheld | withdrawn."""
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    """SHA-256 of `document`, 32 bytes."""
    header: Mapped[bytes] = mapped_column(LargeBinary)
    """What the hub says of the version, but for its position: JSON members that receipts and feed entries share."""
    terms: Mapped[bytes] = mapped_column(LargeBinary)
    """The rest of the receipt: targets and warnings."""
    document: Mapped[bytes] = mapped_column(LargeBinary)
    """The full document as canonical JSON (RFC 8785)."""
    public: Mapped[bytes] = mapped_column(LargeBinary)
    """What the public sees: the projected document, or the ground on which it is withheld; a JSON member."""
    opened: Mapped[bytes | None] = mapped_column(LargeBinary)
    """What the public sees from `opens_at` on, where that is more than `public`; a JSON member."""
    opens_at: Mapped[int | None] = mapped_column(Micros)
    discloser: Mapped[str | None] = mapped_column(String(18))
    """The USCC of who discloses it; a withdrawal has that of the version before it."""
    parties: Mapped[str | None] = mapped_column(Text)
    """The codes of parties that the public documents of the record have named so far, with blanks between them."""


class VersionParty(Table):
    """Which versions a party is found by: those of every record that named it, from the first one that did."""

    __tablename__ = "version_party"

    code: Mapped[str] = mapped_column(String(18), primary_key=True)
    position: Mapped[int] = mapped_column(Position, primary_key=True, autoincrement=False)


class Epoch(Table):
    """A stretch in which positions kept their meaning; another one begins where versions were lost for good."""

    __tablename__ = "epoch"

    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    began_after: Mapped[int] = mapped_column(Position)
    """The last position that it shares with the epoch before it."""
    outcomes_after: Mapped[int] = mapped_column(Position, server_default="0")
    """The last outcome that it shares with the epoch before it."""
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[int] = mapped_column(Micros)


class Record(Table):
    """The head of a record: its current version."""

    __tablename__ = "record"
    __table_args__ = (
        UniqueConstraint("platform", "kind", "data_key"),
        Index("record_content", "content"),
        Index("record_overdue", "id", **_where("days_late > 0")),
        Index("record_provisional", "id", **_where("provisional")),
    )

    id: Mapped[int] = mapped_column(Position, primary_key=True, autoincrement=False)
    """The position of the record's first version."""
    platform: Mapped[str] = mapped_column(String(18))
    kind: Mapped[str] = mapped_column(String(64))
    data_key: Mapped[str] = mapped_column(String(64))
    position: Mapped[int] = mapped_column(Position)
    number: Mapped[int] = mapped_column(Integer)
    data_timestamp: Mapped[int] = mapped_column(Micros)
    thread: Mapped[str] = mapped_column(String(200))
    region: Mapped[str] = mapped_column(String(6))
    state: Mapped[str] = mapped_column(String(10))
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    due_on: Mapped[str | None] = mapped_column(String(10))
    """The last day on which the current version was in time, `YYYY-MM-DD`; None where no clock runs."""
    days_late: Mapped[int] = mapped_column(Integer, default=0)
    """How many calendar days after `due_on` it was disclosed, 0 where it was in time."""
    provisional: Mapped[bool] = mapped_column(Boolean, default=False)
    """Whether days of a year were counted whose calendar is not official yet."""
    due_now: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The due date by the calendars loaded since, where it is no longer that of the version's header; a JSON object."""
    content: Mapped[int | None] = mapped_column(BigInteger)
    """A hash of platform, kind and what the current version says: the same content under another key has the same."""


class Calendar(Table):
    """The days off and the make-up days of a year, as they were loaded."""

    __tablename__ = "calendar"

    year: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    status: Mapped[str] = mapped_column(String(11))
    """official | provisional."""
    body: Mapped[bytes] = mapped_column(LargeBinary)
    """The calendar as JSON."""
    loaded_at: Mapped[int] = mapped_column(Micros)


class LaneCursor(Table):
    """How far a target has got in a lane, and which worker holds the lane until when."""

    __tablename__ = "lane_cursor"

    target: Mapped[str] = mapped_column(String(32), primary_key=True)
    lane: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    position: Mapped[int] = mapped_column(Position, default=0)
    """Every version of the lane up to here is finished, or has a delivery row that says why not."""
    start: Mapped[int] = mapped_column(Position, default=0, server_default="0")
    """Where the target began: what lies up to here was never meant for it."""
    owner: Mapped[str | None] = mapped_column(String(64))
    token: Mapped[int] = mapped_column(BigInteger, default=0)
    """Rises at every change of owner; a write with an older token is refused."""
    until: Mapped[int] = mapped_column(Micros, default=0)


class Worker(Table):
    """A live sync process that delivers to a target, so that the target's lanes can be shared out fairly."""

    __tablename__ = "worker"

    target: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    until: Mapped[int] = mapped_column(Micros)


class Delivery(Table):
    """The state of a version at a target."""

    __tablename__ = "delivery"
    # Partial indexes: nearly all rows are delivered, and those cost nothing here.
    __table_args__ = (
        Index("delivery_due", "target", "next_try", **_where("state = 'waiting'")),
        Index("delivery_open", "target", "thread", **_where("state IN ('waiting', 'parked')")),
        Index("delivery_undelivered", "position", **_where("state <> 'delivered'")),
        Index("delivery_receipts", "target", "next_try", **_where("state = 'pending_receipt'")),
        Index("delivery_skipped", "target", "position", **_where("state = 'skipped'")),
        Index("delivery_ordered", "target", **_where("skip IS NOT NULL")),
        Index("delivery_sequence", "sequence", unique=True, **_where("sequence IS NOT NULL")),
    )

    target: Mapped[str] = mapped_column(String(32), primary_key=True)
    position: Mapped[int] = mapped_column(Position, primary_key=True, autoincrement=False)
    thread: Mapped[str] = mapped_column(String(200))
    lane: Mapped[int] = mapped_column(SmallInteger)
    state: Mapped[str] = mapped_column(String(15))
    """delivered | rejected | skipped | waiting | parked | pending_receipt | unknown."""
    holds: Mapped[bool] = mapped_column(Boolean)
    """Whether later versions of the whole thread wait behind it; those of its record always do."""
    tries: Mapped[int] = mapped_column(Integer)
    attempt: Mapped[int | None] = mapped_column(BigInteger)
    """The attempt that brought the state about."""
    receipt: Mapped[str | None] = mapped_column(String(200))
    reason: Mapped[str | None] = mapped_column(Text)
    """Why it is not delivered: the target's own words, whole."""
    next_try: Mapped[int | None] = mapped_column(Micros)
    """When a waiting version is tried again, or a pending receipt asked for; None while it waits behind another one."""
    updated_at: Mapped[int] = mapped_column(Micros)
    sequence: Mapped[int | None] = mapped_column(Position)
    """The place of the newest change in the order of outcomes; None at a subscriber and in a replay."""
    quality: Mapped[str | None] = mapped_column(Text)
    """What the target notes on the quality of the data."""
    skip: Mapped[str | None] = mapped_column(Text)
    """Why its sender wants it skipped, until the courier has ended it as `skipped`, or it has arrived all the same."""


def in_state(*states: str, of: type[Delivery] = Delivery) -> ColumnElement[bool]:
    """Whether a delivery is in one of the states, in the words of the partial indexes.

    Not with bound values: a plan that PostgreSQL keeps for any value cannot use an index that has the rows of some, and
    goes through all that a target was ever delivered.
    """
    names: list[ColumnElement[str]] = [literal_column(f"'{state}'") for state in states]
    return of.state == names[0] if len(names) == 1 else of.state.in_(names)


class Attempt(Table):
    """One HTTP call to a target and its answer, of which the first 64 kB are kept."""

    __tablename__ = "attempt"
    __table_args__ = (Index("attempt_target", "target", "id"),)

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)
    target: Mapped[str] = mapped_column(String(32))
    worker: Mapped[str] = mapped_column(String(64))
    started_at: Mapped[int] = mapped_column(Micros)
    finished_at: Mapped[int] = mapped_column(Micros)
    versions: Mapped[int] = mapped_column(Integer)
    status: Mapped[int | None] = mapped_column(Integer)
    """The HTTP status; None where there was no answer."""
    error: Mapped[str | None] = mapped_column(Text)
    answer: Mapped[bytes] = mapped_column(LargeBinary)
    answer_bytes: Mapped[int | None] = mapped_column(Integer)
    """The length of the answer as it came, where that is more than is kept of it."""
    next_try: Mapped[int | None] = mapped_column(Micros)
    """Where the whole call failed: when, at the earliest, what it carried travels again."""


class AttemptItem(Table):
    """Which versions an attempt that did not finish them carried."""

    __tablename__ = "attempt_item"
    __table_args__ = (Index("attempt_item_position", "position"),)

    attempt: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(Position, primary_key=True, autoincrement=False)


class Platform(Table):
    """A local trading platform (or department system) that pushes."""

    __tablename__ = "platform"

    code: Mapped[str] = mapped_column(String(18), primary_key=True)
    """Its USCC: 交易系统标识码."""
    name: Mapped[str] = mapped_column(String(200))
    public_service_code: Mapped[str] = mapped_column(String(18))
    """公共服务平台标识码."""
    trade_mark: Mapped[str] = mapped_column(String(11))
    """TRADE_PLAT, issued by 中国招标投标公共服务平台."""
    public_service_mark: Mapped[str] = mapped_column(String(11))
    regions: Mapped[str] = mapped_column(Text)
    """Region prefixes it may push for, separated by commas; empty for all."""
    kinds: Mapped[str] = mapped_column(Text)
    disclosers: Mapped[str] = mapped_column(Text)
    """USCCs of the bodies that it may disclose for, separated by commas; empty for all."""
    created_at: Mapped[int] = mapped_column(Micros)
    disabled_at: Mapped[int | None] = mapped_column(Micros)


class ApiKey(Table):
    """A key of a platform, or of a consumer of the government feed."""

    __tablename__ = "api_key"

    prefix: Mapped[str] = mapped_column(String(16), primary_key=True)
    hash: Mapped[bytes] = mapped_column(LargeBinary)
    """SHA-256 of the whole key: it holds 256 random bits, so a slow hash would add nothing."""
    role: Mapped[str] = mapped_column(String(10))
    """platform | consumer."""
    platform: Mapped[str | None] = mapped_column(String(18))
    note: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[int] = mapped_column(Micros)
    expires_at: Mapped[int | None] = mapped_column(Micros)
    revoked_at: Mapped[int | None] = mapped_column(Micros)


class Audit(Table):
    """Who changed what in the hub's own configuration."""

    __tablename__ = "audit"
    __table_args__ = (Index("audit_subject", "subject", "id"),)

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)
    at: Mapped[int] = mapped_column(Micros)
    actor: Mapped[str] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(200))
    detail: Mapped[str] = mapped_column(Text)
