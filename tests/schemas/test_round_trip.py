"""Payloads of every kind, thought up by hypothesis, go through intake, ledger and feed byte for byte."""

import asyncio
import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from re import fullmatch
from typing import Any, get_args

import orjson
import pytest
from annotated_types import Le
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from hub.db import Database
from hub.intake import Intake, follows
from hub.keys import Sender
from hub.ledger.appender import Appender
from hub.ledger.entry import Receipt
from hub.ledger.feed import feed_page
from hub.schemas.codes import table
from hub.schemas.kind import kinds
from hub.schemas.submission import submission_of
from hub.schemas.types import Text
from hub.schemas.types.coded import Code
from hub.schemas.types.shape import Shape
from tests import builders as a
from tests.schemas.spots import Spot, full_example, mark, spots, with_value
from tests.support.databases import sqlite_url

PLATFORM = a.a_uscc(1)
FREE_TEXT = mark(get_args(Text), Shape)
TOGETHER = 3
"""How many payloads are appended in one transaction: a disk's flush takes longer than all the rest."""

SPELLINGS: tuple[dict[str, Any], ...] = ({}, {"indent": 1}, {"ensure_ascii": False}, {"separators": (",", ":")})
"""Ways to write JSON."""

LETTERS = st.characters(exclude_categories=["Cc", "Cs"]) | st.sampled_from(
    ['"', "\\", "/", "\u2028", "\ufeff", "𠮷", "é"]
)
Change = tuple[Spot, Any]


@dataclass(frozen=True)
class Ledger:
    """A ledger that the test writes to and reads from."""

    runner: asyncio.Runner
    database: Database
    appender: Appender

    def taken(self, raws: Sequence[bytes]) -> list[tuple[Receipt, bytes]]:
        """The receipts of submissions that are appended together, and their documents as the feed's page has them."""
        return self.runner.run(self._taken(raws))

    async def _taken(self, raws: Sequence[bytes]) -> list[tuple[Receipt, bytes]]:
        intake = Intake(clock_skew_seconds=300)
        outcomes = await self.appender.append_all([intake.submission(raw, Sender(PLATFORM)).entry for raw in raws])
        found = []
        async with self.database.reading() as connection:
            for receipt in outcomes:
                assert isinstance(receipt, Receipt), receipt
                page = await feed_page(connection, after=receipt.position - 1, limit=1, government=True)
                header, document = page.entries[0].split(b',"document":', 1)
                assert orjson.loads(header + b"}")["digest"] == sha256(document[:-1]).hexdigest()
                found.append((receipt, document[:-1]))
        return found


@pytest.fixture(scope="module")
def ledger(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    file = shutil.copy(sqlite_template, tmp_path_factory.mktemp("round") / "hub.sqlite3")
    with asyncio.Runner() as runner:
        database = Database(sqlite_url(Path(file)))
        appender = runner.run(_an_appender(database))
        yield Ledger(runner, database, appender)
        runner.run(appender.close())
        runner.run(database.close())


async def _an_appender(database: Database) -> Appender:
    return Appender(database, follows, lambda _: None)


@pytest.mark.parametrize("name", list(kinds()))
@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_what_is_pushed_comes_out_of_the_feed_as_canonical_bytes(
    ledger: Ledger, name: str, data: st.DataObject
) -> None:
    chosen = [_changed(name, data.draw(_changes(name))) for _ in range(TOGETHER)]
    pushed = [_turned(submission) if data.draw(st.booleans()) else submission for submission in chosen]
    raws = [json.dumps(document, **data.draw(st.sampled_from(SPELLINGS))).encode() for document in pushed]

    found = ledger.taken(raws)

    canonical = [
        json.dumps(submission, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        for submission in chosen
    ]
    assert [shown for _, shown in found] == canonical
    assert [receipt.digest for receipt, _ in found] == [sha256(document).digest() for document in canonical]
    again = ledger.taken(canonical)
    assert [receipt.body for receipt, _ in again] == [receipt.body for receipt, _ in found]
    assert not any(receipt.created for receipt, _ in again)


def _changed(name: str, changes: list[Change]) -> dict[str, Any]:
    """The example with as many of the changes as leave it valid."""
    submission = full_example(name)
    for spot, value in changes:
        with suppress(ValidationError, KeyError):
            changed = with_value(submission, spot, value)
            submission_of(kinds()[name]).model_validate_json(orjson.dumps(changed))
            submission = changed
    return submission


def _turned(value: Any) -> Any:
    """The same with the members of all objects in the opposite order."""
    if isinstance(value, dict):
        return {name: _turned(inner) for name, inner in reversed(value.items())}
    return [_turned(item) for item in value] if isinstance(value, list) else value


@cache
def _changes(name: str) -> st.SearchStrategy[list[Change]]:
    return st.lists(st.one_of([st.tuples(st.just(spot), _values(spot)) for spot in spots(name)]), max_size=12)


def _values(spot: Spot) -> st.SearchStrategy[Any]:
    """Values that the field's type takes, and where it is not required its absence."""
    found: list[st.SearchStrategy[Any]] = [] if spot.required else [st.just(...)]
    shape, code = mark(spot.marks, Shape), mark(spot.marks, Code)
    if code is not None and (known := table(code.table)).values:
        found.append(st.sampled_from(list(known.values)))
    elif int in spot.marks:
        largest = mark(spot.marks, Le)
        assert largest is not None
        found.append(st.integers(0, int(str(largest.le))))
    elif shape is FREE_TEXT:
        found.append(st.text(LETTERS | st.sampled_from("\n\t\r"), min_size=1, max_size=40).filter(str.strip))
    elif shape is not None and shape.max_length is not None and fullmatch(shape.pattern, "文"):
        found.append(st.text(LETTERS, min_size=1, max_size=min(shape.max_length, 40)).filter(str.strip))
    elif shape is not None and fullmatch(shape.pattern, "1.5"):
        found.append(st.from_regex(r"(0|[1-9][0-9]{0,5})(\.[0-9]{1,2})?", fullmatch=True, alphabet="0123456789."))
    elif shape is not None and fullmatch(shape.pattern, "2026-11-20T09:30:00Z") and spot.value is not None:
        found.append(st.sampled_from(list(_same_time(spot.value))))
    elif isinstance(spot.value, list) and spot.value:
        found.append(st.just(spot.value[:1]) | st.just([*spot.value, spot.value[0]]))
    return st.one_of(found) if found else st.just(spot.value)


def _same_time(instant: str) -> Iterator[str]:
    """The instant in other words."""
    utc = datetime.fromisoformat(instant).astimezone(UTC)
    yield f"{utc:%Y-%m-%dT%H:%M:%S}Z"
    yield f"{utc:%Y-%m-%dT%H:%M:%S}.000000+00:00"
    yield f"{utc:%Y-%m-%dT%H:%M:%S}-00:00"
