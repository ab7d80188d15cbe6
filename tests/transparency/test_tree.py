"""The stored tree: it follows the ledger in steps of any size, and proves every version against every head."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.db import Database
from hub.ledger.appender import Appender
from hub.transparency.integrator import Fork, Head, Integrator, newest_head
from hub.transparency.merkle import (
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)
from hub.transparency.note import Ed25519Signer, TimestampSigner, checkpoint_of, opened, verifier_of
from hub.transparency.tree import Tiles, entry_of, grown, right_edge, subtree_of
from tests.ledger.entries import an_entry
from tests.transparency.test_merkle import naive_root

pytestmark = pytest.mark.anyio

SIGNER = Ed25519Signer("hub.example/log", bytes(32))
WITNESS = TimestampSigner("hub.example/log", bytes(32), lambda: 1_800_000_000)


def an_integrator(database: Database) -> Integrator:
    return Integrator(database, "hub.example/log", [SIGNER, WITNESS])


async def grow(appender: Appender, first: int, count: int) -> list[bytes]:
    entries = [an_entry(f"k{number}") for number in range(first, first + count)]
    await asyncio.gather(*(appender.append(entry) for entry in entries))
    return [entry.digest for entry in entries]


@given(steps=st.lists(st.integers(0, 700), max_size=6))
def test_tiles_are_the_same_in_whatever_steps_the_tree_grew(steps: list[int]) -> None:
    entries = [entry_of(position, bytes(32)) for position in range(1, sum(steps) + 1)]
    tiles: Tiles = {}
    size = 0
    for step in steps:
        edge = {place: tiles.get(place, b"") for place in right_edge(size)}
        tiles |= grown(size, edge, entries[size : size + step])
        size += step

    assert tiles == grown(0, {}, entries)


async def test_a_head_covers_the_ledger_and_its_root_is_that_of_the_definition(
    database: Database, appender: Appender
) -> None:
    await grow(appender, 0, 300)
    integrator = an_integrator(database)

    head = await integrator.integrate()

    assert head is not None
    assert await integrator.integrate() is None
    async with database.reading() as connection:
        subtree = subtree_of(connection)
        leaves = [await subtree(0, index) for index in range(300)]
    assert (head.size, head.root) == (300, naive_root(leaves))
    said = checkpoint_of(opened(head.note, verifier_of(SIGNER.verifier.text())))
    assert (said.origin, said.size, said.root) == ("hub.example/log", 300, head.root)
    assert WITNESS.verifier.seen_at(head.note) == 1_800_000_000


async def test_every_version_is_proved_against_every_later_head(database: Database, appender: Appender) -> None:
    heads: list[Head] = []
    for step in (1, 6, 249, 30):
        await grow(appender, 1000 * step, step)
        # Two integrators take turns, as processes do after a restart.
        head = await an_integrator(database).integrate()
        assert head is not None
        heads.append(head)
    async with database.reading() as connection:
        subtree = subtree_of(connection)
        for head in heads:
            assert await root_of(head.size, subtree) == head.root
            for index in {0, head.size // 2, head.size - 1}:
                path = await inclusion_proof(index, head.size, subtree)
                verify_inclusion(index, head.size, await subtree(0, index), path, head.root)
            for earlier in heads[: heads.index(head)]:
                path = await consistency_proof(earlier.size, head.size, subtree)
                verify_consistency(earlier.size, head.size, earlier.root, head.root, path)


async def test_a_leaf_is_the_position_and_the_digest(database: Database, appender: Appender) -> None:
    (digest,) = await grow(appender, 0, 1)

    head = await an_integrator(database).integrate()

    assert head is not None
    assert head.root == leaf_hash(entry_of(1, digest))


async def test_of_two_that_integrate_at_once_one_stores_the_head(database: Database, appender: Appender) -> None:
    await grow(appender, 0, 40)

    heads = await asyncio.gather(*(an_integrator(database).integrate() for _ in range(4)))

    assert len([head for head in heads if head is not None]) >= 1
    async with database.reading() as connection:
        newest = await newest_head(connection)
        assert newest is not None
        assert await root_of(40, subtree_of(connection)) == newest.root


async def test_a_ledger_with_a_hole_is_not_signed(database: Database, appender: Appender) -> None:
    await grow(appender, 0, 5)
    async with database.transaction() as connection:
        if database.is_postgresql:
            await connection.exec_driver_sql("ALTER TABLE version DISABLE TRIGGER ALL")
        else:
            await connection.exec_driver_sql("DROP TRIGGER version_no_delete")
        await connection.exec_driver_sql("DELETE FROM version WHERE position = 3")

    with pytest.raises(Fork):
        await an_integrator(database).integrate()
