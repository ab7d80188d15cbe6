"""What a strict linter asks of the API's description, and that every kind's example is valid by its own schema."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from hub.schemas.examples import example
from hub.schemas.kind import kinds
from hub.schemas.submission import submission_of

DOCUMENT: dict[str, Any] = orjson.loads((Path(__file__).parents[2] / "openapi" / "hub.json").read_bytes())
SCHEMAS: dict[str, Any] = DOCUMENT["components"]["schemas"]
REGISTRY: Registry[Any] = Registry().with_resource("hub", Resource(DOCUMENT, DRAFT202012))
REBASED = {"$id": "hub"}
"""What lets a schema by itself refer into the document."""


def operations() -> Iterator[tuple[str, dict[str, Any]]]:
    for path, found in DOCUMENT["paths"].items():
        for method, operation in found.items():
            yield f"{method} {path}", operation


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(reference := value.get("$ref"), str):
            yield reference
        if isinstance(value.get("discriminator"), dict):
            yield from value["discriminator"].get("mapping", {}).values()
        for item in value.values():
            yield from references(item)
    elif isinstance(value, list):
        for item in value:
            yield from references(item)


def test_it_is_a_valid_openapi_document() -> None:
    assert [error.message for error in OpenAPIV31SpecValidator(DOCUMENT).iter_errors()] == []


def test_it_says_whose_it_is_and_where() -> None:
    assert DOCUMENT["servers"]
    assert DOCUMENT["info"]["contact"]
    assert DOCUMENT["info"]["description"]


def test_every_operation_is_named_told_tagged_and_answered() -> None:
    names = [operation["operationId"] for _, operation in operations()]
    known = {tag["name"] for tag in DOCUMENT["tags"]}

    assert len(set(names)) == len(names)
    for place, operation in operations():
        assert operation["summary"], place
        assert operation["description"], place
        assert operation["tags"], place
        assert set(operation["tags"]) <= known, place
        assert any(status.startswith(("2", "3")) for status in operation["responses"]), place
        assert all(answer["description"] for answer in operation["responses"].values()), place


def test_every_operation_says_whether_a_key_is_needed() -> None:
    needed = {place: operation["security"] for place, operation in operations()}

    assert needed["put /v1/records/{kind}/{data_key}"] == [{"key": []}]
    assert needed["get /v1/feed"] == [{}, {"key": []}]
    assert needed["get /healthz"] == []
    for place, operation in operations():
        assert ({"key": []} in needed[place]) == ("401" in operation["responses"]), place


def test_every_operation_that_takes_a_body_says_that_it_may_be_too_large_or_packed() -> None:
    taking = [(place, operation) for place, operation in operations() if "requestBody" in operation]

    assert [place for place, operation in taking if "415" not in operation["responses"]] == []
    assert [place for place, operation in taking if "413" not in operation["responses"]] == [
        "post /v1/records:batch"  # It ends nowhere; a line of it that is too large is told in its answer.
    ]


def test_every_tag_is_told() -> None:
    assert [tag["name"] for tag in DOCUMENT["tags"] if not tag.get("description")] == []


def schemas(value: Any) -> Iterator[dict[str, Any]]:
    """Every schema in the document that has examples of its own or is a choice, at any depth."""
    if isinstance(value, dict):
        if isinstance(value.get("examples"), list) or "anyOf" in value or "oneOf" in value:
            yield value
        for name, item in value.items():
            if name not in ("examples", "example"):
                yield from schemas(item)
    elif isinstance(value, list):
        for item in value:
            yield from schemas(item)


def test_every_example_of_a_field_is_valid_by_its_schema() -> None:
    for schema in schemas(SCHEMAS):
        if "properties" not in schema and "oneOf" not in schema:
            for shown in schema.get("examples", ()):
                errors = Draft202012Validator({**REBASED, **schema}, registry=REGISTRY).iter_errors(shown)
                assert [error.message for error in errors] == [], schema


def test_no_choice_takes_anything() -> None:
    assert [schema for schema in schemas(DOCUMENT) if {} in [*schema.get("anyOf", ()), *schema.get("oneOf", ())]] == []


def test_every_reference_leads_somewhere_and_every_component_is_referred_to() -> None:
    named = set(references(DOCUMENT))

    for reference in named:
        place: Any = DOCUMENT
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]
    assert {f"#/components/schemas/{name}" for name in SCHEMAS} - named == set()


@pytest.mark.parametrize("name", sorted(kinds()))
def test_every_kind_has_a_named_schema_with_an_example_that_is_valid_by_it(name: str) -> None:
    title = submission_of(kinds()[name]).__name__

    schema = SCHEMAS[title]
    validator = Draft202012Validator({"$ref": f"hub#/components/schemas/{title}"}, registry=REGISTRY)

    assert schema["description"]
    assert schema["examples"] == [example(name)]
    assert [error.message for error in validator.iter_errors(example(name))] == []
