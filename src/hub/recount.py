"""Recount: due dates that were provisional are worked out again once the calendar of a year is there."""

from collections.abc import Callable
from typing import Any

import orjson

from hub.db import Database
from hub.law.clock import beijing_day, due_of
from hub.law.local_rules import LocalRules
from hub.ledger.due import Judged, NewDue, count_provisional, provisional_ones, set_due
from hub.schemas.submission import edition_of

BATCH = 200
"""Records in one transaction: appends wait for no longer than that takes."""


async def recount(database: Database, rules: LocalRules, progress: Callable[[int, int], None]) -> int:
    """Set every provisional due date anew by the calendars of this process; returns how many are another day now.

    `rules` are the local rules that make limits shorter. `progress(done, all)` is called per batch.
    """
    async with database.reading() as connection:
        total = await count_provisional(connection)
    done = moved = after = 0
    while True:
        async with database.reading() as connection:
            found = await provisional_ones(connection, after=after, limit=BATCH)
        if not found:
            return moved
        judged = [_judged(one, rules) for one in found]
        async with database.transaction() as connection:
            await set_due(connection, [due for due, _ in judged])
        moved += sum(other_day for _, other_day in judged)
        done, after = done + len(found), found[-1].id
        progress(done, max(total, done))


def _judged(one: Judged, rules: LocalRules) -> tuple[NewDue, bool]:
    """The due date by the calendars of now, and whether it is another day than the header says."""
    document: dict[str, Any] = orjson.loads(one.document)
    said = orjson.loads(b"{" + one.header + b"}")["due"]
    kind = edition_of(document)
    due = due_of(kind, document, beijing_day(one.received_at), rules.on(kind, document).clocks)
    if due is None:
        return NewDue(one.id, one.position, None, 0, False, None), False
    member = due.member()
    due_now = None if orjson.loads(member) == said else member
    on = due.on.isoformat()
    return NewDue(one.id, one.position, on, due.days_late, due.provisional, due_now), on != said["on"]
