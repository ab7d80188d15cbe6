"""What a platform says it holds, and what becomes of that when it is damaged."""

from hashlib import sha256
from typing import Any

import pytest

from tests.simulators.builders import Client, a_tender_notice

pytestmark = pytest.mark.anyio


async def buckets(national: Client, first: int, last: int, size: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (
        await national.get("/holdings/buckets", **{"from": first, "to": last, "size": size})
    )["buckets"]
    return found


async def positions(national: Client) -> list[int]:
    return [item["position"] for item in (await national.get("/holdings", **{"from": 1, "to": 1000}))["items"]]


def a_sum(*items: dict[str, Any]) -> str:
    hashes = [sha256(i["position"].to_bytes(8) + bytes.fromhex(i["digest"])).digest() for i in items]
    return f"{sum(int.from_bytes(each) for each in hashes) % 2**256:064x}"


async def test_buckets_tell_count_and_sum_of_what_is_held_in_them(national: Client) -> None:
    items = [a_tender_notice(n, of=f"P{n}") for n in (1, 10, 11, 25, 40)]
    await national.send(*items)

    assert await buckets(national, 5, 30, 10) == [
        {"first": 5, "count": 1, "sum": a_sum(items[1])},
        {"first": 11, "count": 1, "sum": a_sum(items[2])},
        {"first": 21, "count": 1, "sum": a_sum(items[3])},
    ]
    assert await buckets(national, 1, 40, 40) == [{"first": 1, "count": 5, "sum": a_sum(*items)}]


async def test_more_buckets_than_one_answer_holds_are_refused(national: Client) -> None:
    query = {"from": 1, "to": 1_001, "size": 1}

    assert (await national.http.get("/holdings/buckets", params=query)).status_code == 422


async def test_pages_of_holdings_lead_from_one_to_the_next(national: Client) -> None:
    await national.send(*(a_tender_notice(n, of=f"P{n}") for n in (1, 4, 6, 9)))
    await national.http.post("/damage", json={"repeat": 4})

    first = await national.get("/holdings", **{"from": 1, "to": 9, "limit": 3})
    second = await national.get("/holdings", **{"from": first["next"], "to": 9, "limit": 3})

    assert [item["position"] for item in first["items"]] == [1, 1, 4, 4, 6, 6]
    assert (first["next"], [item["position"] for item in second["items"]], second["next"]) == (9, [9, 9], None)


async def test_the_same_seed_does_the_same_damage_and_says_which(national: Client) -> None:
    items = {n: a_tender_notice(n, of=f"P{n}") for n in range(1, 21)}
    await national.send(*items.values())

    damage = (
        await national.http.post("/damage", json={"seed": 3, "lose": 2, "change": 2, "repeat": 2, "add": 2})
    ).json()

    lost, changed, repeated, added = damage["lost"], damage["changed"], damage["repeated"], damage["added"]
    assert (len({*lost, *changed, *repeated}), added) == (6, [21, 22])
    assert await positions(national) == sorted([*items.keys() - set(lost), *repeated, *added])
    held = (await national.get("/holdings", **{"from": 1, "to": 20}))["items"]
    assert {h["position"] for h in held if h["digest"] != items[h["position"]]["digest"]} == set(changed)
    assert (await national.get("/received/21"))["data_en"] == "ADDED"


async def test_what_was_lost_is_taken_again_although_later_ones_were_applied(national: Client) -> None:
    first = a_tender_notice(1)
    second = a_tender_notice(2, record=first["record"], previous=1, number=2)
    await national.send(first, second)
    await national.http.post("/damage", json={"lose": 2})
    third = a_tender_notice(3, record=first["record"], previous=2, number=3)
    assert await national.statuses(third) == ["gap"]

    assert await national.statuses(first, second, third) == ["accepted"] * 3
    assert await positions(national) == [1, 2, 3]
