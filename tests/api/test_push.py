"""Pushing one version: the receipt, the refusals, and that a refusal says everything."""

import gzip
from collections.abc import AsyncIterator
from hashlib import sha256
from typing import Any

import orjson
import pytest
import rfc8785

from hub.rules import RULES
from tests.builders import a_later_version, a_submission, a_tender_contract, a_tender_notice, without
from tests.hub import Caller, Hub, a_hub, faults_of

pytestmark = pytest.mark.anyio


async def test_a_push_is_answered_with_a_receipt_whose_etag_is_the_digest(platform: Caller) -> None:
    notice = a_tender_notice()

    response = await platform.put(notice)

    digest = sha256(rfc8785.dumps(notice)).hexdigest()
    assert response.status_code == 201
    assert response.headers["etag"] == f'"{digest}"'
    receipt = response.json()
    assert (receipt["position"], receipt["number"], receipt["digest"]) == (1, 1, digest)
    assert receipt["record"] == f"{platform.code}/tender_notice/{notice['data_key']}"
    assert receipt["targets"] == ["national"]


async def test_a_push_sent_again_is_answered_200_with_the_same_bytes(database_url: str) -> None:
    notice = a_tender_notice()
    async with a_hub(database_url) as hub:
        platform = await hub.platform()
        first = await platform.put(notice)
        await platform.push(a_later_version(notice))
        again = await platform.put(notice)
    async with a_hub(database_url) as hub:
        after_restart = await Caller(hub.public.http, platform.key).put(notice)

    assert (first.status_code, again.status_code, after_restart.status_code) == (201, 200, 200)
    assert first.content == again.content == after_restart.content
    assert first.headers["etag"] == again.headers["etag"]


async def test_the_order_of_members_does_not_matter(platform: Caller) -> None:
    notice = a_tender_notice()
    first = await platform.put(notice)

    again = await platform.put(dict(reversed(notice.items())))

    assert (again.status_code, again.content) == (200, first.content)


async def test_a_refusal_says_what_to_do_about_it_in_both_languages(hub: Hub, platform: Caller) -> None:
    notice = a_tender_notice()
    later = a_later_version(notice)
    await platform.push(notice, later)
    refused = {
        "conflict": await platform.put(later | {"legal_basis": ["另一依据"]}),
        "stale-version": await platform.put(notice | {"data_timestamp": "2020-01-01T00:00:00+08:00"}),
        "precondition-failed": await platform.put(a_later_version(later), if_match=f'"{"0" * 64}"'),
        "secrecy-not-cleared": await platform.put(a_tender_notice(secrecy_review="pending")),
        "not-found": await hub.public.get("/v1/nosuch"),
        "method-not-allowed": await hub.public.call("DELETE", "/v1/feed"),
        "invalid-parameter": await hub.public.get("/v1/feed?limit=x"),
    }

    for slug, answer in refused.items():
        told = answer.json()
        assert told["type"] == f"/problems/{slug}"
        assert told["detail"], slug
        assert told["detail_zh"], slug
    assert "later `data_timestamp`, with `change` and `changed_at`" in refused["conflict"].json()["detail"]


async def test_other_content_under_the_same_timestamp_is_a_conflict(platform: Caller) -> None:
    notice = a_tender_notice()
    (receipt,) = await platform.push(notice)

    response = await platform.put(a_changed(notice))

    assert (response.status_code, response.json()["type"]) == (409, "/problems/conflict")
    assert response.json()["accepted_digest"] == receipt["digest"]


def a_changed(notice: dict[str, Any]) -> dict[str, Any]:
    return notice | {"body": notice["body"] | {"notice_name": "另一个标题"}}


async def test_an_older_timestamp_is_stale(platform: Caller) -> None:
    notice = a_tender_notice()
    await platform.push(notice)

    response = await platform.put(notice | {"data_timestamp": "2026-01-01T00:00:00+08:00"})

    assert (response.status_code, response.json()["type"]) == (409, "/problems/stale-version")


