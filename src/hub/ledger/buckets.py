"""Buckets: how many versions there are and a digest of all of them together, per page, hour and day."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import BigInteger, LargeBinary, String, bindparam, func, select, text, tuple_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import Mapped, mapped_column

from hub.db import Database
from hub.ledger.tables import Position, Table, Version

PAGE = 1000
"""Positions in a page: page n, from 1, ends at position n·1000."""

HOUR = 3_600_000_000
DAY = 24 * HOUR
BEIJING = 8 * HOUR
"""Microseconds; days are those of Beijing, where the law's are."""

MODULUS = 1 << 256

BUCKET_LOCK = 0x48554204
"""The key of the advisory lock under which sums are written."""

EVERYTHING = ""
"""The scope of all versions; other scopes are the name of a kind and the code of a platform."""

Item = tuple[int, bytes]
"""A position and the digest of 32 bytes at it."""


class Bucket(Table):
    """The sum over the versions of one page, hour or day in one scope; an open one grows."""

    __tablename__ = "bucket"

    unit: Mapped[str] = mapped_column(String(4), primary_key=True)
    """page | hour | day."""
    scope: Mapped[str] = mapped_column(String(64), primary_key=True)
    number: Mapped[int] = mapped_column(Position, primary_key=True, autoincrement=False)
    """The page's number, or how many hours or days of Beijing there were since 1970."""
    count: Mapped[int] = mapped_column(BigInteger)
    digest: Mapped[bytes] = mapped_column(LargeBinary)


@dataclass(slots=True)
class Sum:
    """How many items, and the sum of their hashes; the order in which they are added does not matter."""

    count: int = 0
    total: int = 0

    def add(self, count: int, total: int) -> None:
        """Add another sum."""
        self.count += count
        self.total = (self.total + total) % MODULUS

    @property
    def digest(self) -> bytes:
        """The sum of the hashes in 32 bytes, big-endian."""
        return self.total.to_bytes(32, "big")


def item_hash(position: int, digest: bytes) -> int:
    """What an item adds to a bucket's digest: SHA-256 over the position in eight bytes, big-endian, and the digest."""
    return int.from_bytes(sha256(position.to_bytes(8, "big") + digest).digest(), "big")


def summed(items: Iterable[Item]) -> Sum:
    """The sum of items."""
    # `item_hash` written out: a copy of a million versions is summed up at once.
    number = int.from_bytes
    hashes = [number(sha256(position.to_bytes(8, "big") + digest).digest(), "big") for position, digest in items]
    return Sum(len(hashes), sum(hashes) % MODULUS)


def bucket_digest(items: Iterable[Item]) -> bytes:
    """The digest of a bucket of items in any order: the sum of their hashes modulo 2^256, in 32 bytes, big-endian."""
    return summed(items).digest


def page_of(position: int) -> int:
    """The page, from 1, that a position is on."""
    return (position - 1) // PAGE + 1


async def summed_up_to(connection: AsyncConnection) -> int:
    """The position up to which all is summed up: pages are dense, so the last one's number and count say it."""
    row = (await connection.execute(_LAST)).first()
    return 0 if row is None else int((row.number - 1) * PAGE + row.count)


async def sum_up(database: Database, most: int) -> int:
    """Sum up what is there, `most` versions a time; returns the position up to which all is summed up.

    What arrives meanwhile is left for the next time: where platforms push without a pause, it would never end.
    """
    while True:
        async with database.reading() as connection:
            done = await summed_up_to(connection)
            rows = (await connection.execute(_NEW, {"after": done, "limit": most})).all()
        if not rows:
            return done
        # In a thread, and before the transaction: neither requests nor the appender wait for the hashing.
        sums = await asyncio.to_thread(_sums, rows)
        async with database.transaction() as connection:
            if connection.dialect.name == "postgresql":
                await connection.execute(text(f"SELECT pg_advisory_xact_lock({BUCKET_LOCK})"))
            if alone := await summed_up_to(connection) == done:
                await _add(connection, sums)
        if alone and len(rows) < most:
            return int(rows[-1].position)


