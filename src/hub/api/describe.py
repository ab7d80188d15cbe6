"""How the raw routes are documented: what FastAPI would read from a signature, said by hand."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from pydantic import BaseModel, Field

from hub.schemas.submission import DATA_KEY_PATTERN
from hub.wire.forms import V2_JSON, XML


class FaultModel(BaseModel):
    """One thing that is wrong: where, which rule, the sentence in two languages, and the repair where there is one."""

    pointer: str = Field(description="RFC 6901 JSON Pointer into the document as sent")
    rule: str
    zh: str
    en: str
    repair: Any = None
    repairs: dict[str, Any] | None = Field(
        None, description="Values that would be right together, by JSON Pointer", examples=[{"/body/price_unit": "0"}]
    )
    doc: str | None = Field(
        None, description="The page that explains the rule; a parameter has none", examples=["/rules/uscc-check"]
    )
    element: str | None = Field(
        None, description="The element's path where an envelope was sent", examples=["/CONTEXT/BID_OPEN_TIME"]
    )


class EnvelopeModel(BaseModel):
    """The envelope of the data specification V2.0 in JSON, under the same element names as in XML."""

    CONTEXT: dict[str, Any] = Field(description="The dataset's elements: strings, and rows as arrays of objects")
    TITLE: dict[str, str] = Field(description="DATA_NO, DATA_EN, DATA_CN, DATA_KEY, DATA_TYPE, ROUTE_WAY, CA_KEY")
    SOURCE: list[dict[str, str]] | None = Field(None, description="Attachments")
    HUB: dict[str, Any] | None = Field(None, description="What the specification has no element for")


class ProblemModel(BaseModel, extra="allow"):
    """RFC 9457 problem details."""

    type: str = Field(examples=["/problems/invalid-submission"])
    title: str
    title_zh: str
    status: int
    detail: str | None = None
    detail_zh: str | None = Field(
        None, description="The same in Chinese, where it says what to do about such a problem"
    )
    faults: list[FaultModel] | None = None
    rule: str | None = Field(
        None, description="The rule between two versions that is broken", examples=["record-thread"]
    )
    zh: str | None = Field(None, description="What that rule says")
    en: str | None = Field(None, description="The same in English")
    pointer: str | None = Field(None, description="The place in the new version, where there is one")
    doc: str | None = Field(None, description="The page that explains the rule", examples=["/rules/record-thread"])
    repaired: dict[str, Any] | None = Field(None, description="As in `ValidatedModel`, where `repair` asks for it")
    repaired_valid: bool | None = None
    remaining: list[FaultModel] | None = None


class DueModel(BaseModel):
    """期限: by when the law wanted the version disclosed, and whether it was."""

    on: date = Field(description="The last day in time, by Beijing time")
    days_late: int = Field(description="Calendar days after it, 0 where the version was in time", ge=0)
    clock: str = Field(
        description="The clock that decides: what was disclosed late comes before what was shared late",
        examples=["D-PUB20"],
    )
    basis: str = Field(description="The law that asks for it")
    provisional: bool = Field(description="Whether the calendar of a year that was counted in is not official yet")


class ReceiptModel(BaseModel):
    """回执: what the hub says of a version it stored, the same bytes whenever it is asked for."""

    position: int = Field(description="The version's place in the ledger: dense, from 1, in commit order", ge=1)
    record: str = Field(examples=["91350100M000100Y43/tender_notice/0001503000000000001234"])
    number: int = Field(description="The version's number within its record", ge=1)
    previous: int | None = Field(description="The position of the record's previous version")
    state: str = Field(examples=["published", "withheld", "withdrawn"])
    digest: str = Field(description="SHA-256 over the canonical JSON (RFC 8785) of the document", min_length=64)
    thread: str
    region_code: str
    data_timestamp: str
    received_at: str
    due: DueModel | None = Field(description="None for a withdrawal, and where no clock runs")
    targets: list[str]
    warnings: list[FaultModel]


class ValidatedModel(BaseModel):
    """What a push of this document would get."""

    valid: bool
    digest: str
    thread: str
    targets: list[str]
    warnings: list[FaultModel]
    repaired: dict[str, Any] | None = Field(
        None, description="The document with all suggested repairs made, where `repair` asks for it and there are any"
    )
    repaired_valid: bool | None = Field(None, description="Whether the repaired document would be stored")
    remaining: list[FaultModel] | None = Field(None, description="What the repaired document is still told")


class BatchLineModel(BaseModel):
    """The answer to one document: a receipt or a problem."""

    status: int
    receipt: ReceiptModel | None = None
    problem: ProblemModel | None = None


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The documented problem answers of a route."""
    return {
        status: {
            "description": _DESCRIPTIONS[status],
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemModel"}}},
        }
        for status in sorted(statuses)
    }


