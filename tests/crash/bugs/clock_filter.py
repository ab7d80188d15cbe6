"""Readers are kept away from what is young by a clock that is read for every row, as `clock_timestamp()` is."""

import dataclasses
from datetime import datetime
from typing import Any

import orjson

import hub.api.feed
from hub.moments import micros, now
from tests.crash.bugs.bug import Bug, replace

OLD_ENOUGH = 50_000
"""Microseconds after which a version is shown: longer than any commit takes, one might think."""


def _apply() -> None:
    read: Any = vars(hub.api.feed)["feed_page"]

    async def of_what_is_old(*given: Any, after: int, **wanted: Any) -> Any:
        page = await read(*given, after=after, **wanted)
        rows = [row for row in page.rows if _received_at(row[2]) <= now() - OLD_ENOUGH]
        return dataclasses.replace(page, rows=rows, next=rows[-1][0] if rows else after)

    replace(hub.api.feed, "feed_page", of_what_is_old)


def _received_at(header: bytes) -> int:
    said: str = orjson.loads(b"{" + header + b"}")["received_at"]
    return micros(datetime.fromisoformat(said))


BUG = Bug(falls=frozenset({"I5"}), apply=_apply, faults=("freeze",), strikes=5, freezes="serve")