async def test_the_same_instant_in_another_offset_is_the_same_version_with_other_content(platform: Caller) -> None:
    notice = a_tender_notice(data_timestamp="2026-03-16T09:05:00+08:00")
    await platform.push(notice)

    response = await platform.put(notice | {"data_timestamp": "2026-03-16T01:05:00Z"})

    assert response.json()["type"] == "/problems/conflict"


async def test_a_second_version_names_its_predecessor(platform: Caller) -> None:
    notice = a_tender_notice()

    receipts = await platform.push(notice, a_later_version(notice))

    assert [(r["position"], r["number"], r["previous"]) for r in receipts] == [(1, 1, None), (2, 2, 1)]


async def test_a_second_version_without_a_change_is_refused(platform: Caller) -> None:
    notice = a_tender_notice()
    await platform.push(notice)

    response = await platform.put(without(a_later_version(notice), "change"))

    assert (response.status_code, response.json()["rule"]) == (409, "no-change")


@pytest.mark.parametrize(
    ("changes", "rule", "pointer"),
    [
        ({"change": ..., "changed_at": ...}, "no-change", None),
        ({"body__project_code": "RH2026GQ0099"}, "record-thread", None),
        ({"body__bid_code": "OTHER"}, "field-fixed", "/body/bid_code"),
        ({"body__price": "6490"}, "property-price-later-day", "/body/effective_date"),
    ],
)
async def test_a_version_that_may_not_follow_is_told_the_rule_in_two_languages(
    platform: Caller, changes: dict[str, Any], rule: str, pointer: str | None
) -> None:
    first = a_submission("property_transfer_price")
    await platform.push(first)

    response = await platform.put(a_later_version(first, **changes))

    told = response.json()
    assert (response.status_code, told["type"], told["rule"]) == (409, "/problems/illegal-change", rule)
    assert told.get("pointer") == pointer
    assert (told["zh"], told["en"]) == tuple(
        said.replace("{field}", "bid_code") for said in (RULES[rule].zh, RULES[rule].en)
    )
    assert told["detail"] == told["en"]
    assert (await platform.get(told["doc"])).status_code == 200


async def test_a_second_version_in_another_project_is_refused(platform: Caller) -> None:
    notice = a_tender_notice(project="P")
    await platform.push(notice)
    moved = a_later_version(notice, body=a_tender_notice(project="Q")["body"])

    response = await platform.put(moved)

    assert (response.status_code, response.json()["type"]) == (409, "/problems/illegal-change")


async def test_a_field_that_may_not_change_is_named(platform: Caller) -> None:
    contract = a_tender_contract()
    await platform.push(contract)
    other_section = contract["body"]["bid_section_code"][:-3] + "099"

    response = await platform.put(a_later_version(contract, body__bid_section_code=other_section))

    assert (response.status_code, response.json()["pointer"]) == (409, "/body/bid_section_code")


async def test_if_match_passes_with_the_etag_and_fails_with_another(platform: Caller) -> None:
    notice = a_tender_notice()
    etag = (await platform.put(notice)).headers["etag"]
    second, third = a_later_version(notice), a_later_version(a_later_version(notice))

    assert (await platform.put(second, if_match=etag)).status_code == 201
    refused = await platform.put(third, if_match=etag)

    assert (refused.status_code, refused.json()["current_number"]) == (412, 2)


async def test_if_none_match_protects_what_exists(platform: Caller) -> None:
    notice = a_tender_notice()

    assert (await platform.put(notice, if_none_match="*")).status_code == 201
    assert (await platform.put(a_later_version(notice), if_none_match="*")).status_code == 412


async def test_an_if_match_that_is_no_etag_is_refused(platform: Caller) -> None:
    response = await platform.put(a_tender_notice(), if_match='"yesterday"')

    assert (response.status_code, response.json()["type"]) == (400, "/problems/invalid-parameter")


async def test_a_withdrawal_is_a_version_and_nothing_follows_it(platform: Caller) -> None:
    notice = a_tender_notice()
    await platform.push(notice)

    withdrawal = await platform.withdraw(notice)
    again = await platform.withdraw(notice)
    after = await platform.put(a_later_version(notice, data_timestamp="2026-10-02T00:00:00+08:00"))

    assert (withdrawal.status_code, again.status_code, withdrawal.content) == (201, 200, again.content)
    assert (withdrawal.json()["state"], withdrawal.json()["number"]) == ("withdrawn", 2)
    assert (after.status_code, after.json()["rule"]) == (409, "after-withdrawal")


