"""The report says what happened and what fell, and finds its place in a document."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.crash.checker import INVARIANTS, Finding
from tests.crash.journal import Doubts
from tests.crash.plan import Plan
from tests.crash.report import Report, put_section
from tests.crash.world import Casualties


def a_report(
    *findings: Finding, fsck: str = "", kills: int = 3, answered: int = 72_000, away: Sequence[float] = (1.5, 2.5)
) -> Report:
    """The report of a run of two minutes."""
    casualties = Casualties(Counter(serve=3, backend=1), Counter({"database cut": 2}), {"clock": "no libfaketime"})
    for seconds in away:
        casualties.ready("serve", seconds)
    doubts = Doubts(requests=7, unanswered=9, resolved=Counter({"had been stored": 7}))
    return Report(
        Plan(kills, database_kills=1, seed=42), casualties, doubts, list(findings), fsck, 60_000, answered, 5, {}, 120
    )


def test_a_section_says_the_kills_the_load_the_doubts_and_each_invariant() -> None:
    text = a_report().section("make crash KILLS=3")

    assert "kills: 4 (backend 1, serve 3)" in text
    assert "72000 requests answered, 500 versions a second" in text
    assert "load: 600 requests a second; asked: ≥ 300: not judged below 200 kills" in text
    assert "not possible here: clock: no libfaketime" in text
    assert "in doubt: 7 requests" in text
    assert "ready again, serve: median 2.00 s, p99 2.50 s, longest 2.50 s (2 times); asked: median < 3 s" in text
    assert "`make crash KILLS=3`" in text
    assert all(f"| {name} | {says} | holds |" in text for name, says in INVARIANTS.items())


def test_what_fell_is_said_in_both_forms() -> None:
    report = a_report(Finding("I4", "national misses 1 versions"), fsck="position 3")

    assert not report.passed
    assert report.fallen == {"I4", "fsck"}
    assert any(line.startswith("FALLEN I4") for line in report.lines())
    assert f"| I4 | {INVARIANTS['I4']} | fallen |" in report.section("")


def test_a_long_run_that_is_as_asked_passes_and_says_so() -> None:
    report = a_report(kills=200)

    assert report.passed
    assert [figure.met for figure in report.figures] == [True, True]
    assert "load: 600 requests a second; asked: ≥ 300: met" in report.lines()


@pytest.mark.parametrize(
    ("changes", "missed"),
    [
        ({"answered": 35_999}, "load"),
        ({"away": [0.5, 3.0, 3.1]}, "ready again, serve"),
    ],
)
def test_a_figure_that_is_not_as_asked_fails_a_long_run_only(changes: dict[str, Any], missed: str) -> None:
    long, short = a_report(kills=200, **changes), a_report(kills=199, **changes)

    assert not long.passed
    assert [figure.name for figure in long.figures if figure.met is False] == [missed]
    assert any(line.startswith(missed) and line.endswith("MISSED") for line in long.lines())
    assert long.fallen == set()
    assert short.passed


def test_the_median_is_judged_and_the_longest_is_told() -> None:
    report = a_report(kills=200, away=[1.0, 2.0, 40.0])

    assert report.passed
    assert any("p99 40.00 s, longest 40.00 s" in line for line in report.lines())


def test_a_section_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    document = tmp_path / "reliability.md"
    document.write_text("before\n<!-- crash sqlite: begin -->\nold\n<!-- crash sqlite: end -->\nafter\n")

    put_section(document, "sqlite", "new")
    put_section(document, "sqlite", "newer")

    assert document.read_text() == "before\n<!-- crash sqlite: begin -->\nnewer\n<!-- crash sqlite: end -->\nafter\n"


def test_a_document_without_markers_is_left_alone(tmp_path: Path) -> None:
    document = tmp_path / "reliability.md"
    document.write_text("prose")

    with pytest.raises(ValueError, match="no markers for postgresql"):
        put_section(document, "postgresql", "new")
    assert document.read_text() == "prose"


def test_the_documentation_has_a_place_for_each_engine() -> None:
    text = (Path(__file__).parents[2] / "docs" / "reliability.md").read_text()

    for engine in ("postgresql", "sqlite"):
        assert f"<!-- crash {engine}: begin -->\n" in text
        assert f"<!-- crash {engine}: end -->" in text


def test_what_was_slow_to_be_ready_is_shown_with_its_last_words() -> None:
    report = a_report(away=[1.5])
    report.casualties.ready("serve", 49.9, "waiting for the database")

    assert "slow to be ready: serve, 49.9 s: waiting for the database" in report.lines()
    assert report.passed, "one does not change the median"
