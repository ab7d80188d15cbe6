"""How fast a process delivers."""

from dataclasses import dataclass, field
from random import Random, SystemRandom


@dataclass(slots=True)
class Pace:
    """What may be set per process: the largest batch, the requests in flight, and the length of a lease in seconds."""

    batch: int = 500
    requests: int = 8
    lease: float = 10.0
    random: Random = field(default_factory=SystemRandom)
