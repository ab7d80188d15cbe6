"""The dealer: what a dial deals to each request."""

import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from random import Random
from typing import Any, Literal

from hub.simulators.dial import Dial

BEIJING = timezone(timedelta(hours=8))

Refusal = Literal["reset", "rate_limit", "html", "error"]
Spoilt = Literal["late", "error", "hang", "reset", "truncate", "drip", "wrong"]


@dataclass(frozen=True, slots=True)
class Fate:
    """What one batch request meets: `refusal` instead of being stored, `spoilt` although it is stored."""

    latency_s: float
    answer_latency_s: float
    refusal: Refusal | None
    status: int
    spoilt: Spoilt | None


def _refusals(dial: Dial) -> Iterator[tuple[Refusal, float, Sequence[int]]]:
    yield "reset", dial.reset_percent, (500,)
    yield "rate_limit", dial.rate_limit_percent, (429,)
    yield "html", dial.html_error_percent, (200, 502)
    yield "error", dial.error_percent, (500, 502, 503)


def _spoilings(dial: Dial) -> Iterator[tuple[Spoilt, float]]:
    yield "error", dial.error_after_store_percent
    yield "hang", dial.hang_after_store_percent
    yield "truncate", dial.truncate_percent
    yield "late", dial.hang_before_store_percent
    yield "reset", dial.reset_after_store_percent
    yield "drip", dial.drip_percent
    yield "wrong", dial.wrong_receipt_percent


class Dealer:
    """A dial with its random numbers, the time since it was set and the requests of the last second."""

    def __init__(self, dial: Dial) -> None:
        self.dial = dial
        self._random = Random(dial.seed)  # noqa: S311 (reproducible faults, no secrets)
        self._up_at = time.monotonic() + dial.down_for_s
        self._lately: deque[float] = deque()

    def down(self, now: datetime) -> bool:
        """Whether an outage lasts: the one since the dial was set, or the daily one at `now`."""
        if time.monotonic() < self._up_at:
            return True
        start, end = self.dial.down_from, self.dial.down_to
        if start is None or end is None:
            return False
        at = f"{now.astimezone(BEIJING):%H:%M}"
        return start <= at < end if start <= end else at >= start or at < end

    def overrun(self) -> bool:
        """Whether this request is one too many within a second; it counts only where it is not."""
        if not self.dial.requests_per_s:
            return False
        moment = time.monotonic()
        while self._lately and self._lately[0] <= moment - 1:
            self._lately.popleft()
        if len(self._lately) >= self.dial.requests_per_s:
            return True
        self._lately.append(moment)
        return False

    def deal(self) -> Fate:
        """What the next batch request meets."""
        dial = self.dial
        latency_s = (dial.latency_ms + self._random.random() * dial.latency_jitter_ms) / 1000
        answer_latency_s = (dial.answer_latency_ms + self._random.random() * dial.answer_jitter_ms) / 1000
        if self.overrun():
            return Fate(0, 0, "rate_limit", 429, None)
        for refusal, percent, statuses in _refusals(dial):
            if self._happens(percent):
                return Fate(latency_s, 0, refusal, self._random.choice(statuses), None)
        for spoilt, percent in _spoilings(dial):
            if self._happens(percent):
                return Fate(latency_s, answer_latency_s, None, 200, spoilt)
        return Fate(latency_s, answer_latency_s, None, 200, None)

    def rejects(self) -> bool:
        """Whether the next item is rejected."""
        return self._happens(self.dial.reject_percent)

    def poisoned(self, record: str) -> bool:
        """Whether an item of this record spoils its batch."""
        return any(part in record for part in self.dial.poison)

    def shuffled(self, results: Sequence[Any]) -> list[Any]:
        """The same results in another order."""
        return self._random.sample(results, len(results))

    def wrong(self, results: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Results as a platform gives them that mixes up its receipts: one of the ways to do so, all of them visible."""
        first = results[0]
        ways = [
            [{**result, "position": result["position"] + 10**6} for result in results],
            [{**first, "receipt": None}, *results[1:]],
            [{**first, "receipt": {"no": 1}}, *results[1:]],
            [{**first, "receipt": ""}, *results[1:]],
            [{**first, "receipt": "N" * 10_000}, *results[1:]],
            results[1:],
            [*results, {**first, "receipt": "N9999999999"}],
        ]
        if len(results) > 1:
            ways.append([{**result, "receipt": "N0000000001"} for result in results])
        return self._random.choice(ways)

    def _happens(self, percent: float) -> bool:
        return self._random.random() * 100 < percent
