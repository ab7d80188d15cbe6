"""The poison programme fails where something is wrong, and where healthy threads feel the poison."""

import pytest

from tests.crash.poison import Verdict


@pytest.mark.parametrize(
    ("verdict", "passed", "says"),
    [
        (Verdict(300, beside=[0.2] * 100, pushed=290), True, "asked: p99 ≤ 200 ms: met"),
        (Verdict(300, beside=[0.1] * 98 + [0.201] * 2, pushed=290), False, "asked: p99 ≤ 200 ms: MISSED"),
        (Verdict(300, beside=[0.1] * 99 + [9.0], pushed=290), True, "asked: p99 ≤ 200 ms: met"),
        (Verdict(300), False, "asked: p99 ≤ 200 ms: MISSED"),
        (Verdict(300, beside=[0.1], pushed=290, wrong=["behind poison and sent"]), False, "WRONG behind poison"),
    ],
)
def test_a_verdict_passes_when_nothing_is_wrong_and_healthy_threads_are_quick(
    verdict: Verdict, passed: bool, says: str
) -> None:
    assert verdict.passed is passed
    assert any(says in line for line in verdict.lines())


def test_a_verdict_states_the_rate_at_which_it_was_reached() -> None:
    lines = Verdict(300, beside=[0.1], pushed=287.4).lines()

    assert any("at 300 requests a second asked for and 287 versions a second stored" in line for line in lines)
