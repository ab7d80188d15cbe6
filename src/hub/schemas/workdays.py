"""Working days: weekdays but for statutory holidays, and the weekend days that are worked to make up for them."""

from collections.abc import Iterable, Mapping
from datetime import date
from importlib import resources
from itertools import accumulate, compress, count
from typing import Any, Literal

from pydantic import Field

from hub.schemas.rules import Rule, Ruled, rule
from hub.schemas.types import Date, ShortText

CALENDAR_YEAR = Rule("calendar-year", "日期须在该日历年度内：{days}", "days outside the calendar's year: {days}")
CALENDAR_BOTH = Rule("calendar-both", "同一天不能既放假又上班：{days}", "days that are both off and worked: {days}")
CALENDAR_MAKE_UP = Rule(
    "calendar-make-up", "调休上班日须为周六或周日：{days}", "make-up days that are no Saturday or Sunday: {days}"
)

FIRST, LAST = date(2001, 1, 1).toordinal(), date(2099, 12, 31).toordinal()
"""The days that are looked up, from a Monday on; on those outside every weekday counts as a working day."""

_WEEK = b"\1\1\1\1\1\0\0"

FIXED = ((1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3))
"""The statutory holidays with a fixed date, as month and day (全国年节及纪念日放假办法, 2024)."""


class Calendar(Ruled):
    """放假安排 of a year: the days off and the weekend days that are worked, by the State Council's notice."""

    year: int = Field(ge=2001, le=2099)
    status: Literal["official", "provisional"]
    """Provisional until the notice for the year is there: its statutory holidays only."""
    source: ShortText
    """The notice, or what the days were computed from."""
    off: list[Date] = Field(max_length=100)
    work: list[Date] = Field(max_length=100)

    @rule(at="off")
    def days_off_are_of_the_year(self) -> Any:
        return _unless_none(CALENDAR_YEAR, (day for day in self.off if day.year != self.year))

    @rule(at="work")
    def days_worked_are_of_the_year(self) -> Any:
        return _unless_none(CALENDAR_YEAR, (day for day in self.work if day.year != self.year))

    @rule(at="work")
    def no_day_is_both(self) -> Any:
        return _unless_none(CALENDAR_BOTH, set(self.off) & set(self.work))

    @rule(at="work")
    def make_up_days_are_weekend_days(self) -> Any:
        return _unless_none(CALENDAR_MAKE_UP, (day for day in self.work if day.weekday() < 5))


def _unless_none(broken: Rule, days: Iterable[date]) -> Any:
    named = ", ".join(sorted(day.isoformat() for day in days))
    return broken(days=named) if named else None


