"""The legal clock: by when a version had to be disclosed, and how late it was."""

from calendar import monthrange
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta, timezone
from functools import cache, lru_cache
from typing import Any, NamedTuple

import orjson

from hub.schemas.clocks import CHANGED, FORMED, AfterMonth, Ahead, Clock, SameDay, Within
from hub.schemas.kind import Kind
from hub.schemas.workdays import Workdays, workdays

BEIJING = timezone(timedelta(hours=8))
"""The time by which the law counts days."""

_UNIX_EPOCH = date(1970, 1, 1).toordinal()
_LAST_DAY = date.max.toordinal()

Limit = Callable[[Workdays, int], int]
"""`limit(workdays, event)`: the last day in time, both as proleptic ordinals."""


class Due(NamedTuple):
    """The clock that decides on a version: the last day in time, and how many calendar days late it was (0: in time).

    `id` and `basis` are the clock's and name the law. `provisional` says that a clock of the kind counted days of a
    year whose calendar is not official yet, so that the notice for that year may change the answer.
    """

    on: date
    days_late: int
    id: str
    basis: str
    provisional: bool

    def member(self) -> bytes:
        """The due date as a JSON object, as receipts and entries of the feed show it."""
        return orjson.dumps(
            {
                "on": self.on,
                "days_late": self.days_late,
                "clock": self.id,
                "basis": self.basis,
                "provisional": self.provisional,
            }
        )


def due_of(
    kind: type[Kind], document: Mapping[str, Any], received_on: date, clocks: tuple[Clock, ...] | None = None
) -> Due | None:
    """What the clocks of a kind say of a submission, None where none of them runs.

    `document` is a valid submission as parsed JSON, `received_on` the day by Beijing time on which the hub got it;
    `clocks` are judged instead of the kind's own where they are given.
    Every clock is judged; the one that is most days late decides, and of those that are as late, or all in time, the
    one that ends first. Who disclosed late is told so however much later that was shared: a clock that is judged by the
    receipt decides only where none of the others is late. Of a correction a limit counts from the change where that is later than the event.
    """
    known = workdays()
    body = document["body"]
    changed = document.get("changed_at")
    formed = changed or document["formed_at"]
    changed_on = day_of(changed) if changed else 0
    published = day_of(document["publication"]["published_at"])
    received = received_on.toordinal()
    found: tuple[int, int, Clock] | None = None
    disclosed_late = False
    unsure = False
    for step in _steps(kind) if clocks is None else _steps_of(clocks):
        if step.where is not None and body.get(step.where[0]) != step.where[1]:
            continue
        text = formed if step.from_formed else _value(document if step.outside else body, step.path)
        if text is None:
            if step.ahead or step.of_change:
                continue
            text = formed
        event = day_of(text)
        if step.moves and event < changed_on:
            event = changed_on  # A correction is due counting from the change, not from what was corrected.
        on = step.limit(known, event)
        late = (received if step.by_receipt else published) - on
        if late < 0:
            late = 0
        unsure = unsure or (step.counts_workdays and known.provisional(event, on))
        if late and not step.by_receipt and not disclosed_late:
            found, disclosed_late = None, True
        elif disclosed_late and step.by_receipt:
            continue
        if found is None or late > found[0] or (late == found[0] and on < found[1]):
            found = late, on, step.clock
    if found is None:
        return None
    late, on, clock = found
    return Due(date.fromordinal(on), late, clock.id, clock.basis, unsure)


def day_of(text: str) -> int:
    """The ordinal of the day, by Beijing time, of a date or an instant as it stands in a valid document."""
    if len(text) == 10 or text.endswith("+08:00"):
        return _ordinal(text[:10])
    try:
        return datetime.fromisoformat(text).astimezone(BEIJING).toordinal()
    except OverflowError:  # The first or the last day that there is, seen from elsewhere.
        return _ordinal(text[:10])


@lru_cache(4096)
def _ordinal(day: str) -> int:
    return date.fromisoformat(day).toordinal()


def beijing_day(moment: int) -> date:
    """The day by Beijing time of a moment in microseconds UTC."""
    return date.fromordinal(_UNIX_EPOCH + (moment + 28_800_000_000) // 86_400_000_000)


class _Step(NamedTuple):
    """A clock made ready: where its event stands in a document, and how its limit follows from the event."""

    clock: Clock
    from_formed: bool
    outside: bool
    path: tuple[str, ...]
    ahead: bool
    of_change: bool
    where: tuple[str, str] | None
    moves: bool
    by_receipt: bool
    counts_workdays: bool
    limit: Limit


@cache
def _steps(kind: type[Kind]) -> tuple[_Step, ...]:
    return _steps_of(kind.clocks)


@cache
def _steps_of(clocks: tuple[Clock, ...]) -> tuple[_Step, ...]:
    return tuple(
        _Step(
            clock=clock,
            from_formed=clock.of == FORMED,
            outside=clock.of.startswith("/"),
            path=tuple(clock.of.strip("/").split("/")),
            ahead=isinstance(clock, Ahead),
            of_change=clock.of == CHANGED,
            where=clock.where,
            moves=isinstance(clock, (Within, AfterMonth)),
            by_receipt=clock.judged == "received",
            counts_workdays=not isinstance(clock, SameDay) and not (isinstance(clock, Ahead) and not clock.working),
            limit=_limit(clock),
        )
        for clock in clocks
    )


def _value(place: Mapping[str, Any], path: tuple[str, ...]) -> str | None:
    value: Any = place
    for step in path:
        value = value.get(step)
        if value is None:
            return None
    return str(value)


def _limit(clock: Clock) -> Limit:
    match clock:
        case Within(days=days, working=True):
            return lambda known, event: known.add(event, days)
        case Within(days=days):
            return lambda known, event: known.next(min(event + days, _LAST_DAY))
        case Ahead(days=days, working=True):
            return lambda known, event: known.add(event, -days)
        case Ahead(days=days):
            return lambda _, event: max(event - days, 1)
        case AfterMonth(days=days):
            return lambda known, event: known.add(_month_end(event), days)
        case SameDay():
            return lambda _, event: event
    raise TypeError(f"no limit follows from {clock}")


def _month_end(day: int) -> int:
    moment = date.fromordinal(day)
    return day - moment.day + monthrange(moment.year, moment.month)[1]