def _sums(rows: Sequence[Any]) -> dict[tuple[str, str, int], Sum]:
    cells: dict[tuple[int, int, str, str], Sum] = defaultdict(Sum)
    for position, digest, received_at, platform, kind in rows:
        cells[page_of(position), (received_at + BEIJING) // HOUR, platform, kind].add(1, item_hash(position, digest))
    sums: dict[tuple[str, str, int], Sum] = defaultdict(Sum)
    for (page, hour, platform, kind), found in cells.items():
        for unit, number in (("page", page), ("hour", hour), ("day", hour // (DAY // HOUR))):
            for scope in (EVERYTHING, platform, kind):
                sums[unit, scope, number].add(found.count, found.total)
    return sums


async def _add(connection: AsyncConnection, sums: dict[tuple[str, str, int], Sum]) -> None:
    stored: dict[tuple[str, str, int], Any] = {}
    keys = list(sums)
    for start in range(0, len(keys), 300):
        wanted = keys[start : start + 300]
        rows = await connection.execute(_STORED.where(_KEY.in_(wanted)))
        stored |= {(row.unit, row.scope, row.number): row for row in rows}
    for key, before in stored.items():
        sums[key].add(before.count, int.from_bytes(before.digest, "big"))
    upsert = (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(Bucket)
    await connection.execute(
        upsert.on_conflict_do_update(
            index_elements=["unit", "scope", "number"],
            set_={"count": upsert.excluded.count, "digest": upsert.excluded.digest},
        ),
        [
            {"unit": unit, "scope": scope, "number": number, "count": found.count, "digest": found.digest}
            for (unit, scope, number), found in sums.items()
        ],
    )


_KEY = tuple_(Bucket.unit, Bucket.scope, Bucket.number)
_STORED = select(Bucket.unit, Bucket.scope, Bucket.number, Bucket.count, Bucket.digest)
_LAST = (
    select(Bucket.number, Bucket.count)
    .where(Bucket.unit == "page", Bucket.scope == EVERYTHING)
    .order_by(Bucket.number.desc())
    .limit(1)
)
_NEW = (
    select(Version.position, Version.digest, Version.received_at, Version.platform, Version.kind)
    .where(Version.position > bindparam("after"))
    .order_by(Version.position)
    .limit(bindparam("limit"))
)


async def buckets(
    connection: AsyncConnection, unit: str, scopes: Sequence[str], first: int, last: int
) -> dict[int, Sum]:
    """The sums of the buckets from number `first` to `last` that are not empty, over all the scopes together."""
    found: dict[int, Sum] = defaultdict(Sum)
    statement = select(Bucket.number, Bucket.count, Bucket.digest).where(
        Bucket.unit == unit, Bucket.scope.in_(scopes), Bucket.number >= first, Bucket.number <= last
    )
    for number, count, digest in await connection.execute(statement.order_by(Bucket.number)):
        found[number].add(count, int.from_bytes(digest, "big"))
    return found


async def counts_by_kind(connection: AsyncConnection, kinds: Sequence[str]) -> dict[str, int]:
    """How many versions there are of these kinds: by their days, and what is not summed up yet one by one."""
    rows = await connection.execute(_COUNTS, {"kinds": kinds})
    found: dict[str, int] = defaultdict(int)
    for kind, count in rows:
        found[kind] += int(count)
    return dict(found)


_SUMMED = func.coalesce(
    select((Bucket.number - 1) * PAGE + Bucket.count)
    .where(Bucket.unit == "page", Bucket.scope == EVERYTHING)
    .order_by(Bucket.number.desc())
    .limit(1)
    .scalar_subquery(),
    0,
)
_COUNTS = (
    select(Bucket.scope, func.sum(Bucket.count))
    .where(Bucket.unit == "day", Bucket.scope.in_(bindparam("kinds", expanding=True)))
    .group_by(Bucket.scope)
    # In one statement: what is summed up meanwhile would be counted twice, or not at all.
    .union_all(
        select(Version.kind, func.count())
        .where(Version.position > _SUMMED, Version.kind.in_(bindparam("kinds", expanding=True)))
        .group_by(Version.kind)
    )
)


async def first_and_last(connection: AsyncConnection, unit: str) -> tuple[int, int]:
    """The lowest and the highest bucket that is not empty; 1 and 0 where there is none."""
    statement = select(func.min(Bucket.number), func.max(Bucket.number)).where(
        Bucket.unit == unit, Bucket.scope == EVERYTHING
    )
    row = (await connection.execute(statement)).one()
    return (1, 0) if row[0] is None else (row[0], row[1])
