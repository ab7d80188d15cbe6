"""The tree of RFC 9162: known roots, and proofs that hold for what is true and for nothing else."""

from base64 import b64decode
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.transparency.merkle import (
    SHA256,
    SM3,
    Hashing,
    ProofInvalid,
    Subtree,
    consistency_proof,
    inclusion_proof,
    root_of,
    verify_consistency,
    verify_inclusion,
)

pytestmark = pytest.mark.anyio

ENTRIES = [bytes.fromhex(h) for h in ("", "00", "10", "2021", "3031", "40414243")] + [
    bytes(range(0x50, 0x58)),
    bytes(range(0x60, 0x70)),
]
"""The eight entries of the test tree that Certificate Transparency logs are tried with."""

ROOTS = {
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    4: "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    5: "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    6: "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    7: "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


def naive_root(leaves: list[bytes], hashing: Hashing = SHA256) -> bytes:
    """The definition, word for word (RFC 9162, 2.1.1)."""
    if not leaves:
        return hashing.of(b"")
    if len(leaves) == 1:
        return leaves[0]
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return hashing.node(naive_root(leaves[:half], hashing), naive_root(leaves[half:], hashing))


def subtree_of(leaves: list[bytes]) -> Subtree:
    async def subtree(level: int, index: int) -> bytes:
        part = leaves[index << level : (index + 1) << level]
        assert len(part) == 1 << level, "only complete subtrees are asked for"
        return naive_root(part)

    return subtree


def a_tree(size: int) -> list[bytes]:
    return [SHA256.leaf(number.to_bytes(8, "big")) for number in range(size)]


@pytest.mark.parametrize("size", ROOTS)
async def test_the_roots_are_those_of_the_known_tree(size: int) -> None:
    leaves = [SHA256.leaf(entry) for entry in ENTRIES[:size]]

    assert (await root_of(size, subtree_of(leaves))).hex() == ROOTS[size]


KNOWN_PATHS = {
    (0, 8): "lqKW0iTyhcZ77pPDD4owkVfw2qNdxbh+QQt4YwoJz8c= Xwg/ChozygdqlSeYMlgNs+DvRYS9/x9UyKNg9Q3jAx4= "
    "a0eq8p7jwq+a+Im8H7klTavTEXfxYjLdaqsDXKOb9uQ=",
    (5, 8): "vBoGQ7EuTS18d5GPROD095qDi2z57FtcKD4fTYhZnms= yoVOoSjtBQtBs1/8G4e46yveRh6eO1WW7Oa51ZdaCuA= "
    "037kGJdt2VdTwcc4Yrk5j6Kiz5tP8P3+izDNlSCWFLc=",
    (2, 3): "+sVCA+fMaWzw38tCySodnbr3CtnmIfS9jZhmLwDjwSU=",
    (1, 5): "bjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0= Xwg/ChozygdqlSeYMlgNs+DvRYS9/x9UyKNg9Q3jAx4= "
    "vBoGQ7EuTS18d5GPROD095qDi2z57FtcKD4fTYhZnms=",
}
"""Inclusion proofs in the known tree, by leaf and size, as transparency-dev/merkle (Apache-2.0) has them."""

KNOWN_STEPS = {
    (1, 8): KNOWN_PATHS[0, 8],
    (6, 8): "DrxdNDf74tsVi58Sah0RjjCBgQMdCpSfje3t68VY72o= yoVOoSjtBQtBs1/8G4e46yveRh6eO1WW7Oa51ZdaCuA= "
    "037kGJdt2VdTwcc4Yrk5j6Kiz5tP8P3+izDNlSCWFLc=",
    (2, 5): "Xwg/ChozygdqlSeYMlgNs+DvRYS9/x9UyKNg9Q3jAx4= vBoGQ7EuTS18d5GPROD095qDi2z57FtcKD4fTYhZnms=",
    (6, 7): "DrxdNDf74tsVi58Sah0RjjCBgQMdCpSfje3t68VY72o= sIaT7C5yFZcTBkHoIR5+7cy0wmQTlj7ubB4u0W/7Gl8= "
    "037kGJdt2VdTwcc4Yrk5j6Kiz5tP8P3+izDNlSCWFLc=",
}
"""Consistency proofs between two sizes, from the same place."""


def hashes(words: str) -> list[bytes]:
    return [b64decode(word) for word in words.split()]


@pytest.mark.parametrize(("leaf", "size"), KNOWN_PATHS)
async def test_inclusion_proofs_are_those_that_others_make(leaf: int, size: int) -> None:
    leaves = [SHA256.leaf(entry) for entry in ENTRIES]

    assert await inclusion_proof(leaf, size, subtree_of(leaves)) == hashes(KNOWN_PATHS[leaf, size])
    verify_inclusion(leaf, size, leaves[leaf], hashes(KNOWN_PATHS[leaf, size]), bytes.fromhex(ROOTS[size]))


@pytest.mark.parametrize(("first", "second"), KNOWN_STEPS)
async def test_consistency_proofs_are_those_that_others_make(first: int, second: int) -> None:
    leaves = [SHA256.leaf(entry) for entry in ENTRIES]
    old, new = bytes.fromhex(ROOTS[first]), bytes.fromhex(ROOTS[second])

    assert await consistency_proof(first, second, subtree_of(leaves)) == hashes(KNOWN_STEPS[first, second])
    verify_consistency(first, second, old, new, hashes(KNOWN_STEPS[first, second]))


async def test_a_tree_of_another_hash_function_has_proofs_too() -> None:
    leaves = [SM3.leaf(bytes([number])) for number in range(11)]

    async def subtree(level: int, index: int) -> bytes:
        return naive_root(leaves[index << level : (index + 1) << level], SM3)

    root = await root_of(11, subtree, SM3)
    path = await inclusion_proof(6, 11, subtree, SM3)
    verify_inclusion(6, 11, leaves[6], path, root, SM3)
    with pytest.raises(ProofInvalid):
        verify_inclusion(6, 11, leaves[6], path, root, SHA256)
    assert root == naive_root(leaves, SM3)
    assert SM3.of(b"abc").hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"


async def test_the_empty_tree_has_the_hash_of_nothing() -> None:
    assert await root_of(0, subtree_of([])) == sha256(b"").digest()


@given(size=st.integers(1, 70), data=st.data())
async def test_every_leaf_is_proved_and_no_other_one_by_the_same_proof(size: int, data: st.DataObject) -> None:
    leaves = a_tree(size)
    leaf = data.draw(st.integers(0, size - 1))
    root = naive_root(leaves)

    path = await inclusion_proof(leaf, size, subtree_of(leaves))

    verify_inclusion(leaf, size, leaves[leaf], path, root)
    for wrong in {leaf - 1, leaf + 1, size}:
        with pytest.raises(ProofInvalid):
            verify_inclusion(wrong, size, leaves[leaf], path, root)
    with pytest.raises(ProofInvalid):
        verify_inclusion(leaf, size, SHA256.leaf(b"another entry"), path, root)
    with pytest.raises(ProofInvalid):
        verify_inclusion(leaf, size, leaves[leaf], [*path, root], root)
    if path:
        with pytest.raises(ProofInvalid):
            verify_inclusion(leaf, size, leaves[leaf], path[:-1], root)


@given(second=st.integers(1, 70), data=st.data())
async def test_a_tree_is_proved_to_be_the_beginning_of_a_later_one(second: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(1, second))
    leaves = a_tree(second)
    old, new = naive_root(leaves[:first]), naive_root(leaves)

    path = await consistency_proof(first, second, subtree_of(leaves))

    verify_consistency(first, second, old, new, path)
    with pytest.raises(ProofInvalid):
        verify_consistency(first, second, SHA256.leaf(b"another past"), new, path)
    with pytest.raises(ProofInvalid):
        verify_consistency(first, second, old, new, [*path, new])


async def test_a_rewritten_past_has_no_consistency_proof() -> None:
    leaves, forged = a_tree(40), a_tree(40)
    forged[3] = SHA256.leaf(b"rewritten")

    path = await consistency_proof(20, 40, subtree_of(forged))

    with pytest.raises(ProofInvalid):
        verify_consistency(20, 40, naive_root(leaves[:20]), naive_root(forged), path)
