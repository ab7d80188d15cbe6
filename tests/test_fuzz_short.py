"""The fuzz programme in short: nothing is answered that the documents do not say, whatever is sent."""

from pathlib import Path

import pytest

from tests.fuzz.programme import Plan, run

# On a busy machine the programme needs minutes: it is as long as the processors make it, and each request has its own limit.
pytestmark = [pytest.mark.anyio, pytest.mark.timeout(480)]


async def test_whatever_is_sent_is_answered_as_documented(tmp_path: Path) -> None:
    report = await run(Plan(bodies=300, examples=2, thorough=False, seed=5), tmp_path, lambda _: None)

    assert report.passed, "\n".join(report.lines())
    assert report.malformed.answers.total() == 300
