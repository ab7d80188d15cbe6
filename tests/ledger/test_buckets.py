"""Buckets: sums of pages, hours and days that are those of the definition, whoever adds and in what steps."""

import asyncio
from collections import defaultdict
from hashlib import sha256
from itertools import islice
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from hub.db import Database
from hub.ledger.appender import Appender
from hub.ledger.buckets import Sum, bucket_digest, buckets, first_and_last, sum_up, summed_up_to
from hub.ledger.read import Filter
from hub.ledger.reconciling import Copy, Sums, TooMuch, compared, ranges_of
from hub.ledger.tables import Version
from tests.ledger.entries import a_withdrawal, an_entry

pytestmark = pytest.mark.anyio

Items = list[tuple[int, bytes]]
ITEMS = st.lists(st.tuples(st.integers(1, 2**62), st.binary(min_size=32, max_size=32)), unique=True)


def naive(items: Items) -> bytes:
    """The definition, word for word."""
    total = 0
    for position, digest in items:
        total += int.from_bytes(sha256(position.to_bytes(8, "big") + digest).digest(), "big")
    return (total % 2**256).to_bytes(32, "big")


def test_a_known_bucket_has_a_known_digest() -> None:
    assert bucket_digest([]) == bytes(32)
    one = sha256(b"\0\0\0\0\0\0\0\1" + bytes(32)).hexdigest()
    assert bucket_digest([(1, bytes(32))]).hex() == one


@given(items=ITEMS, data=st.data())
def test_the_order_of_items_does_not_matter_and_any_change_does(items: Items, data: st.DataObject) -> None:
    assert bucket_digest(items) == bucket_digest(data.draw(st.permutations(items))) == naive(items)
    if items:
        assert bucket_digest(items[1:]) != bucket_digest(items)
        (position, digest), *rest = items
        assert bucket_digest([(position, bytes([digest[0] ^ 1]) + digest[1:]), *rest]) != bucket_digest(items)


@pytest.fixture
async def ledger(database: Database, appender: Appender, monkeypatch: pytest.MonkeyPatch) -> Items:
    """2,345 versions of two kinds from two platforms, over three hours; what there is at each position."""
    entries = []
    for number in range(2345):
        platform = "91350100M000100Y43" if number % 3 else "91350100M000200Y4A"
        kind = "tender_notice" if number % 5 else "land_transfer_announcement"
        entries.append(an_entry(f"k{number}", platform=platform, kind=kind))
    moments = iter(range(1_699_999_000_000_000, 1_700_099_000_000_000, 1_000_000_000))
    monkeypatch.setattr("hub.ledger.append.now", lambda: next(moments))
    for start in range(0, len(entries), 200):
        await appender.append_all(entries[start : start + 200])
    return [(position, entry.digest) for position, entry in enumerate(entries, 1)]


