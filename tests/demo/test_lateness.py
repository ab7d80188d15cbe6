"""What the demo says of time limits."""

from io import StringIO

from rich.console import Console

from hub.demo.lateness import time_limits
from hub.demo.pushing import Accepted


def an_accepted(clock: str | None, days_late: int = 0) -> Accepted:
    """A version on which that clock decided, or none."""
    due = None if clock is None else {"clock": clock, "days_late": days_late}
    return Accepted(1, "P/tender_notice/1", 1, "tender_notice", "", "tender:A", ("national",), due)


def shown(*accepted: Accepted) -> str:
    """What is printed of them."""
    console = Console(file=StringIO(), width=160)
    time_limits(console, accepted)
    assert isinstance(console.file, StringIO)
    return " ".join(console.file.getvalue().split())


def test_versions_are_counted_by_the_clock_that_decided() -> None:
    told = shown(an_accepted("D-PUB20"), an_accepted("D-PUB20", 3), an_accepted("D-PUB20", 9), an_accepted("D-PEN7"))

    assert "day of publication 1 2 9" in told
    assert "day of publication 1 0 –" in told


def test_late_sharing_is_told_apart_from_late_disclosure() -> None:
    assert "does not say that they were disclosed late" in shown(an_accepted("D-RT", 240))
    assert "does not say" not in shown(an_accepted("D-PUB20", 3), an_accepted("D-RT"))


def test_nothing_is_said_where_no_clock_ran() -> None:
    assert shown(an_accepted(None)) == ""
