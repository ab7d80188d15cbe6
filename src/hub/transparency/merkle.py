"""The Merkle tree of RFC 9162: hashes, proofs and their verification; knows nothing of where hashes are kept."""

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

HASH = 32
"""Bytes of a hash."""


@dataclass(frozen=True, slots=True)
class Hashing:
    """A hash function of 32 bytes, by the name that `hashlib` knows it by."""

    name: str
    new: Callable[[bytes], Any]

    def of(self, message: bytes) -> bytes:
        """The hash of the message."""
        return bytes(self.new(message).digest())

    def leaf(self, entry: bytes) -> bytes:
        """The hash of a leaf (RFC 9162, 2.1.1)."""
        return self.of(b"\0" + entry)

    def node(self, left: bytes, right: bytes) -> bytes:
        """The hash of a node over its two children (RFC 9162, 2.1.1)."""
        return self.of(b"\1" + left + right)

    def parents(self, hashes: Sequence[bytes]) -> list[bytes]:
        """The nodes above an even number of neighbouring hashes."""
        new = self.new
        return [new(b"\1" + hashes[i] + hashes[i + 1]).digest() for i in range(0, len(hashes), 2)]

    def bagged(self, hashes: Sequence[bytes]) -> bytes:
        """The root over the peaks' hashes, which come from left to right."""
        if not hashes:
            return self.of(b"")
        root = hashes[-1]
        for left in reversed(hashes[:-1]):
            root = self.node(left, root)
        return root


def _sm3(message: bytes) -> Any:
    return hashlib.new("sm3", message)


SHA256 = Hashing("sha256", hashlib.sha256)
SM3 = Hashing("sm3", _sm3)
"""GB/T 32905-2016."""
HASHINGS = {hashing.name: hashing for hashing in (SHA256, SM3)}

Subtree = Callable[[int, int], Awaitable[bytes]]
"""`subtree(level, index)`: the root of the complete subtree of 2^level leaves that begins at leaf index·2^level."""


class ProofInvalid(Exception):
    """A proof does not show what it is said to show."""


def peaks(size: int) -> list[tuple[int, int]]:
    """The complete subtrees, as (level, index) from left to right, that make up a tree of `size` leaves."""
    found, begin = [], 0
    for level in reversed(range(size.bit_length())):
        if size >> level & 1:
            found.append((level, begin >> level))
            begin += 1 << level
    return found


async def root_of(size: int, subtree: Subtree, hashing: Hashing = SHA256) -> bytes:
    """The root of the tree of the first `size` leaves."""
    return hashing.bagged([await subtree(level, index) for level, index in peaks(size)])


async def _range_root(begin: int, end: int, subtree: Subtree, hashing: Hashing) -> bytes:
    """The root over the leaves from `begin` to `end`, where `begin` is a multiple of the largest power of 2 inside."""
    hashes, at = [], begin
    while at < end:
        level = (end - at).bit_length() - 1
        hashes.append(await subtree(level, at >> level))
        at += 1 << level
    return hashing.bagged(hashes)


def _split(count: int) -> int:
    """The largest power of 2 smaller than `count` (at least 2)."""
    return 1 << (count - 1).bit_length() - 1


async def inclusion_proof(leaf: int, size: int, subtree: Subtree, hashing: Hashing = SHA256) -> list[bytes]:
    """The hashes that lead from leaf number `leaf` (from 0) to the root of the tree of `size` leaves."""
    if not 0 <= leaf < size:
        raise ValueError("the leaf lies outside the tree")
    path, begin, end = [], 0, size
    while end - begin > 1:
        middle = begin + _split(end - begin)
        if leaf < middle:
            path.append(await _range_root(middle, end, subtree, hashing))
            end = middle
        else:
            path.append(await _range_root(begin, middle, subtree, hashing))
            begin = middle
    return path[::-1]


async def consistency_proof(first: int, second: int, subtree: Subtree, hashing: Hashing = SHA256) -> list[bytes]:
    """The hashes that show the tree of `first` leaves to be the beginning of that of `second` (RFC 9162, 2.1.4)."""
    if not 0 < first <= second:
        raise ValueError("the first tree is neither empty nor larger than the second")
    path, begin, end, whole = [], 0, second, True
    while first != end:
        middle = begin + _split(end - begin)
        if first <= middle:
            path.append(await _range_root(middle, end, subtree, hashing))
            end = middle
        else:
            path.append(await _range_root(begin, middle, subtree, hashing))
            begin, whole = middle, False
    return ([] if whole else [await _range_root(begin, end, subtree, hashing)]) + path[::-1]


def verify_inclusion(
    leaf: int, size: int, hashed: bytes, path: Sequence[bytes], root: bytes, hashing: Hashing = SHA256
) -> None:
    """Raise `ProofInvalid` unless leaf number `leaf` with that hash is in the tree with that root (2.1.3.2)."""
    if not 0 <= leaf < size:
        raise ProofInvalid("the leaf lies outside the tree")
    at, last, found = leaf, size - 1, hashed
    for sibling in path:
        if last == 0:
            raise ProofInvalid("the proof is too long")
        if at & 1 or at == last:
            found = hashing.node(sibling, found)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = hashing.node(found, sibling)
        at, last = at >> 1, last >> 1
    if last != 0 or found != root:
        raise ProofInvalid("the proof does not lead to the root")


def verify_consistency(
    first: int, second: int, old: bytes, new: bytes, path: Sequence[bytes], hashing: Hashing = SHA256
) -> None:
    """Raise `ProofInvalid` unless the tree with root `old` is the beginning of that with root `new` (2.1.4.2)."""
    if not 0 <= first <= second:
        raise ProofInvalid("the second tree is smaller than the first")
    if first in (0, second):
        if path or (first == second and old != new) or (first == 0 and old != hashing.bagged([])):
            raise ProofInvalid("the proof does not lead to the roots")
        return
    steps = list(path) if first & (first - 1) else [old, *path]
    if not steps:
        raise ProofInvalid("the proof is too short")
    at, last = first - 1, second - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    left = right = steps[0]
    for sibling in steps[1:]:
        if last == 0:
            raise ProofInvalid("the proof is too long")
        if at & 1 or at == last:
            left, right = hashing.node(sibling, left), hashing.node(sibling, right)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            right = hashing.node(right, sibling)
        at, last = at >> 1, last >> 1
    if last != 0 or left != old or right != new:
        raise ProofInvalid("the proof does not lead to the roots")
