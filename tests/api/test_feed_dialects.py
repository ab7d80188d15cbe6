"""The dialects of the feed, read by others' readers."""

from typing import Any

import feedparser
import httpx
import orjson
import pytest
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from hub.exports.dialect import Frame
from hub.exports.dialects import DIALECTS, dialect_for
from hub.ledger.feed import Page
from tests.builders import a_later_version, a_tender_notice
from tests.hub import Caller, Hub

pytestmark = pytest.mark.anyio

ATOM = "application/atom+xml"
BATCH = "application/cloudevents-batch+json"


async def every_state(platform: Caller) -> list[dict[str, Any]]:
    """Four versions: published, withheld, corrected, withdrawn."""
    notice = a_tender_notice(body__notice_name="管网 <改造> & 扩建")
    await platform.push(notice, a_tender_notice(disclosure="on_request"), a_later_version(notice))
    await platform.withdraw(notice)
    return [notice]


async def read_as(reader: Caller, media: str, path: str = "/v1/feed", **query: Any) -> httpx.Response:
    response = await reader.call("GET", path, params=query, headers={"accept": media})
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].split(";")[0] == media.split(";")[0]
    return response


@pytest.mark.parametrize(
    ("accept", "name"),
    [
        (None, "json"),
        ("*/*", "json"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "json"),
        ("application/x-ndjson", "ndjson"),
        ("application/json;q=0.5, application/x-ndjson", "ndjson"),
        ("application/x-ndjson;q=0, application/json", "json"),
        ("application/atom+xml", "atom"),
        ("application/cloudevents-batch+json", "cloudevents"),
        ("application/vnd.ocds.release-package+json", "ocds"),
        ('application/json; profile="ocds"', "ocds"),
        ("application/json; profile=other", "json"),
        ("image/png", "json"),
        ("text/event-stream", None),
    ],
)
def test_accept_decides_the_dialect(accept: str | None, name: str | None) -> None:
    found = dialect_for(accept)

    assert (found.name if found else None) == name


async def test_a_batch_of_cloudevents_is_read_by_their_sdk(hub: Hub, platform: Caller) -> None:
    await every_state(platform)
    entries = (await hub.public.read("/v1/feed"))["entries"]

    response = await read_as(hub.public, BATCH)
    events = [JSONFormat().read(CloudEvent, orjson.dumps(event)) for event in orjson.loads(response.content)]

    assert [event.get_data() for event in events] == entries
    assert [event.get_id() for event in events] == ["1.1", "1.2", "1.3", "1.4"]
    assert {event.get_source() for event in events} == {"/v1/feed"}
    assert [event.get_type().rpartition(".")[2] for event in events] == [e["state"] for e in entries]
    assert [event.get_subject() for event in events] == [e["record"] for e in entries]
    assert [event.get_time().isoformat() for event in events if event.get_time()] == [
        e["received_at"].replace("Z", "+00:00") for e in entries
    ]
    assert response.headers["hub-cursor"] == "1.4"


async def test_the_governments_events_have_another_source(platform: Caller, consumer: Caller) -> None:
    notice = a_tender_notice(disclosure="on_request")
    await platform.push(notice)

    (event,) = orjson.loads((await read_as(consumer, BATCH)).content)

    assert event["source"] != "/v1/feed"
    assert event["data"]["document"] == notice


async def test_an_empty_batch_is_an_empty_array(hub: Hub) -> None:
    assert orjson.loads((await read_as(hub.public, BATCH)).content) == []


async def test_a_feed_reader_reads_atom_newest_first(hub: Hub, platform: Caller) -> None:
    await every_state(platform)

    read = feedparser.parse((await read_as(hub.public, ATOM)).content)

    assert not read.bozo, read.get("bozo_exception")
    assert read.version == "atom10"
    titles = [entry.title for entry in read.entries]
    assert titles[0].startswith("已撤回 招标公告")
    assert titles[2].startswith("不公开 招标公告")
    assert titles[1::2] == ["招标公告: 管网 <改造> & 扩建"] * 2
    assert len({entry.id for entry in read.entries}) == 4
    assert read.feed.updated == read.entries[0].updated
    assert [{tag.term for tag in entry.tags} & {"published", "withheld", "withdrawn"} for entry in read.entries] == [
        {"withdrawn"},
        {"published"},
        {"withheld"},
        {"published"},
    ]
    assert "重复发布" in read.entries[0].summary
    assert "更正笔误" in read.entries[1].summary
    assert "on_request" in read.entries[2].summary


async def test_every_atom_entry_leads_to_its_version(hub: Hub, platform: Caller) -> None:
    await every_state(platform)

    read = feedparser.parse((await read_as(hub.public, ATOM)).content)

    for entry, position in zip(read.entries, (4, 3, 2, 1), strict=True):
        assert (await hub.public.read(entry.link))["position"] == position


async def test_atom_pages_lead_to_older_ones_until_all_is_read(hub: Hub, platform: Caller) -> None:
    await platform.push(*(a_tender_notice() for _ in range(7)))
    address, titles = "/v1/feed?format=atom&limit=3", []

    while True:
        read = feedparser.parse((await hub.public.call("GET", address)).content)
        titles += [entry.id for entry in read.entries]
        links = {link.rel: link.href for link in read.feed.links}
        if "next" not in links:
            break
        address = links["next"]

    assert len(titles) == len(set(titles)) == 7


async def test_an_atom_document_without_entries_is_one(hub: Hub) -> None:
    read = feedparser.parse((await read_as(hub.public, ATOM)).content)

    assert not read.bozo
    assert read.entries == []


def test_characters_that_xml_cannot_have_are_left_out_of_atom() -> None:
    header = (
        b'"record":"91350100M000100Y43/tender_notice/a","number":1,"state":"published","digest":"00",'
        b'"region_code":"350100","received_at":"2026-11-20T01:30:00.000000Z"'
    )
    public = '"document":{"body":{"notice_name":"公告\\u000b<一>\\u0000"}}'.encode()
    page = Page([(1, None, header, public)], 0, 1, 1, government=False)

    _, pieces = DIALECTS["atom"].write(page, Frame(1, "http://hub", {"first": "http://hub/v1/feed"}))
    read = feedparser.parse(b"".join(pieces))

    assert not read.bozo
    assert read.entries[0].title == "招标公告: 公告<一>"


@pytest.mark.parametrize("media", [ATOM, BATCH, "application/x-ndjson", "application/vnd.ocds.release-package+json"])
async def test_no_dialect_shows_the_public_what_is_withheld(hub: Hub, platform: Caller, media: str) -> None:
    await platform.push(a_tender_notice(disclosure="on_request", body__notice_name="不应公开的名称"))

    response = await read_as(hub.public, media)

    assert "不应公开的名称" not in response.text
    assert "on_request" in response.text
