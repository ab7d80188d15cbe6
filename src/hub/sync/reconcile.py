"""Reconciliation 对账: compares what the hub believes delivered with what a target holds, and resends what is missing."""

from collections.abc import Callable, Iterator, Sequence, Sized
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import bindparam, insert, select, update

from hub.db import Database
from hub.ledger.outcomes import next_number
from hub.ledger.tables import Audit, Delivery
from hub.moments import now
from hub.schemas.kind import kinds
from hub.sync import believed
from hub.sync.holdings import GROUP, MOST_BUCKETS, NOTHING, SIZE, Holdings, Sum
from hub.sync.overtaken import overtaken
from hub.sync.target import Target

RUN = 10
"""Buckets in a row that are compared item by item with one question."""

RESENT_AT_ONCE = 500

Why = Literal["not in the ledger", "not for this target", "rejected", "parked"]


@dataclass(frozen=True, slots=True)
class Surplus:
    """A position that the target holds and, as the hub sees it, should not."""

    position: int
    why: Why


@dataclass(slots=True)
class Report:
    """What a reconciliation found; positions rise.

    `unconfirmed` are held by the target although their outcome has not reached the hub yet: they are sent again and
    answered as duplicates. `undelivered` counts versions that the hub itself does not call delivered, by state: `pending`
    are those of which no outcome is stored, be they retried. Neither is a difference; `unknown` is: those were taken in, and the target never said what it decided. Of those, `overtaken`
    are not sent again: a later version of the record is at the target or on its way there, and would be undone.
    """

    target: str
    first: int
    last: int
    agreed: int = 0
    requests: int = 0
    missing: list[int] = field(default_factory=list)
    different: list[int] = field(default_factory=list)
    repeated: list[int] = field(default_factory=list)
    surplus: list[Surplus] = field(default_factory=list)
    unknown: list[int] = field(default_factory=list)
    overtaken: list[int] = field(default_factory=list)
    unconfirmed: list[int] = field(default_factory=list)
    undelivered: dict[str, int] = field(default_factory=dict)
    resent: list[int] = field(default_factory=list)

    @property
    def remaining(self) -> int:
        """How many differences there are that nothing was done about."""
        lists: tuple[Sized, ...] = (self.missing, self.unknown, self.different, self.repeated, self.surplus)
        return sum(map(len, lists)) - len(self.resent)

    @property
    def repairable(self) -> list[int]:
        """What is to be sent again: what the target lost, and what it never decided unless that is overtaken."""
        return sorted({*self.missing, *self.unknown} - set(self.overtaken))


async def reconcile(
    database: Database,
    target: Target,
    holdings: Holdings,
    first: int,
    last: int,
    progress: Callable[[int, int], None],
) -> Report:
    """Compare the positions from `first` to `last`, both included; `progress(done, all)` is told on the way.

    The hub is read before the target is asked, so a version whose outcome is stored meanwhile is never missing. Raises
    `NoAnswer` or `Unreadable` where the target does not tell.
    """
    report = Report(target.name, first, last)
    for start, end in _parts(first, last, GROUP * MOST_BUCKETS):
        mine = await believed.sums(database, target.name, start, end)
        groups = _grouped(mine)
        theirs = await holdings.sums(start, end, GROUP)
        for group_first, group_last in _parts(start, end, GROUP):
            number = (group_first - 1) // GROUP
            ours = groups.get(number, NOTHING)
            if ours == theirs.get(number, NOTHING):
                report.agreed += ours.count
            else:
                held = await holdings.sums(group_first, group_last, SIZE)
                for run_first, run_last in _differing(group_first, group_last, mine, held, report):
                    await _compare(database, target, holdings, run_first, run_last, report)
            progress(group_last - first + 1, last - first + 1)
    pending = await believed.pending(database, target, first, last)
    undelivered = await believed.undelivered(database, target.name, first, last)
    report.unknown = undelivered.get("unknown", [])
    async with database.reading() as connection:
        # What is sent again itself comes behind them, in order.
        again = {*report.missing, *report.unknown}
        report.overtaken = await overtaken(connection, target.name, report.unknown, but=again)
    report.undelivered = {state: len(positions) for state, positions in undelivered.items()}
    report.undelivered |= {"pending": pending} if pending else {}
    report.requests = holdings.requests
    return report


