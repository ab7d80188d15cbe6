"""The breaker of a target: after failures in a row it pauses, then lets one probe through; it never gives up."""

from random import Random

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 60.0
LONGEST_RETRY_AFTER = 900.0
FAILURES_TO_OPEN = 3


def full_jitter(failures: int, random: Random) -> float:
    """A pause in seconds, anywhere between 0 and the doubling bound of 1 s … 60 s."""
    return random.uniform(0, min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(failures - 1, 16)))


class Breaker:
    """Times are seconds of the event loop's clock."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self.failures = 0
        self.open_until = 0.0

    def succeeded(self) -> None:
        """The target answered as the protocol says."""
        self.failures = 0
        self.open_until = 0.0

    def failed(self, now: float, *, retry_after: float | None, answered: bool) -> None:
        """A request failed; `answered` is False where there was no HTTP answer at all."""
        if now < self.open_until and retry_after is None:
            return  # It was under way when the breaker opened: no new evidence.
        self.failures += 1
        if retry_after is not None:
            self.open_until = now + min(retry_after, LONGEST_RETRY_AFTER)
        elif not answered or self.failures >= FAILURES_TO_OPEN:
            self.open_until = now + full_jitter(self.failures, self._random)

    def lets(self, now: float) -> bool:
        """Whether requests may be sent."""
        return now >= self.open_until

    @property
    def probing(self) -> bool:
        """Whether the next request is a probe: alone, and of one version."""
        return self.failures > 0 and self.open_until > 0
