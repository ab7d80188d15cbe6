"""The stored tree: it follows the ledger in steps of any size, and proves every version against every head."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from hub.db import Database
from hub.ledger.appender import Appender
from hub.ledger.tables import Version
from hub.transparency.algorithms import verifier_of
from hub.transparency.identity import identity
from hub.transparency.integrator import Head, Integrator, newest_head
from hub.transparency.keys import LogKeys
from hub.transparency.leaves import Hole, entries_after, entry_of, seal_of
from hub.transparency.merkle import (
    SHA256,
    SM3,
    Hashing,
    consistency_proof,
    inclusion_proof,
    root_of,
    verify_consistency,
    verify_inclusion,
)
from hub.transparency.note import Ed25519Signer, TimestampSigner, checkpoint_of, opened
from hub.transparency.tree import Reader, Tiles, grown, right_edge
from tests.ledger.entries import an_entry
from tests.transparency.test_merkle import naive_root

pytestmark = pytest.mark.anyio

SIGNER = Ed25519Signer("hub.example/log", bytes(32))
WITNESS = TimestampSigner("hub.example/log", bytes(32))


async def an_integrator(database: Database, hashing: Hashing = SHA256) -> Integrator:
    async with database.transaction() as connection:
        log = await identity(connection, "hub.example/log", hashing.name)
    return Integrator(database, log, LogKeys(SIGNER, WITNESS))


async def grow(appender: Appender, first: int, count: int) -> list[bytes]:
    entries = [an_entry(f"k{number}") for number in range(first, first + count)]
    await asyncio.gather(*(appender.append(entry) for entry in entries))
    return [entry.digest for entry in entries]


@given(steps=st.lists(st.integers(0, 700), max_size=6))
def test_tiles_are_the_same_in_whatever_steps_the_tree_grew(steps: list[int]) -> None:
    entries = [entry_of(position, bytes(32), bytes(32)) for position in range(1, sum(steps) + 1)]
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
    integrator = await an_integrator(database)

    head = await integrator.integrate()

    assert head is not None
    assert await integrator.integrate() is None
    async with database.reading() as connection:
        subtree = Reader(connection).subtree
        leaves = [await subtree(0, index) for index in range(300)]
    assert (head.size, head.root) == (300, naive_root(leaves))
    said = checkpoint_of(opened(head.note, verifier_of(SIGNER.verifier.text())))
    assert (said.origin, said.size, said.root) == ("hub.example/log", 300, head.root)
    assert WITNESS.verifier.seen_at(head.note) * 1_000_000 == head.signed_at


async def test_every_version_is_proved_against_every_later_head(database: Database, appender: Appender) -> None:
    heads: list[Head] = []
    for step in (1, 6, 249, 30):
        await grow(appender, 1000 * step, step)
        # Two integrators take turns, as processes do after a restart.
        head = await (await an_integrator(database)).integrate()
        assert head is not None
        heads.append(head)
    async with database.reading() as connection:
        subtree = Reader(connection).subtree
        for head in heads:
            assert await root_of(head.size, subtree) == head.root
            for index in {0, head.size // 2, head.size - 1}:
                path = await inclusion_proof(index, head.size, subtree)
                verify_inclusion(index, head.size, await subtree(0, index), path, head.root)
            for earlier in heads[: heads.index(head)]:
                path = await consistency_proof(earlier.size, head.size, subtree)
                verify_consistency(earlier.size, head.size, earlier.root, head.root, path)


@pytest.mark.parametrize("hashing", [SHA256, SM3], ids=["sha256", "sm3"])
async def test_a_leaf_is_the_position_the_digest_and_a_seal_over_the_rest(
    database: Database, appender: Appender, hashing: Hashing
) -> None:
    entry = an_entry("first")
    await appender.append(entry)

    head = await (await an_integrator(database, hashing)).integrate()

    async with database.reading() as connection:
        (row,) = await connection.execute(select(Version.__table__))
    document, seal = hashing.of(entry.document), seal_of(row, hashing)
    assert head is not None
    assert head.root == hashing.leaf(b"\0\0\0\0\0\0\0\1" + document + seal)
    assert (document == entry.digest) == (hashing is SHA256)


async def test_the_seal_of_the_definition_is_the_one_that_the_database_makes(
    database: Database, appender: Appender
) -> None:
    await appender.append(an_entry("a"))
    await appender.append(an_entry("a", 2, opened=b'"document":{}', opens_at=9, public=b'"opens_at":"","document":{}'))
    await appender.append(an_entry("b", thread="tender:项目 一", discloser="11350100M000100Y4D", parties={"P", "Q"}))

    async with database.reading() as connection:
        entries = await entries_after(connection, 0, 10)
        rows = (await connection.execute(select(Version.__table__).order_by(Version.position))).all()
    assert entries == [entry_of(row.position, row.digest, seal_of(row)) for row in rows]


async def test_of_two_that_integrate_at_once_one_stores_the_head(database: Database, appender: Appender) -> None:
    await grow(appender, 0, 40)

    heads = await asyncio.gather(*[(await an_integrator(database)).integrate() for _ in range(4)])

    assert len([head for head in heads if head is not None]) >= 1
    async with database.reading() as connection:
        newest = await newest_head(connection)
        assert newest is not None
        assert await root_of(40, Reader(connection).subtree) == newest.root


async def test_a_ledger_with_a_hole_is_not_signed(database: Database, appender: Appender) -> None:
    await grow(appender, 0, 5)
    async with database.transaction() as connection:
        if database.is_postgresql:
            await connection.exec_driver_sql("ALTER TABLE version DISABLE TRIGGER ALL")
        else:
            await connection.exec_driver_sql("DROP TRIGGER version_no_delete")
        await connection.exec_driver_sql("DELETE FROM version WHERE position = 3")

    with pytest.raises(Hole, match="position 3"):
        await (await an_integrator(database)).integrate()
