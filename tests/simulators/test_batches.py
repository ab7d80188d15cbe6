"""What becomes of the items of a batch."""

from pathlib import Path

import httpx
import pytest

from tests.simulators.builders import SENDER, Client, a_platform, a_tender_notice, an_item, some_fields

pytestmark = pytest.mark.anyio


async def test_receipts_rise_in_the_order_of_the_items(national: Client) -> None:
    results = await national.send(a_tender_notice(1), a_tender_notice(2, of="Q"))

    assert results == [
        {"position": 1, "receipt": "N0000000001", "status": "accepted"},
        {"position": 2, "receipt": "N0000000002", "status": "accepted"},
    ]


async def test_the_credit_platform_has_receipts_of_its_own(credit: Client) -> None:
    assert (await credit.send(an_item(7, "ADMINISTRATIVE_PENALTY")))[0]["receipt"] == "C0000000001"


async def test_a_repeated_item_gets_its_first_receipt(national: Client) -> None:
    first = await national.send(a_tender_notice(1))

    again = await national.send(a_tender_notice(1))

    assert again == [first[0] | {"status": "duplicate"}]


async def test_an_item_twice_in_a_batch_is_applied_once(national: Client) -> None:
    assert await national.statuses(a_tender_notice(1), a_tender_notice(1)) == ["accepted", "duplicate"]
    assert (await national.get("/received/summary"))["applied"] == 1


async def test_a_position_with_another_digest_is_a_conflict_and_changes_nothing(national: Client) -> None:
    await national.send(a_tender_notice(1, NOTICE_NAME="甲"))

    assert await national.errors(a_tender_notice(1, digest="f" * 64)) == [("", "digest-conflict")]
    received = await national.get("/received/1")
    assert (received["item"]["status"], received["fields"]["NOTICE_NAME"]) == ("accepted", "甲")


async def test_a_position_rejected_before_conflicts_with_another_digest_too(national: Client) -> None:
    await national.send(a_tender_notice(1, URL=None))

    assert await national.errors(a_tender_notice(1, digest="f" * 64)) == [("", "digest-conflict")]


async def test_a_new_epoch_takes_back_what_was_received_behind_its_beginning(national: Client) -> None:
    first, second = a_tender_notice(1), a_tender_notice(2, previous=1, number=2)
    await national.send(first, second, a_tender_notice(3, of="Q", URL=None), a_tender_notice(4, of="R"))

    began = {"number": 2, "began_after": 1}
    corrected = a_tender_notice(3, previous=1, number=2, digest="f" * 64, epoch=began)
    assert await national.statuses(a_tender_notice(2, of="S", digest="e" * 64, epoch=began), corrected) == 2 * [
        "accepted"
    ]

    summary = await national.get("/received/summary")
    assert (summary["applied"], summary["rejected"], summary["taken_back"]) == (3, 0, 2)
    assert await _held(national) == [1, 2, 3]


async def test_what_comes_late_of_an_epoch_that_is_over_is_refused_and_nothing_of_it_is_kept(national: Client) -> None:
    third, second = {"number": 3, "began_after": 5}, {"number": 2, "began_after": 2}
    await national.send(a_tender_notice(1, of="P"), a_tender_notice(4, of="Q"))
    await national.send(a_tender_notice(6, of="R", epoch=third))
    assert await national.statuses(a_tender_notice(3, of="S", epoch=second)) == ["accepted"]

    assert await national.errors(a_tender_notice(4, of="Q")) == [("", "epoch-over")]
    assert await national.errors(a_tender_notice(7, of="T", epoch=second)) == [("", "epoch-over")]
    assert await _held(national) == [1, 3, 6]


async def test_a_rejected_item_can_be_sent_again(national: Client) -> None:
    await national.dial(reject_percent=100)
    await national.send(a_tender_notice(1))
    await national.dial()

    assert await national.statuses(a_tender_notice(1)) == ["accepted"]
    summary = await national.get("/received/summary")
    assert (summary["accepted"], summary["rejected"]) == (1, 0)


async def test_a_version_waits_for_the_one_before_it(national: Client) -> None:
    second = a_tender_notice(20, previous=10, number=2)

    assert await national.statuses(second) == ["gap"]
    assert await national.statuses(a_tender_notice(10)) == ["accepted"]
    assert await national.statuses(second) == ["accepted"]