async def test_pages_hours_and_days_have_the_sums_of_their_versions(database: Database, ledger: Items) -> None:
    assert await sum_up(database, 700) == 2345

    async with database.reading() as connection:
        pages = await buckets(connection, "page", ("",), 1, 10)
        assert {number: (one.count, one.digest) for number, one in pages.items()} == {
            1: (1000, naive(ledger[:1000])),
            2: (1000, naive(ledger[1000:2000])),
            3: (345, naive(ledger[2000:])),
        }
        rows = (await connection.execute(select(Version.position, Version.digest, Version.received_at))).all()
        for unit, seconds in (("hour", 3600), ("day", 86400)):
            expected: dict[int, Items] = defaultdict(list)
            for position, digest, received_at in rows:
                expected[(received_at // 1_000_000 + 8 * 3600) // seconds].append((position, digest))
            found = await buckets(connection, unit, ("",), *await first_and_last(connection, unit))
            assert {number: one.digest for number, one in found.items()} == {
                number: naive(items) for number, items in expected.items()
            }
        platform = await buckets(connection, "page", ("91350100M000200Y4A",), 1, 1)
        assert (platform[1].count, platform[1].digest) == (334, naive(ledger[0:1000:3]))
        both = await buckets(connection, "page", ("tender_notice", "land_transfer_announcement"), 1, 1)
        assert (both[1].count, both[1].digest) == (1000, naive(ledger[:1000]))


async def test_sums_go_on_where_they_were_whoever_adds(database: Database, appender: Appender) -> None:
    items: Items = []
    for step in (3, 1000, 1, 0, 250):
        entries = [an_entry(f"{len(items)}-{number}") for number in range(step)]
        await appender.append_all(entries)
        items += [(len(items) + number, entry.digest) for number, entry in enumerate(entries, 1)]
        # Two processes at once, as workers on several hosts.
        await asyncio.gather(sum_up(database, 100), sum_up(database, 100))

    async with database.reading() as connection:
        pages = await buckets(connection, "page", ("",), 1, 9)
        assert await summed_up_to(connection) == 1254
    assert [one.digest for one in pages.values()] == [naive(items[:1000]), naive(items[1000:])]


async def test_summing_up_ends_although_versions_keep_arriving(
    database: Database, appender: Appender, monkeypatch: pytest.MonkeyPatch
) -> None:
    await appender.append_all([an_entry(f"early-{number}") for number in range(3)])
    in_a_thread, late = asyncio.to_thread, iter(range(5))

    async def while_another_arrives(*call: Any) -> Any:
        for number in islice(late, 1):
            await appender.append(an_entry(f"late-{number}"))
        return await in_a_thread(*call)

    monkeypatch.setattr(asyncio, "to_thread", while_another_arrives)

    assert await sum_up(database, 100) == 3
    assert await sum_up(database, 100) == 4
    assert await sum_up(database, 1) == 8


@pytest.mark.parametrize("pages", ["summed up", "not summed up"])
async def test_any_range_has_the_sum_of_its_versions(database: Database, ledger: Items, pages: str) -> None:
    if pages == "summed up":
        await sum_up(database, 5000)
    ranges = [
        (1, 1),
        (1, 2345),
        (1000, 1001),
        (1, 1000),
        (1001, 2000),
        (5, 1999),
        (2300, 9000),
        (3000, 4000),
        (999, 2001),
    ]

    async with database.reading() as connection:
        found = await Sums(connection, Filter()).over(ranges)
        scoped = await Sums(connection, Filter(platform="91350100M000200Y4A")).over(ranges)
        kinds = await Sums(connection, Filter(kinds=("tender_notice",))).over(ranges)

    for (first, last), one, of_platform, of_kind in zip(ranges, found, scoped, kinds, strict=True):
        held = [item for item in ledger if first <= item[0] <= last]
        assert (one.count, one.digest) == (len(held), naive(held)), (first, last)
        assert of_platform.digest == naive([item for item in held if (item[0] - 1) % 3 == 0]), (first, last)
        assert of_kind.digest == naive([item for item in held if (item[0] - 1) % 5]), (first, last)


async def test_a_question_that_would_read_too_much_is_refused(
    database: Database, ledger: Items, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.ledger.reconciling.MOST_READ", 1500)
    await sum_up(database, 5000)

    async with database.reading() as connection:
        assert await Sums(connection, Filter()).over([(1, 2000), (500, 1999)])
        with pytest.raises(TooMuch):
            await Sums(connection, Filter()).over([(2, 999), (2, 999)])


async def test_a_copy_is_told_what_it_lacks_and_what_it_has_wrong(database: Database, appender: Appender) -> None:
    entries = [an_entry("a"), an_entry("b"), an_entry("c"), an_entry("d"), a_withdrawal("b"), an_entry("e")]
    await appender.append_all(entries)
    digests = {position: entry.digest for position, entry in enumerate(entries, 1)}
    wrong = {**digests, 3: bytes(32)}

    def prefixes(held: list[int]) -> str:
        return "".join(wrong[position].hex()[:8] for position in held)

    async with database.reading() as connection:
        told = await compared(connection, Filter(), Copy(1, 9, [(1, 1), (3, 4)], prefixes=prefixes([1, 3, 4])))
        assert (told.missing, told.withdrawn, told.stale, told.surplus) == ([2, 6], [5], [3], [])
        by_sum = Copy(1, 6, [(1, 4)], naive([(position, wrong[position]) for position in range(1, 5)]).hex())
        assert (await compared(connection, Filter(), by_sum)).suspect
        right = Copy(1, 6, [(1, 4)], naive([(position, digests[position]) for position in range(1, 5)]).hex())
        assert not (await compared(connection, Filter(), right)).suspect
        beyond = await compared(connection, Filter(), Copy(6, 9, [(6, 8)]))
        assert (beyond.missing, beyond.surplus) == ([], [7, 8])
        for have in ([(0, 1)], [(1, 7)], [(2, 1)], [(1, 3), (3, 4)], [(4, 4), (1, 1)], [(1, 2**63)]):
            with pytest.raises(ValueError, match="in order"):
                await compared(connection, Filter(), Copy(1, 6, have))
        with pytest.raises(ValueError, match="8 digits"):
            await compared(connection, Filter(), Copy(1, 6, [(1, 2)], prefixes="0" * 15))


def test_positions_make_ranges() -> None:
    assert ranges_of([9, 1, 2, 3, 7]) == [(1, 3), (7, 7), (9, 9)]
    assert ranges_of([]) == []


def test_sums_add_up() -> None:
    one = Sum(1, 2**256 - 1)
    one.add(2, 5)

    assert (one.count, one.total) == (3, 4)
