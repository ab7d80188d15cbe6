"""The tree of RFC 9162: known roots, and proofs that hold for what is true and for nothing else."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.transparency.merkle import (
    SHA256,
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
