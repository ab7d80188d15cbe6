"""What the benchmarks say of a measurement."""

import pytest
from benchmarks.figures import BenchmarkFailed, Figure, interleaved, percentile


def test_a_figure_is_met_only_when_every_ratio_is() -> None:
    both = Figure("push", "records/s", 800, limit=1000, conventional=100, of_limit=0.5, times_conventional=8)
    slower = Figure("push", "records/s", 799, limit=1000, conventional=100, of_limit=0.5, times_conventional=8)

    assert both.met is True
    assert slower.met is False


def test_a_figure_that_asks_nothing_is_neither_met_nor_missed() -> None:
    assert Figure("p50", "ms", 3.0, conventional=40.0).met is None


def test_a_ratio_that_could_not_be_measured_is_not_met() -> None:
    assert Figure("push", "records/s", 800, of_limit=0.5).met is False


def test_what_takes_less_time_has_the_greater_factor() -> None:
    assert Figure("p99", "ms", 10.0, conventional=200.0).factor == 20.0


def test_a_maximum_is_met_when_it_is_reached_but_not_passed() -> None:
    assert Figure("p99", "ms", 50.0, at_most=50).met is True
    assert Figure("p99", "ms", 50.1, at_most=50).met is False


def test_a_minimum_is_met_when_it_is_reached() -> None:
    assert Figure("drain", "versions/s", 5000.0, at_least=5000).met is True
    assert Figure("drain", "versions/s", 4999.9, at_least=5000).met is False
    assert Figure("drain", "versions/s", 1.0, at_least=5000).asked == "≥ 5000 versions/s"


def test_the_ways_take_turns() -> None:
    order: list[str] = []

    def way(name: str) -> dict[str, float]:
        order.append(name)
        return {"rate": float(len(order))}

    medians = interleaved(3, {"limit": lambda _: way("limit"), "ours": lambda _: way("ours")})

    assert order == ["limit", "ours"] * 3
    assert medians == {"limit": {"rate": 3.0}, "ours": {"rate": 4.0}}


def test_a_percentile_is_a_value_that_was_seen() -> None:
    assert percentile([float(n) for n in range(1, 101)], 0.99) == 99.0
    assert percentile([7.0], 0.5) == 7.0


def test_there_is_no_percentile_of_nothing() -> None:
    with pytest.raises(BenchmarkFailed):
        percentile([], 0.99)