async def test_a_correction_follows_a_rejected_version(national: Client) -> None:
    await national.send(a_tender_notice(10, URL=None))

    assert await national.statuses(a_tender_notice(20, previous=10, number=2)) == ["accepted"]


async def test_a_version_follows_the_one_before_it_in_the_same_batch(national: Client) -> None:
    assert await national.statuses(a_tender_notice(1), a_tender_notice(2, previous=1, number=2)) == ["accepted"] * 2


async def test_a_lower_position_of_a_thread_comes_too_late(national: Client) -> None:
    await national.send(a_tender_notice(5))

    assert await national.errors(a_tender_notice(4)) == [("", "out-of-order")]
    assert await national.errors(a_tender_notice(4)) == [("", "out-of-order")]


async def test_an_item_that_waited_is_not_late_when_its_parent_has_come(tmp_path: Path) -> None:
    child, later = an_item(4, 506), an_item(5, 506)
    async with a_platform(tmp_path / "store") as platform:
        assert await platform.statuses(child, later) == ["parent_missing", "behind"]
        assert await platform.statuses(a_tender_notice(6)) == ["accepted"]

    async with a_platform(tmp_path / "store") as platform:
        assert await platform.statuses(child, later) == ["accepted", "accepted"]
        assert await platform.errors(a_tender_notice(3)) == [("", "out-of-order")]


async def test_a_version_behind_one_that_waited_is_not_late_either(national: Client) -> None:
    child = an_item(4, 506, record="r")
    assert await national.statuses(child) == ["parent_missing"]
    assert await national.statuses(a_tender_notice(9)) == ["accepted"]

    later = [an_item(n, 506, record="r", previous=n - 1, number=n - 3) for n in (5, 6)]

    assert await national.statuses(child, *later) == ["accepted"] * 3


async def test_a_version_does_not_follow_one_that_waits(national: Client) -> None:
    await national.send(an_item(4, 506))

    assert await national.statuses(an_item(5, 506, previous=4, number=2)) == ["gap"]


async def test_a_lower_position_of_another_thread_is_not_late(national: Client) -> None:
    await national.send(a_tender_notice(5))

    assert await national.statuses(a_tender_notice(4, of="Q")) == ["accepted"]


async def test_a_rejected_position_can_be_sent_again_after_later_ones(national: Client) -> None:
    await national.dial(reject_percent=100)
    await national.send(a_tender_notice(4))
    await national.dial()
    await national.send(a_tender_notice(5))

    assert await national.statuses(a_tender_notice(4)) == ["accepted"]


@pytest.mark.parametrize("no", [506, 511, 513, 516, 512, 522])
async def test_a_child_of_a_tender_waits_for_its_notice(national: Client, no: int) -> None:
    assert await national.statuses(an_item(1, no)) == ["parent_missing"]

    assert await national.statuses(a_tender_notice(2, of="Q"), an_item(3, no)) == ["accepted", "parent_missing"]
    assert await national.statuses(a_tender_notice(4), an_item(5, no)) == ["accepted", "accepted"]


@pytest.mark.parametrize("no", [552, 553, 554])
async def test_a_child_of_a_procurement_waits_for_its_notice_on_the_same_platform(national: Client, no: int) -> None:
    elsewhere = some_fields(551, PURCHASE_PROJECT_CODE="P", PLATFORM_CODE="1" * 18)

    assert await national.statuses(an_item(1, 551, fields=elsewhere), an_item(2, no)) == ["accepted", "parent_missing"]
    assert await national.statuses(an_item(3, 551), an_item(4, no)) == ["accepted", "accepted"]
    assert SENDER != "1" * 18


async def test_a_tender_project_needs_its_project_and_opens_its_sections(national: Client) -> None:
    assert await national.statuses(an_item(1, 501)) == ["parent_missing"]
    assert await national.statuses(an_item(2, 500, of="Q"), an_item(3, 501)) == ["accepted", "parent_missing"]
    assert await national.statuses(an_item(4, 500), an_item(5, 501)) == ["accepted", "accepted"]

    assert await national.statuses(an_item(6, 502), an_item(7, 502, of="Q")) == ["accepted", "parent_missing"]


async def test_a_procurement_project_opens_itself(national: Client) -> None:
    assert await national.statuses(an_item(1, 550), an_item(2, 554)) == ["accepted", "accepted"]


