"""A PostgreSQL database as a sink: entries and the cursor are committed in one transaction."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Self

import asyncpg  # type: ignore[import-untyped]

from hub.client.page import Entry, Page, position_of
from hub.client.sink import Item, Kept
from hub.client.trouble import Trouble
from hub.heeding import Heeding

PIECE = 5000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

TABLES = """
CREATE TABLE IF NOT EXISTS hub_entry (
    position bigint PRIMARY KEY,
    record text NOT NULL,
    number int NOT NULL,
    state text NOT NULL,
    thread text NOT NULL,
    region_code text NOT NULL,
    received_at timestamptz NOT NULL,
    digest bytea NOT NULL,
    opens_at timestamptz,
    entry json NOT NULL,
    opened json
);
CREATE INDEX IF NOT EXISTS hub_entry_record ON hub_entry (record, number);
CREATE INDEX IF NOT EXISTS hub_entry_sealed ON hub_entry (opens_at) WHERE opens_at IS NOT NULL AND opened IS NULL;
CREATE TABLE IF NOT EXISTS hub_cursor (
    id int PRIMARY KEY DEFAULT 1 CHECK (id = 1),
    source text NOT NULL,
    cursor text NOT NULL,
    committed_at timestamptz NOT NULL DEFAULT now()
);
"""
COLUMNS = (
    "position",
    "record",
    "number",
    "state",
    "thread",
    "region_code",
    "received_at",
    "digest",
    "opens_at",
    "entry",
)


class Postgresql:
    """The tables `hub_entry` and `hub_cursor` in the database at `url`; they are made where they are missing.

    `entry` is `json`, not `jsonb`: it keeps the bytes that digests are made of. Two processes cannot fill it at once:
    the cursor moves only from where its mover left it.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: Any = None
        self._cursor = "0"
        self._source = ""
        """What a new database is filled from, until its first page is kept."""

    async def __aenter__(self) -> Self:
        with _told():
            self._connection = await asyncpg.connect(self._url, connection_class=Heeding)
            await self._connection.execute("SET client_min_messages = warning")
            await self._connection.execute(TABLES)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._connection.close()

    async def kept(self) -> Kept:
        """What is there."""
        row = await self._connection.fetchrow("SELECT source, cursor FROM hub_cursor")
        if row is None:
            return Kept(self._cursor, self._source)
        self._cursor = row["cursor"]
        sealed = await self._connection.fetch(
            "SELECT opens_at, position FROM hub_entry WHERE opens_at IS NOT NULL AND opened IS NULL"
        )
        return Kept(row["cursor"], row["source"], [(_micros(opening), position) for opening, position in sealed])

    async def begin(self, source: str, cursor: str) -> None:
        """Say what the database is filled from, and behind which cursor; it is kept with the first page."""
        self._source, self._cursor = source, cursor

    async def write(self, page: Page) -> None:
        """Keep the entries and move the cursor in one transaction."""
        new = [_row(entry) for entry in page.entries if not entry.again]
        again = [(entry.position, entry.raw.decode()) for entry in page.entries if entry.again]
        with _told():
            async with self._connection.transaction():
                await self._move(page.cursor)
                if new:
                    await self._connection.copy_records_to_table("hub_entry", records=new, columns=COLUMNS)
                if again:
                    await self._connection.executemany("UPDATE hub_entry SET opened = $2 WHERE position = $1", again)
        self._cursor, self._source = page.cursor, ""

    async def cut(self, cursor: str) -> None:
        """Forget what lies behind the cursor's position, and go on from the cursor."""
        async with self._connection.transaction():
            await self._move(cursor)
            await self._connection.execute("DELETE FROM hub_entry WHERE position > $1", position_of(cursor))
        self._cursor, self._source = cursor, ""

    async def items(self) -> AsyncIterator[Sequence[Item]]:
        """Everything that is kept, in position order, in pieces."""
        after = 0
        statement = "SELECT position, digest FROM hub_entry WHERE position > $1 ORDER BY position LIMIT $2"
        while rows := await self._connection.fetch(statement, after, PIECE):
            yield [(row["position"], row["digest"]) for row in rows]
            after = rows[-1]["position"]

    async def _move(self, cursor: str) -> None:
        if self._source:
            begun = "INSERT INTO hub_cursor (source, cursor) VALUES ($1, $2) ON CONFLICT DO NOTHING"
            await self._connection.execute(begun, self._source, self._cursor)
        statement = "UPDATE hub_cursor SET cursor = $1, committed_at = now() WHERE cursor = $2"
        if await self._connection.execute(statement, cursor, self._cursor) != "UPDATE 1":
            raise Trouble("the cursor has moved: another process fills this database")


@contextmanager
def _told() -> Iterator[None]:
    """A database that fails is a plain sentence; what was not committed is read again."""
    try:
        yield
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise Trouble(f"the database: {error}") from None


def _row(entry: Entry) -> tuple[Any, ...]:
    data, opening = entry.data, entry.opens_at
    return (
        entry.position,
        data["record"],
        data["number"],
        data["state"],
        data["thread"],
        data["region_code"],
        datetime.fromisoformat(data["received_at"]),
        bytes.fromhex(data["digest"]),
        None if opening is None else EPOCH + timedelta(microseconds=opening),
        entry.raw.decode(),
    )


def _micros(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)
