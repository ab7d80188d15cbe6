"""Bodies that nobody sends by mistake: they are refused like any other, and quickly."""

import gc
import json
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest

from hub.api.bodies import LARGEST
from hub.keys import Sender
from hub.problems import Problem
from hub.schemas.explain import MOST_ERRORS
from hub.wire.envelope import Sent, enveloped
from hub.wire.forms import V2_JSON, written
from tests.builders import a_blacklist_entry, a_later_version, a_submission, a_tender_notice
from tests.hub import Caller, Hub, faults_of

pytestmark = pytest.mark.anyio


async def test_a_member_named_with_more_digits_than_a_number_may_have_is_just_unknown(platform: Caller) -> None:
    name = "9" * 5000

    response = await platform.put(a_tender_notice() | {name: 1})

    assert {pointer for pointer, _ in faults_of(response)} == {f"/{name}"}


async def test_of_very_many_faults_some_are_explained_and_all_are_counted(platform: Caller) -> None:
    response = await platform.put(a_tender_notice() | {f"k{number}": number for number in range(100_000)})

    assert len(faults_of(response)) == MOST_ERRORS
    assert response.json()["detail"].startswith("100000 fault(s)")


async def test_a_list_with_far_too_many_items_is_one_fault(platform: Caller) -> None:
    notice = a_tender_notice(attachments=[{}] * 100_000)

    assert faults_of(await platform.put(notice)) == {("/attachments", "too-many")}


DEEP = b"[" * 300 + b"]" * 300


