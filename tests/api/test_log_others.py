"""The live log read by others' implementations: `pymerkle` for the tree, `cryptography` for the notes, none of ours."""

from base64 import b64decode
from collections.abc import AsyncIterator
from hashlib import sha256
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pymerkle import InclusionProof, InmemoryTree, InvalidProof, verify_inclusion

from tests.api.test_log import signed
from tests.hub import Hub, a_hub
from tests.ledger.entries import an_entry

pytestmark = pytest.mark.anyio

SIZE = 300
SIZES = (1, 2, 3, 7, 8, 255, 256, 257, 299, 300)


@pytest.fixture
async def long(anyio_backend: str, sqlite_database_url: str) -> AsyncIterator[Hub]:
    """A hub with 300 versions in its log: a full tile, and a partial one."""
    async with a_hub(sqlite_database_url) as hub:
        for start in range(0, SIZE, 100):
            await hub.runtime.appender.append_all([an_entry(f"k{number}") for number in range(start, start + 100)])
        await signed(hub, SIZE)
        yield hub


async def entries(hub: Hub) -> list[bytes]:
    """The log's entries, as the bundles have them (C2SP tlog-tiles): each behind its length in two bytes."""
    found = []
    for path in ("000", f"001.p/{SIZE - 256}"):
        bundle = (await hub.public.get(f"/v1/log/tile/entries/{path}")).content
        while bundle:
            length = int.from_bytes(bundle[:2], "big")
            found.append(bundle[2 : 2 + length])
            bundle = bundle[2 + length :]
    return found


def grown(leaves: list[bytes]) -> Any:
    """A tree of pymerkle with these entries."""
    tree = InmemoryTree(algorithm="sha256")
    for leaf in leaves:
        tree.append_entry(leaf)
    return tree


async def test_a_tree_of_others_over_the_entries_has_the_signed_root_and_the_tiles(long: Hub) -> None:
    body, _ = (await signed(long, SIZE)).split("\n\n", 1)
    origin, size, root = body.split("\n")
    tree = grown(await entries(long))

    assert (origin, int(size)) == ((await long.public.read("/v1/log/keys"))["origin"], SIZE)
    assert tree.get_root() == b64decode(root)
    first = (await long.public.get("/v1/log/tile/0/000")).content
    assert [first[at : at + 32] for at in range(0, len(first), 32)] == [tree.get_leaf(n) for n in range(1, 257)]
    assert (await long.public.get("/v1/log/tile/1/000.p/1")).content == tree.get_root(256)


async def test_others_verify_the_proofs_of_inclusion(long: Hub) -> None:
    tree = grown(await entries(long))

    for size in SIZES:
        for position in {1, size // 2 or 1, size}:
            answer = await long.public.read("/v1/log/proof/inclusion", position=position, size=size)
            leaf, root = b64decode(answer["leaf"]), b64decode(answer["root"])
            # Which side each hash stands on follows from position and size; pymerkle checks that it does.
            sides = tree.prove_inclusion(position, size).rule
            path = [leaf, *map(b64decode, answer["path"])]
            proof = InclusionProof("sha256", True, size, position, sides, path)

            assert root == tree.get_root(size)
            verify_inclusion(leaf, root, proof, index=position, size=size)
            with pytest.raises(InvalidProof):
                verify_inclusion(sha256(b"another").digest(), root, proof, index=position, size=size)
            if size > 1:
                path[-1] = bytes(32)
                with pytest.raises(InvalidProof):
                    verify_inclusion(leaf, root, proof, index=position, size=size)


async def test_proofs_of_consistency_are_those_of_the_rfc_over_the_hashes_of_others(long: Hub) -> None:
    leaves = await entries(long)

    for second in SIZES:
        for first in (size for size in SIZES if size <= second):
            answer = await long.public.read("/v1/log/proof/consistency", first=first, second=second)

            assert list(map(b64decode, answer["path"])) == subproof(first, leaves[:second])
            assert b64decode(answer["first_root"]) == grown(leaves[:first]).get_root()
            assert b64decode(answer["second_root"]) == grown(leaves[:second]).get_root()


def subproof(first: int, leaves: list[bytes], *, known: bool = True) -> list[bytes]:
    """SUBPROOF of RFC 9162, 2.1.4.1, word for word; the hashes of the subtrees are pymerkle's."""
    if first == len(leaves):
        return [] if known else [grown(leaves).get_root()]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    if first <= split:
        return [*subproof(first, leaves[:split], known=known), grown(leaves[split:]).get_root()]
    return [*subproof(first - split, leaves[split:], known=False), grown(leaves[:split]).get_root()]


async def test_the_signatures_of_the_head_hold_by_the_words_of_the_note_s_specification(long: Hub) -> None:
    note = await signed(long, SIZE)
    body, lines = note.split("\n\n", 1)
    message = body.encode() + b"\n"
    keys = {key["role"]: key["text"] for key in (await long.public.read("/v1/log/keys"))["keys"]}

    for role in ("log", "witness"):
        name, identity, encoded = keys[role].split("+", 2)
        kind, public = b64decode(encoded)[:1], b64decode(encoded)[1:]
        assert sha256(name.encode() + b"\n" + kind + public).digest()[:4].hex() == identity
        (signature,) = (
            raw[4:]
            for raw in (b64decode(line.split(" ")[2]) for line in lines.splitlines() if line.split(" ")[1] == name)
            if raw[:4].hex() == identity
        )
        what = message
        if role == "log":
            assert kind == b"\x01"
        else:
            # tlog-cosignature: eight bytes of time stand before the signature, which covers them.
            assert kind == b"\x04"
            what = b"cosignature/v1\ntime %d\n" % int.from_bytes(signature[:8], "big") + message
            signature = signature[8:]
        key = Ed25519PublicKey.from_public_bytes(public)
        key.verify(signature, what)
        with pytest.raises(InvalidSignature):
            key.verify(signature, what.replace(b"\n300\n", b"\n301\n"))
