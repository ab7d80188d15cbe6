"""The one way in: append decides a batch of entries under the ledger lock and gives them dense positions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import orjson
from sqlalchemy import bindparam, func, insert, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.db import Database
from hub.ledger import fast
from hub.ledger.entry import Entry, Follows, Outcome, Receipt
from hub.ledger.fast import Row
from hub.ledger.tables import LANES, Record, Version
from hub.moments import iso, now
from hub.problems import Conflict, IllegalChange, NotFound, PreconditionFailed, StaleVersion

Key = tuple[str, str, str]


@dataclass(slots=True)
class Head:
    """The current version of a record while a batch is being decided."""

    record: int
    position: int
    number: int
    data_timestamp: int
    thread: str
    region: str
    state: str
    digest: bytes
    is_new: bool = False


def lane_of(thread: str) -> int:
    """The lane that a thread is delivered in."""
    return crc32(thread.encode()) % LANES


async def append(
    database: Database, connection: AsyncConnection, entries: Sequence[Entry], follows: Follows
) -> list[Outcome]:
    """Append `entries` in their order within the open transaction; the outcomes come in the same order.

    The caller commits, and must answer nobody before that. Positions are handed out under the ledger lock, which is
    held until the commit: position order is commit order, and there are no gaps.
    """
    await database.lock_ledger(connection)
    batch = _Batch(connection, follows, received_at=now(), fast_path=database.is_postgresql)
    await batch.read_heads({(e.platform, e.kind, e.data_key) for e in entries})
    outcomes = [await batch.decide(entry) for entry in entries]
    await batch.write()
    return outcomes


_HEAD_POSITION = select(func.coalesce(func.max(Version.position), 0))
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
)
_HEADS_BY_KEY = _HEADS.where(
    tuple_(Record.platform, Record.kind, Record.data_key).in_(bindparam("keys", expanding=True))
)
_FIRST_RECEIPT = select(Version.position, Version.digest, Version.header, Version.terms).where(
    Version.record == bindparam("record"), Version.data_timestamp == bindparam("data_timestamp")
)
_DOCUMENT = select(Version.document, Version.terms).where(Version.position == bindparam("position"))
_INSERT_VERSIONS = insert(Version)
_INSERT_RECORDS = insert(Record)
_VERSION_COLUMNS = (
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
)
_RECORD_COLUMNS = (
    "id",
    "platform",
    "kind",
    "data_key",
    "position",
    "number",
    "data_timestamp",
    "thread",
    "region",
    "state",
    "digest",
)
_POSITION, _RECORD, _TIMESTAMP, _DIGEST, _HEADER, _TERMS, _DOC = (
    _VERSION_COLUMNS.index(name)
    for name in ("position", "record", "data_timestamp", "digest", "header", "terms", "document")
)
_MOVE_HEADS = (
    update(Record)
    .where(Record.id == bindparam("head_id"))
    .values({name: bindparam(f"head_{name}") for name in ("position", "number", "data_timestamp", "region", "state")})
    .values(digest=bindparam("head_digest"))
)


class _Batch:
    def __init__(self, connection: AsyncConnection, follows: Follows, received_at: int, *, fast_path: bool) -> None:
        self.connection = connection
        self.fast_path = fast_path
        self.position = 0
        self.follows = follows
        self.received_at = received_at
        self.received_text = iso(received_at)
        self.heads: dict[Key, Head] = {}
        self.touched: dict[Key, Head] = {}
        self.rows: list[Row] = []

    async def read_heads(self, keys: Iterable[Key]) -> None:
        rows: Iterable[Any]
        if self.fast_path:
            self.position, rows = await fast.read_heads(self.connection, list(keys))
        else:
            self.position = (await self.connection.execute(_HEAD_POSITION)).scalar_one()
            rows = await self.connection.execute(_HEADS_BY_KEY, {"keys": list(keys)})
        for platform, kind, data_key, *head in rows:
            self.heads[platform, kind, data_key] = Head(*head)

    async def decide(self, entry: Entry) -> Outcome:
        key = (entry.platform, entry.kind, entry.data_key)
        head = self.heads.get(key)
        if head is None:
            return self._first(key, entry)
        if entry.data_timestamp <= head.data_timestamp:
            return await self._again(head, entry)
        return await self._next(key, head, entry)

    def _first(self, key: Key, entry: Entry) -> Outcome:
        if entry.state == "withdrawn":
            return NotFound("There is no such record to withdraw.")
        if entry.if_match:
            return PreconditionFailed("The record does not exist yet.")
        position = self.position + 1
        head = Head(position, position, 1, 0, entry.thread, "", "", b"", is_new=True)
        self.heads[key] = head
        return self._add(key, head, entry, previous=None)

    async def _again(self, head: Head, entry: Entry) -> Outcome:
        """The same version once more, or one that comes too late."""
        for row in self.rows:
            if row[_RECORD] == head.record and row[_TIMESTAMP] == entry.data_timestamp:
                first = (row[_POSITION], row[_DIGEST], row[_HEADER], row[_TERMS])
                break
        else:
            arguments = {"record": head.record, "data_timestamp": entry.data_timestamp}
            found = (await self.connection.execute(_FIRST_RECEIPT, arguments)).first()
            if found is None:
                return StaleVersion(current_number=head.number, current_digest=head.digest.hex())
            first = (found.position, found.digest, found.header, found.terms)
        position, digest, header, terms = first
        if digest != entry.digest:
            return Conflict(accepted_digest=digest.hex(), sent_digest=entry.digest.hex(), position=position)
        return Receipt(header + terms, digest, created=False, position=position)

    async def _next(self, key: Key, head: Head, entry: Entry) -> Outcome:
        if entry.if_match is not None and entry.if_match != head.digest:
            return PreconditionFailed(current_digest=head.digest.hex(), current_number=head.number)
        if head.state == "withdrawn":
            return IllegalChange("The record was withdrawn; nothing can follow a withdrawal.", rule="after-withdrawal")
        document, terms = await self._document(head.position)
        if entry.state == "withdrawn":
            entry.thread, entry.region = head.thread, head.region
            entry.terms = terms[: terms.index(b',"warnings":')] + b',"warnings":[]}'
        elif entry.thread != head.thread:
            return IllegalChange("A record stays in its project.", rule="record-thread", thread=head.thread)
        elif not entry.explains_change:
            return IllegalChange("A second version says why: `change` and `changed_at` are needed.", rule="no-change")
        elif problem := self.follows(entry.kind, document, entry.document):
            return problem
        return self._add(key, head, entry, previous=head.position)

    async def _document(self, position: int) -> tuple[bytes, bytes]:
        for row in reversed(self.rows):
            if row[_POSITION] == position:
                return row[_DOC], row[_TERMS]
        row = (await self.connection.execute(_DOCUMENT, {"position": position})).one()
        return row.document, row.terms

    def _add(self, key: Key, head: Head, entry: Entry, previous: int | None) -> Receipt:
        self.position += 1
        head.position, head.data_timestamp, head.digest = self.position, entry.data_timestamp, entry.digest
        head.number = head.number if previous is None else head.number + 1
        head.region, head.state = entry.region, entry.state
        self.touched[key] = head
        header = header_of(entry, head, previous, self.received_text)
        self.rows.append(
            (
                self.position,
                head.record,
                head.number,
                previous,
                entry.platform,
                entry.kind,
                entry.data_timestamp,
                self.received_at,
                entry.thread,
                lane_of(entry.thread),
                entry.region,
                entry.state,
                entry.digest,
                header,
                entry.terms,
                entry.document,
                entry.public,
            )
        )
        return Receipt(header + entry.terms, entry.digest, created=True, position=self.position)

    async def write(self) -> None:
        if not self.rows:
            return
        created = [_record_row(key, head) for key, head in self.touched.items() if head.is_new]
        moved = [_record_row(key, head) for key, head in self.touched.items() if not head.is_new]
        if self.fast_path:
            await fast.insert(self.connection, self.rows, created, moved)
            return
        await self.connection.execute(_INSERT_VERSIONS, _named(_VERSION_COLUMNS, self.rows))
        if created:
            await self.connection.execute(_INSERT_RECORDS, _named(_RECORD_COLUMNS, created))
        if moved:
            await self.connection.execute(_MOVE_HEADS, _named([f"head_{name}" for name in _RECORD_COLUMNS], moved))


def header_of(entry: Entry, head: Head, previous: int | None, received_at: str) -> bytes:
    """What the hub says of a version: a JSON object without its closing brace."""
    return orjson.dumps(
        {
            "position": head.position,
            "record": f"{entry.platform}/{entry.kind}/{entry.data_key}",
            "number": head.number,
            "previous": previous,
            "state": entry.state,
            "digest": entry.digest.hex(),
            "thread": entry.thread,
            "region_code": entry.region,
            "data_timestamp": entry.timestamp_text,
            "received_at": received_at,
        }
    )[:-1]


def _record_row(key: Key, head: Head) -> Row:
    """The head in the order of `_RECORD_COLUMNS`."""
    return (
        head.record,
        *key,
        head.position,
        head.number,
        head.data_timestamp,
        head.thread,
        head.region,
        head.state,
        head.digest,
    )


def _named(columns: Sequence[str], rows: Sequence[Row]) -> list[dict[str, Any]]:
    return [dict(zip(columns, row, strict=True)) for row in rows]
