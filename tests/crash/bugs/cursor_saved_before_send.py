"""A lane's cursor follows what was read, not what is finished: a worker that dies takes what it held with it."""

from hub.sync.queue import Lane
from tests.crash.bugs.bug import Bug, replace


def _apply() -> None:
    replace(Lane, "reached", lambda lane: lane.read)


BUG = Bug(falls=frozenset({"I4", "I8"}), apply=_apply, kills=6)
