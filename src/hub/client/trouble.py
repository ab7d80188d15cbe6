"""What can end the reading of a feed."""

from typing import Any


class Trouble(Exception):
    """The feed cannot be read on; the message says why."""


class Broken(Trouble):
    """What the hub answered contradicts itself: a gap, a repetition or a digest that is not that of the document."""


class Refused(Trouble):
    """The hub refuses the request; `problem` is what it said."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        self.status = status
        self.problem = problem
        super().__init__(f"{status}: {problem.get('title', 'refused')} {problem.get('detail', '')}".rstrip())


class EpochEnded(Refused):
    """Versions were lost at the hub: what was read behind `shared` holds no longer, and `epoch` is what goes on there."""

    def __init__(self, problem: dict[str, Any]) -> None:
        super().__init__(409, problem)
        self.epoch = int(problem["epoch"])
        self.shared = int(problem["began_after"])


class Unreachable(Trouble):
    """The hub gave no answer for longer than one was willing to wait."""
