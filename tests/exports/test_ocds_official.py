"""OCDS: what the hub serves is valid by the official schemas, merges by them, and has no member that they do not know."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import jsonschema_rs
import ocdsmerge
import orjson
import pytest

from hub.exports.ocds import MAPPED, release_of
from tests.builders import a_blacklist_entry, a_submission, a_tender_notice
from tests.exports.official import RELEASE, record_packages_are, release_packages_are, releases_are
from tests.exports.test_ocds import MEDIA, PREFIX, an_entry
from tests.exports.test_ocds_record import a_process
from tests.hub import Caller, a_hub

pytestmark = pytest.mark.anyio

OURS = {"hub"}
"""The members that the hub adds to a release; the standard allows additional ones."""


def a_release(kind: str, **changes: Any) -> dict[str, Any]:
    found = release_of(an_entry(a_submission(kind), **changes), prefix=PREFIX, epoch=1)
    read: dict[str, Any] = orjson.loads(orjson.dumps(found))
    return read


@pytest.mark.parametrize("kind", sorted(MAPPED))
def test_the_release_of_a_kind_is_valid_and_has_only_members_of_the_standard(kind: str) -> None:
    for release in (a_release(kind), a_release(kind, number=2)):
        releases_are.validate(release)
        assert set(unknown(release, RELEASE)) == OURS


def unknown(found: Any, schema: dict[str, Any], at: str = "") -> Iterator[str]:
    """The members of a value, as paths, that the schema has no property or pattern for."""
    if "$ref" in schema:
        schema = RELEASE["definitions"][schema["$ref"].removeprefix("#/definitions/")]
    if isinstance(found, list):
        for one in found:
            yield from unknown(one, schema.get("items", {}), at)
    elif isinstance(found, dict):
        properties = schema.get("properties", {})
        for name, value in found.items():
            here = f"{at}/{name}" if at else name
            if name in properties:
                yield from unknown(value, properties[name], here)
            else:
                yield here


async def a_release_package(reader: Caller, **query: Any) -> dict[str, Any]:
    response = await reader.call("GET", "/v1/feed", params=query, headers={"accept": MEDIA})
    package: dict[str, Any] = response.json()
    return package


async def test_packages_of_releases_and_of_records_are_valid(sqlite_database_url: str) -> None:
    async with a_hub(sqlite_database_url) as hub:
        platform, consumer = await hub.platform(), await hub.consumer()
        thread = await a_process(platform)
        await platform.push(a_tender_notice(disclosure="on_request"))
        for reader in (hub.public, consumer):
            releases = await a_release_package(reader)
            assert len(releases["releases"]) == 8
            release_packages_are.validate(releases)

            records = await reader.read(f"/v1/threads/{thread}/ocds")
            record_packages_are.validate(records)

            (record,) = records["records"]
            merged = ocdsmerge.Merger(RELEASE).create_compiled_release(record["releases"])
            assert record["compiledRelease"] == without_ours(merged)


def without_ours(merged: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in merged.items() if name not in OURS}


async def test_a_page_without_any_contracting_process_is_an_empty_package_which_the_schema_does_not_allow(
    sqlite_database_url: str,
) -> None:
    async with a_hub(sqlite_database_url) as hub:
        await (await hub.platform()).push(a_blacklist_entry())

        package = await a_release_package(hub.public)

    (fault,) = release_packages_are.iter_errors(package)
    assert list(fault.instance_path) == ["releases"]
    assert package["releases"] == []


@pytest.mark.parametrize(
    "spoil",
    [
        lambda release: release.pop("ocid"),
        lambda release: release.update(date="20 November"),
        lambda release: release["tender"].pop("id"),
        lambda release: release["tender"].update(status="open"),
        lambda release: release["parties"][0].update(roles="buyer"),
    ],
)
def test_what_the_standard_forbids_is_not_valid(spoil: Callable[[dict[str, Any]], object]) -> None:
    release = deepcopy(a_release("tender_notice"))
    spoil(release)

    with pytest.raises(jsonschema_rs.ValidationError):
        releases_are.validate(release)
