"""Entries as the intake would make them, without a schema: the ledger knows none."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from hashlib import sha256
from typing import Any

import orjson

from hub.db import Database
from hub.ledger.appender import Appender
from hub.ledger.entry import Entry, Outcome, Receipt
from hub.ledger.read import Stored, find_record, history
from hub.problems import IllegalChange, Problem
from hub.rules import Rule

PLATFORM = "91350100M000100Y43"
TERMS = b',"targets":["national"],"warnings":[]}'


def an_entry(key: str = "a", at: int = 1, content: str = "x", **changes: Any) -> Entry:
    """Version `at` of record `key`; it explains the change that it may be."""
    document = orjson.dumps({"data_key": key, "data_timestamp": str(at), "text": content}, option=orjson.OPT_SORT_KEYS)
    entry = Entry(
        platform=PLATFORM,
        kind="tender_notice",
        data_key=key,
        data_timestamp=at,
        timestamp_text=str(at),
        thread="tender:P",
        region="350100",
        digest=sha256(document).digest(),
        document=document,
        public=b'"document":' + document,
        terms=TERMS,
        explains_change=True,
    )
    for name, value in changes.items():
        setattr(entry, name, value)
    return entry


def a_withdrawal(key: str = "a", at: int = 2, content: str = "withdrawn", **changes: Any) -> Entry:
    """A withdrawal of record `key`, as bare as it comes: thread, region and terms are the record's."""
    return an_entry(key, at, content, **({"state": "withdrawn", "thread": "", "region": "", "terms": b""} | changes))


FORBIDDEN = Rule("test-forbidden", "不得如此", "It may not say so.")


def follows(kind: str, previous: bytes, document: bytes) -> Problem | None:
    """The rule between two versions in these tests: a text that says `forbidden` may not follow."""
    return IllegalChange(FORBIDDEN) if b"forbidden" in document else None


@asynccontextmanager
async def an_appender(database: Database, heard: list[int] | None = None) -> AsyncIterator[Appender]:
    """An appender on the database that is closed after the block; `heard` gets what it rings."""
    appender = Appender(database, follows, heard.append if heard is not None else lambda _: None)
    try:
        yield appender
    finally:
        await appender.close()


def a_receipt(outcome: Outcome) -> Receipt:
    """The outcome, which must be a receipt."""
    assert isinstance(outcome, Receipt), outcome
    return outcome


def told(outcomes: Sequence[Outcome]) -> list[str | int]:
    """The position of every receipt, and the name of every problem."""
    return [o.position if isinstance(o, Receipt) else type(o).__name__ for o in outcomes]


async def versions_of(database: Database, key: str = "a") -> Sequence[Stored]:
    """The stored versions of a record."""
    async with database.reading() as connection:
        record = await find_record(connection, PLATFORM, "tender_notice", key)
        return [] if record is None else await history(connection, record.id, after=0, limit=1000)
