"""How often Python's collector looks for garbage: start-up makes half a million objects, and nearly all of them stay."""

import gc

STARTING = (100_000, 50, 50)
RUNNING = (10_000, 5, 5)
"""How many more objects there must be before the collector looks at the new ones, and how many such looks before it looks
at older ones. Python's own 700 suits small programs; with too many, what a request leaves behind, bodies of megabytes
among it, stays for long."""


def look_rarely() -> None:
    """Have the collector come rarely, for a command that ends soon."""
    gc.set_threshold(*STARTING)


def look_not_at_all() -> None:
    """Keep the collector away until `keep_what_is`; called before what a process is made of is loaded."""
    gc.disable()


def keep_what_is() -> None:
    """What was made until now stays: the collector need not walk it again, neither while the process runs nor at its end."""
    gc.freeze()
    gc.enable()
    gc.set_threshold(*RUNNING)
