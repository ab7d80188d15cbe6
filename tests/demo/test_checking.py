"""What the demo finds wrong in a target's ledger."""

import pytest

from hub.demo.checking import holdings
from hub.demo.pushing import Accepted, Tally
from hub.demo.watching import Held, TargetView


def a_tally(*accepted: Accepted) -> Tally:
    return Tally(0, accepted={taken.position: taken for taken in accepted})


def a_version(position: int, *, thread: str = "tender:A", digest: str = "", to: str = "national") -> Accepted:
    record = f"P/tender_notice/{position}"
    return Accepted(position, record, 1, "tender_notice", digest or f"digest {position}", thread, (to,))


def a_decision(seq: int, position: int, *, digest: str = "", status: str = "accepted", receipt: str = "") -> Held:
    return Held(seq, position, "tender:A", status, receipt or f"N{seq}", digest or f"digest {position}", 0)


def wrong(tally: Tally, *held: Held) -> str:
    """Everything that is found wrong, in one text."""
    target = TargetView("national", "", list(held))
    return "; ".join(words for check in holdings(target, tally) for words in check.wrong)


def test_a_target_that_took_everything_once_and_in_order_is_right() -> None:
    assert wrong(a_tally(a_version(1), a_version(2)), a_decision(1, 1), a_decision(2, 2)) == ""


def test_items_of_others_do_not_count() -> None:
    assert wrong(a_tally(a_version(2)), a_decision(1, 1), a_decision(2, 2)) == ""


@pytest.mark.parametrize(
    ("tally", "held", "words"),
    [
        (a_tally(a_version(1), a_version(2)), [a_decision(1, 1)], "missing: 1 (position 2)"),
        (a_tally(a_version(1)), [a_decision(1, 1, status="rejected")], "rejected: 1 (position 1)"),
        (a_tally(a_version(1, to="credit")), [a_decision(1, 1)], "not wanted: 1 (position 1)"),
        (a_tally(a_version(1)), [a_decision(1, 1), a_decision(2, 1)], "applied twice: 1 (position 1)"),
        (a_tally(a_version(1), a_version(2)), [a_decision(1, 2), a_decision(2, 1)], "tender:A: 1 came after 2"),
        (a_tally(a_version(1)), [a_decision(1, 1, digest="other")], "another digest: 1 (position 1)"),
        (
            a_tally(a_version(1), a_version(2)),
            [a_decision(1, 1, receipt="N"), a_decision(2, 2, receipt="N")],
            "receipt N given twice",
        ),
    ],
)
def test_what_is_wrong_is_named(tally: Tally, held: list[Held], words: str) -> None:
    assert words in wrong(tally, *held)
