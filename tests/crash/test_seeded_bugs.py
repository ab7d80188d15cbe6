"""Each seeded bug fits the hub that there is, and the programme finds it; `make crash-bugs` lets it find them all."""

import subprocess
import sys
from pathlib import Path

import pytest

from hub.db import Database
from tests.crash.bugs import BUGS, bug_of
from tests.crash.checker import INVARIANTS, Finding
from tests.crash.journal import Doubts
from tests.crash.report import Report
from tests.crash.seeded import Hunt, hunt, plan_of
from tests.crash.world import Casualties

QUICK = ("dedupe_outside_the_lock", "hash_of_another_text")
"""Those that a few seconds under load bring to light."""


@pytest.mark.anyio
@pytest.mark.parametrize("name", QUICK)
async def test_the_programme_finds_a_seeded_bug(name: str, tmp_path: Path) -> None:
    result = await hunt(name, tmp_path, lambda _: None)

    assert result.found, "\n".join(result.report.lines())


@pytest.mark.parametrize(
    ("fallen", "seconds", "in_time", "says"),
    [
        ("I7", 59.9, True, "found     dedupe_outside_the_lock: I7 fell, after 59.9 s (asked: < 60 s)"),
        ("I7", 60.0, False, "TOO LATE  dedupe_outside_the_lock: I7 fell, after 60.0 s (asked: < 60 s)"),
        ("I2", 5.0, False, "NOT FOUND dedupe_outside_the_lock: I2 fell, after 5.0 s (asked: < 60 s)"),
    ],
)
def test_a_bug_must_be_found_within_a_minute(fallen: str, seconds: float, in_time: bool, says: str) -> None:
    name = "dedupe_outside_the_lock"
    report = Report(plan_of(name), Casualties(), Doubts(), [Finding(fallen, "")], "", 1, 1, 0, {}, seconds)

    result = Hunt(name, report, seconds)

    assert result.in_time is in_time
    assert str(result) == says


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
