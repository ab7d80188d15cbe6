"""A parameter that a route does not have is refused: who misspells a filter must not get everything."""

import pytest

from tests.builders import a_tender_notice
from tests.hub import Caller, Hub

pytestmark = pytest.mark.anyio


async def test_a_misspelt_filter_is_refused_with_what_was_probably_meant(hub: Hub) -> None:
    answer = await hub.public.get("/v1/feed", limt="5", regio="35")

    assert answer.status_code == 400
    problem = answer.json()
    assert problem["type"] == "/problems/invalid-parameter"
    assert [(fault["pointer"], fault["rule"], fault["repair"]) for fault in problem["faults"]] == [
        ("/query/limt", "unknown-parameter", "limit"),
        ("/query/regio", "unknown-parameter", "region"),
    ]
    assert "limit" in problem["faults"][0]["en"]
    assert "limit" in problem["faults"][0]["zh"]


async def test_of_very_many_some_are_explained_and_names_are_pointed_at_as_pointers_are(hub: Hub) -> None:
    many = await hub.public.get("/v1/feed?" + "&".join(f"n{n}" for n in range(3000)))
    odd = await hub.public.get("/v1/feed", **{"a/b~c": "1"})

    assert many.status_code == odd.status_code == 400
    assert len(many.json()["faults"]) == 50
    assert [fault["pointer"] for fault in odd.json()["faults"]] == ["/query/a~1b~0c"]


@pytest.mark.parametrize("path", ["/v1/status", "/v1/codes", "/v1/kinds/tender_notice"])
async def test_a_route_without_parameters_takes_none(hub: Hub, path: str) -> None:
    known = (await hub.public.get(path)).status_code

    answer = await hub.public.get(path, what="5")

    assert known != 400
    assert answer.status_code == 400
    assert [fault["pointer"] for fault in answer.json()["faults"]] == ["/query/what"]


async def test_a_push_that_was_to_be_a_rehearsal_is_not_stored(hub: Hub, platform: Caller) -> None:
    notice = a_tender_notice()
    path = f"/v1/records/tender_notice/{notice['data_key']}"

    answer = await platform.call("PUT", f"{path}?dry_run=true", json=notice)

    assert answer.status_code == 400
    assert [fault["pointer"] for fault in answer.json()["faults"]] == ["/query/dry_run"]
    assert (await hub.public.get(platform.record(notice))).status_code == 404


async def test_a_consumer_s_feed_takes_what_the_feed_takes_but_for_the_place(hub: Hub, platform: Caller) -> None:
    await platform.push(a_tender_notice())
    consumer = await hub.consumer()
    await consumer.call("PUT", "/v1/consumers/mine", json={"start": "0"})

    assert (await consumer.get("/v1/consumers/mine/feed", limit=1, region="35", format="ndjson")).status_code == 200
    assert (await consumer.get("/v1/consumers/mine/feed", after=0)).status_code == 400
    assert (await consumer.get("/v1/consumers/mine/feed", limits=1)).status_code == 400


async def test_a_page_takes_what_links_bring_along(hub: Hub) -> None:
    assert (await hub.public.get("/", utm_source="letter")).status_code == 200
    assert (await hub.public.get("/healthz", t="1")).status_code == 200
