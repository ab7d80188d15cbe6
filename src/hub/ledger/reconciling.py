"""Reconciling: which versions another's copy of the ledger lacks or has wrong, in few rounds and little traffic."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.ledger.buckets import (
    EVERYTHING,
    MODULUS,
    PAGE,
    Sum,
    buckets,
    item_hash,
    page_of,
    summed,
    summed_up_to,
)
from hub.ledger.read import Filter, head_position, narrowed
from hub.ledger.tables import Version

MOST_READ = 200_000
"""The most versions that one question may make the hub read; whole pages cost none."""

PREFIX = 8
"""Hexadecimal digits of a digest that a copy tells of each of its items."""

Range = tuple[int, int]
"""The first and the last of neighbouring positions."""


class TooMuch(Exception):
    """The question would need more versions to be read than one may."""


@dataclass(frozen=True, slots=True)
class Copy:
    """What a copy has between two positions: which positions, and either the sum of its items or their prefixes."""

    first: int
    last: int
    have: Sequence[Range]
    digest: str | None = None
    """The digest of the items together, in hexadecimal."""
    prefixes: str | None = None
    """The first `PREFIX` digits of each item's digest, in the order of the positions, one after the other."""


@dataclass(slots=True)
class Difference:
    """What is to be done to a copy between two positions.

    `missing` it lacks, `withdrawn` it lacks too, and they take records back; `stale` it has with another digest,
    `surplus` it has and the hub does not. `suspect` says that something is stale, and that only prefixes can tell what.
    """

    first: int
    last: int
    missing: list[int]
    withdrawn: list[int]
    stale: list[int]
    surplus: list[int]
    suspect: bool = False


class Sums:
    """The hub's sums over any ranges of positions, for the versions that a filter lets through."""

    def __init__(self, connection: AsyncConnection, wanted: Filter) -> None:
        self._connection = connection
        self._wanted = wanted
        self._numbers: list[int] = []
        self._totals: list[Sum] = []
        """The sum of all pages up to the one at the same place in `_numbers`."""
        self._summed = self.head = 0
        self._left = MOST_READ

    async def over(self, ranges: Sequence[Range]) -> list[Sum]:
        """The sum over each range; raises `TooMuch` where they cut too many pages."""
        self.head = await head_position(self._connection)
        self._summed = await summed_up_to(self._connection) // PAGE
        if ranges:
            first, last = page_of(min(first for first, _ in ranges)), page_of(max(last for _, last in ranges))
            await self._load(first, min(last, self._summed))
        return [await self._sum(first, min(last, self.head)) for first, last in ranges]

    async def _load(self, first: int, last: int) -> None:
        found = await buckets(self._connection, "page", scopes_of(self._wanted), first, last)
        running = Sum()
        for number, one in sorted(found.items()):
            running = Sum(running.count + one.count, (running.total + one.total) % MODULUS)
            self._numbers.append(number)
            self._totals.append(running)

    async def _sum(self, first: int, last: int) -> Sum:
        """The sum over a range: of its whole pages as they are kept, and of its ends as they are read."""
        low, high = page_of(first + PAGE - 1), min(last // PAGE, self._summed)
        if low > high:
            return await self._read(first, last)
        whole = self._pages(low, high)
        for begin, end in ((first, (low - 1) * PAGE), (high * PAGE + 1, last)):
            rest = await self._read(begin, end)
            whole.add(rest.count, rest.total)
        return whole

    def _pages(self, first: int, last: int) -> Sum:
        before, upto = bisect_left(self._numbers, first), bisect_right(self._numbers, last)
        one = self._totals[upto - 1] if upto else Sum()
        other = self._totals[before - 1] if before else Sum()
        return Sum(one.count - other.count, (one.total - other.total) % MODULUS)

    async def _read(self, first: int, last: int) -> Sum:
        if last < first:
            return Sum()
        self._left -= last - first + 1
        if self._left < 0:
            raise TooMuch
        return summed(
            [(position, digest) for position, digest, _ in await held(self._connection, self._wanted, first, last)]
        )


def scopes_of(wanted: Filter) -> Sequence[str]:
    """The scopes whose buckets together are what the filter lets through; it has kinds or a platform, not both."""
    if wanted.kinds is not None:
        return wanted.kinds
    return (EVERYTHING,) if wanted.platform is None else (wanted.platform,)


async def held(connection: AsyncConnection, wanted: Filter, first: int, last: int) -> Sequence[tuple[int, bytes, str]]:
    """Position, digest and state of the hub's versions in a range."""
    statement = _HELD.where(Version.position >= first, Version.position <= last)
    rows = await connection.execute(narrowed(statement, wanted).order_by(Version.position))
    return [(position, digest, state) for position, digest, state in rows]


_HELD: Any = select(Version.position, Version.digest, Version.state)


async def compared(connection: AsyncConnection, wanted: Filter, copy: Copy) -> Difference:
    """How a copy differs from the hub between two positions.

    Prefixes say of each position what the copy has; without them the sum says whether anything is stale.
    """
    theirs = _positions(copy)
    ours = {
        position: (digest, state) for position, digest, state in await held(connection, wanted, copy.first, copy.last)
    }
    lacking = [position for position in ours if position not in theirs]
    common = [position for position in theirs if position in ours]
    difference = Difference(
        copy.first,
        copy.last,
        missing=[position for position in lacking if ours[position][1] != "withdrawn"],
        withdrawn=[position for position in lacking if ours[position][1] == "withdrawn"],
        stale=[],
        surplus=[position for position in theirs if position not in ours],
    )
    if copy.prefixes is not None:
        difference.stale = [
            position for position in common if not ours[position][0].hex().startswith(theirs[position].lower())
        ]
    elif copy.digest is not None and not difference.surplus:
        total = sum(item_hash(position, ours[position][0]) for position in common) % MODULUS
        difference.suspect = total.to_bytes(32, "big").hex() != copy.digest.lower()
    elif copy.digest is not None:
        difference.suspect = True
    return difference


def _positions(copy: Copy) -> dict[int, str]:
    """The copy's positions with their prefixes, empty where it tells none; raises ValueError where they do not match."""
    for (first, last), before in zip(copy.have, ((0, copy.first - 1), *copy.have), strict=False):
        if not before[1] < first <= last <= copy.last:
            raise ValueError("`have` names positions between `from` and `to`, in order and each once")
    positions = [position for first, last in copy.have for position in range(first, last + 1)]
    if copy.prefixes is None:
        return dict.fromkeys(positions, "")
    if len(copy.prefixes) != PREFIX * len(positions):
        raise ValueError(f"`prefixes` has {PREFIX} digits for each position in `have`")
    return {one: copy.prefixes[PREFIX * at : PREFIX * (at + 1)] for at, one in enumerate(positions)}


def ranges_of(positions: Iterable[int]) -> list[Range]:
    """Positions as ranges of neighbours, in order."""
    found: list[Range] = []
    for position in sorted(positions):
        if found and found[-1][1] == position - 1:
            found[-1] = (found[-1][0], position)
        else:
            found.append((position, position))
    return found
