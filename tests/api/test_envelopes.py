"""The specification's envelope at the hub's door: taken wherever a submission is, shown to readers who ask for it."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import orjson
import pytest

from hub.wire.envelope import enveloped
from hub.wire.forms import V2_JSON, XML, XML_FORM, written
from hub.wire.xml import write_xml
from tests.builders import a_blacklist_entry, a_later_version, a_tender_notice
from tests.hub import Caller, Document

pytestmark = pytest.mark.anyio

both_forms = pytest.mark.parametrize("media", [XML, V2_JSON])


def in_xml(document: Document) -> bytes:
    return write_xml(enveloped(document))


async def put(platform: Caller, document: Document, media: str, raw: bytes | None = None) -> httpx.Response:
    path = f"/v1/records/{document['kind']}/{document['data_key']}"
    content = written(enveloped(document), media) if raw is None else raw
    return await platform.call("PUT", path, content=content, headers={"content-type": media})


async def batch(platform: Caller, content: bytes | AsyncIterator[bytes], media: str = XML) -> list[Any]:
    headers = {"content-type": media}
    response = await platform.call("POST", "/v1/records:batch", content=content, headers=headers)
    assert response.status_code == 200, response.text
    return [orjson.loads(line) for line in response.content.splitlines()]


def withdrawal_of(document: Document) -> Document:
    withdrawal = {"data_timestamp": "2026-10-01T00:00:00+08:00", "reason": "重复报送"}
    return {"kind": document["kind"], "data_key": document["data_key"], "withdrawal": withdrawal}


@both_forms
async def test_an_envelope_stores_the_same_bytes_as_the_submission(platform: Caller, media: str) -> None:
    notice = a_tender_notice()

    first = await put(platform, notice, media)
    again = await platform.put(notice)

    assert first.status_code == 201, first.text
    assert (again.status_code, again.content) == (200, first.content)


@both_forms
async def test_an_envelope_with_data_type_3_withdraws(platform: Caller, media: str) -> None:
    notice = a_tender_notice()
    await platform.push(notice)

    response = await put(platform, withdrawal_of(notice), media)

    assert response.status_code == 201, response.text
    assert (await platform.read(platform.record(notice)))["state"] == "withdrawn"


async def test_an_envelope_says_the_key_that_the_path_says(platform: Caller) -> None:
    notice = a_tender_notice()
    other = {**notice, "data_key": "other"}

    for raw in (in_xml(other), in_xml(withdrawal_of(other))):
        response = await put(platform, notice, XML, raw)
        assert response.status_code == 422
        (fault,) = response.json()["faults"]
        assert (fault["pointer"], fault["rule"], fault["element"]) == ("/data_key", "path-mismatch", "/TITLE/DATA_KEY")


@both_forms
async def test_faults_name_the_element_besides_the_pointer(platform: Caller, media: str) -> None:
    notice = a_tender_notice(body__tenderer_name=..., region_code=...)
    envelope = enveloped(notice)
    envelope.context |= {"BID_OPEN_TIME": "202604150", "OPERATION_NAME": "某"}

    response = await put(platform, notice, media, written(envelope, media))

    assert response.status_code == 422
    found = {(fault["pointer"], fault["rule"], fault["element"]) for fault in response.json()["faults"]}
    assert found == {
        ("/body/OPERATION_NAME", "unknown-field", "/CONTEXT/OPERATION_NAME"),
        ("/body/bid_open_time", "instant-format", "/CONTEXT/BID_OPEN_TIME"),
        ("/body/tenderer_name", "required", "/CONTEXT/TENDERER_NAME"),
        ("/region_code", "required", "/HUB/region_code"),
    }


async def test_an_envelope_from_before_the_hub_is_told_what_it_lacks(platform: Caller) -> None:
    envelope = enveloped(a_tender_notice())
    envelope.hub = {}

    answer = await platform.call(
        "POST", "/v1/records:validate", content=write_xml(envelope), headers={"content-type": XML}
    )

    assert answer.status_code == 422
    assert {fault["element"] for fault in answer.json()["faults"] if not fault["element"].startswith("/HUB/body/")} == {
        f"/HUB/{name}"
        for name in ("discloser", "formed_at", "legal_basis", "publication", "region_code", "secrecy_review")
    }


@both_forms
async def test_validation_says_what_a_push_would_get(platform: Caller, media: str) -> None:
    notice = a_tender_notice()

    answers = [
        await platform.call(
            "POST",
            "/v1/records:validate",
            content=written(enveloped(document), media),
            headers={"content-type": media},
        )
        for document in (notice, withdrawal_of(notice))
    ]

    assert [(answer.status_code, answer.json()["valid"]) for answer in answers] == [(200, True), (200, True)]
    assert answers[0].json()["digest"] == (await platform.push(notice))[0]["digest"]


async def test_a_batch_of_envelopes_is_answered_in_their_order(platform: Caller) -> None:
    notices = [a_tender_notice() for _ in range(120)]
    notices[7] = a_tender_notice(body__tenderer_name=...)

    answers = await batch(platform, b"<BATCH>" + b"\n".join(map(in_xml, notices)) + b"</BATCH>")

    assert [answer["status"] for answer in answers] == [201] * 7 + [422] + [201] * 112
    keys = [answer["receipt"]["record"].split("/")[2] for answer in answers if "receipt" in answer]
    assert keys == [notice["data_key"] for notice in notices if notice is not notices[7]]


async def test_a_batch_of_envelopes_in_json_is_one_a_line(platform: Caller) -> None:
    notice = a_tender_notice()
    lines = [written(enveloped(one), V2_JSON) for one in (notice, a_later_version(notice), withdrawal_of(notice))]

    answers = await batch(platform, b"\n".join(lines), V2_JSON)

    assert [answer["status"] for answer in answers] == [201, 201, 201]


async def test_a_batch_that_arrives_byte_by_byte_is_cut_all_the_same(platform: Caller) -> None:
    stream = in_xml(a_tender_notice()) + in_xml(a_blacklist_entry())

    async def dripping() -> AsyncIterator[bytes]:
        for at in range(0, len(stream), 97):
            yield stream[at : at + 97]

    assert [answer["status"] for answer in await batch(platform, dripping())] == [201, 201]


async def test_a_broken_envelope_leaves_the_others_alone_and_says_where_it_broke(platform: Caller) -> None:
    first = in_xml(a_tender_notice())
    line = first.count(b"\n") + 2

    answers = await batch(platform, first + b"\n<DES><CONTEXT></DES>\n" + in_xml(a_tender_notice()))

    assert [answer["status"] for answer in answers] == [201, 400, 201]
    assert answers[1]["problem"]["type"] == "/problems/malformed-document"
    assert answers[1]["problem"]["detail"] == f"mismatched tag at line {line}, column 17."


async def test_a_broken_frame_ends_the_batch(platform: Caller) -> None:
    answers = await batch(platform, in_xml(a_tender_notice()) + b"garbage" + in_xml(a_tender_notice()))

    assert [answer["status"] for answer in answers] == [201, 400]


XXE = b'<!DOCTYPE DES [<!ENTITY x SYSTEM "file:///etc/hostname">]><DES><CONTEXT><A>&x;</A></CONTEXT></DES>'
LAUGHS = (
    b'<!DOCTYPE DES [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %c "%b">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
    + b"]><DES><CONTEXT><A>&j;</A></CONTEXT></DES>"
)


@pytest.mark.parametrize("attack", [XXE, LAUGHS, b'<?xml version="1.0"?>' + XXE])
async def test_entities_are_refused_unexpanded(platform: Caller, attack: bytes) -> None:
    notice = a_tender_notice()

    alone, (among,) = await put(platform, notice, XML, attack), await batch(platform, attack)

    assert (alone.status_code, among["status"]) == (400, 400)
    assert "document type or entity declaration is not taken" in alone.json()["detail"]


@pytest.mark.parametrize(
    ("media", "raw", "told"),
    [
        (XML, b"<DES><A>\n<B></A></DES>", "mismatched tag at line 2, column 6."),
        (XML, b"", "There is no <DES> at line 1, column 1."),
        (V2_JSON, b'{"CONTEXT": {},\n]', "line 2, column 1"),
        (V2_JSON, b'{"CONTEXT": []}', "CONTEXT should be a JSON object."),
        (V2_JSON, b'{"BODY": {}}', "CONTEXT, TITLE, SOURCE and HUB"),
        (V2_JSON, b'{"SOURCE": [1]}', "SOURCE should be a JSON array of objects."),
    ],
)
async def test_what_cannot_be_read_is_malformed(platform: Caller, media: str, raw: bytes, told: str) -> None:
    response = await put(platform, a_tender_notice(), media, raw)

    assert response.status_code == 400
    assert response.json()["type"] == "/problems/malformed-document"
    assert told in response.json()["detail"]


@pytest.mark.parametrize(
    ("path", "method"), [("/v1/records:batch", "POST"), ("/v1/records:validate", "POST"), ("/v1/records/x/y", "PUT")]
)
async def test_other_media_types_are_refused(platform: Caller, path: str, method: str) -> None:
    response = await platform.call(method, path, content=b"<DES/>", headers={"content-type": "text/html"})

    assert response.status_code == 415
    assert XML in response.json()["detail"]


@both_forms
async def test_a_reader_gets_the_envelope_that_gives_the_submission_back(platform: Caller, media: str) -> None:
    notice = a_tender_notice()
    (receipt,) = await platform.push(notice)

    for path in (platform.record(notice), platform.record(notice, "/versions/1"), "/v1/versions/1"):
        shown = await platform.call("GET", path, headers={"accept": media})

        assert shown.headers["content-type"].startswith(media)
        assert shown.headers["etag"] == f'W/"{receipt["digest"]}"'
        again = await put(platform, notice, media, shown.content)
        assert (again.status_code, again.json()) == (200, receipt)


async def test_the_public_gets_what_it_may_see(hub: Any, platform: Caller) -> None:
    notice = a_tender_notice()
    await platform.push(notice)

    shown = await hub.public.call("GET", platform.record(notice), headers={"accept": XML})

    read = XML_FORM.read(XML_FORM.whole(shown.content, 10**6)).document
    assert read == (await hub.public.read(platform.record(notice)))["document"]
    assert "secrecy_review" not in read
    assert f"<PLATFORM_CODE>{platform.code}</PLATFORM_CODE>" in shown.text


async def test_a_withheld_version_is_an_envelope_with_its_ground(hub: Any, platform: Caller) -> None:
    notice = a_tender_notice(disclosure="on_request")
    await platform.push(notice)

    shown = await hub.public.call("GET", platform.record(notice), headers={"accept": V2_JSON})

    assert shown.json()["CONTEXT"] == {}
    assert shown.json()["TITLE"]["DATA_KEY"] == notice["data_key"]
    assert shown.json()["HUB"]["withheld"]["ground"] == "on_request"


@pytest.mark.parametrize(
    "accept",
    [
        "*/*",
        "application/json, application/xml",
        "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        "application/xml;q=0",
    ],
)
async def test_xml_is_shown_to_those_only_who_ask_for_it_first(platform: Caller, accept: str) -> None:
    notice = a_tender_notice()
    await platform.push(notice)

    shown = await platform.call("GET", platform.record(notice), headers={"accept": accept})

    assert shown.headers["content-type"] == "application/json"
