"""The OpenAPI document: FastAPI's own, with one named schema and example per kind."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from hub.schemas.examples import example
from hub.schemas.kind import kinds
from hub.schemas.submission import Withdrawal, submissions

_KEY = {
    "type": "http",
    "scheme": "bearer",
    "description": "A platform's or consumer's key: `hub_…`. The public feed needs none.",
}


_AWAY = {
    "description": "The database does not answer at the moment; try again.",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemModel"}}},
}


def openapi_of(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document of the hub, built once."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title,
            version=app.version,
            description=app.description,
            routes=app.routes,
            openapi_version="3.1.0",
        )
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        schemas.update(_submission_schemas())
        document["components"]["securitySchemes"] = {"key": _KEY}
        for path, operations in document["paths"].items():
            for operation in operations.values():
                _only_our_problems(operation)
                if path.startswith("/v1/"):
                    operation["responses"].setdefault("503", _AWAY)
        app.openapi_schema = document
    return app.openapi_schema


def _submission_schemas() -> dict[str, Any]:
    """A schema per submission, the union discriminated by `kind`, and the kinds' names."""
    models = [(model, "validation") for model in (*submissions().values(), Withdrawal)]
    _, definitions = models_json_schema(models, ref_template="#/components/schemas/{model}")  # type: ignore[arg-type]
    schemas: dict[str, Any] = definitions["$defs"]
    names = {name: model.__name__ for name, model in submissions().items()}
    for name, title in names.items():
        schemas[title]["examples"] = [example(name)]
    schemas["KindName"] = {
        "type": "string",
        "enum": list(names),
        "description": "; ".join(f"`{name}` {kind.title()}" for name, kind in kinds().items()),
    }
    schemas["Submission"] = {
        "oneOf": [{"$ref": f"#/components/schemas/{title}"} for title in names.values()],
        "discriminator": {
            "propertyName": "kind",
            "mapping": {name: f"#/components/schemas/{title}" for name, title in names.items()},
        },
        "examples": [example(next(iter(names)))],
    }
    return schemas


def _only_our_problems(operation: dict[str, Any]) -> None:
    """FastAPI documents 422 for parameters; ours are 400, and problem documents have one media type."""
    answers = operation["responses"]
    validation = answers.get("422", {}).get("content", {}).get("application/json", {}).get("schema", {})
    if validation.get("$ref", "").endswith("HTTPValidationError"):
        del answers["422"]
    for body in answers.values():
        if "application/problem+json" in body.get("content", {}):
            body["content"].pop("application/json", None)
