"""What a benchmark says: figures with what is asked of them, and how rounds are interleaved."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from statistics import median


class BenchmarkFailed(Exception):
    """A measurement that would not mean what its name says."""


@dataclass(frozen=True, slots=True)
class Options:
    """How long and how often is measured: seconds of one round, rounds, and sizes for a quick look only."""

    seconds: int = 8
    rounds: int = 3
    quick: bool = False


TIMES = ("s", "ms")
"""Units of which less is better."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One thing measured three ways in one run, all in `unit`; None where there is no such way.

    More is better, unless the unit is one of time: then the ratios are turned round, so that they say the same.
    What is asked: `of_limit` and `times_conventional` are the least ratios of ours to the other two, `at_least` and
    `at_most` the least and the most that ours may be.
    """

    name: str
    unit: str
    ours: float
    limit: float | None = None
    conventional: float | None = None
    of_limit: float | None = None
    times_conventional: float | None = None
    at_most: float | None = None
    at_least: float | None = None

    @property
    def share(self) -> float | None:
        """Ours as a part of the limit."""
        return self._ratio(self.limit)

    @property
    def factor(self) -> float | None:
        """Ours as a multiple of the conventional way."""
        return self._ratio(self.conventional)

    @property
    def asked(self) -> str:
        """What is asked, in words; empty where the figure is for information only."""
        parts = []
        if self.of_limit is not None:
            parts.append(f"≥ {self.of_limit:g} × limit")
        if self.times_conventional is not None:
            parts.append(f"≥ {self.times_conventional:g} × conventional")
        if self.at_least is not None:
            parts.append(f"≥ {self.at_least:g} {self.unit}")
        if self.at_most is not None:
            parts.append(f"≤ {self.at_most:g} {self.unit}")
        return ", ".join(parts)

    @property
    def met(self) -> bool | None:
        """Whether everything asked is met; None where nothing is asked."""
        if not self.asked:
            return None
        return not (
            (self.of_limit is not None and (self.share is None or self.share < self.of_limit))
            or (self.times_conventional is not None and (self.factor is None or self.factor < self.times_conventional))
            or (self.at_least is not None and self.ours < self.at_least)
            or (self.at_most is not None and self.ours > self.at_most)
        )

    def _ratio(self, other: float | None) -> float | None:
        if not other or not self.ours:
            return None
        return other / self.ours if self.unit in TIMES else self.ours / other


Measurement = Callable[[int], Mapping[str, float]]
"""Measures once; the argument numbers the round, so that every round can use keys of its own."""


def interleaved(
    rounds: int, ways: Mapping[str, Measurement], settle: Callable[[], None] = lambda: None
) -> dict[str, dict[str, float]]:
    """The medians of every way's values. The ways take turns, so that a noisy minute falls on all of them.

    `settle` runs before each: what one way left for the disk to write is not the next one's burden.
    """
    seen: dict[str, list[Mapping[str, float]]] = {name: [] for name in ways}
    for number in range(rounds):
        for name, measure in ways.items():
            settle()
            seen[name].append(measure(number))
    return {name: {key: median(values[key] for values in found) for key in found[0]} for name, found in seen.items()}


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of `values` do not exceed."""
    if not values:
        raise BenchmarkFailed("there is nothing to take a percentile of")
    ordered = sorted(values)
    return ordered[max(0, ceil(share * len(ordered)) - 1)]
