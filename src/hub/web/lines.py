"""Versions as lines of a table for people: only what the public may see of each."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

import orjson
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.ledger.read import Stored, versions_at
from hub.schemas.clocks import AT_ONCE
from hub.schemas.kind import kinds
from hub.schemas.types import beijing_time

STATES = {"published": ("已公开", "good"), "withheld": ("未公开", "busy"), "withdrawn": ("已撤回", "bad")}
"""The word for a version's state, and its colour."""


async def lines_of(connection: AsyncConnection, versions: Sequence[Stored]) -> list[dict[str, Any]]:
    """A line for each version. A withdrawal does not say what it withdraws: its title is that of the version before it."""
    before = await versions_at(
        connection, {v.previous for v in versions if v.state == "withdrawn" and v.previous is not None}
    )
    return [_line(version, before.get(version.previous or 0)) for version in versions]


def in_path(thread: str) -> str:
    """The name of a thread as the end of an address."""
    return quote(thread, safe="/:")


def in_beijing(moment: str) -> str:
    """A moment in RFC 3339 as the clocks of Beijing have it: by their days limits are counted."""
    return f"{beijing_time(datetime.fromisoformat(moment)):%Y-%m-%d %H:%M:%S}"


def _line(version: Stored, before: Stored | None) -> dict[str, Any]:
    kind = kinds()[version.kind]
    entry = _entry(version)
    titled = entry if before is None else _entry(before)
    return {
        "position": version.position,
        "kind": kind.title(),
        "kind_name": version.kind,
        "title": titled.get("document", {}).get("body", {}).get(kind.label) or kind.title(),
        "number": version.number,
        "state": version.state,
        "received_at": in_beijing(entry["received_at"]),
        "due": entry["due"],
        "shared_late": entry["due"] is not None and entry["due"]["clock"] == AT_ONCE.id,
        "page": f"/records/{entry['record']}",
        "history": f"/v1/records/{entry['record']}/versions",
        "thread": f"/threads/{in_path(entry['thread'])}",
    }


def _entry(version: Stored) -> dict[str, Any]:
    entry: dict[str, Any] = orjson.loads(version.entry(government=False))
    return entry
