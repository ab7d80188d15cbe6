"""The bodies of JSON routes have an end: they are read whole, and before it is known who sends them."""

from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import aclosing, suppress
from typing import Any

from fastapi.routing import APIRoute
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from hub.problems import BodyTooLarge, UnsupportedContentCoding

LARGEST = 2 * 1024 * 1024
"""The most bytes of a body; the longest question that is answered, about 20,000 positions one by one, has a third."""


def refuse_packed(content_encoding: str) -> None:
    """Raise `UnsupportedContentCoding` where a body is not sent as it is."""
    if content_encoding.strip().lower() not in ("", "identity"):
        raise UnsupportedContentCoding("Send the body without a Content-Encoding.")


class BoundedRoute(APIRoute):
    """A route that takes no body above `LARGEST`, whether or not its length is declared, and none that is packed."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        if self.body_field is None:
            return handle

        async def bounded(request: Request) -> Response:
            refuse_packed(request.headers.get("content-encoding", ""))
            request = _Bounded(request.scope, request.receive)
            # Read ahead of FastAPI, which takes whatever is raised while it reads for a body that cannot be parsed;
            # for a sender that has hung up, that will do.
            with suppress(ClientDisconnect):
                await request.body()
            return await handle(request)

        return bounded


class _Bounded(Request):
    """A request whose body is read no further than `LARGEST`: then it raises `BodyTooLarge`."""

    async def stream(self) -> AsyncGenerator[bytes, None]:
        declared, size = self.headers.get("content-length", ""), 0
        if declared.isdecimal() and int(declared) > LARGEST:
            raise BodyTooLarge(limit=LARGEST)
        async with aclosing(super().stream()) as chunks:
            async for chunk in chunks:
                size += len(chunk)
                if size > LARGEST:
                    raise BodyTooLarge(limit=LARGEST)
                yield chunk
