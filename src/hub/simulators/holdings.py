"""What a simulated platform holds, told item by item or as sums of buckets, for reconciliation."""

import sqlite3
from collections.abc import Iterator
from hashlib import sha256
from itertools import groupby
from pathlib import Path

from hub.simulators.messages import Bucket, Held, Holdings

_HELD = """
SELECT position, digest FROM received WHERE position BETWEEN ?1 AND ?2 AND status = 'accepted'
UNION ALL
SELECT position, digest FROM repeated JOIN received USING (position)
WHERE position BETWEEN ?1 AND ?2 AND status = 'accepted'
ORDER BY 1
"""
_BEYOND = """
SELECT position FROM received WHERE position BETWEEN ? AND ? AND status = 'accepted' ORDER BY 1 LIMIT 1 OFFSET ?
"""


class Reader:
    """Reads the store beside its writer, on a connection of its own; not for use by several threads at once."""

    def __init__(self, path: Path | str) -> None:
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def held(self, first: int, last: int, limit: int) -> Holdings:
        """What is held from `first` to `last`, both included: a page of `limit` positions."""
        beyond = self._db.execute(_BEYOND, (first, last, limit)).fetchone()
        end = last if beyond is None else beyond[0] - 1
        return Holdings([Held(*row) for row in self._rows(first, end)], None if beyond is None else beyond[0])

    def buckets(self, first: int, last: int, size: int) -> list[Bucket]:
        """The buckets of `size` positions that hold something; those at the ends are cut to the range."""
        found = []
        for number, rows in groupby(self._rows(first, last), lambda row: (row[0] - 1) // size):
            hashes = [sha256(position.to_bytes(8) + bytes.fromhex(digest)).digest() for position, digest in rows]
            total = sum(int.from_bytes(each) for each in hashes) % 2**256
            found.append(Bucket(max(first, number * size + 1), len(hashes), f"{total:064x}"))
        return found

    def _rows(self, first: int, last: int) -> Iterator[tuple[int, str]]:
        yield from self._db.execute(_HELD, (first, last))
