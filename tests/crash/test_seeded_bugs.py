"""Each seeded bug fits the hub that there is, and the programme finds it; `make crash-bugs` lets it find them all."""

import subprocess
import sys
from pathlib import Path

import pytest

from hub.db import Database
from tests.crash.bugs import BUGS, bug_of
from tests.crash.checker import INVARIANTS
from tests.crash.seeded import hunt

QUICK = ("dedupe_outside_the_lock", "hash_of_another_text")
"""Those that a few seconds under load bring to light."""


@pytest.mark.anyio
@pytest.mark.parametrize("name", QUICK)
async def test_the_programme_finds_a_seeded_bug(name: str, tmp_path: Path) -> None:
    result = await hunt(name, tmp_path, lambda _: None)

    assert result.found, "\n".join(result.report.lines())


@pytest.mark.parametrize("name", BUGS)
def test_a_seeded_bug_can_be_put_into_the_hub(name: str) -> None:
    done = subprocess.run(
        (sys.executable, "-m", "tests.crash.bugs", name, "--help"), capture_output=True, check=False, text=True
    )

    assert done.returncode == 0, done.stderr
    assert "serve" in done.stdout


@pytest.mark.anyio
@pytest.mark.parametrize("name", BUGS)
async def test_a_seeded_bug_can_be_put_into_the_database(name: str, postgresql_url: str) -> None:
    database = Database(postgresql_url)
    try:
        await bug_of(name).prepare(database)
    finally:
        await database.close()


@pytest.mark.parametrize("name", BUGS)
def test_a_seeded_bug_says_what_must_fall_and_what_brings_it_to_light(name: str) -> None:
    bug = bug_of(name)

    assert bug.falls
    assert bug.falls <= {*INVARIANTS, "answers", "fsck"}
    assert bug.kills + bug.database_kills + bug.strikes > 0
