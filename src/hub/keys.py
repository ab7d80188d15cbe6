"""Platforms and their keys: who may push what, and who may read the government feed."""

import hmac
import secrets
from dataclasses import dataclass
from functools import partial
from hashlib import sha256

from sqlalchemy import and_, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.db import Database
from hub.ledger.tables import ApiKey, Audit, Platform
from hub.moments import now
from hub.nearest import meant
from hub.problems import Forbidden, InvalidParameter, NotFound, Unauthenticated
from hub.schemas.types import check_uscc
from hub.trusted import Trusted

LIVE_KEYS = 2
"""A platform may hold two live keys, so that it can change one without a gap."""

PROMPT = "Send `Authorization: Bearer hub_…` with a live key."


@dataclass(frozen=True, slots=True)
class Sender:
    """A platform as its key shows it. An empty tuple of regions, kinds or disclosers means all of them."""

    platform: str
    regions: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    disclosers: tuple[str, ...] = ()

    def may_push(self, kind: str, region: str, discloser: str) -> None:
        """Raise `Forbidden` unless the platform may push this."""
        if self.kinds and kind not in self.kinds:
            raise Forbidden("This platform may not push this kind.", kind=kind)
        if self.regions and not region.startswith(self.regions):
            raise Forbidden("This platform may not push for this region.", region_code=region)
        if self.disclosers and discloser not in self.disclosers:
            raise Forbidden("This platform may not disclose for this body.", discloser=discloser)


@dataclass(frozen=True, slots=True)
class Consumer:
    """A reader of the government feed, by the name and the prefix of its key."""

    name: str
    prefix: str


Holder = Sender | Consumer


@dataclass(frozen=True, slots=True)
class _Known:
    hash: bytes
    holder: Holder
    expires_at: int | None


class Keyring:
    """Looks keys up, and trusts what it found for a few seconds."""

    def __init__(self, database: Database, trust_seconds: float) -> None:
        self._database = database
        self._trust = trust_seconds
        self._known: dict[str, Trusted[_Known | None]] = {}

    async def holder(self, authorization: str) -> Holder:
        """Who holds the key in an `Authorization` header; raises `Unauthenticated`."""
        scheme, _, key = authorization.partition(" ")
        if scheme.lower() != "bearer" or not key.startswith("hub_") or not key.isascii():
            raise Unauthenticated(PROMPT)
        prefix = key[4:12]
        trusted = self._known.get(prefix) or Trusted(partial(self._look_up, prefix), self._trust)
        known = await trusted.value()
        if known is None:
            self._known.pop(prefix, None)
            raise Unauthenticated(PROMPT)
        self._known[prefix] = trusted
        if not hmac.compare_digest(known.hash, sha256(key.encode()).digest()):
            raise Unauthenticated(PROMPT)
        if known.expires_at is not None and known.expires_at < now():
            raise Unauthenticated("The key has expired.")
        return known.holder

    async def _look_up(self, prefix: str) -> _Known | None:
        async with self._database.reading() as connection:
            row = (await connection.execute(_KEY.where(ApiKey.prefix == prefix))).first()
        if row is None:
            return None
        holder: Holder
        if row.role == "consumer":
            holder = Consumer(row.note, row.prefix)
        else:
            holder = Sender(row.platform, _split(row.regions), _split(row.kinds), _split(row.disclosers))
        return _Known(row.hash, holder, row.expires_at)


_KEY = (
    select(ApiKey, Platform.regions, Platform.kinds, Platform.disclosers)
    .outerjoin(Platform, Platform.code == ApiKey.platform)
    .where(
        ApiKey.revoked_at.is_(None),
        or_(
            ApiKey.role == "consumer",
            and_(ApiKey.role == "platform", Platform.code.is_not(None), Platform.disabled_at.is_(None)),
        ),
    )
)


def _split(text: str | None) -> tuple[str, ...]:
    return tuple(text.split(",")) if text else ()


