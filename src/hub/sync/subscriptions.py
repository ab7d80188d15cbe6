"""Subscriptions: who is told of what, and where."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from unicodedata import category

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy import and_, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from hub.db import Database
from hub.ledger.epochs import Cursor, outcome_in, position_in, read_epochs
from hub.ledger.outcomes import last_number
from hub.ledger.read import head_position
from hub.ledger.tables import ApiKey, Attempt, Audit, Delivery, LaneCursor, Platform, Version, Worker
from hub.moments import now
from hub.problems import InvalidParameter, NotFound
from hub.schemas.kind import Domain, kinds, no_such
from hub.sync.alarms import LIMITS, alarm_of
from hub.sync.source import WINDOW, Wanted
from hub.sync.tables import Subscription

MOST = 20
"""The most subscriptions of one owner."""

SECRET_BYTES = 32
DELETED_AT_ONCE = 5_000

What = Literal["versions", "outcomes"]
Region = Annotated[str, StringConstraints(pattern=r"^[0-9]{2,6}$")]
Thread = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class SubscriptionFilter(BaseModel):
    """Which versions, or outcomes of which versions; what is empty narrows nothing."""

    model_config = ConfigDict(extra="forbid")

    kinds: list[str] = Field(default_factory=list, max_length=100)
    domains: list[Domain] = Field(default_factory=list)
    regions: list[Region] = Field(default_factory=list, max_length=100, description="Prefixes of region codes")
    threads: list[Thread] = Field(default_factory=list, max_length=100)

    def wanted(self, platform: str | None = None) -> Wanted:
        """The filter as a source applies it."""
        chosen = None
        if self.kinds or self.domains:
            chosen = tuple(
                name
                for name, kind in kinds().items()
                if (not self.kinds or name in self.kinds) and (not self.domains or kind.domain in self.domains)
            )
        return Wanted(chosen, tuple(self.regions), tuple(self.threads), platform)


@dataclass(frozen=True, slots=True)
class Owner:
    """A platform by its code, or a consumer by the prefix of its key."""

    platform: str | None = None
    key: str | None = None

    def __str__(self) -> str:
        return self.platform or f"key {self.key}"


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a subscription is: `cursor` is what it has without a gap, `head` the newest there is.

    `lag_seconds` is for how long the oldest entry that it does not have could have been delivered, and `alarm` the
    highest limit that this has passed.
    """

    cursor: int
    head: int
    lag_seconds: float
    status: int | None
    error: str | None
    tried_at: int | None

    @property
    def alarm(self) -> str | None:
        """The highest limit that the lag has passed."""
        return alarm_of(self.lag_seconds)


async def add(
    database: Database,
    owner: Owner,
    what: What,
    url: str,
    narrowed: SubscriptionFilter,
    start: Literal["now"] | Cursor = "now",
) -> Subscription:
    """A new subscription; its secret is to be shown once.

    Raises `InvalidParameter`, `NotFound` for the owner, and `EpochChanged` for a cursor of an epoch that is over.
    """
    if unknown := [name[:64] for name in narrowed.kinds if name not in kinds()]:
        raise InvalidParameter(no_such(unknown), kinds=unknown)
    if any(category(mark) == "Cc" for thread in narrowed.threads for mark in thread):
        # Not a rule of the filter itself: that is read again of every subscription, and one must not stop the others.
        raise InvalidParameter("No thread has control characters in its name.")
    if what == "outcomes" and owner.platform is None:
        raise InvalidParameter("Outcomes are told to the platform that sent the versions.")
    async with database.transaction() as connection:
        owned = select(func.count()).select_from(Subscription).where(*_owned_by(owner))
        if (await connection.execute(owned)).scalar_one() >= MOST:
            raise InvalidParameter(f"There are {MOST} subscriptions already; delete one first.")
        newest, reached = (head_position, position_in) if what == "versions" else (last_number, outcome_in)
        head = await newest(connection)
        row: dict[str, Any] = {
            "name": f"sub_{secrets.token_hex(8)}",
            "platform": owner.platform,
            "key": owner.key,
            "what": what,
            "url": url,
            "secret": secrets.token_bytes(SECRET_BYTES),
            "filter": narrowed.model_dump_json(),
            "start": head if start == "now" else min(reached(await read_epochs(connection), start), head),
            "created_at": now(),
            "paused_at": None,
        }
        await connection.execute(insert(Subscription).values(row))
        if row["name"] not in {told.name for told in await live(connection)}:
            raise NotFound("There is no such owner, or its keys do not work.")
        await _note(connection, owner, "subscription.add", row["name"], f"{what} to {url}")
    return Subscription(**row)


async def owned(connection: AsyncConnection, owner: Owner | None) -> list[Subscription]:
    """The owner's subscriptions, or all of them; the oldest first."""
    rows = await connection.execute(
        select(Subscription.__table__).where(*_owned_by(owner)).order_by(Subscription.created_at, Subscription.name)
    )
    return [Subscription(**row._mapping) for row in rows]


async def find(connection: AsyncConnection, owner: Owner | None, name: str) -> Subscription:
    """A subscription; raises `NotFound` for another's, too."""
    found = select(Subscription.__table__).where(Subscription.name == name, *_owned_by(owner))
    row = (await connection.execute(found)).first()
    if row is None:
        raise NotFound("There is no such subscription.")
    return Subscription(**row._mapping)


