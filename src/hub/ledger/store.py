"""What the two databases do differently for the appender; the decisions are in `append`."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import orjson
from sqlalchemy import bindparam, func, insert, select, text, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.db import Database, driver_of
from hub.ledger.tables import Record, Version, VersionParty

Key = tuple[str, str, str]
"""Platform, kind and data key: what names a record."""

Wanted = tuple[str, str, str, int | None]
"""Platform, kind, data key and content of an entry."""

Said = tuple[int, str]
"""The content of an entry, and its data key."""

Row = tuple[Any, ...]
"""A version in the order of `COLUMNS`; positions of the batch itself are negative ordinals."""

COLUMNS = (
    "position",
    "record",
    "number",
    "previous",
    "platform",
    "kind",
    "data_timestamp",
    "received_at",
    "thread",
    "lane",
    "region",
    "state",
    "digest",
    "header",
    "terms",
    "document",
    "public",
    "opened",
    "opens_at",
    "discloser",
    "parties",
)
NEWEST = 200
"""The most versions of a thread that another one is compared with: a crowded one must not hold up every push."""

at = {name: index for index, name in enumerate(COLUMNS)}
"""Where in a row a column is."""


@dataclass(slots=True)
class Head:
    """The current version of a record; `found_at` is its position in the database, None where there is none yet.

    What follows `found_at` is that of the batch's own version, and is not read.
    """

    record: int
    position: int
    number: int
    data_timestamp: int
    thread: str
    region: str
    state: str
    digest: bytes
    found_at: int | None
    due_on: str | None = None
    days_late: int = 0
    provisional: bool = False
    content: int | None = None


@dataclass(slots=True, frozen=True)
class FirstReceipt:
    """What is needed to give a receipt again."""

    position: int
    previous: int | None
    digest: bytes
    header: bytes
    terms: bytes


@dataclass(slots=True, frozen=True)
class Before:
    """What is needed of the version that another one follows."""

    document: bytes
    terms: bytes
    discloser: str | None
    parties: str | None


class Store(Protocol):
    """How a batch is read and written."""

    async def known(self, wanted: Collection[Wanted]) -> tuple[dict[Key, Head], dict[Said, str]]:
        """The heads of those of the records that exist, and the data key of another record that says the same as one."""

    async def threads(self, threads: Collection[str]) -> dict[str, dict[Key, bytes]]:
        """What everybody sees of the records of each thread, among its newest `NEWEST` versions: JSON members."""

    async def first_receipt(self, record: int, data_timestamp: int) -> FirstReceipt | None:
        """What was answered for this version of a record, if it exists."""

    async def before(self, position: int) -> Before:
        """The version at `position`, which another one follows."""

    async def insert(self, rows: Sequence[Row], heads: Mapping[Key, Head]) -> int | None:
        """Insert the rows behind the last position, create or move the heads, commit, and return that last position.

        None where a head is no longer the one that was found: then nothing was stored.
        """


_HEADS = select(
    Record.platform,
    Record.kind,
    Record.data_key,
    Record.id,
    Record.position,
    Record.number,
    Record.data_timestamp,
    Record.thread,
    Record.region,
    Record.state,
    Record.digest,
    Record.position.label("found_at"),
).where(tuple_(Record.platform, Record.kind, Record.data_key).in_(bindparam("keys", expanding=True)))
_TWINS = text("""
WITH wanted AS (
    SELECT json_extract(value, '$[0]') AS content, json_extract(value, '$[1]') AS data_key FROM json_each(:said)
)
SELECT content, data_key,
       (SELECT r.data_key FROM record r WHERE r.content = w.content AND r.data_key <> w.data_key LIMIT 1)
