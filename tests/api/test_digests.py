"""Digests over HTTP: a copy that is whole is proved so, and one that is not is told exactly what to fetch."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest

from hub.api.digests import CLOSES_AFTER
from hub.ledger.buckets import HOUR, PAGE, bucket_digest, sum_up
from hub.moments import now
from tests.builders import a_land_transfer_announcement, a_tender_notice
from tests.hub import A, Caller, Hub, a_hub
from tests.ledger.entries import an_entry

pytestmark = pytest.mark.anyio

Holding = dict[int, bytes]
"""A copy: the digest at each position."""


@pytest.fixture
async def large(anyio_backend: str, sqlite_database_url: str) -> AsyncIterator[Hub]:
    """A hub with 12,345 versions that are summed up."""
    async with a_hub(sqlite_database_url) as hub:
        for start in range(0, 12345, 1000):
            entries = [an_entry(f"k{number}") for number in range(start, min(start + 1000, 12345))]
            await hub.runtime.appender.append_all(entries)
        await sum_up(hub.runtime.database, 20_000)
        yield hub


@pytest.fixture
def no_keeper(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody sums up but the test."""

    async def nothing(_database: object, _most: int) -> int:
        return 0

    monkeypatch.setattr("hub.transparency.keeper.sum_up", nothing)


async def copy_of(hub: Hub) -> Holding:
    """A whole copy of the ledger, as a reader of the feed makes it."""
    copy: Holding = {}
    while True:
        page = await hub.public.read("/v1/feed", after=len(copy), limit=1000)
        copy |= {entry["position"]: bytes.fromhex(entry["digest"]) for entry in page["entries"]}
        if not page["entries"]:
            return copy


