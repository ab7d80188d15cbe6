"""What is kept beside the versions, made anew from them: heads of records, due dates, the index of parties, epochs."""

from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import bindparam, func, literal, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from hub.law.duplicates import content_of
from hub.ledger.epochs import BEGUN, begun_as_noted, told_epochs
from hub.ledger.tables import Audit, Record, Version, VersionParty
from hub.schemas.submission import edition_of

WINDOW = 500

AT_ONCE = 5000
"""The most keys that are looked up together."""

Findings = list[tuple[int | None, str]]
"""What is not as it should be, each with the position that it is about; None where it is about none."""

_SAME = ("number", "data_timestamp", "thread", "region", "state", "digest")
"""The columns in which a record is as its current version."""


async def head_findings(connection: AsyncConnection) -> Findings:
    """Every record is at its newest version, and says of it what that says of itself."""
    later = aliased(Version)
    newer = select(later.position).where(later.record == Record.id, later.data_timestamp > Version.data_timestamp)
    wrong = (
        select(Record.id, Record.position)
        .outerjoin(Version, Version.position == Record.position)
        .where(
            or_(
                Version.position.is_(None),
                Version.record != Record.id,
                *(getattr(Version, name) != getattr(Record, name) for name in _SAME),
                newer.exists(),
            )
        )
        .limit(100)
    )
    findings: Findings = [
        (row.position, f"the record's head at {row.position} is not its newest version")
        for row in (await connection.execute(wrong)).all()
    ]
    after = 0
    while rows := (await connection.execute(_HEADS, {"after": after})).all():
        findings += [(row.position, what) for row in rows for what in _head_faults(row)]
        after = rows[-1].id
    return findings


_HEADS = (
    select(
        Record.id,
        Record.position,
        Record.platform,
        Record.kind,
        Record.data_key,
        Record.due_on,
        Record.days_late,
        Record.provisional,
        Record.due_now,
        Record.content,
        Version.header,
        Version.document,
    )
    .join(Version, Version.position == Record.position)
    .where(Record.id > bindparam("after"))
    .order_by(Record.id)
    .limit(WINDOW)
)


def _head_faults(head: Any) -> list[str]:
    """What a record does not have from the version that it is at."""
    try:
        header, document = orjson.loads(b"{" + head.header + b"}"), orjson.loads(head.document)
        named = str(header["record"])
        content = _content_of(named, document)
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
        return ["the record's version cannot be read"]
    faults = []
    if f"{head.platform}/{head.kind}/{head.data_key}" != named:
        faults.append(f"the record is kept as {head.platform}/{head.kind}/{head.data_key}, its version is of {named}")
    if head.content != content:
        faults.append("the record's hash of its content is not that of its version")
    if (head.due_on, head.days_late, head.provisional) != _due_in(head.due_now, header):
        faults.append("the record's due date is not that of its version")
    return faults


def _content_of(record: str, document: Any) -> int | None:
    if "withdrawal" in document:
        return None
    body = document["body"]
    canonical = orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
    return content_of(edition_of(document), record.split("/", 1)[0], body, canonical)


def _due_in(due_now: bytes | None, header: Any) -> tuple[str | None, int, bool] | None:
    """The columns that follow from a due date as it is shown; None where it cannot be read."""
    try:
        due = header["due"] if due_now is None else orjson.loads(due_now)
        return (None, 0, False) if due is None else (due["on"], due["days_late"], due["provisional"])
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return None


async def lacking_parties(connection: AsyncConnection, versions: Sequence[Any]) -> Findings:
    """Where the index of parties lacks what a version names: the feed's filter would leave it out."""
    named = [(code, version.position) for version in versions for code in (version.parties or "").split()]
    missing = set(named)
    for start in range(0, len(named), AT_ONCE):
        key = tuple_(VersionParty.code, VersionParty.position)
        found = await connection.execute(
            select(VersionParty.code, VersionParty.position).where(key.in_(named[start : start + AT_ONCE]))
        )
        missing -= {(code, position) for code, position in found}
    return [(position, f"the index of parties lacks {code}") for code, position in sorted(missing)]


async def surplus_parties(connection: AsyncConnection) -> Findings:
    """Where the index of parties has what no version names: the feed's filter would show what is not the party's."""
    place = func.strpos if connection.dialect.name == "postgresql" else func.instr
    blank = literal(" ")
    named = place(blank + Version.parties + blank, blank + VersionParty.code + blank)
    surplus = (
        select(VersionParty.position, VersionParty.code)
        .outerjoin(Version, Version.position == VersionParty.position)
        .where(or_(Version.parties.is_(None), named == 0))
        .limit(100)
    )
    rows = (await connection.execute(surplus)).all()
    return [(row.position, f"the index of parties has {row.code}, which the version does not name") for row in rows]


async def epoch_findings(connection: AsyncConnection, head: int) -> Findings:
    """Every epoch is as it was noted when it was begun, and begins within the ledger."""
    noted = select(Audit.subject, Audit.at, Audit.detail).where(Audit.action == BEGUN)
    notes = {row.subject: (row.at, row.detail) for row in await connection.execute(noted)}
    findings: Findings = []
    epochs = await told_epochs(connection)
    for number, epoch in enumerate(epochs, 1):
        about = f"epoch {epoch.number}, which began behind {epoch.began_after},"
        at, detail = notes.pop(str(epoch.number), (None, ""))
        if epoch.number != number:
            findings.append((epoch.began_after + 1, f"{about} is not the one that follows"))
        elif not begun_as_noted(epoch, at, detail):
            findings.append((epoch.began_after + 1, f"{about} was noted otherwise when it was begun: {detail!r}"))
        elif epoch.began_after > head:
            findings.append((head + 1, f"{about} begins beyond the head {head}"))
    return findings + [(None, f"epoch {number} was begun, and is not there") for number in notes]
