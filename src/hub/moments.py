"""Moments as the ledger keeps them: microseconds since 1970-01-01T00:00:00Z."""

from datetime import UTC, datetime, timedelta
from time import time_ns

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICRO = timedelta(microseconds=1)

LAST = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // _MICRO
"""The last moment that can be written."""


def now() -> int:
    """This moment by the clock of this machine."""
    return time_ns() // 1000


def micros(moment: datetime) -> int:
    """An aware datetime as microseconds."""
    return (moment - _EPOCH) // _MICRO


def iso(moment: int) -> str:
    """RFC 3339 in UTC with six decimals, e.g. `2026-11-20T01:30:00.000000Z`."""
    shown = datetime.fromtimestamp(moment // 1_000_000, UTC)
    return f"{shown:%Y-%m-%dT%H:%M:%S}.{moment % 1_000_000:06d}Z"
