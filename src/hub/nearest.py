"""The name that was probably meant by one that there is not."""

from collections.abc import Iterable
from difflib import get_close_matches

LONGEST = 64
"""The most characters of a name that are looked at."""


def meant(name: str, known: Iterable[str]) -> str:
    """What ends a sentence about a name that there is not: the nearest one that there is, and the full stop."""
    near = get_close_matches(name[:LONGEST], known, n=1)
    return f"; did you mean {near[0]}?" if near else "."
