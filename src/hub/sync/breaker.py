"""The breaker of a target: after failures in a row it pauses, then lets one probe through; it never gives up."""

from random import Random

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 60.0
LONGEST_RETRY_AFTER = 900.0
FAILURES_TO_OPEN = 8
"""How many answered failures in a row open it: some in a row happen where a hundredth of the versions is poison."""


def full_jitter(failures: int, random: Random) -> float:
    """A pause in seconds, anywhere between 0 and the doubling bound of 1 s … 60 s."""
    return random.uniform(0, min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(failures - 1, 16)))


class Breaker:
    """Times are seconds of the event loop's clock."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self.failures = 0
        self.open_until = 0.0
        self._fresh_from = 0.0
        """From when on what never failed may leave: before `open_until` where the target answers, if only with errors."""

    def succeeded(self) -> None:
        """The target answered as the protocol says."""
        self.failures = 0
        self.open_until = self._fresh_from = 0.0

    def failed(self, now: float, *, retry_after: float | None, answered: bool) -> None:
        """A request failed; `answered` is False where there was no HTTP answer at all."""
        told_until = now + min(retry_after or 0.0, LONGEST_RETRY_AFTER)
        if now < self.open_until:
            # It was under way when the breaker opened: no new evidence, but what it asks for counts.
            self.open_until = max(self.open_until, told_until)
            self._fresh_from = max(self._fresh_from, told_until)
            return
        self.failures += 1
        if retry_after is not None:
            self.open_until = max(told_until, now + full_jitter(self.failures, self._random))
        elif not answered:
            self.open_until = now + full_jitter(self.failures, self._random)
        elif self.failures >= FAILURES_TO_OPEN:
            self.open_until = now + full_jitter(self.failures - FAILURES_TO_OPEN + 1, self._random)
            # What has failed so far may be all that fails: something new is worth a try.
            self._fresh_from = min(self.open_until, now + FIRST_PAUSE)
            return
        self._fresh_from = self.open_until

    def lets(self, now: float, *, fresh: bool = False) -> bool:
        """Whether requests may be sent; `fresh` where there is something that never failed."""
        return now >= self.next_try(fresh=fresh)

    def next_try(self, *, fresh: bool) -> float:
        """When the next request may be sent."""
        return self._fresh_from if fresh else self.open_until

    @property
    def probing(self) -> bool:
        """Whether the next request is a probe: alone, and of one version."""
        return self.failures > 0 and self.open_until > 0
