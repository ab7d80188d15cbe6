"""Dates and instants: RFC 3339 only, and no time without its offset."""

from datetime import date, datetime, timedelta, timezone
from re import fullmatch, sub
from typing import Annotated, Any
from unicodedata import normalize

from pydantic_core import core_schema

from hub.schemas.rules import Rule
from hub.schemas.types.shape import Shape

_DAY = r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})"
_COMPACT_DAY = r"(\d{4})(\d{2})(\d{2})"
_COMPACT = r"(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})?"
_SPACED = (
    _DAY + r"[ Tt]+(上午|下午)?(\d{1,2}):(\d{2})(?::(\d{2})(\.\d{1,6})?)?"
    r" ?(Z|z|[+-]\d{2}:?\d{2})?"
)
BEIJING = "+08:00"
_BEIJING_TIME = timezone(timedelta(hours=8))


def repair_date(value: Any) -> str | None:
    """The date of `20261120`, `2026/11/20` or `2026年11月20日` as `2026-11-20`; None where it is no whole date."""
    plain = _plain(value)
    if found := fullmatch(_COMPACT_DAY, plain):
        year, month, day = found.groups()
    elif found := fullmatch(_DAY, plain):
        year, _, month, day = found.groups()
    else:
        return None
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return None


def repair_instant(value: Any) -> str | None:
    """The instant of `20261120093000`, `2026-11-20 09:30:00` or a time without offset, taken as Beijing time.

    None where it may be another one: 上午12:30 is noon to some and midnight to others, 09:30-17:00 is a period.
    """
    plain = _plain(value)
    if found := fullmatch(_COMPACT, plain):
        year, month, day, hour, minute, second = found.groups()
        fraction, offset = "", BEIJING
    elif found := fullmatch(_SPACED, plain):
        year, _, month, day, half, hour, minute, second, fraction, offset = found.groups()
        offset = _offset(offset)
        if (half == "上午" and int(hour) >= 12) or (half == "下午" and int(hour) == 0):
            return None
        if offset.startswith("-") and second is None:
            return None
        if half == "下午" and int(hour) < 12:
            hour = str(int(hour) + 12)
    else:
        return None
    text = f"{year}-{month:0>2}-{day:0>2}T{hour:0>2}:{minute}:{second or '00'}{fraction or ''}{offset}"
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return None
    return text


def _plain(value: Any) -> str:
    """Half-width, with the marks 年月日时分秒 as hyphens, spaces and colons; empty where the value is no text."""
    if not isinstance(value, str):
        return ""
    plain = sub(r"[年月]", "-", normalize("NFKC", value).strip())
    plain = sub(r"日 *", " ", plain)
    plain = sub(r"秒|整", "", sub(r" *(上午|下午) *", r" \1", plain))
    # 9时 is nine sharp; 9: is a time that was cut off.
    plain = sub(r"[时点](?!\d)", ":00", sub(r"分(?!\d)", "", plain))
    return sub(r"[时点分]", ":", plain).strip()


def _offset(given: str | None) -> str:
    if given is None:
        return BEIJING
    return given.upper() if len(given) != 5 else f"{given[:3]}:{given[3:]}"


DATE = Rule(
    "date-format",
    "须为“年-月-日”格式的真实日期，如 2026-11-20",
    'A date is written "YYYY-MM-DD" and exists in the calendar, e.g. 2026-11-20.',
    repair_date,
)
INSTANT = Rule(
    "instant-format",
    "须为带时区的 RFC 3339 时间，如 2026-11-20T09:30:00+08:00",
    "A time is RFC 3339 with its offset, e.g. 2026-11-20T09:30:00+08:00.",
    repair_instant,
)

Date = Annotated[
    date,
    Shape(
        r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
        DATE,
        into=core_schema.custom_error_schema(
            core_schema.date_schema(), custom_error_type=DATE.id, custom_error_message=DATE.en
        ),
        shown={"format": "date", "examples": ["2026-11-20"]},
    ),
]
"""A calendar day, `YYYY-MM-DD` on the wire."""

Instant = Annotated[
    datetime,
    Shape(
        r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})$",
        INSTANT,
        into=core_schema.custom_error_schema(
            core_schema.datetime_schema(tz_constraint="aware"),
            custom_error_type=INSTANT.id,
            custom_error_message=INSTANT.en,
        ),
        shown={"format": "date-time", "examples": ["2026-11-20T09:30:00+08:00"]},
    ),
]
"""A point in time, RFC 3339 with offset on the wire, an aware datetime in Python."""


def beijing_time(moment: datetime) -> datetime:
    """An instant by Beijing time; as it is written where its day is the first or the last that there is."""
    try:
        return moment.astimezone(_BEIJING_TIME)
    except OverflowError:
        return moment


def beijing_day(moment: datetime) -> date:
    """The day of an instant by Beijing time."""
    return beijing_time(moment).date()
