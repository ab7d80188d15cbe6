"""The keeper follows the ledger, and what it signed last is outside the database too."""

import asyncio
from pathlib import Path

import pytest

from hub.db import Database
from hub.ledger.appender import Appender
from hub.ledger.bell import Bell
from hub.problems import InvalidParameter
from hub.transparency.integrator import Integrator, newest_head
from hub.transparency.keeper import Keeper, kept_outside
from hub.transparency.keys import log_keys
from hub.transparency.note import checkpoint_of, opened
from tests.transparency.test_tree import grow

pytestmark = pytest.mark.anyio

ORIGIN = "hub.example/log"


async def test_a_head_covers_a_version_within_a_second_and_lies_outside_the_database(
    database: Database, appender: Appender, tmp_path: Path
) -> None:
    keys = log_keys(ORIGIN, tmp_path / "log.key")
    bell = Bell(database)
    async with Keeper(database, bell, Integrator(database, ORIGIN, keys.signers), tmp_path / "heads"):
        await grow(appender, 0, 20)
        bell.ring(20)
        async with asyncio.timeout(1):
            while (note := kept_outside(tmp_path / "heads")) is None or "\n20\n" not in note:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
    await bell.close()

    async with database.reading() as connection:
        head = await newest_head(connection)
    assert head is not None
    assert checkpoint_of(opened(note, keys.log.verifier)).root == head.root


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