async def test_an_unknown_record_cannot_be_withdrawn(platform: Caller) -> None:
    assert (await platform.withdraw(a_tender_notice())).status_code == 404


async def test_a_withdrawal_needs_a_reason_and_a_time(platform: Caller) -> None:
    notice = a_tender_notice()
    await platform.push(notice)
    path = f"/v1/records/tender_notice/{notice['data_key']}:withdraw"

    response = await platform.call("POST", path, json={})

    assert faults_of(response) == {("/data_timestamp", "required"), ("/reason", "required")}


async def test_all_faults_are_named_at_once_with_repairs(platform: Caller) -> None:
    notice = a_tender_notice(
        data_timestamp="2026-11-20 09:30:00",
        region_code="35010",
        body__syndicated_flag="9",
        body__url=...,
        body__new="x",
    )

    response = await platform.put(notice)

    assert response.headers["content-type"] == "application/problem+json"
    pointers = {pointer for pointer, _ in faults_of(response)}
    assert {"/data_timestamp", "/region_code", "/body/syndicated_flag", "/body/url", "/body/new"} <= pointers
    repairs = {f["pointer"]: f.get("repair") for f in response.json()["faults"]}
    assert repairs["/data_timestamp"] == "2026-11-20T09:30:00+08:00"
    assert all(f["zh"] and f["en"] for f in response.json()["faults"])


async def test_a_path_that_says_otherwise_is_refused_with_what_it_says(platform: Caller) -> None:
    notice = a_tender_notice()

    response = await platform.call("PUT", "/v1/records/tender_notice/another", json=notice)

    assert faults_of(response) == {("/data_key", "path-mismatch")}
    assert response.json()["faults"][0]["repair"] == "another"


async def test_a_document_of_another_kind_than_the_path_s_has_that_one_fault(platform: Caller) -> None:
    notice = a_tender_notice()

    for sent in (notice, without(notice, "body", "notice_name")):
        response = await platform.call("PUT", "/v1/records/tender_contract/another-key", json=sent)

        assert faults_of(response) == {("/kind", "path-mismatch")}
        assert response.json()["faults"][0]["repair"] == "tender_contract"


async def test_an_unknown_kind_is_not_found_in_the_path_and_a_fault_in_the_document(platform: Caller) -> None:
    notice = a_tender_notice(kind="tender_notices")

    by_path = await platform.put(notice)
    by_document = await platform.call("POST", "/v1/records:validate", json=notice)

    assert by_path.status_code == 404
    assert faults_of(by_document) == {("/kind", "kind-unknown")}


async def test_a_timestamp_in_the_future_is_refused(platform: Caller) -> None:
    response = await platform.put(a_tender_notice(data_timestamp="2999-01-01T00:00:00+08:00"))

    assert faults_of(response) == {("/data_timestamp", "data-timestamp-future")}


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"text"', b"\xff\xfe", b'{"a": NaN}', b"[" * 100_000])
async def test_what_is_no_json_object_is_refused(platform: Caller, body: bytes) -> None:
    headers = {"content-type": "application/json"}

    response = await platform.call("PUT", "/v1/records/tender_notice/1", content=body, headers=headers)

    assert (response.status_code, response.json()["type"]) == (400, "/problems/malformed-document")


@pytest.mark.parametrize("tag", ['""', '"2a"', f'"{"0" * 64}"'])
async def test_an_if_match_that_is_no_versions_tag_neither_creates_nor_changes_a_record(
    platform: Caller, tag: str
) -> None:
    notice = a_tender_notice()

    created = await platform.put(notice, if_match=tag)
    await platform.push(notice)
    changed = await platform.put(a_later_version(notice), if_match=tag)

    assert (created.status_code, changed.status_code) == (412, 412)
    assert (await platform.read(platform.record(notice)))["number"] == 1