class Reconciler:
    """What a consumer does, as the documentation says it: halves by 32 what differs, then asks about items."""

    def __init__(self, caller: Caller, copy: Holding) -> None:
        self.caller = caller
        self.copy = copy
        self.rounds = self.traffic = 0

    async def ask(self, **question: Any) -> Any:
        self.rounds += 1
        response = await self.caller.call("POST", "/v1/feed/reconcile", json=question)
        assert response.status_code == 200, response.text
        self.traffic += len(response.request.content) + len(response.content)
        return response.json()

    def bucket(self, first: int, last: int) -> dict[str, Any]:
        held = [(position, self.copy[position]) for position in range(first, last + 1) if position in self.copy]
        return {"from": first, "to": last, "count": len(held), "digest": bucket_digest(held).hex()}

    def items(self, first: int, last: int, *, prefixes: bool = False) -> dict[str, Any]:
        held = [position for position in range(first, last + 1) if position in self.copy]
        have: list[list[int]] = []
        for position in held:
            if have and have[-1][1] == position - 1:
                have[-1][1] = position
            else:
                have.append([position, position])
        if prefixes:
            told = {"prefixes": "".join(self.copy[position].hex()[:8] for position in held)}
        else:
            told = {"digest": bucket_digest([(position, self.copy[position]) for position in held]).hex()}
        return {"from": first, "to": last, "have": have, **told}

    async def run(self, head: int) -> dict[str, list[int]]:
        ranges, width = [(1, -(-head // PAGE) * PAGE)], -(-head // PAGE)
        while ranges and width > 1:
            width = -(-width // 32)
            parts = [
                (begin, min(begin + width * PAGE - 1, last))
                for first, last in ranges
                for begin in range(first, last + 1, width * PAGE)
            ]
            answer = await self.ask(buckets=[self.bucket(*part) for part in parts])
            ranges = [(one["from"], one["to"]) for one in answer["differing"]]
        items = (await self.ask(items=[self.items(*one) for one in ranges]))["items"] if ranges else []
        suspects = [(one["from"], one["to"]) for one in items if one["suspect"]]
        if suspects:
            items = (await self.ask(items=[self.items(*one, prefixes=True) for one in suspects]))["items"] + [
                one for one in items if not one["suspect"]
            ]
        return {
            name: sorted(p for one in items for first, last in one[name] for p in range(first, last + 1))
            for name in ("missing", "withdrawn", "stale", "surplus")
        }


NOTHING: dict[str, list[int]] = {"missing": [], "withdrawn": [], "stale": [], "surplus": []}


async def test_a_whole_copy_is_proved_whole_in_one_question(large: Hub) -> None:
    reconciler = Reconciler(large.public, await copy_of(large))

    assert await reconciler.run(12345) == NOTHING
    assert reconciler.rounds == 1


async def test_a_copy_is_told_exactly_what_it_lacks(large: Hub) -> None:
    copy = await copy_of(large)
    gone = [1, 1000, 1001, 5003, 5004, 9999, 12345]
    for position in gone:
        del copy[position]
    copy[777] = bytes(32)
    copy[12999] = bytes(32)
    reconciler = Reconciler(large.public, copy)

    assert await reconciler.run(12345) == NOTHING | {"missing": gone, "stale": [777], "surplus": [12999]}
    assert reconciler.traffic < 40_000


async def test_a_withdrawal_that_a_copy_lacks_is_told_apart(hub: Hub, platform: Caller) -> None:
    notice = a_tender_notice()
    await platform.push(notice, a_tender_notice())
    await platform.withdraw(notice)
    copy = await copy_of(hub)
    del copy[2], copy[3]

    assert await Reconciler(hub.public, copy).run(3) == NOTHING | {"missing": [2], "withdrawn": [3]}


async def test_pages_are_listed_with_their_sums(large: Hub) -> None:
    copy = await copy_of(large)

    answer = await large.public.read("/v1/feed/digests", by="page")

    assert [bucket["number"] for bucket in answer["buckets"]] == list(range(1, 14))
    for bucket in answer["buckets"]:
        held = [(p, copy[p]) for p in range(bucket["from"], bucket["to"] + 1) if p in copy]
        assert (bucket["count"], bucket["digest"]) == (len(held), bucket_digest(held).hex())
        assert bucket["closed"] == (bucket["number"] < 13)
    some = await large.public.read("/v1/feed/digests", by="page", **{"from": "3", "to": "4"})
    assert some["buckets"] == answer["buckets"][2:4]
    assert answer["upto"] == 12345


async def test_hours_and_days_are_listed_with_their_sums(hub: Hub, platform: Caller) -> None:
    await platform.push(a_tender_notice(), a_land_transfer_announcement())
    async with asyncio.timeout(5):
        while not (await hub.public.read("/v1/feed/digests", by="hour"))["buckets"]:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    copy = await copy_of(hub)
    everything = bucket_digest(copy.items()).hex()

    hours = (await hub.public.read("/v1/feed/digests", by="hour"))["buckets"]
    (day,) = (await hub.public.read("/v1/feed/digests", by="day"))["buckets"]

    assert sum(hour["count"] for hour in hours) == day["count"] == 2
    assert day["digest"] == everything
    assert day["closed"] is False
    again = await hub.public.read("/v1/feed/digests", by="day", **{"from": day["from"], "to": day["from"]})
    assert again["buckets"] == [day]
    assert (await hub.public.read("/v1/feed/digests", by="day", **{"from": day["to"]}))["buckets"] == []


async def hour_at(hub: Hub, monkeypatch: pytest.MonkeyPatch, moment: int) -> tuple[int, bool]:
    """Count and `closed` of the first hour as the hub shows it at `moment`."""

    async def by_that_clock(_connection: object) -> int:
        return moment

    monkeypatch.setattr("hub.api.digests.moment_of", by_that_clock)
    hour = (await hub.public.read("/v1/feed/digests", by="hour"))["buckets"][0]
    return hour["count"], hour["closed"]


async def test_an_hour_is_closed_when_no_clock_can_still_add_to_it(database_url: str, no_keeper: None) -> None:
    async with a_hub(database_url) as hub:
        await hub.runtime.appender.append_all([an_entry("a"), an_entry("b")])
        await sum_up(hub.runtime.database, 100)
        end = (now() // HOUR + 1) * HOUR

        with pytest.MonkeyPatch.context() as patch:
            assert await hour_at(hub, patch, end + 90_000_000) == (2, False)
            assert await hour_at(hub, patch, end + CLOSES_AFTER - 1) == (2, False)
            assert await hour_at(hub, patch, end + CLOSES_AFTER) == (2, True)


async def test_an_hour_of_which_something_is_not_summed_up_is_not_closed(
    database_url: str, no_keeper: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with a_hub(database_url) as hub:
        began = now() // HOUR * HOUR
        monkeypatch.setattr("hub.ledger.append.now", lambda: began)
        await hub.runtime.appender.append_all([an_entry("a"), an_entry("b")])
        await sum_up(hub.runtime.database, 100)
        await hub.runtime.appender.append(an_entry("c"))

        assert await hour_at(hub, monkeypatch, began + 48 * HOUR) == (2, False)
        await sum_up(hub.runtime.database, 100)
        assert await hour_at(hub, monkeypatch, began + 48 * HOUR) == (3, True)

        # Behind a version that was received well after its end, nothing of the hour can come.
        for later, closed in ((CLOSES_AFTER - 1, False), (CLOSES_AFTER, True)):
            monkeypatch.setattr("hub.ledger.append.now", lambda later=later: began + HOUR + later)
            await hub.runtime.appender.append(an_entry(f"d{later}"))
            await sum_up(hub.runtime.database, 100)
            await hub.runtime.appender.append(an_entry(f"e{later}"))
            assert await hour_at(hub, monkeypatch, began + 48 * HOUR) == (3, closed)


async def test_a_field_and_a_platform_have_sums_of_their_own(hub: Hub, platform: Caller, other: Caller) -> None:
    await platform.push(a_tender_notice(), a_land_transfer_announcement())
    await other.push(a_tender_notice())
    copy = await copy_of(hub)

    async def sums(**only: str) -> list[tuple[int, str]]:
        answer = await hub.public.read("/v1/feed/digests", by="page", **only)
        return [(bucket["count"], bucket["digest"]) for bucket in answer["buckets"]]

    def of(*held: int) -> list[tuple[int, str]]:
        return [(len(held), bucket_digest([(position, copy[position]) for position in held]).hex())]

    assert await sums(domain="tender") == of(1, 3)
    assert await sums(domain="land") == of(2)
    assert await sums(platform=A) == of(1, 2)
    assert await sums(domain="credit") == []
    question = {"domain": "tender", "items": [{"from": 1, "to": 3, "have": [[1, 1]]}]}
    (told,) = (await hub.public.call("POST", "/v1/feed/reconcile", json=question)).json()["items"]
    assert told["missing"] == [[3, 3]]


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"by": "week"},
        {"by": "page", "from": "0"},
        {"by": "page", "from": "x"},
        {"by": "page", "from": "1", "to": "1001"},
        {"by": "page", "from": "2", "to": "1"},
        {"by": "hour", "from": "2026-11-20"},
        {"by": "day", "from": "2026-11-20T00:00:00"},
        {"by": "page", "domain": "tender", "platform": A},
        {"by": "page", "from": "9" * 30},
    ],
)
async def test_a_question_that_makes_no_sense_is_refused(hub: Hub, query: dict[str, str]) -> None:
    assert (await hub.public.get("/v1/feed/digests", **query)).status_code == 400


@pytest.mark.parametrize(
    "question",
    [
        {"buckets": [{"from": 2, "to": 1, "count": 0, "digest": "0" * 64}]},
        {"buckets": [{"from": 1, "to": 2, "count": 0, "digest": "0" * 63}]},
        {"buckets": [{"from": 1, "to": 2, "count": 0, "digest": "0" * 64}] * 1001},
        {"buckets": [{"from": 1, "to": 2**62, "count": 0, "digest": "0" * 64, "more": 1}]},
        {"items": [{"from": 1, "to": 2**62, "have": []}]},
        {"items": [{"from": 1, "to": 10, "have": [[1, 2**62]]}]},
        {"items": [{"from": 1, "to": 10, "have": [[3, 2]]}]},
        {"items": [{"from": 1, "to": 10, "have": [[3, 4]], "prefixes": "0"}]},
        {"items": [{"from": 1, "to": 10, "have": [[3, 4]], "digest": "z" * 64}]},
        {"domain": "tender", "platform": A},
        {"unknown": 1},
    ],
)
async def test_a_copy_that_makes_no_sense_is_refused(hub: Hub, question: dict[str, Any]) -> None:
    response = await hub.public.call("POST", "/v1/feed/reconcile", content=orjson.dumps(question))

    assert response.status_code == 400, response.text


async def test_an_empty_ledger_has_no_buckets(hub: Hub) -> None:
    assert (await hub.public.read("/v1/feed/digests", by="page")) == {"by": "page", "upto": 0, "buckets": []}
