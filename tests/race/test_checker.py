"""The checker finds what a reader missed, what it was shown twice, and positions that nothing is stored at."""

from array import array

import pytest

from tests.race.checker import Reading, Verdict, judge


def verdict(stored: list[int], *shown: int, began_at: int = 0) -> Verdict:
    return judge(stored, [Reading(began_at, array("q", shown))])


def test_a_reader_that_saw_every_row_is_not_complained_about() -> None:
    assert verdict([1, 2, 3, 4], 1, 2, 3, 4).flawless
    assert verdict([1, 2, 3, 4], 3, 4, began_at=2).flawless
    assert verdict([]).flawless


@pytest.mark.parametrize(
    ("shown", "missed"),
    [((2, 3, 4), 1), ((1, 3, 4), 1), ((1, 2), 2), ((), 4), ((1, 4), 2)],
    ids=["first", "middle", "end", "all", "two"],
)
def test_a_row_that_was_not_shown_is_missed(shown: tuple[int, ...], missed: int) -> None:
    assert verdict([1, 2, 3, 4], *shown).missed == missed


def test_a_row_before_the_readers_cursor_is_not_missed() -> None:
    assert verdict([1, 2, 3], 3, began_at=2).missed == 0


def test_a_row_that_was_shown_twice_is_repeated() -> None:
    assert verdict([1, 2, 3], 1, 2, 2, 3).repeated == 1


def test_a_row_that_was_shown_after_a_later_one_is_repeated_and_missed() -> None:
    found = verdict([1, 2, 3], 1, 3, 2)

    assert (found.repeated, found.missed) == (1, 1)


def test_a_row_that_is_not_stored_is_invented() -> None:
    assert verdict([1, 2, 4], 1, 2, 3, 4).invented == 1


def test_a_position_without_a_row_is_a_gap() -> None:
    assert verdict([1, 2, 5], 1, 2, 5).gaps == 2


def test_what_several_readers_missed_is_added_up() -> None:
    readings = [Reading(0, array("q", [1])), Reading(1, array("q"))]

    assert judge([1, 2], readings).missed == 2
