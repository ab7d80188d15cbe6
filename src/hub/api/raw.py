"""Routes that read the raw body: the push path parses a submission once, and FastAPI's own machinery is not in it."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

from fastapi.routing import APIRoute
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from hub.api.parameters import refuse_unknown
from hub.api.runtime import Runtime
from hub.db import AWAY, away
from hub.problems import UNEXPECTED, BodyTooLarge, InvalidParameter, Overloaded, Problem

logger = logging.getLogger(__name__)

JSON = b"application/json"
PROBLEM = b"application/problem+json"
NDJSON = b"application/x-ndjson"


class HungUp(Exception):
    """The sender hung up before the end of its body: there is nobody to answer."""


class Call:
    """One request as the server hands it over."""

    __slots__ = ("_query", "_receive", "headers", "path", "runtime")

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self.headers: dict[bytes, bytes] = dict(scope["headers"])
        self.path: Mapping[str, str] = scope["path_params"]
        self.runtime: Runtime = scope["app"].state.runtime
        self._query: bytes = scope["query_string"]
        self._receive = receive

    def query(self) -> dict[str, str]:
        """The parameters of the query by name; of several of one name the last."""
        return dict(parse_qsl(self._query.decode("latin-1"), keep_blank_values=True)) if self._query else {}

    def flag(self, name: str) -> bool:
        """A parameter of the query that is `true` or `false`, false where it is not given."""
        given = self.query().get(name, "false")
        if given not in ("true", "false"):
            raise InvalidParameter(f"`{name}` is true or false.")
        return given == "true"

    def header(self, name: bytes) -> str:
        """A header field by its lower-case name, or an empty string."""
        return self.headers.get(name, b"").decode("latin-1")

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body as it arrives."""
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise HungUp
            chunk: bytes = message.get("body", b"")
            if chunk:
                yield chunk
            if not message.get("more_body"):
                return

    async def body(self, limit: int) -> bytes:
        """The whole body; raises `BodyTooLarge` as soon as it is known to be longer than `limit` bytes."""
        declared = self.header(b"content-length")
        if declared.isdecimal() and int(declared) > limit:
            raise BodyTooLarge(limit=limit)
        message = await self._receive()
        if not message.get("more_body") and message["type"] == "http.request":
            whole: bytes = message.get("body", b"")
            if len(whole) > limit:
                raise BodyTooLarge(limit=limit)
            return whole
        parts, size = [message.get("body", b"")], len(message.get("body", b""))
        async for chunk in self.chunks():
            size += len(chunk)
            if size > limit:
                raise BodyTooLarge(limit=limit)
            parts.append(chunk)
        return b"".join(parts)


class Answer:
    """A status, header fields and a body."""

    __slots__ = ("body", "headers", "status")

    def __init__(self, status: int, body: bytes, *headers: tuple[bytes, bytes], media: bytes = JSON) -> None:
        self.status = status
        self.body = body
        self.headers = [
            (b"content-type", media),
            (b"content-length", b"%d" % len(body)),
            (b"x-content-type-options", b"nosniff"),
            *headers,
        ]

    @classmethod
    def of(cls, problem: Problem) -> "Answer":
        """A problem as an answer."""
        headers = [(name.lower().encode(), value.encode()) for name, value in problem.headers().items()]
        return cls(problem.status, problem.body(), *headers, media=PROBLEM)

    async def send(self, send: Send) -> None:
        """Send it."""
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        await send({"type": "http.response.body", "body": self.body})


class Streamed:
    """An answer that leaves piece by piece."""

    __slots__ = ("media", "pieces")

    def __init__(self, pieces: AsyncIterator[bytes], media: bytes = NDJSON) -> None:
        self.pieces = pieces
        self.media = media

    async def send(self, send: Send) -> None:
        """Send the pieces as they come."""
        headers = [(b"content-type", self.media), (b"x-content-type-options", b"nosniff")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        async for piece in self.pieces:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


Endpoint = Callable[[Call], Awaitable[Answer | Streamed]]


class RawRoute(APIRoute):
    """A documented route whose endpoint takes a `Call` and gives an `Answer`."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        # FastAPI documents the route from `openapi_extra`; a signature that it understood would make it parse the body.
        super().__init__(path, _undocumented(endpoint), **options)
        documented = (self.openapi_extra or {}).get("parameters", ())
        self.app = _asgi(endpoint, frozenset(one["name"] for one in documented if one["in"] == "query"))


def _undocumented(endpoint: Callable[..., Any]) -> Callable[..., Any]:
    async def documented() -> None: ...

    documented.__name__ = endpoint.__name__
    documented.__doc__ = endpoint.__doc__
    return documented


def _asgi(endpoint: Endpoint, parameters: frozenset[str]) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        call = Call(scope, receive)
        try:
            refuse_unknown(call.query(), parameters)
            answer = await endpoint(call)
        except Problem as problem:
            answer = Answer.of(problem)
        except HungUp:
            return
        except AWAY as error:
            answer = Answer.of(away(error))
        except Exception:
            logger.exception("a raw route failed")
            answer = Answer.of(Overloaded(UNEXPECTED))
        await answer.send(send)

    return app


Shortcut = Callable[[Scope, Send, Runtime], Awaitable[bool]]
"""Answers a request, or says False and leaves it to its route."""


class Express:
    """Answers the raw routes before any middleware or route table: for a push, those cost as much as its validation.

    So do the shortcuts, each of which stands before a route and answers some of its requests. The routes stay in the application's list, for its OpenAPI document and for what does not match here.
    """

    def __init__(
        self, app: ASGIApp, owner: Any, routes: Sequence[BaseRoute], shortcuts: Sequence[Shortcut] = ()
    ) -> None:
        self._app = app
        self._owner = owner
        self._shortcuts = shortcuts
        found = [route for route in routes if isinstance(route, RawRoute)]
        self._routes = [(method, route.path_regex, route.app) for route in found for method in route.methods or ()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] == "http":
            for method, pattern, app in self._routes:
                if method == scope["method"] and (match := pattern.match(scope["path"])):
                    scope["path_params"] = match.groupdict()
                    scope["app"] = self._owner
                    await app(scope, receive, send)
                    return
            try:
                for shortcut in self._shortcuts:
                    if await shortcut(scope, send, self._owner.state.runtime):
                        return
            except AWAY as error:
                # What the application makes of it has not begun out here.
                await Answer.of(away(error)).send(send)
                return
        await self._app(scope, receive, send)
