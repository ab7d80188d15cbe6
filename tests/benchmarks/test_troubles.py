"""What is asked while workers are killed."""

import pytest
from benchmarks.troubles import killed_figures


@pytest.mark.parametrize(("slow", "met"), [(10, True), (11, False)])
def test_one_version_in_a_thousand_may_be_late_while_workers_are_killed(slow: int, met: bool) -> None:
    delays = [10.0] * (10_000 - slow) + [9_000.0] * slow

    judged = [figure for figure in killed_figures(delays, None) if figure.asked]

    assert [(figure.asked, figure.met) for figure in judged] == [("≤ 500 ms", met)]
    assert judged[0].name.endswith("p99.9")


def test_a_lease_that_is_not_the_default_is_for_comparison_only() -> None:
    figures = killed_figures([10.0] * 999 + [9_000.0], 3.0)

    assert [figure.asked for figure in figures] == [""] * 4
    assert figures[-1].ours == pytest.approx(0.1)
    assert all("leases of 3 s" in figure.name for figure in figures)
