"""fsck and the log: whatever byte is changed, wherever it is stored, the position where it shows is named."""

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import LargeBinary, String, Text, select
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.db import Database
from hub.fsck import Report, check
from hub.ledger.buckets import Bucket, sum_up
from hub.ledger.epochs import begin_epoch
from hub.ledger.tables import Epoch, Record, Version, VersionParty
from hub.transparency import tables
from hub.transparency.checking import Findings, LogCheck
from hub.transparency.note import Checkpoint
from tests.builders import a_blacklist_entry, a_later_version, a_tender_contract, a_tender_notice, a_uscc
from tests.hub import a_hub
from tests.ledger.entries import an_appender, an_entry
from tests.support.databases import sqlite_url
from tests.support.postgres import Server
from tests.transparency.tampering import lose_the_tail, tamper
from tests.transparency.test_tree import an_integrator

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def sqlite_with_six(anyio_backend: str, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file to copy."""
    file = Path(shutil.copy(sqlite_template, tmp_path_factory.mktemp("six") / "hub.sqlite3"))
    await _six_versions(sqlite_url(file))
    # What is still in its log would not be copied: the last connection writes it back, if it is closed by now.
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return file


@pytest.fixture(scope="module")
async def postgresql_with_six(anyio_backend: str, postgres: Server, postgresql_template: str) -> AsyncIterator[str]:
    """A database to copy."""
    with postgres.database("hub_six", postgresql_template) as name:
        await _six_versions(postgres.url(name))
        yield name


@pytest.fixture(params=["sqlite", "postgresql"])
def copied_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a copy, once on each engine."""
    if request.param == "sqlite":
        file: Path = request.getfixturevalue("sqlite_with_six")
        yield sqlite_url(Path(shutil.copy(file, tmp_path / "hub.sqlite3")))
    else:
        postgres: Server = request.getfixturevalue("postgres")
        template: str = request.getfixturevalue("postgresql_with_six")
        with postgres.database("hub_test", template) as name:
            yield postgres.url(name)


@pytest.fixture
async def database(anyio_backend: str, copied_url: str) -> AsyncIterator[Database]:
    """Six real versions under two heads: corrected, withdrawn, withheld; summed up, and all as it should be."""
    opened = Database(copied_url)
    yield opened
    await opened.close()


async def _six_versions(database_url: str) -> None:
    async with a_hub(database_url) as hub:
        platform = await hub.platform()
        notice, hidden = a_tender_notice(), a_blacklist_entry(disclosure="on_request")
        await platform.push(notice, hidden, a_later_version(notice))
        if hub.runtime.database.is_postgresql:
            await (await an_integrator(hub.runtime.database)).integrate()
        await platform.push(a_tender_notice(), a_tender_contract(body__bidder_code=[a_uscc(801)]))
        await platform.withdraw(notice)
        if hub.runtime.database.is_postgresql:
            await (await an_integrator(hub.runtime.database)).integrate()
            await sum_up(hub.runtime.database, 100)
        else:
            async with asyncio.timeout(60):
                while (await platform.get("/v1/versions/6/evidence")).status_code != 200:
                    pass  # It waits for a head by itself, for some seconds.


async def checked(database: Database, outside: Checkpoint | None = None) -> Report:
    return await check(database, lambda done, total: None, outside=outside)


async def test_a_sound_log_has_no_findings(database: Database) -> None:
    assert (await checked(database)).findings == []


async def row_of(connection: AsyncConnection, table: Any, key: str, value: int) -> Any:
    return (await connection.execute(select(table.__table__).where(getattr(table, key) == value))).one()


VERSION_COLUMNS = [column.name for column in Version.__table__.columns]


@pytest.mark.parametrize("column", VERSION_COLUMNS)
async def test_any_change_of_any_column_of_a_version_names_its_position(database: Database, column: str) -> None:
    async with database.reading() as connection:
        row = await row_of(connection, Version, "position", 4)
    stored, kind = getattr(row, column), Version.__table__.columns[column].type

    for changed in variants(stored, kind):
        await tamper(database, f"UPDATE version SET {column} = :changed WHERE position = 4", changed=changed)
        report = await checked(database)
        assert report.first is not None, (column, changed)
        expected = min(4, changed) if column == "position" else 4
        assert report.first.position == expected, (column, changed, report.findings)
        where = 4 if column != "position" else changed
        await tamper(database, f"UPDATE version SET {column} = :stored WHERE position = {where}", stored=stored)
    assert (await checked(database)).findings == []


BESIDE = (Record, VersionParty, Epoch, Bucket, tables.Tile, tables.Checkpoint, tables.Log, tables.LogKey)
"""The tables whose every row follows from the versions, or is covered by what was signed or noted elsewhere."""


@pytest.mark.parametrize("table", BESIDE, ids=lambda table: table.__tablename__)
async def test_any_change_of_any_column_beside_the_versions_is_found(database: Database, table: Any) -> None:
    await begin_epoch(database, "restored from a backup")
    columns, keys = table.__table__.columns, [column.name for column in table.__table__.primary_key]
    async with database.reading() as connection:
        rows = (await connection.execute(select(table.__table__).order_by(*keys))).all()
    assert (await checked(database)).findings == []
    # The first row may be special: the first epoch, the sums of everything, a record that was withdrawn.
    for row, column in product((rows[0], rows[-1]), columns):
        stored = getattr(row, column.name)
        # When a key was first used is known to the minutes that clocks are apart.
        late = (table, column.name) == (tables.LogKey, "since")
        for changed in [stored + 86_400_000_000 * 3650] if late else variants(stored, column.type):
            found = {name: changed if name == column.name else getattr(row, name) for name in keys}
            where = " AND ".join(f"{name} = :key_{name}" for name in keys)
            update = f"UPDATE {table.__tablename__} SET {column.name} = :value WHERE {where}"
            await tamper(database, update, value=changed, **{f"key_{name}": getattr(row, name) for name in keys})
            report = await checked(database)
            await tamper(database, update, value=stored, **{f"key_{name}": found[name] for name in keys})
            assert report.findings, (column.name, stored, changed)
            if table is Record:
                assert report.first is not None
                assert report.first.position is not None or column.name == "id", (column.name, report.findings)
    assert (await checked(database)).findings == []


async def test_an_epoch_is_not_moved_by_a_single_position_unnoticed(database: Database) -> None:
    await begin_epoch(database, "restored from a backup")
    await tamper(database, "UPDATE epoch SET began_after = began_after - 1 WHERE number = 2")

    first = (await checked(database)).first

    assert first is not None
    assert first.position == 6
    assert first.what.startswith("epoch 2, which began behind 5, was noted otherwise")
    await tamper(database, "UPDATE epoch SET began_after = began_after + 1, outcomes_after = 1 WHERE number = 2")
    assert (await checked(database)).first is not None
    await tamper(database, "DELETE FROM epoch WHERE number = 2")
    assert [found.what for found in (await checked(database)).findings] == ["epoch 2 was begun, and is not there"]


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ("INSERT INTO version_party (code, position) VALUES ('91350100M000100Y43', 3)", 3),
        ("INSERT INTO version_party (code, position) VALUES ('91350100M000100Y43', 99)", 99),
        ("UPDATE version_party SET position = 77 WHERE position = 5 AND code LIKE '91%0801%'", 77),
    ],
)
async def test_what_is_too_much_in_the_index_of_parties_is_named(database: Database, change: str, where: int) -> None:
    await tamper(database, change)

    report = await checked(database)

    assert where in {finding.position for finding in report.findings}
    assert any("which the version does not name" in finding.what for finding in report.findings)


