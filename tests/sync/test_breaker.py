"""The breaker: it pauses after failures, lets one probe through, and never gives up."""

from random import Random

import pytest

from hub.sync.breaker import FAILURES_TO_OPEN, LONGEST_RETRY_AFTER, Breaker, full_jitter


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pauses here are those of the hub."""
    monkeypatch.setattr("hub.sync.breaker.FIRST_PAUSE", 1.0)
    monkeypatch.setattr("hub.sync.breaker.LONGEST_PAUSE", 60.0)


@pytest.fixture
def breaker() -> Breaker:
    return Breaker(Random(1))


def test_answered_failures_open_it_only_after_some_in_a_row(breaker: Breaker) -> None:
    for _ in range(FAILURES_TO_OPEN - 1):
        breaker.failed(0.0, retry_after=None, answered=True)
    assert breaker.lets(0.0)
    assert not breaker.probing

    breaker.failed(0.0, retry_after=None, answered=True)

    assert not breaker.lets(0.0)
    assert breaker.probing


def test_a_target_that_answers_is_paused_shortly_at_first(breaker: Breaker) -> None:
    for _ in range(FAILURES_TO_OPEN):
        breaker.failed(0.0, retry_after=None, answered=True)

    assert breaker.open_until <= 1.0


def test_what_never_failed_may_leave_a_second_after_an_answer(breaker: Breaker) -> None:
    for moment in range(20):
        breaker.failed(moment * 100.0, retry_after=None, answered=True)

    assert breaker.open_until > 1902.0
    assert [breaker.lets(moment, fresh=True) for moment in (1900.5, 1901.0)] == [False, True]


@pytest.mark.parametrize(("retry_after", "answered"), [(500.0, True), (None, False)])
def test_nothing_leaves_earlier_where_the_target_said_so_or_does_not_answer(
    breaker: Breaker, retry_after: float | None, answered: bool
) -> None:
    for _ in range(20):
        breaker.failed(breaker.open_until, retry_after=retry_after, answered=answered)

    assert breaker.next_try(fresh=True) == breaker.open_until


def test_a_target_that_does_not_answer_opens_it_at_once(breaker: Breaker) -> None:
    breaker.failed(5.0, retry_after=None, answered=False)

    assert not breaker.lets(5.0)
    assert breaker.lets(6.0)


def test_one_success_closes_it(breaker: Breaker) -> None:
    breaker.failed(0.0, retry_after=500.0, answered=True)

    breaker.succeeded()

    assert breaker.lets(0.0)
    assert not breaker.probing


def test_a_retry_after_is_taken_up_to_a_bound(breaker: Breaker) -> None:
    breaker.failed(0.0, retry_after=7.0, answered=True)
    assert (breaker.lets(6.9), breaker.lets(7.0)) == (False, True)

    breaker.failed(10.0, retry_after=1e9, answered=True)
    assert breaker.lets(10.0 + LONGEST_RETRY_AFTER)


def test_a_retry_after_of_nothing_is_no_reason_to_ask_without_a_pause(breaker: Breaker) -> None:
    moments = [0.0]
    for _ in range(20):
        breaker.failed(moments[-1], retry_after=0.0, answered=True)
        moments.append(breaker.open_until)

    assert moments == sorted(set(moments))
    assert moments[-1] > 200.0


def test_what_was_under_way_when_it_opened_may_ask_for_a_longer_pause_and_for_no_shorter_one(breaker: Breaker) -> None:
    breaker.failed(0.0, retry_after=7.0, answered=True)

    breaker.failed(1.0, retry_after=2.0, answered=True)
    assert (breaker.failures, breaker.open_until) == (1, 7.0)

    breaker.failed(1.0, retry_after=30.0, answered=True)
    assert (breaker.failures, breaker.open_until, breaker.next_try(fresh=True)) == (1, 31.0, 31.0)


def test_failures_that_were_under_way_when_it_opened_say_nothing_new(breaker: Breaker) -> None:
    breaker.failed(0.0, retry_after=None, answered=False)
    until = breaker.open_until

    breaker.failed(until / 2, retry_after=None, answered=False)

    assert (breaker.failures, breaker.open_until) == (1, until)


def test_pauses_are_jittered_up_to_a_doubling_bound_of_a_minute() -> None:
    random = Random(1)
    pauses = {failures: [full_jitter(failures, random) for _ in range(500)] for failures in (1, 2, 3, 10, 10_000)}

    assert {
        n: max(p) <= bound for (n, p), bound in zip(pauses.items(), (1, 2, 4, 60, 60), strict=True)
    } == dict.fromkeys(pauses, True)
    assert max(pauses[10]) > 50
    assert min(pauses[10]) < 5
