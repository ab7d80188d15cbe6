"""How often Python's collector looks for garbage: start-up makes a million objects, and nearly all of them stay."""

import gc

ALLOCATIONS = 100_000
"""How many more objects there must be before the collector looks at the new ones; Python's own 700 suits small programs."""


def look_rarely() -> None:
    """Have the collector come rarely; called before what a process is made of is loaded."""
    gc.set_threshold(ALLOCATIONS, 50, 50)


def keep_what_is() -> None:
    """What was made until now stays: the collector need not walk it again, neither while the process runs nor at its end."""
    gc.freeze()