class Workdays:
    """The working days of a set of calendars, by proleptic ordinals (`date.toordinal`): each question is a look-up.

    A year without a calendar is computed from weekends and the fixed statutory holidays, and is provisional.
    """

    def __init__(self, calendars: Iterable[Calendar]) -> None:
        known = {calendar.year: calendar for calendar in calendars}
        works = bytearray(_WEEK * ((LAST - FIRST) // 7 + 1))[: LAST - FIRST + 1]
        for year in range(date.fromordinal(FIRST).year, date.fromordinal(LAST).year + 1):
            calendar = known.get(year)
            for day in _computed_off(year) if calendar is None else calendar.off:
                works[day.toordinal() - FIRST] = False
            for day in calendar.work if calendar is not None else ():
                works[day.toordinal() - FIRST] = True
        self._works = works
        self._days = list(compress(range(FIRST, LAST + 1), works))
        self._until = list(accumulate(works))
        official = sorted(calendar.year for calendar in known.values() if calendar.status == "official")
        self._official = [(date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()) for year in official]

    def works(self, day: int) -> bool:
        """Whether `day` is a working day."""
        return bool(self._works[day - FIRST]) if FIRST <= day <= LAST else _is_weekday(day)

    def add(self, day: int, n: int) -> int:
        """The n-th working day after `day`, or before it where n is negative; `day` itself where n is 0."""
        if FIRST <= day <= LAST and n:
            at = self._until[day - FIRST] + n - 1 if n > 0 else self._before(day) + n
            if 0 <= at < len(self._days):
                return self._days[at]
        step = 1 if n > 0 else -1
        while n and date.min.toordinal() < day < date.max.toordinal():
            day += step
            n -= step * self.works(day)
        return day

    def between(self, start: int, end: int) -> int:
        """How many working days there are after `start` up to and including `end`, 0 where it is not later."""
        if end <= start:
            return 0
        return self._up_to(end) - self._up_to(start)

    def next(self, day: int) -> int:
        """`day` if it is a working day, else the first one after it."""
        return day if self.works(day) else self.add(day, 1)

    def provisional(self, first: int, last: int) -> bool:
        """Whether a day from `first` to `last`, in either order, lies in a year whose calendar is not official."""
        if last < first:
            first, last = last, first
        for begin, end in self._official:
            if begin <= first <= end:
                if last <= end:
                    return False
                first = end + 1
        return True

    def _before(self, day: int) -> int:
        return self._until[day - FIRST - 1] if day > FIRST else 0

    def _up_to(self, day: int) -> int:
        """A number that rises by one with every working day."""
        if day < FIRST:
            return _weekdays(day) - _weekdays(FIRST - 1)
        if day > LAST:
            return self._until[-1] + _weekdays(day) - _weekdays(LAST)
        return self._until[day - FIRST]


def _is_weekday(day: int) -> bool:
    return (day - 1) % 7 < 5  # Ordinal 1 was a Monday.


def _weekdays(day: int) -> int:
    """How many weekdays there are from ordinal 1 to `day`."""
    weeks, rest = divmod(day, 7)
    return 5 * weeks + min(rest, 5)


def _computed_off(year: int) -> set[date]:
    """The fixed holidays, and for each that falls on a weekend the next weekday that is free (放假办法 第六条)."""
    fixed = [date(year, month, day) for month, day in FIXED]
    off = set(fixed)
    for day in fixed:
        if day.weekday() >= 5:
            off.add(next(d for d in map(date.fromordinal, count(day.toordinal())) if d.weekday() < 5 and d not in off))
    return off


def shipped() -> Mapping[int, Calendar]:
    """The calendars that come with the program, by year."""
    files = resources.files("hub.schemas").joinpath("calendars").iterdir()
    found = [Calendar.model_validate_json(file.read_bytes()) for file in files if file.name.endswith(".json")]
    return {calendar.year: calendar for calendar in sorted(found, key=lambda calendar: calendar.year)}


_current = Workdays(shipped().values())


def workdays() -> Workdays:
    """The working days as this process knows them now."""
    return _current


def use(calendars: Iterable[Calendar]) -> None:
    """From now on these calendars hold in this process, each instead of the shipped one of its year."""
    global _current
    _current = Workdays({**shipped(), **{calendar.year: calendar for calendar in calendars}}.values())


def is_working(day: date) -> bool:
    """Whether `day` is a working day."""
    return _current.works(day.toordinal())


def add_working_days(day: date, n: int) -> date:
    """The n-th working day after `day`, which is not counted; before it where n is negative, `day` where n is 0."""
    return date.fromordinal(_current.add(day.toordinal(), n))


def working_days_between(start: date, end: date) -> int:
    """How many working days there are after `start` up to and including `end`, 0 where `end` is not later."""
    return _current.between(start.toordinal(), end.toordinal())


def next_working(day: date) -> date:
    """`day` if it is a working day, else the first one after it."""
    return date.fromordinal(_current.next(day.toordinal()))


def provisional(day_from: date, day_to: date) -> bool:
    """Whether a day from the one to the other lies in a year whose calendar is not official yet."""
    return _current.provisional(day_from.toordinal(), day_to.toordinal())
