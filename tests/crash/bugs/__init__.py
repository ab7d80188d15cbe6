"""Seeded bugs: what the programme must be able to find. Each is put into a running hub; the hub has no hook for it.

`python -m tests.crash.bugs NAME serve …` is the hub's command line with the bug in it.
"""

import importlib
import pkgutil

from tests.crash.bugs.bug import Bug

BUGS = tuple(module.name for module in pkgutil.iter_modules(__path__) if module.name not in ("bug", "__main__"))
"""The names of all seeded bugs."""


def bug_of(name: str) -> Bug:
    """The bug of this name."""
    bug: Bug = importlib.import_module(f"{__name__}.{name}").BUG
    return bug