def variants(stored: Any, kind: Any) -> list[Any]:
    """The value with a bit changed at its beginning, in its middle and at its end; another one where there is none."""
    if stored is None or stored == "":
        return [b"x" if isinstance(kind, LargeBinary) else "x" if isinstance(kind, String | Text) else 1]
    if isinstance(stored, bytes):
        return [stored[:at] + bytes([stored[at] ^ 1]) + stored[at + 1 :] for at in places(len(stored))]
    if isinstance(stored, str):
        return [stored[:at] + chr(ord(stored[at]) ^ 1) + stored[at + 1 :] for at in places(len(stored))]
    if isinstance(stored, bool):
        return [not stored]
    return [stored + 1000]


def places(length: int) -> list[int]:
    return sorted({0, length // 3, length // 2, length - 1})


@pytest.mark.parametrize("at", range(0, 6 * 32, 11))
async def test_a_changed_byte_of_a_tile_names_the_position_of_its_hash(database: Database, at: int) -> None:
    async with database.reading() as connection:
        tile = (await row_of(connection, tables.Tile, "level", 0)).hashes
    changed = tile[:at] + bytes([tile[at] ^ 0x80]) + tile[at + 1 :]

    await tamper(database, "UPDATE tile SET hashes = :changed WHERE level = 0", changed=changed)

    found = await checked(database)
    assert found.first is not None
    assert found.first.position == at // 32 + 1


@pytest.mark.parametrize(
    ("change", "position"),
    [
        ("DELETE FROM tile", 1),
        ("UPDATE tile SET level = 1", 1),
        ("UPDATE tile SET number = 3", 1),
        ("UPDATE checkpoint SET size = size - 1 WHERE size = 6", 5),
        ("UPDATE checkpoint SET size = size + 1 WHERE size = 6", 7),
        ("UPDATE checkpoint SET signed_at = signed_at + 1 WHERE size = 6", 6),
        ("UPDATE bucket SET count = count + 1 WHERE unit = 'page' AND scope = ''", None),
        ("DELETE FROM bucket WHERE unit = 'day'", None),
        ("UPDATE log_key SET text = replace(text, 'A', 'A') WHERE role = 'none'", "sound"),
        ("DELETE FROM log_key", "any"),
        ("UPDATE log SET origin = 'hub.example/other'", "any"),
    ],
)
async def test_a_change_of_what_is_kept_beside_the_versions_is_named(
    database: Database, change: str, position: int | str | None
) -> None:
    await tamper(database, change)

    report = await checked(database)
    if position == "sound":
        assert report.findings == []
        return
    assert report.first is not None
    if position != "any":
        assert report.first.position == position


@pytest.mark.parametrize("part", range(8))
async def test_any_changed_character_of_a_head_is_named(database: Database, part: int) -> None:
    async with database.reading() as connection:
        head = await row_of(connection, tables.Checkpoint, "size", 6)
    note, root = head.note, head.root
    # What is read is compared the same way on either engine; that it is read as it was stored, an eighth of it shows.
    for at in range(part, len(note), 64 if database.is_postgresql else 8):
        changed = note[:at] + chr(ord(note[at]) ^ 1) + note[at + 1 :]
        await tamper(database, "UPDATE checkpoint SET note = :changed WHERE size = 6", changed=changed)
        first = (await checked(database)).first
        assert first is not None, (at, note[at])
        assert first.position == 6
    spoilt = (
        bytes([root[part] ^ 1]) + root[1:] if part == 0 else root[:part] + bytes([root[part] ^ 1]) + root[part + 1 :]
    )
    await tamper(database, "UPDATE checkpoint SET note = :note, root = :root WHERE size = 6", note=note, root=spoilt)
    first = (await checked(database)).first
    assert first is not None
    assert first.position == 6


async def test_a_tail_that_was_cut_off_is_noticed_by_the_head_outside(database: Database) -> None:
    async with database.reading() as connection:
        head = await row_of(connection, tables.Checkpoint, "size", 6)
        log = (await connection.execute(select(tables.Log.origin))).scalar_one()
    outside = Checkpoint(log, 6, head.root)
    assert (await checked(database, outside)).findings == []
    await lose_the_tail(database, 5)
    await tamper(database, "UPDATE record SET position = 3, number = 2, state = 'published' WHERE id = 1")

    first = (await checked(database, outside)).first

    assert first is not None
    assert (first.position, first.what) == (
        6,
        "the head kept outside the database covers 6 versions, the ledger ends at 5",
    )


async def test_another_past_than_that_of_the_head_outside_is_noticed(database: Database) -> None:
    first = (await checked(database, Checkpoint("hub", 6, bytes(32)))).first

    assert first is not None
    assert first.position == 6


async def test_in_a_large_log_a_wrong_node_above_the_leaves_is_named(sqlite_database_url: str) -> None:
    opened = Database(sqlite_database_url)
    async with an_appender(opened) as appender:
        await appender.append_all([an_entry(f"k{number}") for number in range(600)])
    await (await an_integrator(opened)).integrate()
    assert await found_in(opened) == []
    async with opened.reading() as connection:
        above = (await row_of(connection, tables.Tile, "level", 1)).hashes

    await tamper(
        opened, "UPDATE tile SET hashes = :s WHERE level = 1", s=above[:40] + bytes([above[40] ^ 1]) + above[41:]
    )
    assert await found_in(opened) == [(257, "tile 1/0 is wrong")]
    await tamper(opened, "UPDATE tile SET hashes = :s WHERE level = 1", s=above + bytes(32))
    assert await found_in(opened) == [(513, "tile 1/0 has 96 bytes, and not 64")]
    await tamper(opened, "UPDATE tile SET hashes = :s WHERE level = 1", s=above[:32])
    assert await found_in(opened) == [(257, "tile 1/0 is missing or short")]
    await opened.close()


async def found_in(database: Database) -> Findings:
    """What is wrong with the log, whatever the versions say."""
    async with database.reading() as connection:
        check = LogCheck(connection, None)
        await check.begin()
        await check.add((await connection.execute(select(Version.__table__).order_by(Version.position))).all())
        await check.end(600)
    return check.findings
