"""The list of deliveries: every filter, and what needs somebody found at once among very many."""

from typing import Any

import pytest
from sqlalchemy import insert

from hub.ledger.epochs import begin_epoch
from hub.ledger.tables import Delivery
from hub.sync.target import Target, targets, wanted_by
from hub.sync.targets.national import NationalPlatform
from tests.builders import a_blacklist_entry, a_later_version, a_tender_notice, a_tender_project_code, a_uscc
from tests.hub import A, B, Caller, Hub, a_hub

pytestmark = pytest.mark.anyio


async def _rows(hub: Hub, states: dict[int, str], target: str = "national") -> None:
    row = {"target": target, "thread": "t", "lane": 0, "holds": False, "tries": 3, "updated_at": 1_000_000}
    async with hub.runtime.database.transaction() as connection:
        await connection.execute(
            insert(Delivery), [row | {"position": at, "state": state} for at, state in states.items()]
        )


async def _found(platform: Caller, **query: Any) -> list[tuple[int, str]]:
    """Position and target of each delivery, read to the end."""
    found: list[tuple[int, str]] = []
    after = 0
    while True:
        page = await platform.read("/v1/deliveries", after=after, **query)
        found += [(delivery["position"], delivery["target"]) for delivery in page["deliveries"]]
        if not page["more"]:
            return found
        assert page["next"] > after
        after = page["next"]


def _national(*positions: int) -> list[tuple[int, str]]:
    return [(position, "national") for position in positions]


async def test_states_and_targets_may_be_repeated(hub: Hub, platform: Caller) -> None:
    await platform.push(*(a_blacklist_entry() for _ in range(4)))
    await _rows(hub, {1: "parked", 2: "rejected", 3: "delivered"})
    await _rows(hub, {1: "waiting"}, "credit")

    assert await _found(platform, state=["parked", "rejected"]) == _national(1, 2)
    assert await _found(platform, state=["parked", "delivered"]) == _national(1, 3)
    assert await _found(platform, state=["parked", "waiting"], target="credit") == [(1, "credit")]
    assert sorted(await _found(platform, state=["waiting", "parked"], target=["credit", "national"])) == [
        (1, "credit"),
        (1, "national"),
    ]
    assert len(await _found(platform, target=["credit", "national"])) == 8


@pytest.mark.parametrize("states", [[], ["pending", "parked"], ["parked"]])
async def test_deliveries_are_found_by_kind_record_project_region_and_moment(
    database_url: str, states: list[str]
) -> None:
    async with a_hub(database_url) as hub:
        platform = await hub.platform()
        notice = a_tender_notice(project="P", data_key="K1")
        await platform.push(notice, a_tender_notice(project="Q", data_key="K2"), a_later_version(notice))
        (receipt,) = await platform.push(a_blacklist_entry(data_key="K1"))
        await _rows(hub, dict.fromkeys(range(1, 5), "parked"))

        async def found(**query: Any) -> list[int]:
            return [at for at, _ in await _found(platform, target="national", state=states, **query)]

        assert await found(kind="blacklist_entry") == [4]
        assert await found(kind=["blacklist_entry", "tender_notice"]) == [1, 2, 3, 4]
        assert await found(record=f"{A}/tender_notice/K1") == [1, 3]
        assert await found(record="K1") == [1, 3, 4]
        assert await found(record=f"{B}/tender_notice/K1") == []
        assert await found(record="nothing") == []
        assert await found(thread=f"tender:{a_tender_project_code('P')}") == [1, 3]
        assert await found(region=receipt["region_code"][:2]) == [1, 2, 3, 4]
        assert await found(region="99") == []
        assert await found(since=receipt["received_at"]) == [4]
        assert await found(since="2199-01-01T00:00:00Z") == []


