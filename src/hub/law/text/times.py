"""Times as notices write them become RFC 3339 in Beijing time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from re import Match, finditer
from re import compile as pattern

from hub.law.text.plain import half_width, spaced

BEIJING = timezone(timedelta(hours=8))
FIRST_YEAR, LAST_YEAR = 1990, 2099
"""Years outside of these are no dates of a notice."""

_CLOCK = (
    r"(?:\s*(?:T\s*)?(?P<half>上午|下午|晚上|中午|早上)?\s*(?P<hour>\d{1,2})\s*(?::|时|点)\s*"
    r"(?:(?P<thirty>半)|(?P<minute>\d\s?\d|\d)?\s*(?:(?::|分)\s*(?P<second>\d{2})?)?)?)?"
)
_NUMERIC = pattern(
    r"(?<!\d)(?P<year>\d{4})\s*(?:年|-|/|\.)\s*(?P<month>\d{1,2})\s*(?:月|-|/|\.)\s*(?P<day>\d{1,2})(?!\d)\s*(?:日|号)?"
    r"(?:\s*[（(](?:星期|周)[一二三四五六日天][）)])?" + _CLOCK
)
_ENGLISH = pattern(
    r"(?P<name>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}\.?\s+(?P<day>\d{1,2}),?\s+(?P<year>\d{4})(?!\d)"
    r"(?:,?\s+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?\s*(?P<half>AM|PM)?)?"
)
_COMPACT = pattern(
    r"\s*(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})(?:(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})?)?\s*"
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_AFTERNOON = frozenset({"下午", "晚上", "PM"})
_NOON = "中午"
_LAST_AT_NOON = 3
"""中午1点 is 13:00, 中午11点 is 11:00."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A day, with the time of day where the notice gives it."""

    day: date
    clock: time | None

    def at(self) -> datetime:
        """The moment in Beijing time; the day's first where no time of day is given."""
        return datetime.combine(self.day, self.clock or time(), BEIJING)

    def last(self) -> datetime:
        """The moment in Beijing time; the day's last second where no time of day is given."""
        return datetime.combine(self.day, self.clock or time(23, 59, 59), BEIJING)

    def day_end(self) -> datetime:
        """The moment; where no time of day is given the end of the day, which is the next day's first moment."""
        return self.at() if self.clock else self.at() + timedelta(days=1)


def moments(text: str) -> Iterator[Moment]:
    """Every date of the text, with its time of day, in the order of the text."""
    plain = spaced(text)
    found = [*_NUMERIC.finditer(plain), *_ENGLISH.finditer(plain)]
    for match in sorted(found, key=lambda match: match.start()):
        moment = _moment(match)
        if moment is not None:
            yield moment


def moment(text: str) -> Moment | None:
    """The first date of the text, or the date that the whole text is, e.g. `20260316093000`."""
    compact = _COMPACT.fullmatch(half_width(text))
    return (_moment(compact) if compact else None) or next(moments(text), None)


def moments_after(text: str, words: str, within: int = 60) -> list[Moment]:
    """The dates in so many characters after the pattern `words`, where it is first followed by any; else none."""
    for found in finditer(words, text):
        near = list(moments(text[found.end() : found.end() + within]))
        if near:
            return near
    return []


def rfc3339(moment: datetime) -> str:
    """The moment as the wire wants it, e.g. `2026-11-20T09:30:00+08:00`."""
    return moment.astimezone(BEIJING).isoformat(timespec="seconds")


def _moment(match: Match[str]) -> Moment | None:
    parts = match.groupdict()
    month = _MONTHS.index(parts["name"]) + 1 if parts.get("name") else int(parts["month"])
    try:
        day = date(int(parts["year"]), month, int(parts["day"]))
    except ValueError:
        return None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        return None
    if parts["hour"] is None:
        return Moment(day, None)
    hour, minute, second = (int("".join((parts[name] or "0").split())) for name in ("hour", "minute", "second"))
    half = parts.get("half")
    if parts.get("thirty"):
        minute = 30
    if (half in _AFTERNOON and hour < 12) or (half == _NOON and 0 < hour <= _LAST_AT_NOON):
        hour += 12
    elif half == "AM" and hour == 12:
        hour = 0
    if (hour, minute, second) == (24, 0, 0):
        return Moment(day + timedelta(days=1), time())
    if hour > 23 or minute > 59 or second > 59:
        return Moment(day, None)
    return Moment(day, time(hour, minute, second))