async def test_a_rejected_notice_is_no_parent(national: Client) -> None:
    assert await national.statuses(a_tender_notice(1, URL=None), an_item(2, 506)) == ["rejected", "parent_missing"]


async def test_parents_are_not_asked_for_when_the_dial_says_so(national: Client) -> None:
    await national.dial(require_parents=False)

    assert await national.statuses(an_item(1, 506)) == ["accepted"]


async def test_items_behind_a_waiting_one_wait_and_other_threads_go_on(national: Client) -> None:
    batch = [an_item(1, 506), a_tender_notice(2), a_tender_notice(3, of="Q"), an_item(4, 511)]

    assert await national.statuses(*batch) == ["parent_missing", "behind", "accepted", "behind"]


async def test_a_withdrawal_needs_no_elements_and_marks_its_record(national: Client) -> None:
    await national.send(a_tender_notice(1, record="r"))

    withdrawal = a_tender_notice(2, record="r", number=2, previous=1, data_type="3", fields={"REASON": "重复发布"})

    assert await national.statuses(withdrawal) == ["accepted"]
    assert (await national.get("/received/1"))["withdrawn"] is True
    assert (await national.get("/received/summary"))["withdrawn"] == 1


async def test_an_older_version_that_is_accepted_late_does_not_bring_a_withdrawn_record_back(national: Client) -> None:
    await national.dial(reject_percent=100)
    await national.send(a_tender_notice(1, record="r"))
    await national.dial()
    await national.send(a_tender_notice(2, record="r", number=2, previous=1, data_type="3", fields={}))

    await national.send(a_tender_notice(1, record="r"))

    assert (await national.get("/received/1"))["withdrawn"] is True


async def test_a_new_version_brings_a_withdrawn_record_back(national: Client) -> None:
    await national.send(a_tender_notice(1, record="r"))
    await national.send(a_tender_notice(2, record="r", number=2, previous=1, data_type="3", fields={}))

    await national.send(a_tender_notice(3, record="r", number=3, previous=2, data_type="2"))

    assert (await national.get("/received/1"))["withdrawn"] is False


async def test_a_batch_of_500_is_taken_and_one_more_is_not(national: Client) -> None:
    batch = [a_tender_notice(position, of=f"P{position}") for position in range(1, 502)]

    assert (await national.post(*batch)).status_code == 422
    assert await national.statuses(*batch[:500]) == ["accepted"] * 500


async def test_a_malformed_item_refuses_the_batch_and_names_the_place(national: Client) -> None:
    response = await national.post(a_tender_notice(1), a_tender_notice(2, data_type="9"))

    assert (response.status_code, response.json()["errors"][0]["element"]) == (422, "items/1/data_type")
    assert (await national.get("/received"))["items"] == []


async def test_a_body_that_is_not_json_is_refused(national: Client) -> None:
    response = await national.http.post("/batches", content=b"{")

    assert (response.status_code, response.json()["errors"][0]["rule"]) == (422, "json")


async def test_a_restarted_platform_goes_on_where_it_was(tmp_path: Path) -> None:
    async with a_platform(tmp_path / "store") as platform:
        await platform.send(a_tender_notice(1))
        await platform.http.put("/dial", json={"down_for_s": 60})

    async with a_platform(tmp_path / "store") as platform:
        results = await platform.send(a_tender_notice(1), a_tender_notice(2, previous=1, number=2))

    assert [(result["status"], result["receipt"]) for result in results] == [
        ("duplicate", "N0000000001"),
        ("accepted", "N0000000002"),
    ]


async def test_the_openapi_document_describes_the_batch(national: Client) -> None:
    document = await national.get("/openapi.json")

    body = document["paths"]["/batches"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert body == {"$ref": "#/components/schemas/Batch"}
    assert "idempotency_key" in document["components"]["schemas"]["Item"]["properties"]
    assert document["info"]["title"].startswith("全国公共资源交易平台")


async def test_the_interface_has_a_page_to_try_it(national: Client) -> None:
    response = await national.http.get("/docs")

    assert isinstance(response, httpx.Response)
    assert "swagger" in response.text.lower()


async def _held(national: Client) -> list[int]:
    return [item["position"] for item in (await national.get("/holdings", **{"from": 1, "to": 99}))["items"]]
