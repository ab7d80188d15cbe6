"""OCDS records: the compiled release is the one that the standard's own merging makes."""

from typing import Any

import ocdsmerge
import pytest

from tests.builders import (
    a_later_version,
    a_penalty_of_a_person,
    a_tender_contract,
    a_tender_notice,
    a_tender_performance,
    a_win_result_notice,
    a_winning_candidate_publicity,
)
from tests.exports.ocds_schema import RELEASE
from tests.hub import Caller, a_hub

pytestmark = pytest.mark.anyio


async def a_process(platform: Caller) -> str:
    """A whole project with a correction and a withdrawal; its thread."""
    notice, contract = a_tender_notice(project="P"), a_tender_contract(project="P")
    await platform.push(
        notice,
        a_winning_candidate_publicity(project="P"),
        a_later_version(notice, body__notice_name="更正后的名称"),
        a_win_result_notice(project="P"),
        contract,
    )
    (receipt,) = await platform.push(a_tender_performance(project="P"))
    await platform.withdraw(contract)
    return str(receipt["thread"])


def merged(releases: list[dict[str, Any]]) -> Any:
    return ocdsmerge.Merger(RELEASE).create_compiled_release(releases)


async def test_the_compiled_release_is_what_ocdsmerge_makes_of_the_releases(sqlite_database_url: str) -> None:
    async with a_hub(sqlite_database_url) as hub:
        thread = await a_process(await hub.platform())
        consumer = await hub.consumer()

        for reader in (hub.public, consumer):
            package = await reader.read(f"/v1/threads/{thread}/ocds")
            (record,) = package["records"]
            assert len(record["releases"]) == 7
            assert record["compiledRelease"] == merged(record["releases"])
            assert record["compiledRelease"]["tender"]["title"] == "更正后的名称"
            assert {release["ocid"] for release in record["releases"]} == {record["ocid"]}


async def test_a_record_is_shown_as_it_was(sqlite_database_url: str) -> None:
    async with a_hub(sqlite_database_url) as hub:
        thread = await a_process(await hub.platform())

        response = await hub.public.get(f"/v1/threads/{thread}/ocds", as_of="2")

    (record,) = response.json()["records"]
    assert response.headers["content-type"] == "application/vnd.ocds.record-package+json"
    assert [release["id"] for release in record["releases"]] == ["1.1", "1.2"]
    assert record["compiledRelease"] == merged(record["releases"])


async def test_what_is_no_contracting_process_has_no_record(sqlite_database_url: str) -> None:
    async with a_hub(sqlite_database_url) as hub:
        platform = await hub.platform()
        (receipt,) = await platform.push(a_penalty_of_a_person())

        for thread in (receipt["thread"], "tender:unknown"):
            assert (await hub.public.get(f"/v1/threads/{thread}/ocds")).status_code == 404
