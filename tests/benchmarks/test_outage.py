"""What is asked while a backlog is drained, and whether it is met."""

from dataclasses import dataclass, field

import pytest
from benchmarks.outage import figures_of


@dataclass
class A:
    """A run in which everything is as asked."""

    intake: list[float] = field(default_factory=lambda: [10.0])
    lag: list[float] = field(default_factory=lambda: [50.0])
    drained: float = 6000.0
    alone: float | None = 9000.0
    memory: int = 300_000_000


def test_a_drain_that_is_as_asked_says_so_of_every_figure_that_is_judged() -> None:
    figures = figures_of(A(), A(), 9000.0, 1_000_000)

    assert [(figure.asked, figure.met) for figure in figures] == [
        ("", None),
        ("", None),
        ("≤ 1.1 ×", True),
        ("≤ 1000 ms", True),
        ("≥ 5000 versions/s", True),
        ("≥ 0.5 × limit", True),
        ("≤ 400 MB", True),
    ]


@pytest.mark.parametrize(
    ("storm", "missed"),
    [
        (A(intake=[11.2]), "the same, to that with nothing to drain"),
        (A(lag=[1001.0]), "the healthy target's lag meanwhile, p99"),
        (A(drained=4999.0), "drain of one target by one worker meanwhile"),
        (A(alone=4499.0), "drain when nobody pushes"),
        (A(memory=401_000_000), "memory of the worker"),
    ],
)
def test_each_figure_is_judged(storm: A, missed: str) -> None:
    figures = figures_of(A(), storm, 9000.0, 1_000_000)

    assert [figure.name for figure in figures if figure.met is False] == [missed]
