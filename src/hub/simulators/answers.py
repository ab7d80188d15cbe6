"""How a simulated platform says something, and how it refuses what it cannot read."""

from collections.abc import Sequence
from typing import Any

import orjson
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from hub.simulators.messages import Error, Refusal

NOT_JSON = (Error("", "json", "请求正文不是 JSON (the body is not JSON)"),)


def json(body: bytes, status: int = 200) -> Response:
    """JSON bytes as an answer."""
    return Response(body, status, media_type="application/json")


def rewritten(answer: Response, body: bytes) -> Response:
    """The same answer with another body."""
    new = Response(body, answer.status_code)
    others = [(name, value) for name, value in answer.raw_headers if name.lower() != b"content-length"]
    new.raw_headers = [*others, (b"content-length", b"%d" % len(body))]
    return new


def refusal(errors: Sequence[Error], status: int = 422) -> Response:
    """A refusal of the request as a whole."""
    title = "没有找到 (not found)" if status == 404 else "请求不合法 (invalid request)"
    return json(orjson.dumps(Refusal(title, status, list(errors))), status)


def errors_of(error: ValidationError | RequestValidationError) -> list[Error]:
    """What is wrong, without what was sent."""
    found: Sequence[Any] = error.errors()
    return [Error("/".join(map(str, e["loc"])), e["type"], e["msg"]) for e in found]


async def refuse(_: Request, error: Exception) -> Response:
    """A refusal that does not echo what was sent, as FastAPI's own would."""
    assert isinstance(error, RequestValidationError)
    return refusal(errors_of(error))


async def refuse_unreadable(_request: Request, _error: Exception) -> Response:
    """A body that FastAPI cannot read at all, e.g. for its encoding: refused like any that is not JSON."""
    return refusal(NOT_JSON)