_DESCRIPTIONS = {
    400: "The request cannot be read.",
    401: "A valid key is needed.",
    403: "The key does not allow this.",
    404: "There is no such thing here.",
    409: "It conflicts with what is stored, or a cursor is of an epoch that is over.",
    412: "If-Match does not name the current version.",
    413: "The body is too large.",
    415: "The media type, or a content coding, is not taken here.",
    422: "The document breaks rules; all faults are listed.",
    503: "Try again; repeating the same request is safe.",
}

KEY: dict[str, Any] = {"security": [{"key": []}]}

_PATH = [
    {
        "name": "kind",
        "in": "path",
        "required": True,
        "description": "记录类别",
        "schema": {"$ref": "#/components/schemas/KindName"},
    },
    {
        "name": "data_key",
        "in": "path",
        "required": True,
        "description": "来源系统主键: the platform's own key of the record",
        "schema": {"type": "string", "pattern": DATA_KEY_PATTERN},
    },
]
_CONDITIONS = [
    {
        "name": name,
        "in": "header",
        "required": False,
        "description": description,
        "schema": {"type": "string", "pattern": pattern},
    }
    for name, description, pattern in (
        (
            "If-Match",
            "Only if the current version has this digest; `*`: only if the record exists",
            r'^("[0-9a-f]{64}"|\*)$',
        ),
        ("If-None-Match", "`*`: only if the record does not exist yet", r"^\*$"),
    )
]


ENVELOPES: dict[str, Any] = {
    XML: {"schema": {"type": "string", "description": "`<DES>`: the envelope of the data specification V2.0"}},
    V2_JSON: {"schema": {"$ref": "#/components/schemas/EnvelopeModel"}},
}
"""The envelope as the content of a request or an answer."""


def _body(media: str, schema: str, further: Mapping[str, Any] | None = None) -> dict[str, Any]:
    content = {media: {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"required": True, "content": content | dict(further or {})}


def _receipts(*statuses: tuple[int, str]) -> dict[int | str, dict[str, Any]]:
    return {status: {"description": description, "model": ReceiptModel} for status, description in statuses}


PUSH: dict[str, Any] = {
    "status_code": 201,
    "responses": {
        **_receipts((201, "A new version was stored."), (200, "It was stored before: the first receipt again.")),
        **problems(400, 401, 403, 404, 409, 412, 413, 415, 422, 503),
    },
    "openapi_extra": {
        "parameters": [*_PATH, *_CONDITIONS],
        "requestBody": _body("application/json", "Submission", ENVELOPES),
        **KEY,
    },
}
WITHDRAW: dict[str, Any] = {
    "status_code": 201,
    "responses": {
        **_receipts((201, "The withdrawal was stored."), (200, "It was stored before: the first receipt again.")),
        **problems(400, 401, 403, 404, 409, 412, 413, 415, 422, 503),
    },
    "openapi_extra": {
        "parameters": [*_PATH, *_CONDITIONS],
        "requestBody": _body("application/json", "Withdrawal"),
        **KEY,
    },
}
VALIDATE: dict[str, Any] = {
    "status_code": 200,
    "responses": {
        200: {"description": "It would be stored.", "model": ValidatedModel},
        **problems(400, 401, 403, 404, 413, 415, 422, 503),
    },
    "openapi_extra": {
        "parameters": [
            {
                "name": "repair",
                "in": "query",
                "required": False,
                "description": "Also suggest the document with all repairs made",
                "schema": {"type": "boolean", "default": False},
            }
        ],
        "requestBody": _body("application/json", "Submission", ENVELOPES),
        **KEY,
    },
}
BATCH: dict[str, Any] = {
    "status_code": 200,
    "responses": {
        200: {
            "description": "One line per document, in the same order.",
            "content": {"application/x-ndjson": {"schema": {"$ref": "#/components/schemas/BatchLineModel"}}},
            "model": BatchLineModel,
        },
        **problems(401, 403, 415, 503),
    },
    "openapi_extra": {
        "requestBody": {
            "required": True,
            "content": {
                "application/x-ndjson": {
                    "schema": {"type": "string", "description": "One submission or withdrawal per line."}
                },
                **ENVELOPES,
            },
        },
        **KEY,
    },
}
