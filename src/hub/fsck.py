"""fsck: read everything that is stored and say the first position that is not as it should be."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from math import inf
from typing import Any

import orjson
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.db import Database
from hub.law.projection import WITHDRAWN_UNSEEN, projected, withdrawal_member
from hub.ledger.append import lane_of
from hub.ledger.read import head_position
from hub.ledger.tables import Delivery, LaneCursor, Record, Version
from hub.moments import iso, micros
from hub.rechecking import Findings, epoch_findings, head_findings, lacking_parties, surplus_parties
from hub.schemas.kind import kinds
from hub.schemas.submission import edition_of
from hub.sync.target import targets
from hub.transparency.checking import LogCheck
from hub.transparency.note import Checkpoint

WINDOW = 500

NOT_ITS_PUBLIC = "the public projection is not that of the document"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it should be; `position` is None where it is about no version."""

    position: int | None
    what: str


@dataclass(slots=True)
class Report:
    """What was checked and what was found, by position."""

    versions: int = 0
    records: int = 0
    deliveries: int = 0
    findings: list[Finding] = field(default_factory=list)

    @property
    def first(self) -> Finding | None:
        """The finding with the lowest position; one about no version only where there is no other."""
        return min(self.findings, key=lambda f: inf if f.position is None else f.position, default=None)


async def check(
    database: Database,
    progress: Callable[[int, int], None],
    *,
    most: int = 100,
    outside: Checkpoint | None = None,
) -> Report:
    """Re-hash every document and check density, numbers, heads, indexes, epochs, projections, the log, deliveries, cursors.

    `progress(done, all)` is called per window. At most `most` findings are collected. `outside` is the signed head that
    is kept outside the database.
    """
    report = Report()
    async with database.snapshot() as connection:
        head = await head_position(connection)
        log = LogCheck(connection, outside)
        await log.begin()
        async for versions in _windows(connection, head):
            await _check_versions(connection, versions, report)
            await log.add(versions)
            progress(report.versions, head)
            if len(report.findings) + len(log.findings) >= most:
                _add(report, log.findings)
                return report
        await log.end(head)
        _add(report, log.findings)
        if report.versions != head:
            report.findings.append(Finding(report.versions, f"{head} positions, but {report.versions} versions"))
        await _check_heads(connection, report)
        report.findings += [Finding(*found) for found in await surplus_parties(connection)]
        report.findings += [Finding(*found) for found in await epoch_findings(connection, head)]
        await _check_deliveries(connection, head, report)
    return report


def _add(report: Report, findings: Findings) -> None:
    """Add what the log shows, but for versions of which something more exact is said already."""
    named = {finding.position for finding in report.findings if finding.position is not None}
    report.findings += [Finding(position, what) for position, what in findings if position not in named]


async def _windows(connection: AsyncConnection, head: int) -> AsyncIterator[Sequence[Any]]:
    after = 0
    while after < head:
        statement = select(Version.__table__).where(Version.position > after).order_by(Version.position).limit(WINDOW)
        rows = (await connection.execute(statement)).all()
        if not rows:
            return
        yield rows
        after = rows[-1].position


async def _check_versions(connection: AsyncConnection, versions: Sequence[Any], report: Report) -> None:
    wanted = [v.previous for v in versions if v.previous is not None]
    statement = select(Version.position, Version.record, Version.number, Version.data_timestamp, Version.state).where(
        Version.position.in_(wanted)
    )
    previous = {row.position: row for row in await connection.execute(statement)} if wanted else {}
    for version in versions:
        report.versions += 1
        if version.position != report.versions:
            report.findings.append(Finding(report.versions, f"missing: the next version is at {version.position}"))
            report.versions = version.position
        faults = [*_document_faults(version), *_chain_faults(version, previous.get(version.previous))]
        report.findings += [Finding(version.position, fault) for fault in faults]
    report.findings += [Finding(*found) for found in await lacking_parties(connection, versions)]


