"""A parameter that a route does not have is refused: who misspells a filter must not get everything."""

from collections.abc import Iterator

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from hub.api.parameter_faults import PATTERNS
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


@pytest.mark.parametrize(
    ("path", "name", "zh", "en"),
    [
        ("/v1/feed?after=x", "after", "游标", "cursor"),
        ("/v1/feed?before=x", "before", "prev", "prev"),
        ("/v1/feed?discloser=x", "discloser", "统一社会信用代码", "social credit code"),
        ("/v1/feed?platform=x", "platform", "统一社会信用代码", "social credit code"),
        ("/v1/feed?party=x", "party", "组织机构代码", "organisation code"),
        ("/v1/feed?region=x", "region", "行政区划代码", "region code"),
        ("/v1/feed?since=yesterday", "since", "带时区的 RFC 3339 时刻", "RFC 3339 with an offset"),
        ("/v1/feed?since=2026-11-20T09:30:00", "since", "带时区的 RFC 3339 时刻", "RFC 3339 with an offset"),
        ("/v1/feed?domain=x", "domain", "须为下列之一：housing", "must be one of housing"),
        ("/v1/feed?limit=x", "limit", "整数", "integer"),
        ("/v1/feed?limit=0", "limit", "不小于 1", "at least 1"),
        ("/v1/feed?limit=1001", "limit", "不大于 1000", "at most 1000"),
        ("/v1/records?overdue=1", "overdue", "须为下列之一：true", "must be one of true"),
        ("/v1/records?as_of=" + "1" * 41, "as_of", "不得超过 40 个字符", "more than 40 characters"),
        ("/v1/feed/digests", "by", "必填", "needed"),
        ("/v1/codes/regions?on=x", "on", "日期", "date"),
    ],
)
async def test_a_parameter_that_is_wrong_is_explained_in_chinese_and_english(
    hub: Hub, path: str, name: str, zh: str, en: str
) -> None:
    answer = await hub.public.get(path)

    assert answer.status_code == 400
    (fault,) = answer.json()["faults"]
    assert fault["pointer"] == f"/query/{name}"
    assert zh in fault["zh"]
    assert en in fault["en"]
    assert "pattern" not in fault["en"]
    assert "Input" not in fault["en"]


def _patterns_of(dependant: Dependant) -> Iterator[str]:
    for field in (*dependant.path_params, *dependant.query_params, *dependant.header_params):
        yield from (one.pattern for one in field.field_info.metadata if getattr(one, "pattern", None))
    for inner in dependant.dependencies:
        yield from _patterns_of(inner)


async def test_every_pattern_of_a_parameter_is_put_into_words(hub: Hub) -> None:
    routes = [route for route in hub.app.routes if isinstance(route, APIRoute)]

    used = {pattern for route in routes for pattern in _patterns_of(route.dependant)}

    assert used == PATTERNS.keys()
