"""The crash programme in short: a few kills on each engine, and every invariant holds."""

from pathlib import Path

import pytest

from tests.crash.programme import Plan, run

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(("engine", "kills"), [("postgresql", 8), ("sqlite", 4)])
async def test_kills_lose_nothing_double_nothing_and_disorder_nothing(engine: str, kills: int, tmp_path: Path) -> None:
    said: list[str] = []

    report = await run(Plan(kills, engine, rate=300, writers=12, seed=7), tmp_path, said.append)

    assert report.passed, "\n".join(report.lines())
    assert report.casualties.kills.total() == kills
    assert report.versions > 100
    assert report.doubts.requests > 0, "nothing was in doubt: the kills hit nothing"