@pytest.mark.parametrize(
    ("media", "document"),
    [
        ("application/x-ndjson", b'{"kind":"tender_notice","data_key":"x","withdrawal":{"y":%b}}' % DEEP),
        (V2_JSON, b'{"TITLE":{"DATA_NO":"503"},"CONTEXT":{},"HUB":{"x":%b}}' % DEEP),
        (V2_JSON, b'{"TITLE":{"DATA_NO":"503"},"CONTEXT":{"BULLETIN_TYPE":["1"]}}'),
        (
            "application/xml",
            b"<DES><CONTEXT><BULLETIN_TYPE>1</BULLETIN_TYPE><BULLETIN_TYPE>2</BULLETIN_TYPE></CONTEXT>"
            b"<TITLE><DATA_NO>503</DATA_NO><DATA_KEY>a</DATA_KEY></TITLE></DES>",
        ),
    ],
)
async def test_what_is_nested_or_repeated_is_the_senders_fault(platform: Caller, media: str, document: bytes) -> None:
    headers = {"content-type": media}
    answer = await platform.call("POST", "/v1/records:batch", content=document, headers=headers)

    assert [orjson.loads(line)["status"] // 100 for line in answer.content.splitlines()] == [4]


SUBMISSION = "application/json"


@pytest.mark.parametrize(
    ("media", "sent", "doubled"),
    [
        (SUBMISSION, b'"secrecy_review":"cleared"', b'"secrecy_review":"not_cleared","secrecy_review":"cleared"'),
        (SUBMISSION, b'"secrecy_review":"cleared"', b'"secrecy_review" : "cleared", "secrecy_review":"cleared"'),
        (SUBMISSION, b'"secrecy_review":"cleared"', rb'"secrecy_review":"\u003A","secrecy_review":"cleared"'),
        (SUBMISSION, b'"secrecy_review":"cleared"', rb'"secrecy_re\u0076iew":"x","secrecy_review":"cleared"'),
        (SUBMISSION, b'"media":[', b'"media":[],"media":['),
        (SUBMISSION, b'"media":[', b'"media":%b,"media":[' % (b"[" * 300 + b"]" * 300)),
        (SUBMISSION, b'"media":[', b'"media":%b,"media":[' % (b"9" * 5000)),
        (SUBMISSION, b'"media":[', b'"media":[],"unknown":1,"media":['),
        (V2_JSON, b'"CONTEXT":{', b'"CONTEXT":{},"CONTEXT":{'),
        (V2_JSON, b'"BULLETIN_TYPE":', b'"BULLETIN_TYPE":"2","BULLETIN_TYPE":'),
    ],
)
async def test_a_document_that_names_a_member_twice_is_malformed(
    platform: Caller, media: str, sent: bytes, doubled: bytes
) -> None:
    notice = a_tender_notice()
    clean = orjson.dumps(notice) if media == SUBMISSION else written(enveloped(notice), media)
    path = f"/v1/records/tender_notice/{notice['data_key']}"
    assert sent in clean

    twice = await platform.call("PUT", path, content=clean.replace(sent, doubled, 1), headers={"content-type": media})
    once = await platform.call("PUT", path, content=clean, headers={"content-type": media})

    assert (twice.status_code, twice.json()["type"]) == (400, "/problems/malformed-document")
    assert once.status_code == 201


async def test_a_withdrawal_that_names_a_member_twice_is_malformed(platform: Caller) -> None:
    reasons = b'{"data_timestamp":"2026-06-01T00:00:00+08:00","reason":"a","reason":"b"}'
    line = b'{"kind":"tender_notice","data_key":"x","withdrawal":%b}' % reasons

    alone = await platform.call(
        "POST", "/v1/records/tender_notice/x:withdraw", content=reasons, headers={"content-type": "application/json"}
    )
    among = await platform.call(
        "POST", "/v1/records:batch", content=line, headers={"content-type": "application/x-ndjson"}
    )

    assert (alone.status_code, orjson.loads(among.content)["status"]) == (400, 400)
    assert "`reason` twice" in alone.json()["detail"]


@pytest.mark.parametrize("spelled", [{}, {"indent": 2}, {"ensure_ascii": False}])
async def test_a_document_with_white_space_and_escapes_is_taken(platform: Caller, spelled: dict[str, Any]) -> None:
    notice = a_tender_notice(body__notice_name='公告 ":" \\u003a')

    answer = await platform.call(
        "PUT",
        f"/v1/records/tender_notice/{notice['data_key']}",
        content=json.dumps(notice, **spelled).replace("https:", "https\\u003a").encode(),
        headers={"content-type": "application/json"},
    )

    assert answer.status_code == 201


async def test_a_time_that_is_past_the_last_year_elsewhere_is_taken_and_shown(platform: Caller) -> None:
    opening = "9999-12-31T23:59:59-08:00"
    sent = a_submission("bidder_list", body__bid_open_time=opening, formed_at="0001-01-01T00:00:00+14:00")

    [receipt] = await platform.push(sent)

    for form in ("application/xml", "application/vnd.hub.v2+json"):
        shown = await platform.call("GET", f"/v1/records/{receipt['record']}", headers={"accept": form})
        assert opening in shown.text
    assert (await platform.http.get(f"/records/{receipt['record']}")).status_code == 200


@pytest.mark.parametrize("path", ["/v1/feed/reconcile", "/v1/consumers/x:commit", "/v1/subscriptions"])
async def test_a_question_over_the_limit_is_refused_and_read_no_further(hub: Hub, path: str) -> None:
    sent = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 100 * LARGEST:
            sent += LARGEST // 8
            yield b" " * (LARGEST // 8)

    headers = {"content-type": "application/json"}
    declared = await hub.public.call("POST", path, content=b" " * (LARGEST + 1), headers=headers)
    streamed = await hub.public.call("POST", path, content=chunks(), headers=headers)

    for refused in (declared, streamed):
        assert (refused.status_code, refused.headers["content-type"]) == (413, "application/problem+json")
        assert (refused.json()["type"], refused.json()["limit"]) == ("/problems/body-too-large", LARGEST)
    assert sent <= LARGEST * 9 // 8


async def test_a_question_of_the_limit_is_answered(hub: Hub) -> None:
    question = b'{"buckets":[]}'.ljust(LARGEST)

    answer = await hub.public.call(
        "POST", "/v1/feed/reconcile", content=question, headers={"content-type": "application/json"}
    )

    assert answer.status_code == 200


async def test_a_document_that_fails_unexpectedly_leaves_the_others_alone(
    hub: Hub, platform: Caller, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    intake = hub.runtime.intake
    accepted = intake.accepted

    def failing(sent: Sent, sender: Sender) -> object:
        if b"POISON" in sent.raw:
            raise ValueError("unforeseen")
        return accepted(sent, sender)

    monkeypatch.setattr(type(intake), "accepted", lambda _, sent, sender: failing(sent, sender))

    answers = await platform.batch(a_tender_notice(), b'{"kind":"POISON"}', a_tender_notice())

    assert [answer["status"] for answer in answers] == [201, 503, 201]
    assert "a document of a batch failed" in caplog.text
    assert orjson.dumps(answers[1]).count(b"unforeseen") == 0


async def test_what_is_refused_leaves_nothing_to_the_garbage_collector(platform: Caller) -> None:
    notice, entry = a_tender_notice(), a_blacklist_entry()
    await platform.push(notice, entry)
    conflict = notice | {"legal_basis": ["另一依据"]}
    another = a_later_version(entry, body__blacklist_code="0d9f3a7c-6b1e-4f52-8a34-7c2e9d105299")
    unexplained = a_later_version(notice, change=..., changed_at=...)
    refused = (conflict, another, unexplained, notice | {"unknown": 1})
    gc.collect()
    gc.disable()
    try:
        for submission in refused:
            assert (await platform.put(submission)).status_code >= 400
        answers = await platform.batch(*refused, b"{", b'{"kind":"nothing"}')
        left = [found for found in gc.get_objects() if isinstance(found, Problem)]
    finally:
        gc.enable()

    assert all(answer["status"] >= 400 for answer in answers)
    assert left == []
