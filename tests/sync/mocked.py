"""A target that respx plays, where a real one cannot show what is to be seen."""

from collections.abc import AsyncIterator
from typing import Any, ClassVar

import httpx
import respx
from respx.mocks import AbstractRequestMocker


class Sent(httpx.AsyncByteStream):
    """A body that was not read yet."""

    def __init__(self, response: httpx.Response) -> None:
        self._response = response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        stream = self._response.stream
        assert isinstance(stream, httpx.AsyncByteStream)
        async for part in stream:
            yield part


class Mocked(AbstractRequestMocker):
    """Answers what is sent through the hub's own transport."""

    name = "lines"
    targets: ClassVar = ["hub.sync.lines.Lines"]
    target_methods: ClassVar = ["handle_async_request"]

    @classmethod
    def to_httpx_request(cls, **kwargs: Any) -> httpx.Request:
        """The request as it is."""
        request = kwargs["request"]
        assert isinstance(request, httpx.Request)
        return request

    @classmethod
    async def from_async_httpx_response(cls, httpx_response: httpx.Response, target: Any, **_: Any) -> httpx.Response:
        """The answer as it would come from the network."""
        return httpx.Response(httpx_response.status_code, headers=httpx_response.headers, stream=Sent(httpx_response))


def a_mocked_target() -> respx.MockRouter:
    """Whom requests reach while it is entered."""
    return respx.mock(using=Mocked.name)
