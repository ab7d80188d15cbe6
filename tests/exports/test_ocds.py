"""OCDS: every mapped kind makes a release that the standard allows, and releases merge into one process."""

from typing import Any

import jsonschema_rs
import ocdsmerge
import orjson
import pytest

from hub.exports.ocds import MAPPED, ocid_of, release_of
from hub.exports.ocds_parts import named, value
from hub.schemas.kind import kinds
from tests.builders import (
    a_later_version,
    a_procurement_contract,
    a_procurement_notice,
    a_procurement_result,
    a_submission,
    a_tender_contract,
    a_tender_notice,
    a_tender_performance,
    a_win_result_notice,
    a_winning_candidate_publicity,
)
from tests.exports.ocds_schema import PACKAGE, RELEASE
from tests.hub import Caller, a_hub

MEDIA = "application/vnd.ocds.release-package+json"
PREFIX = "ocds-000000"

releases_are = jsonschema_rs.validator_for(RELEASE, validate_formats=True)
packages_are = jsonschema_rs.validator_for(PACKAGE, validate_formats=True)


def an_entry(document: dict[str, Any], position: int = 1, **changes: Any) -> dict[str, Any]:
    """A feed entry of the document."""
    return {
        "position": position,
        "record": f"91350100M000100Y43/{document['kind']}/{document['data_key']}",
        "number": 1,
        "state": "published",
        "digest": "0" * 64,
        "thread": "tender:P",
        "region_code": "350100",
        "received_at": f"2026-11-20T01:30:{position:02d}.000000Z",
        "document": document,
    } | changes


def a_release(document: dict[str, Any], position: int = 1, **changes: Any) -> dict[str, Any]:
    """The release of a document, as JSON has it."""
    found = release_of(an_entry(document, position, **changes), prefix=PREFIX, epoch=1)
    assert found is not None
    read: dict[str, Any] = orjson.loads(orjson.dumps(found))
    releases_are.validate(read)
    return read


async def a_package(reader: Caller, **query: Any) -> dict[str, Any]:
    response = await reader.call("GET", "/v1/feed", params=query, headers={"accept": MEDIA})
    assert response.headers["content-type"] == MEDIA
    package: dict[str, Any] = response.json()
    packages_are.validate(package)
    return package


@pytest.mark.parametrize("kind", sorted(MAPPED))
def test_a_mapped_kind_makes_a_release_that_ocds_allows(kind: str) -> None:
    release = a_release(a_submission(kind))

    assert release["tag"] == [MAPPED[kind].tag]
    assert {"planning", "tender", "awards", "contracts"} & release.keys()


@pytest.mark.parametrize("kind", sorted(MAPPED))
def test_a_mapped_kind_makes_one_whatever_is_withheld_of_it(kind: str) -> None:
    document = a_submission(kind)
    needed = {"tender_project_code", "purchase_project_code"}
    document["body"] = {name: told for name, told in document["body"].items() if name in needed}

    assert a_release(document)["ocid"].startswith(PREFIX)


def test_only_kinds_of_tendering_and_government_procurement_are_mapped() -> None:
    assert {kinds()[name].domain.value for name in MAPPED} == {"tender", "procurement"}


def test_another_kind_makes_no_release() -> None:
    assert release_of(an_entry(a_submission("blacklist_entry")), prefix=PREFIX, epoch=1) is None


def test_the_stages_of_a_tender_merge_into_one_process() -> None:
    documents = (
        a_tender_notice(project=1),
        a_winning_candidate_publicity(project=1),
        a_win_result_notice(project=1),
        a_tender_contract(project=1),
        a_tender_performance(project=1),
    )
    releases = [a_release(document, position) for position, document in enumerate(documents, 1)]

    merged = ocdsmerge.Merger(RELEASE).create_compiled_release(releases)

    assert [release["tag"][0] for release in releases] == [
        *("tender", "tenderUpdate", "award", "contract", "implementation")
    ]
    assert merged["ocid"] == ocid_of(PREFIX, "tender:P")
    (award,) = merged["awards"]
    (contract,) = merged["contracts"]
    assert contract["awardID"] == award["id"]
    assert contract["status"] == "active"
    assert contract["implementation"]["milestones"]
    known = {party["id"] for party in merged["parties"]}
    assert {supplier["id"] for supplier in award["suppliers"]} <= known
    assert merged["buyer"]["id"] in known
    (supplier,) = (party for party in merged["parties"] if "supplier" in party["roles"])
    assert supplier["id"] == award["suppliers"][0]["id"]


