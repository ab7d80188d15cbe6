"""The keeper follows the ledger, and what it signed last is outside the database too."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from hub.db import Database
from hub.ledger.appender import Appender
from hub.ledger.bell import Bell
from hub.problems import InvalidParameter
from hub.settings import Settings
from hub.transparency.algorithms import verifier_of
from hub.transparency.integrator import head_covering, newest_head, thin_out
from hub.transparency.keeping import guard_of, keeping
from hub.transparency.keys import log_keys, remembered, rotate
from hub.transparency.note import NoteInvalid, Witness, checkpoint_of, opened
from hub.transparency.outside import Outside
from tests.transparency.test_tree import WITNESS, an_integrator, grow

pytestmark = pytest.mark.anyio

ORIGIN = "hub.example/log"


@asynccontextmanager
async def a_keeper(database: Database, directory: Path, **settings: str) -> AsyncIterator[tuple[Bell, Outside]]:
    """A keeper of the log, as a process runs it; its bell, and where it keeps its heads."""
    configured = Settings(**({"data_dir": directory, "log_origin": ORIGIN} | settings))  # type: ignore[arg-type]
    bell, guard = Bell(database), guard_of(database, configured)
    try:
        async with guard, keeping(database, bell, configured, guard):
            yield bell, Outside(configured.checkpoints(), ORIGIN)
    finally:
        await bell.close()


async def covered(outside: Outside, size: int) -> str:
    """The note outside the database, once it covers so many versions."""
    async with asyncio.timeout(5):
        while (kept := outside.checkpoint()) is None or kept.size < size:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    note = outside.note()
    assert note is not None
    return note


async def test_a_head_covers_a_version_within_a_second_and_lies_outside_the_database(
    database: Database, appender: Appender, tmp_path: Path
) -> None:
    async with a_keeper(database, tmp_path) as (bell, outside):
        await grow(appender, 0, 20)
        bell.ring(20)
        async with asyncio.timeout(1):
            note = await covered(outside, 20)

    async with database.reading() as connection:
        head = await newest_head(connection)
        keys = await remembered(connection)
    assert head is not None
    assert [key.role for key in keys] == ["log", "witness"]
    verifiers = [verifier_of(key.text) for key in keys]
    assert [checkpoint_of(opened(note, verifier)).root for verifier in verifiers] == [head.root] * 2
    assert isinstance(verifiers[1], Witness)
    assert verifiers[1].seen_at(note) * 1_000_000 == head.signed_at


async def test_after_a_change_of_keys_the_old_ones_are_still_listed(
    database: Database, appender: Appender, tmp_path: Path
) -> None:
    for size in (1, 2):
        async with a_keeper(database, tmp_path) as (_, outside):
            await grow(appender, size, 1)
            note = await covered(outside, size)
        aside = rotate(tmp_path / "log.key")

    async with database.reading() as connection:
        keys = [key for key in await remembered(connection) if key.role == "log"]
    assert [key.since_size for key in keys] == [0, 1]
    assert opened(note, verifier_of(keys[1].text))
    with pytest.raises(NoteInvalid):
        opened(note, verifier_of(keys[0].text))
    assert aside is not None
    assert aside.read_text() != (tmp_path / "log.key").read_text()


async def test_a_log_whose_key_is_lost_stands_still_and_makes_no_other_one(
    database: Database, appender: Appender, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with a_keeper(database, tmp_path) as (_, outside):
        await grow(appender, 0, 1)
        await covered(outside, 1)
    (tmp_path / "log.key").unlink()

    async with a_keeper(database, tmp_path) as (_, outside):
        await grow(appender, 1, 1)
        await asyncio.sleep(0.5)

    assert "hub log rotate" in caplog.text
    kept = outside.checkpoint()
    assert kept is not None
    assert kept.size == 1
    assert not (tmp_path / "log.key").exists()


async def test_a_log_keeps_its_name_and_its_hash_function(database: Database, tmp_path: Path) -> None:
    async with a_keeper(database, tmp_path):
        pass

    for settings in ({"log_origin": "hub.example/other"}, {"log_hashing": "sm3"}):
        with pytest.raises(InvalidParameter):
            async with a_keeper(database, tmp_path, **settings):
                pass


def a_clock_at(second: int) -> Callable[[object], Awaitable[int]]:
    async def moment(_: object) -> int:
        return second * 1_000_000

    return moment


async def test_no_head_says_that_it_is_older_than_the_one_before(
    database: Database, appender: Appender, monkeypatch: pytest.MonkeyPatch
) -> None:
    integrator = await an_integrator(database)
    for number, second in enumerate((1_800_003_600, 1_800_000_000, 1_800_003_601)):
        monkeypatch.setattr("hub.transparency.integrator.moment_of", a_clock_at(second))
        await grow(appender, number, 1)
        await integrator.integrate()

    async with database.reading() as connection:
        heads = [await head_covering(connection, position) for position in (1, 2, 3)]
        keys = await remembered(connection)
    signed = [head.signed_at // 1_000_000 for head in heads if head is not None]
    assert signed == [1_800_003_600, 1_800_003_600, 1_800_003_601]
    assert [WITNESS.verifier.seen_at(head.note) for head in heads if head is not None] == signed
    assert {key.since for key in keys} == {1_800_003_600_000_000}


async def test_of_old_heads_one_an_hour_stays(
    database: Database, appender: Appender, monkeypatch: pytest.MonkeyPatch
) -> None:
    integrator = await an_integrator(database)
    for number, minute in enumerate((0, 10, 59, 60, 90, 200)):
        monkeypatch.setattr("hub.transparency.integrator.moment_of", a_clock_at(1_699_999_200 + 60 * minute))
        await grow(appender, number, 1)
        await integrator.integrate()

    async with database.transaction() as connection:
        await thin_out(connection)

    async with database.reading() as connection:
        kept = [await head_covering(connection, position) for position in range(1, 7)]
    assert [head.size for head in kept if head is not None] == [3, 3, 3, 5, 5, 6]


def test_the_key_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "log.key"

    first, second = log_keys(ORIGIN, file), log_keys(ORIGIN, file)

    assert first.log.verifier.text() == second.log.verifier.text()
    assert file.stat().st_mode & 0o777 == 0o600
    assert [found.name for found in file.parent.iterdir()] == ["log.key"]


def test_a_file_that_holds_no_key_is_said_to_hold_none(tmp_path: Path) -> None:
    (tmp_path / "log.key").write_text("not a key")

    with pytest.raises(InvalidParameter):
        log_keys(ORIGIN, tmp_path / "log.key")