FROM wanted w
""")
_NEWEST = (
    select(Version.position, Version.record, Version.public, Version.state)
    .where(Version.thread == bindparam("thread"))
    .order_by(Version.position.desc())
    .limit(NEWEST)
    .subquery()
)
_IN_THREAD = (
    select(Record.platform, Record.kind, Record.data_key, _NEWEST.c.public)
    .join(_NEWEST, (Record.id == _NEWEST.c.record) & (Record.position == _NEWEST.c.position))
    .where(_NEWEST.c.state == "published")
)
_FIRST_RECEIPT = select(Version.position, Version.previous, Version.digest, Version.header, Version.terms).where(
    Version.record == bindparam("record"), Version.data_timestamp == bindparam("data_timestamp")
)
_BEFORE = select(Version.document, Version.terms, Version.discloser, Version.parties).where(
    Version.position == bindparam("position")
)
_LAST = select(func.coalesce(func.max(Version.position), 0))
_MOVING = (
    "position",
    "number",
    "data_timestamp",
    "region",
    "state",
    "digest",
    "due_on",
    "days_late",
    "provisional",
    "content",
)
_MOVE_HEAD = (
    update(Record)
    .where(Record.id == bindparam("head_id"))
    .values({name: bindparam(f"head_{name}") for name in _MOVING} | {"due_now": None})
)


class SqliteStore:
    """BEGIN IMMEDIATE is the ledger lock: it is taken before the heads are read, so they cannot change."""

    def __init__(self, database: Database, connection: AsyncConnection) -> None:
        self._database = database
        self._connection = connection

    async def known(self, wanted: Collection[Wanted]) -> tuple[dict[Key, Head], dict[Said, str]]:
        """The heads of those of the records that exist, and the data key of another record that says the same as one."""
        keys = {(platform, kind, data_key) for platform, kind, data_key, _ in wanted}
        rows = await self._connection.execute(_HEADS, {"keys": list(keys)})
        heads = {(platform, kind, data_key): Head(*head) for platform, kind, data_key, *head in rows}
        if not (said := [(content, data_key) for *_, data_key, content in wanted if content is not None]):
            return heads, {}
        found = await self._connection.execute(_TWINS, {"said": orjson.dumps(said).decode()})
        return heads, {(content, data_key): twin for content, data_key, twin in found if twin is not None}

    async def threads(self, threads: Collection[str]) -> dict[str, dict[Key, bytes]]:
        """What everybody sees of the records of each thread, among its newest versions: JSON members."""
        found: dict[str, dict[Key, bytes]] = {}
        for thread in threads:
            rows = await self._connection.execute(_IN_THREAD, {"thread": thread})
            found[thread] = {(platform, kind, key): public for platform, kind, key, public in rows}
        return found

    async def first_receipt(self, record: int, data_timestamp: int) -> FirstReceipt | None:
        """What was answered for this version of a record, if it exists."""
        arguments = {"record": record, "data_timestamp": data_timestamp}
        row = (await self._connection.execute(_FIRST_RECEIPT, arguments)).first()
        return None if row is None else FirstReceipt(*row)

    async def before(self, position: int) -> Before:
        """The version at `position`, which another one follows."""
        return Before(*(await self._connection.execute(_BEFORE, {"position": position})).one())

    async def insert(self, rows: Sequence[Row], heads: Mapping[Key, Head]) -> int | None:
        """Insert, commit, and return the last position there was."""
        base: int = (await self._connection.execute(_LAST)).scalar_one()
        if rows:
            settled = [_settled(row, base) for row in rows]
            await self._connection.execute(insert(Version), settled)
            named = [
                {"code": code, "position": row["position"]}
                for row in settled
                for code in (row["parties"] or "").split()
            ]
            if named:
                await self._connection.execute(insert(VersionParty), named)
        moved = [_head_row(key, head, base) for key, head in heads.items() if head.found_at is not None]
        created = [_head_row(key, head, base) for key, head in heads.items() if head.found_at is None]
        if created:
            await self._connection.execute(insert(Record), created)
        if moved:
            await self._connection.execute(_MOVE_HEAD, [{f"head_{n}": v for n, v in row.items()} for row in moved])
        await self._database.commit(self._connection)
        return base


def _settled(row: Row, base: int) -> dict[str, Any]:
    named = dict(zip(COLUMNS, row, strict=True))
    for name in ("position", "record", "previous"):
        if named[name] is not None and named[name] < 0:
            named[name] = base - named[name]
    return named


def _head_row(key: Key, head: Head, base: int) -> dict[str, Any]:
    platform, kind, data_key = key
    return {
        "id": head.record if head.record > 0 else base - head.record,
        "platform": platform,
        "kind": kind,
        "data_key": data_key,
        "position": base - head.position,
        "number": head.number,
        "data_timestamp": head.data_timestamp,
        "thread": head.thread,
        "region": head.region,
        "state": head.state,
        "digest": head.digest,
        "due_on": head.due_on,
        "days_late": head.days_late,
        "provisional": head.provisional,
        "content": head.content,
    }


class PostgresqlStore:
    """The heads are read without the lock; `append_versions` checks them again under it, inserts and commits at once.

    The statements go to the driver as arrays: per row, SQLAlchemy's parameters would cost more than the insert.
    """

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def known(self, wanted: Collection[Wanted]) -> tuple[dict[Key, Head], dict[Said, str]]:
        """The heads of those of the records that exist, and the data key of another record that says the same as one."""
        driver = await driver_of(self._connection)
        heads: dict[Key, Head] = {}
        twins: dict[Said, str] = {}
        rows = await driver.fetch(_KNOWN, *zip(*wanted, strict=True))
        for platform, kind, data_key, content, twin, *head in rows:
            if head[0] is not None:
                heads[platform, kind, data_key] = Head(*head)
            if twin is not None:
                twins[content, data_key] = twin
        return heads, twins

    async def threads(self, threads: Collection[str]) -> dict[str, dict[Key, bytes]]:
        """What everybody sees of the records of each thread, among its newest versions: JSON members."""
        found: dict[str, dict[Key, bytes]] = {thread: {} for thread in threads}
        driver = await driver_of(self._connection)
        for thread, platform, kind, data_key, public in await driver.fetch(_IN_THREADS, list(threads), NEWEST):
            found[thread][platform, kind, data_key] = public
        return found

    async def first_receipt(self, record: int, data_timestamp: int) -> FirstReceipt | None:
        """What was answered for this version of a record, if it exists."""
        row = await (await driver_of(self._connection)).fetchrow(_RECEIPT_AT, record, data_timestamp)
        return None if row is None else FirstReceipt(*row)

    async def before(self, position: int) -> Before:
        """The version at `position`, which another one follows."""
        return Before(*await (await driver_of(self._connection)).fetchrow(_BEFORE_AT, position))

    async def insert(self, rows: Sequence[Row], heads: Mapping[Key, Head]) -> int | None:
        """Insert, commit, and return the last position there was; None where a head has changed."""
        if not rows:
            return 0
        driver = await driver_of(self._connection)
        columns = list(zip(*rows, strict=True))[1:]
        moved = [
            (
                *key,
                head.found_at,
                head.record,
                -head.position,
                head.due_on,
                head.days_late,
                head.provisional,
                head.content,
            )
            for key, head in heads.items()
        ]
        base: int | None = await driver.fetchval(_APPEND, *columns, *zip(*moved, strict=True))
        return base


_KNOWN = """
SELECT w.platform, w.kind, w.data_key, w.content, twin.data_key, r.id, r.position, r.number, r.data_timestamp, r.thread,
       r.region, r.state, r.digest, r.position
FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) AS w(platform, kind, data_key, content)
LEFT JOIN record r ON r.platform = w.platform AND r.kind = w.kind AND r.data_key = w.data_key
LEFT JOIN LATERAL (
    SELECT t.data_key FROM record t WHERE t.content = w.content AND t.data_key <> w.data_key LIMIT 1
) AS twin ON TRUE
WHERE r.id IS NOT NULL OR twin.data_key IS NOT NULL
"""
_IN_THREADS = """
SELECT w.thread, r.platform, r.kind, r.data_key, v.public
FROM unnest($1::text[]) AS w(thread)
CROSS JOIN LATERAL (
    SELECT position, record, public, state FROM version WHERE thread = w.thread ORDER BY position DESC LIMIT $2
) AS v
JOIN record r ON r.id = v.record AND r.position = v.position
WHERE v.state = 'published'
"""
_RECEIPT_AT = """
SELECT position, previous, digest, header, terms FROM version WHERE record = $1 AND data_timestamp = $2
"""
_BEFORE_AT = "SELECT document, terms, discloser, parties FROM version WHERE position = $1"
_APPEND = f"SELECT append_versions({', '.join(f'${n}' for n in range(1, 31))})"
