"""What reading routes share: who reads, how much, and answers made of stored bytes."""

from collections.abc import Iterable, Mapping
from typing import Annotated

from fastapi import Depends, Header, Path, Query, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from hub.api.runtime import Runtime
from hub.keys import Consumer, Holder, Sender
from hub.ledger.read import Stored
from hub.schemas.submission import DATA_KEY_PATTERN


async def runtime_of(request: Request) -> Runtime:  # One that is not a coroutine would run in a thread.
    """The parts of the serving process."""
    runtime: Runtime = request.app.state.runtime
    return runtime


async def holder_of(
    request: Request, authorization: Annotated[str | None, Header(include_in_schema=False)] = None
) -> Holder | None:
    """Who reads: the holder of the key, or None for the public. A key that is shown must be good."""
    return await (await runtime_of(request)).keys.holder(authorization) if authorization else None


Running = Annotated[Runtime, Depends(runtime_of)]
Reader = Annotated[Holder | None, Depends(holder_of)]
PlatformCode = Annotated[str, Path(pattern=r"^[0-9A-Z]{18}$", description="平台统一社会信用代码")]
Kind = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{0,63}$", description="记录类别")]
DataKey = Annotated[str, Path(pattern=DATA_KEY_PATTERN, description="来源系统主键")]
Number = Annotated[int, Path(ge=1, le=2**31 - 1, description="版本号")]
Position = Annotated[int, Path(ge=1, le=2**63 - 1, description="账本位置")]
Limit = Annotated[int, Query(ge=1, le=1000)]


def sees_all(reader: Holder | None, platform: str) -> bool:
    """Whether the reader sees the full documents of a platform: its own, or as a consumer of the government feed."""
    return isinstance(reader, Consumer) or (isinstance(reader, Sender) and reader.platform == platform)


class Pieces(Response):
    """An answer whose body is sent piece by piece and never put together: a page of the feed has some megabytes."""

    def __init__(self, length: int, pieces: Iterable[bytes], media_type: str, headers: Mapping[str, str]) -> None:
        super().__init__(b"", headers={**headers, "content-length": str(length)}, media_type=media_type)
        self._pieces = pieces

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Send the answer."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        for piece in self._pieces:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


def json_of(body: bytes, *, etag: str = "", headers: Mapping[str, str] | None = None) -> Response:
    """Stored bytes as a JSON answer."""
    tagged = {"etag": f'"{etag}"'} if etag else {}
    return Response(body, media_type="application/json", headers=tagged | dict(headers or {}))


def listed(name: str, entries: Iterable[bytes], rest: bytes = b"") -> bytes:
    """`{"name":[…]rest}` of entries that are JSON already."""
    return b'{"%b":[%b]%b}' % (name.encode(), b",".join(entries), rest)


def shown(versions: Iterable[Stored], reader: Holder | None) -> list[bytes]:
    """The versions as this reader sees them."""
    return [version.entry(government=sees_all(reader, version.platform)) for version in versions]
