"""`--check`: what is kept is compared with the hub's own digests, and what differs is named."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from hub.client import FeedClient
from hub.client.check import check_against, ranges
from hub.client.consume import consume
from hub.client.directory import Directory
from hub.client.sink import Item
from hub.client.trouble import Trouble
from tests.builders import a_procurement_notice, a_tender_notice
from tests.hub import Caller, Hub

pytestmark = pytest.mark.anyio


class Spoilt(Directory):
    """A directory that has lost, or changed, some of what it kept."""

    changes: dict[int, bytes | None]
    """The digest at a position is another one, or the position is lost where it is None."""

    async def items(self) -> AsyncIterator[Sequence[Item]]:
        async for piece in super().items():
            yield [
                (position, self.changes.get(position) or digest)
                for position, digest in piece
                if self.changes.get(position, b"") is not None
            ]


@pytest.fixture
async def sink(hub: Hub, platform: Caller, tmp_path: Any) -> AsyncIterator[Spoilt]:
    """A directory with everything that a hub of 1,200 versions has."""
    for start in range(0, 1200, 200):
        await platform.batch(*(a_tender_notice(project=start + n) for n in range(200)))
    async with Spoilt(tmp_path / "kept") as kept:
        kept.changes = {}
        await consume(a_client(hub), kept, after=None, follow=False, stopping=asyncio.Event())
        yield kept


def a_client(hub: Hub, **filters: str) -> FeedClient:
    return FeedClient("http://hub", http=hub.public.http, filters=filters)


async def test_a_whole_copy_is_complete_though_the_ledger_has_grown(hub: Hub, platform: Caller, sink: Spoilt) -> None:
    await platform.push(a_tender_notice())

    found = await check_against(a_client(hub), sink)

    assert (found.complete, found.items, found.up_to) == (True, 1200, 1200)
    assert found.told() == ["complete: 1200 versions up to position 1200 have the hub's own digests"]


async def test_what_is_missing_or_changed_is_named_by_position(hub: Hub, sink: Spoilt) -> None:
    sink.changes = {3: None, 4: None, 900: b"x" * 32, 1100: None}

    found = await check_against(a_client(hub), sink)

    assert not found.complete
    assert found.differing == [(1, 1000), (1001, 1200)]
    assert found.wrong == {"missing": [(3, 4), (1100, 1100)], "stale": [(900, 900)], "withdrawn": [], "surplus": []}
    assert "  missing: 3–4, 1100" in found.told()


async def test_a_copy_of_one_field_is_compared_with_the_sums_of_that_field(
    hub: Hub, platform: Caller, tmp_path: Any
) -> None:
    await platform.push(a_tender_notice(), a_procurement_notice(), a_tender_notice())
    client = a_client(hub, domain="procurement")

    async with Directory(tmp_path / "kept") as kept:
        await consume(client, kept, after=None, follow=False, stopping=asyncio.Event())
        found = await check_against(client, kept)

    assert (found.complete, found.items, found.up_to) == (True, 1, 3)


async def test_a_filter_without_sums_cannot_be_checked(hub: Hub, sink: Spoilt) -> None:
    with pytest.raises(Trouble, match="this filter is another one"):
        await check_against(a_client(hub, kind="tender_notice"), sink)


async def test_an_empty_copy_of_an_empty_ledger_is_complete(hub: Hub, tmp_path: Any) -> None:
    async with Directory(tmp_path / "kept") as kept:
        assert (await check_against(a_client(hub), kept)).complete


@pytest.mark.parametrize(
    ("positions", "expected"),
    [([], []), ([5], [(5, 5)]), ([1, 2, 3], [(1, 3)]), ([1, 3, 4, 9], [(1, 1), (3, 4), (9, 9)])],
)
async def test_positions_are_told_as_ranges(positions: list[int], expected: list[tuple[int, int]]) -> None:
    assert ranges(positions) == expected
