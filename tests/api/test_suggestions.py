"""What validation suggests where it is asked to repair: another document, validated too; and nothing is stored."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from hub.wire.envelope import enveloped
from hub.wire.forms import XML, written
from tests.builders import a_tender_notice, a_uscc, a_win_result_notice
from tests.hub import Caller, Hub, a_hub

pytestmark = pytest.mark.anyio


@pytest.fixture
async def hub(sqlite_database_url: str) -> AsyncIterator[Hub]:
    async with a_hub(sqlite_database_url) as running:
        yield running


@pytest.fixture
async def platform(hub: Hub) -> Caller:
    return await hub.platform()


async def suggested(platform: Caller, submission: dict[str, Any], repair: str = "true") -> httpx.Response:
    return await platform.call("POST", f"/v1/records:validate?repair={repair}", json=submission)


async def test_a_document_whose_faults_all_have_repairs_is_repaired_into_a_valid_one(
    hub: Hub, platform: Caller
) -> None:
    notice = a_tender_notice(region_code="3501", body__bid_open_time="2026年12月1日 9时30分")

    answer = (await suggested(platform, notice)).json()

    assert (answer["status"], answer["valid"], answer["repaired_valid"], answer["remaining"]) == (422, False, True, [])
    assert answer["repaired"]["region_code"] == "350100"
    assert (await hub.public.read("/v1/feed"))["head"] == 0
    assert (await platform.put(answer["repaired"])).status_code == 201


async def test_what_only_the_sender_knows_remains(platform: Caller) -> None:
    notice = a_tender_notice(region_code="3501", body__notice_name=" ")

    answer = (await suggested(platform, notice)).json()

    assert answer["repaired_valid"] is False
    assert [(fault["pointer"], fault["rule"]) for fault in answer["remaining"]] == [("/body/notice_name", "blank")]
    assert answer["repaired"]["body"]["notice_name"] == " "


async def test_a_document_without_a_repair_is_not_suggested_anew(platform: Caller) -> None:
    answer = (await suggested(platform, a_tender_notice(body__notice_name=" "))).json()

    assert (answer["repaired"], answer["repaired_valid"]) == (None, False)
    assert answer["remaining"] == answer["faults"]


async def test_a_valid_document_is_suggested_with_the_repairs_of_its_warnings(platform: Caller) -> None:
    answer = (await suggested(platform, a_win_result_notice(region_code="110103"))).json()

    assert (answer["valid"], answer["repaired_valid"]) == (True, True)
    assert answer["repaired"]["region_code"] == "110101"
    told = [fault["rule"] for fault in answer["warnings"]]
    assert [rule for rule in told if rule != "code-table-unconfirmed"] == ["region-superseded"]
    assert {fault["rule"] for fault in answer["remaining"]} == {"code-table-unconfirmed"}


async def test_nothing_is_suggested_unasked(platform: Caller) -> None:
    answer = (await suggested(platform, a_tender_notice(region_code="3501"), repair="false")).json()

    assert "repaired" not in answer
    assert "remaining" not in answer


async def test_another_value_of_the_parameter_is_refused(platform: Caller) -> None:
    response = await suggested(platform, a_tender_notice(), repair="yes")

    assert (response.status_code, response.json()["type"]) == (400, "/problems/invalid-parameter")


async def test_an_envelope_is_suggested_as_the_submission_that_it_is(platform: Caller) -> None:
    notice = a_tender_notice(body__tenderer_code=a_uscc(1).lower())

    response = await platform.call(
        "POST",
        "/v1/records:validate?repair=true",
        content=written(enveloped(notice), XML),
        headers={"content-type": XML},
    )

    assert response.json()["repaired"]["body"]["tenderer_code"] == a_uscc(1)
    assert response.json()["repaired_valid"] is True


async def test_a_fault_names_the_page_of_its_rule(platform: Caller) -> None:
    (fault,) = (await platform.put(a_tender_notice(body__notice_name=" "))).json()["faults"]

    assert fault["doc"] == "/rules/blank"
