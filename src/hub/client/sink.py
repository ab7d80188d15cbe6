"""Where what was read is kept: the cursor moves with the data, or neither does."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol, Self

from hub.client.page import Page

Item = tuple[int, bytes]
"""A position and the digest of its version, 32 bytes."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What a sink holds: up to which cursor, and the openings that are still to come as (microseconds UTC, position).

    `source` names the hub and the filters that it was filled from; empty where it is new.
    """

    cursor: str = "0"
    source: str = ""
    openings: Sequence[tuple[int, int]] = field(default=())


class Sink(Protocol):
    """A place that keeps entries and the cursor together; a process may be killed at any moment."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *_: object) -> None: ...

    async def kept(self) -> Kept:
        """What is there."""

    async def begin(self, source: str, cursor: str) -> None:
        """Say what a new sink is filled from, and behind which cursor; that is kept with what is written first."""

    async def write(self, page: Page) -> None:
        """Keep a page's entries and its cursor, both or neither."""

    async def cut(self, cursor: str) -> None:
        """Forget what lies behind the cursor's position, and go on from the cursor."""

    def items(self) -> AsyncIterator[Sequence[Item]]:
        """Everything that is kept, in position order, in pieces."""