def test_the_stages_of_a_government_procurement_merge_into_one_process() -> None:
    documents = (a_procurement_notice("P"), a_procurement_result("P"), a_procurement_contract("P"))
    releases = [a_release(document, position) for position, document in enumerate(documents, 1)]

    merged = ocdsmerge.Merger(RELEASE).create_compiled_release(releases)

    (award,) = merged["awards"]
    (contract,) = merged["contracts"]
    assert contract["awardID"] == award["id"]
    assert merged["tender"]["procurementMethod"] == "open"


def test_a_correction_is_an_update_that_stands_in_the_merged_release() -> None:
    first = a_tender_notice()
    later = a_later_version(first, body__notice_name="更正后的名称")

    releases = [a_release(first), a_release(later, 2, number=2)]
    merged = ocdsmerge.Merger(RELEASE).create_compiled_release(releases)

    assert releases[1]["tag"] == ["tenderUpdate"]
    assert merged["tender"]["title"] == "更正后的名称"


@pytest.mark.parametrize(
    ("amount", "unit", "form", "expected"),
    [
        ("86000000.00", "0", None, {"amount": 86000000, "currency": "CNY"}),
        ("238.5", "1", "1", {"amount": 2385000, "currency": "CNY"}),
        ("0.35", "0", None, {"amount": 0.35, "currency": "CNY"}),
        ("0", "0", None, {"amount": 0, "currency": "CNY"}),
        ("98.5", "0", "2", None),
        (None, "0", None, None),
    ],
)
def test_an_amount_is_told_in_whole_units_and_a_rate_not_at_all(
    amount: str | None, unit: str, form: str | None, expected: dict[str, Any] | None
) -> None:
    assert value(amount, "156", unit, form) == expected


def test_the_members_of_a_union_are_parties_of_their_own() -> None:
    found = named("甲公司;乙公司", ["91350100M00010049P", "91350200M00010057P"])

    assert [(one["id"], one["name"]) for one in found] == [
        ("CN-USCC-91350100M00010049P", "甲公司"),
        ("CN-USCC-91350200M00010057P", "乙公司"),
    ]


@pytest.mark.anyio
async def test_a_package_says_what_is_withheld_and_withdrawn_and_leads_on(sqlite_database_url: str) -> None:
    async with a_hub(sqlite_database_url) as hub:
        platform = await hub.platform()
        notice = a_tender_notice()
        await platform.push(notice, a_tender_notice(disclosure="on_request"), a_submission("blacklist_entry"))
        await platform.withdraw(notice)

        package = await a_package(hub.public)

        assert [release["hub"]["state"] for release in package["releases"]] == ["published", "withheld", "withdrawn"]
        published, withheld, withdrawn = package["releases"]
        assert withheld["hub"]["withheld"]["ground"] == "on_request"
        assert not {"tender", "parties"} & withheld.keys()
        assert (withdrawn["tag"], withdrawn["hub"]["reason"]) == (["tenderUpdate"], "重复发布")
        assert published["ocid"] == withdrawn["ocid"]
        assert package["publishedDate"] == withdrawn["date"]
        assert (await a_package(hub.public, after=4))["releases"] == []
        onwards = (await a_package(hub.public, limit=2))["links"]["next"]
        following = (await hub.public.call("GET", onwards, headers={"accept": MEDIA})).json()
        assert [release["id"] for release in following["releases"]] == ["1.4"]


@pytest.mark.anyio
async def test_the_publishers_prefix_is_a_setting(sqlite_database_url: str) -> None:
    async with a_hub(sqlite_database_url, ocds_prefix="ocds-abc123") as hub:
        await (await hub.platform()).push(a_tender_notice())

        (release,) = (await a_package(hub.public))["releases"]

        assert release["ocid"].startswith("ocds-abc123-")
