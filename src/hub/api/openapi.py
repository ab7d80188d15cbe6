"""The OpenAPI document: FastAPI's own, with one named schema and example per kind."""

import gzip
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import Any, get_args

import orjson
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema
from starlette.requests import Request
from starlette.responses import Response

from hub.api.describe import EnvelopeModel
from hub.schemas.examples import example
from hub.schemas.kind import editions, kinds
from hub.schemas.submission import Submission, Withdrawal, submission_of

_KEY = {
    "type": "http",
    "scheme": "bearer",
    "description": "A platform's or consumer's key: `hub_…`. The public feed needs none.",
}


_TAGS = {
    "push": "报送：平台提交记录的各个版本。Platforms send versions of their records, one by one or many at once.",
    "records": "记录：当前与历次版本、差异、项目全流程。A record's versions and how they differ; all records of a project.",
    "feed": "数据流：按账本位置排列的全部版本。Every version in ledger order, as pages, lines or a stream; and how to compare.",
    "consumers": "消费者：由中心代存读取位置。Where a reader of the feed is, kept by the hub.",
    "deliveries": "交换：各版本向其他平台的送达情况。What became of each version at the platforms that want it.",
    "subscriptions": "订阅：以签名的 HTTP 请求推送。Signed messages to an address of the subscriber's.",
    "snapshots": "快照：某一位置的全部数据文件。Everything up to one position, as files.",
    "log": "透明日志：签名的树头与证明。Signed heads of the log and proofs that a version is in it.",
    "catalogue": "目录清单：每类记录的要素、时限与规则。The kinds of records with their fields, limits and rules.",
    "codes": "代码表。The code tables of the fields.",
    "status": "状态。Whether the hub is there and what it is doing.",
}
"""What the operations under each tag are for."""

_UNREADABLE = {
    "description": "The request cannot be read, or has a parameter that there is not.",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemModel"}}},
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
            contact={"name": "公共资源交易数据交换中心 Public-resource trading data hub"},
            servers=[{"url": "/", "description": "This hub 本中心"}],
        )
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        submitted = _submission_schemas()
        clashing = {name for name in schemas.keys() & submitted.keys() if schemas[name] != submitted[name]}
        assert not clashing, f"two models have one name: {sorted(clashing)}"
        schemas.update(submitted)
        document["components"]["securitySchemes"] = {"key": _KEY}
        for path, operations in document["paths"].items():
            for operation in operations.values():
                _only_our_problems(operation)
                # A reader may show a key, to see more; where nobody looks at one, none is needed.
                operation.setdefault("security", [{}, {"key": []}] if "401" in operation["responses"] else [])
                if path.startswith("/v1/"):
                    operation["responses"].setdefault("400", _UNREADABLE)
                    operation["responses"].setdefault("503", _AWAY)
        operations = [o for found in document["paths"].values() for o in found.values()]
        named = dict.fromkeys(tag for o in operations for tag in o["tags"])
        document["tags"] = [{"name": tag, "description": _TAGS[tag.split(" ")[0]]} for tag in named]
        # FastAPI's own faults are answered as problems.
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        app.openapi_schema = document
    return app.openapi_schema


async def serve_openapi(request: Request) -> Response:
    """The OpenAPI document as it was written when the hub was built: making it takes longer than reading it."""
    plain, packed, etag = _written(request.app)
    headers = {"etag": etag, "cache-control": "no-cache", "vary": "accept-encoding"}
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(packed, headers=headers | {"content-encoding": "gzip"}, media_type="application/json")
    return Response(plain, headers=headers, media_type="application/json")


@cache
def _written(app: FastAPI) -> tuple[bytes, bytes, str]:
    """The document's bytes, the same compressed, and their ETag."""
    inside = Path(__file__).parents[1] / "openapi" / "hub.json"
    checkout = Path(__file__).parents[3] / "openapi" / "hub.json"
    file = next((file for file in (inside, checkout) if file.is_file()), None)
    plain = file.read_bytes() if file is not None else orjson.dumps(openapi_of(app))
    return plain, gzip.compress(plain, 5), f'"{sha256(plain).hexdigest()[:32]}"'


def _submission_schemas() -> dict[str, Any]:
    """A schema per submission, the union discriminated by `kind`, and the kinds' names."""
    known = {name: [submission_of(kind) for kind in editions(name).values()] for name in kinds()}
    models = [(model, "validation") for model in (*chain.from_iterable(known.values()), Withdrawal, EnvelopeModel)]
    _, definitions = models_json_schema(models, ref_template="#/components/schemas/{model}")  # type: ignore[arg-type]
    schemas: dict[str, Any] = definitions["$defs"]
    names = {name: first.__name__ for name, (first, *_) in known.items()}
    for name, title in names.items():
        schemas[title]["examples"] = [example(name)]
    for name, (first, *later) in known.items():
        if later:
            names[name] = f"{first.__name__}OfAnyEdition"
            schemas[names[name]] = _one_of(
                {_edition(model): model.__name__ for model in (first, *later)}, "schema_version"
            )
    schemas["KindName"] = {
        "type": "string",
        "enum": list(names),
        "description": "; ".join(f"`{name}` {kind.title()}" for name, kind in kinds().items()),
    }
    schemas["Submission"] = _one_of(names, "kind") | {"examples": [example(next(iter(names)))]}
    return schemas


def _one_of(titles: Mapping[str, str], discriminator: str) -> dict[str, Any]:
    references = {value: f"#/components/schemas/{title}" for value, title in titles.items()}
    return {
        "oneOf": [{"$ref": reference} for reference in references.values()],
        "discriminator": {"propertyName": discriminator, "mapping": references},
    }


def _edition(model: type[Submission]) -> str:
    return str(get_args(model.model_fields["schema_version"].annotation)[0])


def _only_our_problems(operation: dict[str, Any]) -> None:
    """FastAPI documents 422 for parameters; ours are 400, and problem documents have one media type."""
    answers = operation["responses"]
    validation = answers.get("422", {}).get("content", {}).get("application/json", {}).get("schema", {})
    if validation.get("$ref", "").endswith("HTTPValidationError"):
        del answers["422"]
    for body in answers.values():
        if "application/problem+json" in body.get("content", {}):
            body["content"].pop("application/json", None)
