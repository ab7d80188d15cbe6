"""Checking the log: every leaf, tile, head and sum made anew from what is stored, and the first that differs named."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.ledger.buckets import BEIJING, DAY, EVERYTHING, HOUR, Bucket, Sum, item_hash, page_of, summed_up_to
from hub.ledger.feed import CLOCKS_APART
from hub.transparency import tables
from hub.transparency.algorithms import verifier_of
from hub.transparency.identity import Identity, known_identity
from hub.transparency.integrator import HEADS, Head
from hub.transparency.keys import remembered
from hub.transparency.leaves import leaf_entry
from hub.transparency.merkle import HASH, SHA256
from hub.transparency.note import (
    Checkpoint,
    Ed25519Verifier,
    NoteInvalid,
    TimestampVerifier,
    Verifier,
    Witness,
    checkpoint_of,
    noted,
    opened,
    signatures_on,
    text_of,
)
from hub.transparency.sm2 import Sm2Verifier
from hub.transparency.tables import LogKey
from hub.transparency.tree import HEIGHT, WIDTH, Reader

Findings = list[tuple[int | None, str]]
"""What is not as it should be, each with the first position that it is about; None where it is about none."""


_ROLES: dict[type[Verifier], str] = {Ed25519Verifier: "log", TimestampVerifier: "witness", Sm2Verifier: "cosigner"}


def _signed_with(head: Head, key: Verifier) -> bool:
    """Whether the note of a head names a key."""
    try:
        return any((one.name, one.key_id) == (key.name, key.key_id) for one in signatures_on(head.note))
    except NoteInvalid:
        return False


class LogCheck:
    """Follows the versions as they are read, in order and without a gap, and compares what is kept of them.

    Begin with `begin`, hand every version to `add`, and end with `end`; `findings` has what was found.
    """

    def __init__(self, connection: AsyncConnection, outside: Checkpoint | None) -> None:
        self._connection = connection
        self._outside = outside
        self._log = Identity("", SHA256)
        self._heads: dict[int, Head] = {}
        self._keys: list[Verifier] = []
        self._covered = self._summed = 0
        self._size = 0
        self._peaks: list[tuple[int, bytes]] = []
        """Level and root of the complete subtrees from left to right."""
        self._tiles: Reader = Reader(connection)
        self._wrong_since: dict[int, int] = {}
        """By level of tiles: the first leaf of the subtree in which a hash below was wrong."""
        self._sums: dict[tuple[str, str, int], Sum] = defaultdict(Sum)
        self.findings: Findings = []

    async def begin(self) -> None:
        """Read what there is of heads and keys."""
        connection = self._connection
        try:
            self._log = await known_identity(connection) or self._log
        except KeyError as unknown:
            self.findings.append((None, f"the log's hash function {unknown} is not known"))
        self._tiles = Reader(connection, hashing=self._log.hashing)
        self._heads = {row.size: Head(*row) for row in await connection.execute(HEADS)}
        self._covered = max(self._heads, default=0)
        for key in await remembered(connection):
            try:
                self._keys.append(verifier_of(key.text))
            except NoteInvalid as problem:
                self.findings.append((None, f"a key of the log cannot be read: {problem}"))
            else:
                self._check_key(key, self._keys[-1])
        self._summed = await summed_up_to(connection)
        for head in self._heads.values():
            self.findings += [(head.size, f"the signed head over {head.size}: {what}") for what in self._spoilt(head)]

    async def add(self, versions: Sequence[Any]) -> None:
        """Follow versions, each of which has all its columns."""
        for version in versions:
            self._size += 1
            if version.position != self._size:
                return  # That one is missing is found elsewhere; nothing behind it can be compared.
            if version.position <= self._summed:
                self._sum_up(version)
            if self._size <= max(self._covered, self._outside.size if self._outside is not None else 0):
                await self._leaf(self._log.hashing.leaf(leaf_entry(version, self._log.hashing)))

    async def end(self, head: int) -> None:
        """Compare what is left; `head` is the position of the newest version."""
        if self._covered > head:
            self.findings.append(
                (head + 1, f"a signed head covers {self._covered} versions, the ledger ends at {head}")
            )
        if self._outside is not None and self._outside.size > head:
            what = f"the head kept outside the database covers {self._outside.size} versions, the ledger ends at {head}"
            self.findings.append((head + 1, what))
        if self._size >= self._covered:
            await self._compare_widths()
        if self._summed > head:
            self.findings.append((None, f"the sums reach to position {self._summed}, the ledger ends at {head}"))
        elif self._size >= self._summed:
            await self._compare_sums()

    def _check_key(self, key: LogKey, verifier: Verifier) -> None:
        """What is kept of a key agrees with itself, and with the heads that it signed."""
        name = verifier.name
        if (role := _ROLES[type(verifier)]) != key.role:
            self.findings.append((None, f"the key {name} is kept as {key.role}, and is one of a {role}"))
        line = f"\n— {name} "
        signed = [head for head in self._heads.values() if line in head.note and _signed_with(head, verifier)]
        before = [head for head in signed if head.size <= key.since_size]
        if before:
            self.findings.append((before[0].size, f"the key {name} signed before the size {key.since_size}"))
        elif any(head.signed_at + CLOCKS_APART < key.since for head in signed):
            self.findings.append((signed[0].size, f"the key {name} is kept as younger than its heads"))

    def _spoilt(self, head: Head) -> list[str]:
        """What is wrong with a head in itself."""
        try:
            said = checkpoint_of(text_of(head.note))
            signatures = signatures_on(head.note)
            if noted(text_of(head.note), signatures) != head.note:
                raise NoteInvalid("the note is not written as notes are")
            known = {(key.name, key.key_id): key for key in self._keys}
            keys = [known[signature.name, signature.key_id] for signature in signatures]
            for key in keys:
                opened(head.note, key)
        except NoteInvalid as problem:
            return [str(problem)]
        except KeyError:
            return ["it is signed with a key that is not known"]
        moments = [key.seen_at(head.note) for key in keys if isinstance(key, Witness)]
        wrong = []
        if (said.origin, said.size, said.root) != (self._log.origin, head.size, head.root):
            wrong.append("its note is about another one")
        if head.signed_at not in [moment * 1_000_000 for moment in moments]:
            wrong.append("it was signed at another time")
        return wrong

    async def _leaf(self, hashed: bytes) -> None:
        """Add the next leaf; compare it, and every node and head that it completes."""
        level, index = 0, self._size - 1
        node = hashed
        await self._compare(0, index, node)
        while index & 1:
            node = self._log.hashing.node(self._peaks.pop()[1], node)
            level, index = level + 1, index >> 1
            if level % HEIGHT == 0:
                await self._compare(level // HEIGHT, index, node)
        self._peaks.append((level, node))
        self._compare_roots()

    async def _compare(self, level: int, index: int, node: bytes) -> None:
        """Compare a node that stands in a tile."""
        span = 1 << (HEIGHT * level)
        first = index * span
        if first + span > self._covered:
            return
        number, at = divmod(index, WIDTH)
        stored = (await self._tiles.tile(level, number))[at * HASH : (at + 1) * HASH]
        if stored == node or self._wrong_since.get(level - 1, -1) >= first:
            if stored != node:
                self._wrong_since[level] = first
            return
        self._wrong_since[level] = first
        what = "what is stored is not what the log covers" if level == 0 else f"tile {level}/{number} is wrong"
        self.findings.append((first + 1, what if stored else f"tile {level}/{number} is missing or short"))

    def _compare_roots(self) -> None:
        """Compare the heads over what was added so far; where a leaf is wrong, that is said already."""
        head = self._heads.get(self._size)
        kept = self._outside if self._outside is not None and self._outside.size == self._size else None
        if (head is None and kept is None) or 0 in self._wrong_since:
            return
        root = self._log.hashing.bagged([node for _, node in self._peaks])
        if head is not None and head.root != root:
            self.findings.append((self._size, f"the signed head over {self._size} has another root"))
        if kept is not None and kept.root != root:
            what = f"the first {self._size} versions are not those of the head kept outside the database"
            self.findings.append((self._size, what))

    async def _compare_widths(self) -> None:
        """Every tile has the hashes that the tree needs, and no other ones."""
        lengths = select(tables.Tile.level, tables.Tile.number, func.length(tables.Tile.hashes))
        for level, number, length in await self._connection.execute(lengths):
            span = 1 << (HEIGHT * level)
            wanted = min(max(self._covered // span - number * WIDTH, 0), WIDTH) * HASH
            if length > wanted:
                first = (number * WIDTH + wanted // HASH) * span + 1
                self.findings.append((first, f"tile {level}/{number} has {length} bytes, and not {wanted}"))

    def _sum_up(self, version: Any) -> None:
        hashed = item_hash(version.position, version.digest)
        moment = version.received_at + BEIJING
        page = page_of(version.position)
        for unit, number in (("page", page), ("hour", moment // HOUR), ("day", moment // DAY)):
            for scope in (EVERYTHING, version.platform, version.kind):
                self._sums[unit, scope, number].add(1, hashed)

    async def _compare_sums(self) -> None:
        """Every page, hour and day has the sum of its versions."""
        rows = await self._connection.execute(
            select(Bucket.unit, Bucket.scope, Bucket.number, Bucket.count, Bucket.digest)
        )
        stored = {(unit, scope, number): (count, digest) for unit, scope, number, count, digest in rows}
        wanted = {key: (found.count, found.digest) for key, found in self._sums.items()}
        for unit, scope, number in sorted(stored.keys() | wanted.keys()):
            key = (unit, scope, number)
            if stored.get(key) != wanted.get(key):
                # About no one version: what a wrong version makes wrong is named by its own finding.
                self.findings.append(
                    (None, f"the sum of {unit} {number} {scope}".rstrip() + " is not that of its versions")
                )
