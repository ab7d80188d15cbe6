"""How fast a process delivers, and how fast it may."""

from dataclasses import dataclass, field
from random import Random, SystemRandom


@dataclass(slots=True)
class Pace:
    """What may be set per target: the largest batch, the requests in flight, the length of a lease in seconds."""

    batch: int = 500
    bytes: int = 16 * 1024 * 1024
    """The most bytes of documents in one request, unless one alone has more."""
    requests: int = 8
    lease: float = 10.0
    backlog: float | None = None
    """The most versions a second of a backlog while platforms push; None is without a limit."""
    decisions: float = 86_400.0
    """Seconds in which a target says what it decided on what it took in."""
    random: Random = field(default_factory=SystemRandom)


class Meter:
    """How many versions and requests a second a target takes from all workers together; None is without a limit.

    Times are seconds of the event loop's clock. The pace is even, without bursts: after each request comes the pause
    that its versions are worth, so no second has more than one batch above its share. Up to `makes_up` seconds by which
    requests left later than they might have are made up for.
    """

    def __init__(self, versions: float | None = None, requests: float | None = None, makes_up: float = 0.0) -> None:
        self._versions = versions
        self._requests = requests
        self._makes_up = makes_up
        self.workers = 1
        """How many live workers share the target."""
        self.free_at = 0.0
        """When the next request may be sent."""

    def lets(self, now: float) -> bool:
        """Whether a request may be sent."""
        return now >= self.free_at

    def largest(self, batch: int) -> int:
        """The largest batch: no more than one second's versions."""
        return batch if self._versions is None else max(1, min(batch, int(self._versions / self.workers)))

    def sent(self, now: float, versions: int) -> None:
        """A request with so many versions was sent."""
        pauses = [0.0]
        if self._versions is not None:
            pauses.append(versions * self.workers / self._versions)
        if self._requests is not None:
            pauses.append(self.workers / self._requests)
        self.free_at = max(self.free_at, now - self._makes_up) + max(pauses)
