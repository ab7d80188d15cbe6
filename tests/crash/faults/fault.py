"""What a fault is."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.crash.world import World


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault by name.

    `missing` says what it would need on an engine and does not find here, empty where it can be had. `strike` does it
    once, from its beginning to its end, and says what it did; None where there was nobody to do it to.
    """

    name: str
    missing: Callable[[str], str]
    strike: Callable[["World", Random], Awaitable[str | None]]
