"""The tree as it is stored: tiles that grow at their right edge, and any subtree's root read back from them."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.transparency.merkle import HASH, SHA256, Hashing, inclusion_proof
from hub.transparency.tables import Tile

HEIGHT = 8
"""Levels of the tree in a tile."""
WIDTH = 1 << HEIGHT
"""Hashes in a full tile."""

Tiles = dict[tuple[int, int], bytes]
"""Tiles by level and number."""


def right_edge(size: int) -> list[tuple[int, int]]:
    """The tiles that are not full in a tree of `size` leaves, by level and number."""
    edge, level = [], 0
    while size:
        if size % WIDTH:
            edge.append((level, size // WIDTH))
        size //= WIDTH
        level += 1
    return edge


def grown(
    size: int, edge: Mapping[tuple[int, int], bytes], entries: Sequence[bytes], hashing: Hashing = SHA256
) -> Tiles:
    """The tiles that change when `entries` are added to a tree of `size` leaves whose right edge is `edge`."""
    changed: Tiles = {}
    hashes, level = [hashing.leaf(entry) for entry in entries], 0
    while hashes:
        number, filled = divmod(size, WIDTH)
        old = edge.get((level, number), b"")
        if len(old) != filled * HASH:
            raise ValueError(f"tile {level}/{number} has {len(old) // HASH} hashes and not {filled}")
        tail = [old[at : at + HASH] for at in range(0, len(old), HASH)] + hashes
        above = []
        for begin in range(0, len(tail), WIDTH):
            tile = tail[begin : begin + WIDTH]
            changed[level, number + begin // WIDTH] = b"".join(tile)
            if len(tile) == WIDTH:
                above.append(_top(tile, hashing))
        size //= WIDTH
        hashes, level = above, level + 1
    return changed


def _top(hashes: list[bytes], hashing: Hashing) -> bytes:
    while len(hashes) > 1:
        hashes = hashing.parents(hashes)
    return hashes[0]


class TileMissing(Exception):
    """A tile is not there, or is shorter than the tree needs it."""


class Reader:
    """Reads subtrees' roots from the stored tiles; each tile is read once."""

    def __init__(self, connection: AsyncConnection, known: Tiles | None = None, hashing: Hashing = SHA256) -> None:
        self._connection = connection
        self._hashing = hashing
        self._tiles: Tiles = known if known is not None else {}

    async def subtree(self, level: int, index: int) -> bytes:
        """The root of the complete subtree of 2^level leaves that begins at leaf index·2^level; raises `TileMissing`."""
        above, inside = divmod(level, HEIGHT)
        count = 1 << inside
        number, first = divmod(index * count, WIDTH)
        tile = await self.tile(above, number)
        begin = first * HASH
        if len(tile) < begin + count * HASH:
            raise TileMissing(f"tile {above}/{number} has {len(tile) // HASH} hashes and not {first + count}")
        return _top([tile[at : at + HASH] for at in range(begin, begin + count * HASH, HASH)], self._hashing)

    async def inclusion(self, leaf: int, size: int) -> list[bytes]:
        """The inclusion proof of a leaf in the tree of `size` leaves; raises `TileMissing`."""
        await self._fetch(leaf, size)
        return await inclusion_proof(leaf, size, self.subtree, self._hashing)

    async def _fetch(self, leaf: int, size: int) -> None:
        """Read at once every tile that the inclusion proof of a leaf in a tree of `size` leaves may need."""
        wanted, above, last = set(right_edge(size)), leaf // WIDTH, size
        for level in range(max((level for level, _ in wanted), default=0) + 1):
            wanted.add((level, above))
            last, above = last // WIDTH, above // WIDTH
            if last % WIDTH == 0 and last:  # A full tile at the edge.
                wanted.add((level + 1, (last - 1) // WIDTH))
        found = await self._connection.execute(
            select(Tile.level, Tile.number, Tile.hashes).where(tuple_(Tile.level, Tile.number).in_(sorted(wanted)))
        )
        self._tiles.update(((level, number), hashes) for level, number, hashes in found)

    async def tile(self, level: int, number: int) -> bytes:
        """The tile's hashes; empty where there is no such tile."""
        if (level, number) not in self._tiles:
            found = await self._connection.execute(
                select(Tile.hashes).where(Tile.level == level, Tile.number == number)
            )
            self._tiles[level, number] = found.scalar_one_or_none() or b""
        return self._tiles[level, number]
