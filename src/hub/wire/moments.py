"""The specification's compact times and dates, which are Beijing time, and the hub's RFC 3339 ones."""

from datetime import datetime, timedelta, timezone
from typing import Any

from hub.schemas.types import beijing_time

BEIJING = timezone(timedelta(hours=8))


def compact_time(value: str, length: int = 14) -> str:
    """`yyyyMMddHHmmss` (or its first `length` digits) in Beijing time, of an RFC 3339 time."""
    if not value.endswith("+08:00"):
        value = beijing_time(datetime.fromisoformat(value.upper().replace("Z", "+00:00"))).isoformat()
    digits = value[0:4] + value[5:7] + value[8:10] + value[11:13] + value[14:16] + value[17:19]
    return digits[:length]


def compact_date(value: str) -> str:
    """`yyyyMMdd` of a date with hyphens."""
    return value.replace("-", "")


def time_of(value: Any) -> Any:
    """The RFC 3339 time of 14 or 12 digits; whatever else it is stays as it is, for the field to judge."""
    if not isinstance(value, str):
        return value
    digits = value.strip()
    if len(digits) in (12, 14) and digits.isascii() and digits.isdigit():
        seconds = digits[12:] or "00"
        return f"{digits[:4]}-{digits[4:6]}-{digits[6:8]}T{digits[8:10]}:{digits[10:12]}:{seconds}+08:00"
    return value


def date_of(value: Any) -> Any:
    """The date with hyphens of 8 digits; whatever else it is stays as it is, for the field to judge."""
    if not isinstance(value, str):
        return value
    digits = value.strip()
    if len(digits) == 8 and digits.isascii() and digits.isdigit():
        return f"{digits[:4]}-{digits[4:6]}-{digits[6:]}"
    return value
