"""fsck: whatever is tampered with, the position where it shows is named."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import insert, text

from hub.db import Database
from hub.fsck import Report, check
from hub.ledger.tables import Delivery, LaneCursor
from tests.builders import a_blacklist_entry, a_later_version, a_tender_notice
from tests.hub import a_hub

pytestmark = pytest.mark.anyio

NUMBER = "number = number + 1"


@pytest.fixture
async def database(anyio_backend: str, database_url: str) -> AsyncIterator[Database]:
    """Seven positions: a notice with a correction and a withdrawal, others beside it, one that was never public."""
    async with a_hub(database_url) as hub:
        platform = await hub.platform()
        notice, hidden = a_tender_notice(), a_blacklist_entry(disclosure="on_request")
        await platform.push(notice, hidden, a_later_version(notice), a_tender_notice())
        await platform.withdraw(notice)
        await platform.withdraw(hidden, at="2026-11-01T00:00:00+08:00")
        await platform.push(a_tender_notice())
    opened = Database(database_url)
    yield opened
    await opened.close()


async def _tamper(database: Database, statement: str, **values: Any) -> None:
    """Change what cannot be changed: without the triggers, as whoever owns the database can."""
    async with database.transaction() as connection:
        if database.is_postgresql:
            await connection.execute(text("SET LOCAL session_replication_role = replica"))
        else:
            for event in ("update", "delete"):
                await connection.execute(text(f"DROP TRIGGER version_no_{event}"))
        await connection.execute(text(statement), values)


async def _checked(database: Database) -> Report:
    return await check(database, lambda done, total: None)


async def _first(database: Database) -> tuple[int | None, str]:
    first = (await _checked(database)).first
    assert first is not None, "nothing was found"
    return first.position, first.what


async def test_a_sound_ledger_has_no_findings(database: Database) -> None:
    seen: list[tuple[int, int]] = []

    report = await check(database, lambda done, total: seen.append((done, total)))

    assert report.findings == []
    assert (report.versions, report.records, report.deliveries) == (7, 4, 0)
    assert seen[-1] == (7, 7)


async def test_an_empty_ledger_has_no_findings(database_url: str) -> None:
    opened = Database(database_url)
    report = await _checked(opened)
    await opened.close()

    assert (report.findings, report.versions) == ([], 0)


@pytest.mark.parametrize(
    ("column", "what"),
    [
        ("document", "the document does not have its digest"),
        ("digest", "the document does not have its digest"),
        ("public", "the public projection is not that of the document"),
        ("header", "the header's"),
        ("terms", "not JSON"),
    ],
)
async def test_one_flipped_byte_names_its_position(database: Database, column: str, what: str) -> None:
    async with database.reading() as connection:
        stored = (await connection.execute(text(f"SELECT {column} FROM version WHERE position = 4"))).scalar_one()
    at = {"header": stored.find(b'"digest":"') + 12, "terms": 0}.get(column, len(stored) // 2)
    at = stored.find(b'"targets"') if column == "terms" else at
    flipped = stored[:at] + bytes([stored[at] ^ 1]) + stored[at + 1 :]

    await _tamper(database, f"UPDATE version SET {column} = :bytes WHERE position = 4", bytes=flipped)

    position, found = await _first(database)
    assert (position, found.startswith(what)) == (4, True), found


@pytest.mark.parametrize(
    ("change", "position", "what"),
    [
        ("DELETE FROM version WHERE position = 4", 4, "missing: the next version is at 5"),
        ("DELETE FROM version WHERE position = 1", 1, "missing: the next version is at 2"),
        (f"UPDATE version SET {NUMBER} WHERE position = 4", 4, "the header's number is not that of the version"),
        ("UPDATE version SET region = '350200' WHERE position = 4", 4, "the header's region_code"),
        ("UPDATE version SET lane = (lane + 1) % 16 WHERE position = 4", 4, "the lane is not that of the thread"),
        ("UPDATE version SET received_at = received_at + 1 WHERE position = 4", 4, "the header's received_at"),
        (
            "UPDATE version SET data_timestamp = data_timestamp + 1 WHERE position = 4",
            4,
            "the data_timestamp is not that",
        ),
        ("UPDATE version SET state = 'published' WHERE position = 5", 5, "the header's state"),
        ("UPDATE version SET kind = 'unknown' WHERE position = 4", 4, "unknown kind unknown"),
        ("UPDATE version SET previous = 2 WHERE position = 3", 3, "its previous version is not there, or of another"),
        (
            "UPDATE version SET previous = NULL WHERE position = 3",
            3,
            "it has no previous version, but is not the first",
        ),
        ("UPDATE version SET data_timestamp = 1 WHERE position = 3", 3, "data_timestamp does not rise"),
        (
            "UPDATE record SET position = 1, number = 1 WHERE id = 1",
            1,
            "the record's head at 1 is not its newest version",
        ),
        ("UPDATE record SET state = 'published' WHERE id = 1", 5, "the record's head at 5 is not its newest version"),
        (
            "UPDATE record SET days_late = days_late + 1 WHERE id = 4",
            4,
            "the record's due date is not that of its version",
        ),
        ("UPDATE record SET due_on = '2026-01-01' WHERE id = 1", 5, "the record's due date is not that of its version"),
        ("UPDATE record SET due_now = '{}' WHERE id = 4", 4, "the record's due date is not that of its version"),
        ("UPDATE version SET opens_at = 1 WHERE position = 4", 4, "it has an opening time without an opened view"),
        ("UPDATE version SET opened = public, opens_at = 1 WHERE position = 4", 4, "the public projection is not that"),
        ("DELETE FROM record WHERE id = 4", None, "4 first versions, but 3 records"),
    ],
)
async def test_a_change_names_its_position(database: Database, change: str, position: int | None, what: str) -> None:
    await _tamper(database, change)

    found = await _checked(database)
    assert (position, True) in {(f.position, f.what.startswith(what)) for f in found.findings}, found.findings
    assert found.first is not None
    assert found.first.position == position


async def test_the_withdrawal_of_what_was_never_public_stays_unseen(database: Database) -> None:
    await _tamper(database, "UPDATE version SET public = '\"document\":' || document WHERE position = 6")

    assert await _first(database) == (6, "the public projection is not that of the document")


async def test_the_last_version_cannot_be_cut_off_unnoticed(database: Database) -> None:
    await _tamper(database, "DELETE FROM version WHERE position = 7")

    assert await _first(database) == (7, "the record's head at 7 is not its newest version")


async def test_a_cursor_beyond_the_head_is_named(database: Database) -> None:
    await _tamper(
        database, "INSERT INTO lane_cursor (target, lane, position, token, until) VALUES ('national', 3, 8, 0, 0)"
    )

    found = await _checked(database)
    assert [f.what for f in found.findings] == ["the cursor of national lane 3 is at 8, beyond the head 7"]


async def test_a_cursor_that_passed_a_version_without_a_delivery_names_it(database: Database) -> None:
    await _tamper(
        database,
        "INSERT INTO lane_cursor (target, lane, position, token, until)"
        " SELECT DISTINCT 'national', lane, 7, 0, 0 FROM version",
    )

    assert await _first(database) == (1, "the cursor of national has passed it without a delivery")


async def test_what_a_target_began_behind_is_not_missed(database: Database) -> None:
    await _tamper(
        database,
        "INSERT INTO lane_cursor (target, lane, position, start, token, until)"
        " SELECT DISTINCT 'national', lane, 7, 7, 0, 0 FROM version",
    )

    assert (await _checked(database)).findings == []


async def test_a_subscribers_cursor_may_count_more_outcomes_than_there_are_versions(database: Database) -> None:
    row = {"target": "sub_1", "lane": 3, "position": 90, "token": 0, "until": 0}
    told = {"target": "sub_1", "position": 90, "thread": "t", "lane": 0, "state": "delivered", "holds": False}
    async with database.transaction() as connection:
        await connection.execute(insert(LaneCursor).values(row))
        await connection.execute(insert(Delivery).values(told | {"tries": 1, "updated_at": 0}))

    assert (await _checked(database)).findings == []


async def test_a_delivery_of_nothing_is_named(database: Database) -> None:
    await _tamper(
        database,
        "INSERT INTO delivery (target, position, thread, lane, state, holds, tries, updated_at)"
        " VALUES ('national', 9, 't', 0, 'delivered', false, 1, 0)",
    )

    assert await _first(database) == (9, "a delivery of a version that does not exist")


async def test_at_most_so_many_findings_are_collected(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.fsck.WINDOW", 2)
    await _tamper(database, "UPDATE version SET lane = (lane + 1) % 16")

    report = await check(database, lambda done, total: None, most=2)

    assert [finding.position for finding in report.findings] == [1, 2]