def _document_faults(version: Any) -> list[str]:
    if sha256(version.document).digest() != version.digest:
        return ["the document does not have its digest"]
    try:
        document = orjson.loads(version.document)
        header = orjson.loads(b"{" + version.header + b"}")
        orjson.loads(b"{" + version.terms[1:])
    except orjson.JSONDecodeError as error:
        return [f"not JSON: {error.msg}"]
    faults = []
    if orjson.dumps(document, option=orjson.OPT_SORT_KEYS) != version.document:
        faults.append("the document is not canonical")
    if version.kind not in kinds():
        return [*faults, f"unknown kind {version.kind}"]
    if (version.opened is None) != (version.opens_at is None):
        faults.append("it has an opening time without an opened view, or the other way round")
    elif "withdrawal" not in document:
        # What is opened later was appended before; all else is what its receipt's moment made public.
        at = version.received_at if version.opens_at is None else version.opens_at - 1
        view = projected(edition_of(document), document, at)
        if (version.public, version.opened, version.opens_at) != (view.public, view.opened, view.opens_at):
            faults.append(NOT_ITS_PUBLIC)
    return faults + _header_faults(version, header, document)


def _header_faults(version: Any, header: dict[str, Any], document: dict[str, Any]) -> list[str]:
    timestamp = document.get("withdrawal", document)["data_timestamp"]
    expected = {
        "record": f"{version.platform}/{version.kind}/{document['data_key']}",
        "number": version.number,
        "state": version.state,
        "digest": version.digest.hex(),
        "thread": version.thread,
        "region_code": version.region,
        "data_timestamp": timestamp,
        "received_at": iso(version.received_at),
    }
    faults = [
        f"the header's {name} is not that of the version" for name in expected if header.get(name) != expected[name]
    ]
    if micros(datetime.fromisoformat(timestamp)) != version.data_timestamp:
        faults.append("the data_timestamp is not that of the document")
    if version.lane != lane_of(version.thread):
        faults.append("the lane is not that of the thread")
    return faults


def _chain_faults(version: Any, previous: Any) -> list[str]:
    if version.previous is None:
        first = version.number == 1 and version.record == version.position
        return [] if first else ["it has no previous version, but is not the first of its record"]
    if previous is None or previous.record != version.record:
        return ["its previous version is not there, or of another record"]
    faults = []
    if previous.number + 1 != version.number:
        faults.append(f"number {version.number} follows number {previous.number}")
    if previous.data_timestamp >= version.data_timestamp:
        faults.append("data_timestamp does not rise")
    if version.state == "withdrawn":
        unseen = previous.state == "withheld"
        if version.public != (WITHDRAWN_UNSEEN if unseen else withdrawal_member(orjson.loads(version.document))):
            faults.append(NOT_ITS_PUBLIC)
    return faults


async def _check_heads(connection: AsyncConnection, report: Report) -> None:
    report.findings += [Finding(*found) for found in await head_findings(connection)]
    report.records = (await connection.execute(select(func.count()).select_from(Record))).scalar_one()
    firsts = (await connection.execute(select(func.count()).where(Version.number == 1))).scalar_one()
    if firsts != report.records:
        report.findings.append(Finding(None, f"{firsts} first versions, but {report.records} records"))


async def _check_deliveries(connection: AsyncConnection, head: int, report: Report) -> None:
    report.deliveries = (await connection.execute(select(func.count()).select_from(Delivery))).scalar_one()
    for target in targets().values():
        wanted = [name for name, kind in kinds().items() if target.wants(kind)]
        row_there = select(Delivery.position).where(
            Delivery.target == target.name, Delivery.position == Version.position
        )
        skipped = (
            select(func.min(Version.position))
            .join(LaneCursor, (LaneCursor.lane == Version.lane) & (LaneCursor.target == target.name))
            .where(
                Version.position > LaneCursor.start,
                Version.position <= LaneCursor.position,
                Version.kind.in_(wanted),
                ~row_there.exists(),
            )
        )
        first = (await connection.execute(skipped)).scalar_one()
        if first is not None:
            report.findings.append(Finding(first, f"the cursor of {target.name} has passed it without a delivery"))
    # A subscriber's cursor may count outcomes, of which there may be more than versions.
    names = list(targets())
    beyond = select(LaneCursor.target, LaneCursor.lane, LaneCursor.position).where(
        LaneCursor.target.in_(names), LaneCursor.position > head
    )
    for row in (await connection.execute(beyond)).all():
        what = f"the cursor of {row.target} lane {row.lane} is at {row.position}, beyond the head {head}"
        report.findings.append(Finding(None, what))
    orphans = select(func.min(Delivery.position)).where(Delivery.target.in_(names), Delivery.position > head)
    if (orphan := (await connection.execute(orphans)).scalar_one()) is not None:
        report.findings.append(Finding(orphan, "a delivery of a version that does not exist"))
