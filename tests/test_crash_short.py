"""The crash programme in short: a few kills on each engine, and every invariant holds."""

from pathlib import Path

import pytest

from tests.crash.plan import Plan
from tests.crash.programme import run

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    "plan",
    [
        Plan(kills=4, database_kills=2, rate=300, writers=12, seed=7),
        Plan(kills=3, engine="sqlite", rate=300, writers=12, seed=7),
    ],
    ids=lambda plan: plan.engine,
)
async def test_kills_lose_nothing_double_nothing_and_disorder_nothing(plan: Plan, tmp_path: Path) -> None:
    said: list[str] = []

    report = await run(plan, tmp_path, said.append)

    assert report.passed, "\n".join(report.lines())
    assert report.casualties.kills.total() == plan.kills + plan.database_kills
    assert report.versions > 20, "too little was pushed for the kills to mean anything"
    assert report.doubts.requests > 0, "nothing was in doubt: the kills hit nothing"
