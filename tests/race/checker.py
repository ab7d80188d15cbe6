"""The checker: what each reader was shown against what is stored in the end; pure, and linear in the rows."""

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field


def positions() -> "array[int]":
    """An empty list of positions that takes eight bytes for each."""
    return array("q")


@dataclass(slots=True)
class Reading:
    """The cursor that a reader began at, and the positions that it was shown, in order."""

    began_at: int
    shown: "array[int]" = field(default_factory=positions)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is wrong, in rows, over all readers.

    `missed` rows lie behind a reader's cursor without having been shown to it, `repeated` ones were shown again or out
    of order, `invented` ones are not stored. `gaps` are positions below the last one that nothing is stored at.
    """

    rows: int
    shown: int
    missed: int
    repeated: int
    invented: int
    gaps: int

    @property
    def flawless(self) -> bool:
        """Whether every reader saw every row once and in order, and positions are dense."""
        return not (self.missed or self.repeated or self.invented or self.gaps)

    def __str__(self) -> str:
        return (
            f"{self.rows} rows, {self.shown} shown to readers: {self.missed} missed, {self.repeated} repeated, "
            f"{self.invented} invented, {self.gaps} gaps"
        )


def judge(stored: Sequence[int], readings: Iterable[Reading]) -> Verdict:
    """Compare readings with the stored positions, which come in rising order."""
    shown = missed = repeated = invented = 0
    for reading in readings:
        shown += len(reading.shown)
        found = _compare(stored, reading)
        missed, repeated, invented = missed + found[0], repeated + found[1], invented + found[2]
    gaps = stored[-1] - len(stored) if stored else 0
    return Verdict(len(stored), shown, missed, repeated, invented, gaps)


def _compare(stored: Sequence[int], reading: Reading) -> tuple[int, int, int]:
    """Rows missed, repeated and invented: both lists are walked once, side by side."""
    missed = repeated = invented = 0
    rest = iter(stored)
    last = reading.began_at
    expected = next((position for position in rest if position > last), None)
    for position in reading.shown:
        if position <= last:
            repeated += 1
            continue
        last = position
        while expected is not None and expected < position:
            missed += 1
            expected = next(rest, None)
        if expected == position:
            expected = next(rest, None)
        else:
            invented += 1
    if expected is not None:
        missed += 1 + sum(1 for _ in rest)
    return missed, repeated, invented