async def live(connection: AsyncConnection) -> list[Subscription]:
    """All subscriptions that are to be delivered to: neither paused, nor of an owner whose keys do not work."""
    rows = await connection.execute(
        select(Subscription.__table__)
        .outerjoin(Platform, Platform.code == Subscription.platform)
        .outerjoin(ApiKey, ApiKey.prefix == Subscription.key)
        .where(
            Subscription.paused_at.is_(None),
            or_(
                and_(Platform.code.is_not(None), Platform.disabled_at.is_(None)),
                and_(
                    ApiKey.prefix.is_not(None),
                    ApiKey.revoked_at.is_(None),
                    or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > now()),
                ),
            ),
        )
    )
    return [Subscription(**row._mapping) for row in rows]


async def set_paused(database: Database, owner: Owner | None, name: str, *, paused: bool) -> Subscription:
    """Stop telling the subscriber, or go on where it was stopped."""
    async with database.transaction() as connection:
        found = await find(connection, owner, name)
        found.paused_at = now() if paused else None
        changed = update(Subscription).where(Subscription.name == name).values(paused_at=found.paused_at)
        await connection.execute(changed)
        await _note(connection, owner, f"subscription.{'pause' if paused else 'resume'}", name, "")
    return found


async def remove(database: Database, owner: Owner | None, name: str) -> None:
    """Delete a subscription with its cursors and rows."""
    async with database.transaction() as connection:
        await find(connection, owner, name)
        await connection.execute(delete(Subscription).where(Subscription.name == name))
        await connection.execute(delete(LaneCursor).where(LaneCursor.target == name))
        await connection.execute(delete(Worker).where(Worker.target == name))
        await _note(connection, owner, "subscription.delete", name, "")
    some = select(Delivery.position).where(Delivery.target == name).limit(DELETED_AT_ONCE)
    while True:
        async with database.transaction() as connection:
            gone = await connection.execute(
                delete(Delivery).where(Delivery.target == name, Delivery.position.in_(some))
            )
        if gone.rowcount < DELETED_AT_ONCE:
            return


async def standing(connection: AsyncConnection, subscription: Subscription) -> Standing:
    """How far a subscription is, and how its newest request went."""
    lowest = select(func.min(LaneCursor.position)).where(LaneCursor.target == subscription.name)
    cursor = (await connection.execute(lowest)).scalar_one()
    newest = select(Attempt.__table__).where(Attempt.target == subscription.name).order_by(Attempt.id.desc()).limit(1)
    attempt = (await connection.execute(newest)).first()
    reached = subscription.start if cursor is None else cursor
    return Standing(
        cursor=reached,
        lag_seconds=await _lag(connection, subscription, reached),
        head=await (head_position if subscription.what == "versions" else last_number)(connection),
        status=None if attempt is None else attempt.status,
        error=None if attempt is None else attempt.error,
        tried_at=None if attempt is None else attempt.finished_at,
    )


async def _lag(connection: AsyncConnection, subscription: Subscription, reached: int) -> float:
    """Seconds since the oldest undelivered entry came about and nothing but the subscriber was in its way."""
    if subscription.paused_at is not None:
        return 0.0
    oldest: int | None = (await connection.execute(_undelivered(subscription, reached))).scalar_one_or_none()
    if oldest is None:
        return 0.0
    since: int = max(oldest, subscription.created_at)
    if now() - since >= 1_000_000 * min(LIMITS.values()):
        # What came while it was paused could be delivered from when it was resumed; that is only looked up where it counts.
        resumed = select(func.max(Audit.at)).where(
            Audit.action == "subscription.resume", Audit.subject == subscription.name
        )
        since = max(since, (await connection.execute(resumed)).scalar_one() or 0)
    return max(0.0, (now() - since) / 1_000_000)


def _undelivered(subscription: Subscription, reached: int) -> Any:
    """The moment at which the first entry behind the cursor came about that it wants and has not got.

    A worker moves the cursor past what is not wanted, so one window is enough to look at.
    """
    wanted = SubscriptionFilter.model_validate_json(subscription.filter)
    told = aliased(Delivery)
    place: Any
    moment: Any
    if subscription.what == "versions":
        place, moment = Version.position, Version.received_at
        found, conditions = select(moment), wanted.wanted().conditions()
    else:
        place, moment = Delivery.sequence, Delivery.updated_at
        found = select(moment).join(Version, Version.position == Delivery.position)
        conditions = wanted.wanted(subscription.platform).conditions()
    has = select(told.position).where(
        told.target == subscription.name, told.position == place, told.state == "delivered"
    )
    return found.where(place > reached, place <= reached + WINDOW, *conditions, ~has.exists()).order_by(place).limit(1)


def _owned_by(owner: Owner | None) -> Sequence[Any]:
    if owner is None:
        return ()
    return (Subscription.platform == owner.platform,) if owner.platform else (Subscription.key == owner.key,)


async def _note(connection: AsyncConnection, owner: Owner | None, action: str, subject: str, detail: str) -> None:
    actor = "operator" if owner is None else str(owner)
    row = {"at": now(), "actor": actor, "action": action, "subject": subject, "detail": detail}
    await connection.execute(insert(Audit).values(row))
