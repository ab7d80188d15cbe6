"""The correction chain: what changed since one's version, why, by whom, and which records name the record."""

import pytest

from tests.builders import (
    a_later_version,
    a_procurement_correction,
    a_procurement_notice,
    a_submission,
    a_tender_notice,
)
from tests.hub import Caller, Hub

pytestmark = pytest.mark.anyio


async def test_a_chain_has_reason_sender_moment_and_differences_of_every_version(hub: Hub, platform: Caller) -> None:
    notice = a_tender_notice()
    later = a_later_version(notice, body__notice_name="更正后的标题", change={"reason": "标题有误", "of": "公告标题"})
    await platform.push(notice, later)
    await platform.withdraw(notice)

    chain = await hub.public.read(platform.record(notice, "/chain"))

    first, second, third = chain["versions"]
    assert (chain["current"], chain["state"], chain["kind_title"], chain["next"]) == (3, "withdrawn", "招标公告", None)
    assert (first["reason"], first["differences"]) == (None, [])
    assert (second["reason"], second["what"]) == ("标题有误", "公告标题")
    assert second["who"] == {
        "platform": platform.code,
        "discloser": notice["discloser"]["name"],
        "discloser_code": notice["discloser"]["code"],
    }
    assert {"pointer": "/body/notice_name", "title": "公告标题"}.items() <= next(
        d for d in second["differences"] if d["pointer"].startswith("/body")
    ).items()
    assert (third["state"], third["reason"], third["differences"]) == ("withdrawn", "重复发布", [])


async def test_changes_since_a_number_or_a_digest_come_in_one_call(hub: Hub, platform: Caller) -> None:
    notice = a_tender_notice()
    second = a_later_version(notice, body__notice_name="第二版标题")
    third = a_later_version(second, body__notice_name="第三版标题")
    (first, *_) = await platform.push(notice, second, third)
    path = platform.record(notice, "/changes")

    by_number = await hub.public.read(path, since=1)
    by_digest = await hub.public.read(path, since=first["digest"])
    nothing = await hub.public.read(path, since=3)
    paged = await hub.public.read(path, since=1, limit=1)

    assert by_number == by_digest
    assert [step["number"] for step in by_number["changes"]] == [2, 3]
    after = [d["after"] for step in by_number["changes"] for d in step["differences"] if "notice_name" in d["pointer"]]
    assert after == ["第二版标题", "第三版标题"]
    assert (nothing["changes"], nothing["current"], nothing["next"]) == ([], 3, None)
    assert (len(paged["changes"]), paged["next"]) == (1, 2)


@pytest.mark.parametrize(("since", "status"), [("3", 404), ("f" * 64, 404), ("0", 400), ("x", 400), ("F" * 64, 400)])
async def test_a_version_that_the_record_does_not_have_is_not_found(
    hub: Hub, platform: Caller, since: str, status: int
) -> None:
    notice = a_tender_notice()
    await platform.push(notice, a_later_version(notice))

    assert (await hub.public.get(platform.record(notice, "/changes"), since=since)).status_code == status


async def test_a_chain_shows_the_public_only_public_fields(hub: Hub, platform: Caller, consumer: Caller) -> None:
    notice = a_tender_notice()
    codes = notice["body"]["unified_deal_codes"]
    await platform.push(notice, a_later_version(notice, body__unified_deal_codes=codes[::-1]))

    async def told(reader: Caller) -> bool:
        chain = await reader.read(platform.record(notice, "/chain"))
        return any("unified" in d["pointer"] for d in chain["versions"][1]["differences"])

    assert not await told(hub.public)
    assert await told(consumer)


async def test_what_is_withheld_has_its_ground_and_no_differences(hub: Hub, platform: Caller) -> None:
    notice = a_tender_notice(disclosure="on_request")
    await platform.push(notice, a_later_version(notice))

    chain = await hub.public.read(platform.record(notice, "/chain"))

    assert [step["withheld"]["ground"] for step in chain["versions"]] == ["on_request", "on_request"]
    assert [(step["reason"], step["differences"], step["who"]["discloser"]) for step in chain["versions"]] == [
        (None, [], None),
        (None, [], None),
    ]


async def test_corrections_and_change_notices_that_name_the_record_are_part_of_its_chain(
    hub: Hub, platform: Caller, other: Caller
) -> None:
    notice = a_procurement_notice(project="P1")
    name = f"{platform.code}/procurement_notice/{notice['data_key']}"
    correction = a_procurement_correction(project="P1", body__original_notice_id=name)
    change = a_submission("change_notice", body__target_kind="procurement_notice", body__target_record_id=name)
    await platform.push(notice, a_procurement_correction(project="P1"), correction)
    await other.push(change)

    chain = await hub.public.read(platform.record(notice, "/chain"))
    own = await hub.public.read(platform.record(correction, "/chain"))

    assert [(r["kind"], r["field_title"], r["position"]) for r in chain["named_by"]] == [
        ("procurement_correction", "原公告记录号", 3),
        ("change_notice", "被变更记录号", 4),
    ]
    assert chain["named_by"][0]["items"] == correction["body"]["items"]
    assert chain["named_by"][1]["reason"] == change["body"]["reason"]
    assert own["names"] == [name]