async def test_a_few_parked_ones_among_very_many_come_in_one_page(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.api.delivery_list.WINDOW", 5)
    async with a_hub(database_url) as hub:
        platform = await hub.platform()
        await platform.push(*(a_tender_notice() for _ in range(20)))
        await _rows(hub, {at: "parked" if at in (2, 11, 20) else "delivered" for at in range(1, 21)})

        page = await platform.read("/v1/deliveries", state="parked")
        walked = await platform.read("/v1/deliveries", state=["parked", "retrying"])

    assert [delivery["position"] for delivery in page["deliveries"]] == [2, 11, 20]
    assert (page["next"], page["head"]) == (20, 20)
    assert [delivery["position"] for delivery in walked["deliveries"]] == [2]
    assert walked["next"] == 5


async def test_pages_of_unfinished_ones_are_bounded_and_complete(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.api.delivery_list.WINDOW", 5)
    async with a_hub(database_url) as hub:
        platform, other = await hub.platform(), await hub.platform(B)
        await platform.push(a_blacklist_entry())
        await other.push(*(a_tender_notice() for _ in range(20)))
        await platform.push(*(a_blacklist_entry() for _ in range(3)))
        await _rows(hub, dict.fromkeys(range(1, 25), "parked"))
        await _rows(hub, dict.fromkeys((1, 22, 23), "rejected"), "credit")

        first = await platform.read("/v1/deliveries", state=["parked", "rejected"])
        assert {delivery["position"] for delivery in first["deliveries"]} == {1}
        assert first["next"] < 24
        for limit in (1, 2, 100):
            found = await _found(platform, state=["parked", "rejected"], limit=limit)
            assert sorted(found) == sorted([*_national(1, 22, 23, 24), (1, "credit"), (22, "credit"), (23, "credit")])


async def test_rows_of_subscribers_are_no_deliveries(hub: Hub, platform: Caller) -> None:
    await platform.push(a_tender_notice())
    await _rows(hub, {1: "waiting"}, "sub_abcd")

    assert await _found(platform, state="waiting") == []
    assert await _found(platform, state="waiting", target="sub_abcd") == []


async def test_a_target_may_have_a_name_of_several_words(
    hub: Hub, platform: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    market = NationalPlatform()
    market.name = "land_market"
    known: dict[str, Target] = {**targets(), market.name: market}
    monkeypatch.setattr("hub.sync.target.targets", lambda: known)
    monkeypatch.setattr("hub.api.delivery_list.targets", lambda: known)
    wanted_by.cache_clear()
    try:
        await platform.push(a_tender_notice())
        await _rows(hub, {1: "parked"}, "land_market")

        assert await _found(platform, target="land_market") == [(1, "land_market")]
        assert await _found(platform, state="parked") == [(1, "land_market")]
        assert (await platform.read("/v1/deliveries/land_market/1"))["delivery"]["state"] == "parked"
        resent = await platform.call("POST", "/v1/deliveries/land_market/1:resend", json={"reason": "再试一次"})
        assert resent.status_code == 200
    finally:
        wanted_by.cache_clear()


@pytest.mark.parametrize(
    "query",
    [
        {"state": "lost"},
        {"target": "Land"},
        {"target": "_market"},
        {"kind": "nothing"},
        {"record": "a/b"},
        {"record": f"{a_uscc(1)}/tender_notice/K%001"},
        {"thread": "a\x00b"},
        {"region": "福建"},
        {"since": "yesterday"},
        {"since": "2026-01-01T00:00:00"},
    ],
)
async def test_a_filter_that_cannot_be_is_refused(platform: Caller, query: dict[str, str]) -> None:
    answer = await platform.get("/v1/deliveries", **query)

    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/invalid-parameter")


@pytest.mark.parametrize("path", ["/v1/deliveries", "/v1/threads/P"])
async def test_a_cursor_of_another_epoch_is_told_where_the_epochs_part(hub: Hub, platform: Caller, path: str) -> None:
    await platform.push(*(a_tender_notice(project="P") for _ in range(2)))
    thread = (await platform.read("/v1/versions/1"))["thread"]
    path = path.replace("P", thread)
    assert (await platform.read(path, limit=1))["next"] == 1
    await begin_epoch(hub.runtime.database, "restored from a backup")
    await platform.push(a_tender_notice(project="P"))

    for cursor in (3, "1.2"):
        response = await platform.get(path, after=cursor)
        assert (response.status_code, response.json()["began_after"]) == (409, 2)
    page = await platform.read(path, after="2.1", limit=1)
    assert page["next"] == "2.2"
    assert (await platform.read(path, after=page["next"]))["next"] == "2.3"


async def test_a_cursor_beyond_the_newest_version_is_refused(platform: Caller) -> None:
    await platform.push(a_tender_notice())

    response = await platform.get("/v1/deliveries", after=2)

    assert (response.status_code, response.json()["head"]) == (409, 1)