async def add_platform(
    database: Database,
    code: str,
    name: str,
    *,
    regions: str = "",
    kinds: str = "",
    disclosers: str = "",
    public_service_code: str = "",
    trade_mark: str = "",
    public_service_mark: str = "",
) -> None:
    """Register a platform by its USCC; lists are separated by commas, empty means all.

    The marks are the 11-character ones of the public-service system; where none are given they are made of the
    code's region, so that the element is never empty.
    """
    check_uscc(code)
    mark = f"C{code[2:8]}0001"
    row = {
        "code": code,
        "name": name,
        "public_service_code": public_service_code or code,
        "trade_mark": trade_mark or mark,
        "public_service_mark": public_service_mark or mark,
        "regions": regions.replace(" ", ""),
        "kinds": kinds.replace(" ", ""),
        "disclosers": disclosers.replace(" ", ""),
        "created_at": now(),
    }
    async with database.transaction() as connection:
        if (await connection.execute(select(Platform.code).where(Platform.code == code))).first():
            raise InvalidParameter(f"The platform {code} is registered already.")
        await connection.execute(insert(Platform).values(row))
        await _note(connection, "platform.add", code, name)


async def check_platform(connection: AsyncConnection, code: str) -> None:
    """Refuse a platform that is not registered; raises `NotFound`, with the nearest one where there is such."""
    codes = (await connection.execute(select(Platform.code))).scalars().all()
    if code not in codes:
        raise NotFound(f"There is no platform {code}{meant(code, codes)}")


async def disable_platform(database: Database, code: str) -> None:
    """Stop a platform's keys from working; what it pushed stays."""
    statement = update(Platform).where(Platform.code == code, Platform.disabled_at.is_(None)).values(disabled_at=now())
    async with database.transaction() as connection:
        if (await connection.execute(statement)).rowcount == 0:
            raise NotFound(f"There is no live platform {code}.")
        await _note(connection, "platform.disable", code, "")


async def list_platforms(database: Database) -> list[Platform]:
    """All platforms by their codes."""
    async with database.reading() as connection:
        rows = await connection.execute(select(Platform.__table__).order_by(Platform.code))
        return [Platform(**row._mapping) for row in rows]


async def issue_key(database: Database, platform: str | None, *, note: str = "", days: int | None = None) -> str:
    """A new key with 256 random bits, for a platform, or for a consumer where `platform` is None; shown once."""
    prefix = secrets.token_hex(4)
    key = f"hub_{prefix}_{secrets.token_urlsafe(32)}"
    moment = now()
    row = {
        "prefix": prefix,
        "hash": sha256(key.encode()).digest(),
        "role": "consumer" if platform is None else "platform",
        "platform": platform,
        "note": note,
        "created_at": moment,
        "expires_at": None if days is None else moment + days * 86_400_000_000,
    }
    async with database.transaction() as connection:
        if platform is not None:
            await _check_issue(connection, platform, moment)
        await connection.execute(insert(ApiKey).values(row))
        await _note(connection, "key.issue", prefix, platform or "consumer")
    return key


async def _check_issue(connection: AsyncConnection, platform: str, moment: int) -> None:
    known = (await connection.execute(select(Platform.disabled_at).where(Platform.code == platform))).first()
    if known is None or known.disabled_at is not None:
        raise NotFound(f"There is no live platform {platform}.")
    live = select(func.count()).where(
        ApiKey.platform == platform,
        ApiKey.revoked_at.is_(None),
        or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > moment),
    )
    if (await connection.execute(live)).scalar_one() >= LIVE_KEYS:
        raise InvalidParameter(f"{platform} has {LIVE_KEYS} live keys; revoke one first.")


async def revoke_key(database: Database, prefix: str) -> None:
    """Stop a key from working, by its eight-character prefix or by the whole key."""
    prefix = prefix.removeprefix("hub_")[:8]
    statement = update(ApiKey).where(ApiKey.prefix == prefix, ApiKey.revoked_at.is_(None)).values(revoked_at=now())
    async with database.transaction() as connection:
        if (await connection.execute(statement)).rowcount == 0:
            raise NotFound(f"There is no live key {prefix}.")
        await _note(connection, "key.revoke", prefix, "")


async def _note(connection: AsyncConnection, action: str, subject: str, detail: str) -> None:
    row = {"at": now(), "actor": "operator", "action": action, "subject": subject, "detail": detail}
    await connection.execute(insert(Audit).values(row))