async def test_if_match_with_an_asterisk_holds_where_the_record_exists(platform: Caller) -> None:
    notice = a_tender_notice()

    assert (await platform.put(notice, if_match="*")).status_code == 412
    await platform.push(notice)
    assert (await platform.put(a_later_version(notice), if_match="*")).status_code == 201


@pytest.mark.parametrize(
    ("method", "path", "media"),
    [
        ("PUT", "/v1/records/tender_notice/1", "application/json"),
        ("POST", "/v1/records/tender_notice/1:withdraw", "application/json"),
        ("POST", "/v1/records:validate", "application/json"),
        ("POST", "/v1/records:batch", "application/x-ndjson"),
        ("POST", "/v1/feed/reconcile", "application/json"),
    ],
)
async def test_a_packed_body_is_refused_and_told_that_bodies_are_sent_plain(
    platform: Caller, method: str, path: str, media: str
) -> None:
    headers = {"content-type": media, "content-encoding": "gzip"}

    refused = await platform.call(method, path, content=gzip.compress(b"{}"), headers=headers)
    plain = await platform.call(method, path, content=b"{}", headers=headers | {"content-encoding": "identity"})

    assert (refused.status_code, refused.json()["type"]) == (415, "/problems/unsupported-content-coding")
    assert (refused.headers["accept-encoding"], "without" in refused.json()["detail"]) == ("identity", True)
    assert plain.status_code != 415


async def test_another_media_type_is_refused(platform: Caller) -> None:
    headers = {"content-type": "text/plain"}

    response = await platform.call("PUT", "/v1/records/tender_notice/1", content=b"{}", headers=headers)

    assert response.status_code == 415


async def test_a_media_type_with_a_charset_is_taken(platform: Caller) -> None:
    notice = a_tender_notice()
    path = f"/v1/records/tender_notice/{notice['data_key']}"
    headers = {"content-type": "Application/JSON; charset=utf-8"}

    assert (await platform.call("PUT", path, content=orjson.dumps(notice), headers=headers)).status_code == 201


async def test_a_body_over_the_limit_is_refused_whether_or_not_its_length_is_declared(
    sqlite_database_url: str,
) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(3):
            yield b" " * 500

    async with a_hub(sqlite_database_url, max_submission_bytes=1024) as hub:
        platform = await hub.platform()
        headers = {"content-type": "application/json"}
        path = "/v1/records/tender_notice/1"
        declared = await platform.call("PUT", path, content=b" " * 1025, headers=headers)
        streamed = await platform.call("PUT", path, content=chunks(), headers=headers)

    assert [(r.status_code, r.json()["limit"]) for r in (declared, streamed)] == [(413, 1024)] * 2


async def test_a_body_of_the_limit_is_read(sqlite_database_url: str) -> None:
    notice = orjson.dumps(a_tender_notice())
    async with a_hub(sqlite_database_url, max_submission_bytes=len(notice)) as hub:
        platform = await hub.platform()
        path = f"/v1/records/tender_notice/{orjson.loads(notice)['data_key']}"
        response = await platform.call("PUT", path, content=notice, headers={"content-type": "application/json"})

    assert response.status_code == 201


async def test_validation_says_what_a_push_would_get_and_stores_nothing(hub: Hub, platform: Caller) -> None:
    notice = a_tender_notice()

    response = await platform.call("POST", "/v1/records:validate", json=notice)

    assert response.status_code == 200
    assert response.json() == {
        "valid": True,
        "digest": sha256(rfc8785.dumps(notice)).hexdigest(),
        "thread": f"tender:{notice['body']['tender_project_code']}",
        "targets": ["national"],
        "warnings": [],
    }
    assert (await hub.public.read("/v1/feed"))["head"] == 0


async def test_a_warning_is_shown_and_kept_in_the_receipt(platform: Caller) -> None:
    notice = a_tender_notice(body__bulletin_type="7")

    first = await platform.put(notice)
    again = await platform.put(notice)

    assert first.status_code == 201
    assert [(w["pointer"], w["rule"]) for w in first.json()["warnings"]] == [
        ("/body/bulletin_type", "code-unconfirmed")
    ]
    assert again.content == first.content
