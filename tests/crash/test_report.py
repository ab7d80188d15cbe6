"""The report says what happened and what fell, and finds its place in a document."""

from collections import Counter
from pathlib import Path

import pytest

from tests.crash.checker import INVARIANTS, Finding
from tests.crash.journal import Doubts
from tests.crash.plan import Plan
from tests.crash.report import Report, put_section
from tests.crash.world import Casualties


def a_report(*findings: Finding, fsck: str = "") -> Report:
    """The report of a run of two minutes."""
    casualties = Casualties(Counter(serve=3, backend=1), Counter({"database cut": 2}), {"clock": "no libfaketime"})
    casualties.ready("serve", 1.5)
    casualties.ready("serve", 2.5)
    doubts = Doubts(requests=7, unanswered=9, resolved=Counter({"had been stored": 7}))
    return Report(
        Plan(3, database_kills=1, seed=42), casualties, doubts, list(findings), fsck, 60_000, 72_000, 5, {}, 120
    )


def test_a_section_says_the_kills_the_load_the_doubts_and_each_invariant() -> None:
    text = a_report().section("make crash KILLS=3")

    assert "kills: 4 (backend 1, serve 3)" in text
    assert "600 a second, 500 versions a second" in text
    assert "not possible here: clock: no libfaketime" in text
    assert "in doubt: 7 requests" in text
    assert "serve: median 2.00 s, longest 2.50 s" in text
    assert "`make crash KILLS=3`" in text
    assert all(f"| {name} | {says} | holds |" in text for name, says in INVARIANTS.items())


def test_what_fell_is_said_in_both_forms() -> None:
    report = a_report(Finding("I4", "national misses 1 versions"), fsck="position 3")

    assert not report.passed
    assert report.fallen == {"I4", "fsck"}
    assert any(line.startswith("FALLEN I4") for line in report.lines())
    assert f"| I4 | {INVARIANTS['I4']} | fallen |" in report.section("")


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