async def resend(database: Database, target: str, positions: Sequence[int], actor: str) -> list[int]:
    """Have versions sent again, now; the positions whose rows still said `delivered` or `unknown`.

    The reason stays in the rows until they are delivered again, and for ever in the audit, with the lost receipts.
    """
    resent: list[int] = []
    for start in range(0, len(positions), RESENT_AT_ONCE):
        some = positions[start : start + RESENT_AT_ONCE]
        async with database.transaction() as connection:
            number = await next_number(connection)
            found = select(Delivery.position, Delivery.receipt).where(
                Delivery.target == target, Delivery.position.in_(some), Delivery.state.in_(("delivered", "unknown"))
            )
            if connection.dialect.name == "postgresql":
                found = found.with_for_update()
            rows = (await connection.execute(found.order_by(Delivery.position))).all()
            if not rows:
                continue
            moment = now()
            reasons = [
                f"对账补发 the target does not hold it (any more); its receipt was {row.receipt}" for row in rows
            ]
            changed = [
                {"at_position": row.position, "reason": reason, "sequence": number + index}
                for index, (row, reason) in enumerate(zip(rows, reasons, strict=True))
            ]
            again = {"state": "waiting", "next_try": moment, "updated_at": moment, "tries": 0}
            statement = update(Delivery).where(Delivery.target == target, Delivery.position == bindparam("at_position"))
            values: dict[str, Any] = {"reason": bindparam("reason"), "sequence": bindparam("sequence")}
            await connection.execute(statement.values(again | values), changed)
            noted = [
                {"at": moment, "actor": actor, "action": "delivery.resend", "detail": reason}
                | {"subject": f"{target}/{row.position}"}
                for row, reason in zip(rows, reasons, strict=True)
            ]
            await connection.execute(insert(Audit), noted)
        resent += [row.position for row in rows]
    return resent


def _parts(first: int, last: int, size: int) -> Iterator[tuple[int, int]]:
    """The range cut at the multiples of `size`."""
    while first <= last:
        end = min(last, (first - 1) // size * size + size)
        yield first, end
        first = end + 1


def _grouped(sums: dict[int, Sum]) -> dict[int, Sum]:
    found: dict[int, Sum] = {}
    for number, each in sums.items():
        group = number * SIZE // GROUP
        found[group] = found.get(group, NOTHING) + each
    return found


def _differing(
    first: int, last: int, mine: dict[int, Sum], held: dict[int, Sum], report: Report
) -> list[tuple[int, int]]:
    """The runs of buckets that differ, as ranges of positions; what agrees is counted."""
    runs: list[tuple[int, int]] = []
    for start, end in _parts(first, last, SIZE):
        number = (start - 1) // SIZE
        if mine.get(number, NOTHING) == held.get(number, NOTHING):
            report.agreed += mine.get(number, NOTHING).count
        elif runs and runs[-1][1] == start - 1 and end - runs[-1][0] < RUN * SIZE:
            runs[-1] = runs[-1][0], end
        else:
            runs.append((start, end))
    return runs


async def _compare(
    database: Database, target: Target, holdings: Holdings, first: int, last: int, report: Report
) -> None:
    """Compare a run item by item."""
    ours = await believed.items(database, target.name, first, last)
    theirs = await holdings.items(first, last)
    unexplained = sorted(theirs.keys() - ours.keys())
    # Looked up after the target was asked: what has arrived meanwhile is delivered by now, or on its way.
    known = await believed.known(database, target.name, unexplained)
    report.missing += sorted(ours.keys() - theirs.keys())
    digests = ours | {position: each.digest for position, each in known.items()}
    for position in sorted(theirs):
        held = theirs[position]
        if len(held) > 1:
            report.repeated.append(position)
        if position in digests and any(digest != digests[position] for digest in held):
            report.different.append(position)
        elif position in ours:
            report.agreed += len(held) == 1
        elif (why := _why_not(target, known.get(position))) is not None:
            report.surplus.append(Surplus(position, why))
        elif known[position].state != "delivered":
            report.unconfirmed.append(position)


def _why_not(target: Target, version: believed.Known | None) -> Why | None:
    """Why a target should not hold a version, if it should not."""
    if version is None:
        return "not in the ledger"
    if not target.wants(kinds()[version.kind]):
        return "not for this target"
    match version.state:
        case "rejected" | "parked" as state:
            return state
    return None


def whole(head: int) -> tuple[int, int]:
    """The range of a ledger with this head, and what a target might hold behind it: whole groups, one of them empty."""
    return 1, (head // GROUP + 2) * GROUP


def ranges(positions: Sequence[int]) -> list[tuple[int, int]]:
    """Rising positions as ranges, both ends included."""
    found: list[tuple[int, int]] = []
    for position in positions:
        if found and found[-1][1] == position - 1:
            found[-1] = found[-1][0], position
        else:
            found.append((position, position))
    return found
