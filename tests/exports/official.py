"""The official OCDS 1.1 schemas; ocds/README.md says where they are from."""

from pathlib import Path
from typing import Any

import jsonschema_rs
import orjson

HERE = Path(__file__).with_name("ocds")
ADDRESS = "https://standard.open-contracting.org/schema/1__1__5/"


def read(name: str) -> dict[str, Any]:
    schema: dict[str, Any] = orjson.loads((HERE / name).read_bytes())
    return schema


def _stored(address: str) -> dict[str, Any]:
    """What an address in a schema stands for; nothing is fetched."""
    assert address.startswith(ADDRESS), address
    return read(address.removeprefix(ADDRESS))


def _validator(name: str) -> Any:
    return jsonschema_rs.validator_for(read(name), validate_formats=True, retriever=_stored)


RELEASE = read("release-schema.json")
releases_are = _validator("release-schema.json")
release_packages_are = _validator("release-package-schema.json")
record_packages_are = _validator("record-package-schema.json")
