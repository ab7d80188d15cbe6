"""What is asked of delivery while workers are killed."""

import pytest
from benchmarks.troubles import killed_figures


@pytest.mark.parametrize(("slow", "met"), [(10, True), (11, False)])
def test_one_version_in_a_thousand_may_be_late_while_workers_are_killed(slow: int, met: bool) -> None:
    delays = [10.0] * (10_000 - slow) + [9_000.0] * slow

    judged = [figure for figure in killed_figures(delays) if figure.asked]

    assert [(figure.asked, figure.met) for figure in judged] == [("≤ 500 ms", met)]
    assert judged[0].name.endswith("p99.9")


def test_it_says_how_many_are_late() -> None:
    late = killed_figures([10.0] * 999 + [9_000.0])[-1]

    assert late.unit == "% of versions"
    assert late.ours == pytest.approx(0.1)
