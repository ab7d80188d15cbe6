"""The answers of a platform that fails."""

import asyncio

import orjson
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import Receive, Scope, Send

from hub.simulators.answers import json, rewritten
from hub.simulators.dealer import Dealer, Fate
from hub.simulators.dial import Dial

DROP = "hub.drop"
"""The ASGI extension by which the server lets an app drop its connection: a function without arguments."""

BETWEEN_DROPS = 0.1
"""Seconds between two pieces of an answer that drips."""

_PAGE = "<html><head><title>{0}</title></head><body><center><h1>{0}</h1></center><hr>gateway</body></html>"


class Dropped(Response):
    """No answer: the connection is closed at once."""

    async def __call__(self, scope: Scope, receive: Receive, _: Send) -> None:
        scope["extensions"][DROP]()
        await _hung_up(receive)


class Dripping(Response):
    """An answer that arrives a few bytes at a time, until the other side hangs up."""

    def __init__(self, answer: Response, bytes_per_s: int) -> None:
        super().__init__(answer.body, answer.status_code)
        self.raw_headers = answer.raw_headers
        self._piece = max(1, int(bytes_per_s * BETWEEN_DROPS))
        self._pause = self._piece / bytes_per_s

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        hung_up = asyncio.ensure_future(_hung_up(receive))
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        for start in range(0, len(self.body), self._piece):
            await asyncio.wait({hung_up}, timeout=self._pause)
            if hung_up.done():
                return
            piece = bytes(self.body[start : start + self._piece])
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
        hung_up.cancel()


async def _hung_up(receive: Receive) -> None:
    """Wait until the other side has gone; what it still sends is passed over."""
    while (await receive())["type"] != "http.disconnect":
        pass


def outage(dial: Dial, request: Request) -> Response:
    """What a request gets while the platform is down."""
    return dropped(request) if dial.down_as == "closed" else failure(503)


def dropped(request: Request) -> Response:
    """No answer; a server that cannot drop connections answers 503."""
    return Dropped() if DROP in request.scope.get("extensions", {}) else failure(503)


def refusal(dial: Dial, fate: Fate, request: Request) -> Response:
    """What a request gets that is refused before it is stored."""
    if fate.refusal == "reset":
        return dropped(request)
    if fate.refusal == "html":
        return HTMLResponse(_PAGE.format("502 Bad Gateway"), fate.status)
    answer = failure(fate.status)
    if fate.refusal == "rate_limit":
        answer.headers["Retry-After"] = str(dial.retry_after)
    return answer


async def answered(answer: Response, fate: Fate, dealer: Dealer, request: Request) -> Response:
    """What a request gets that was stored: its answer, or what became of that on the way."""
    match fate.spoilt:
        case "error":
            return failure(500)
        case "hang":
            await asyncio.sleep(dealer.dial.hang_seconds)
        case "reset":
            return dropped(request)
        case "truncate":
            return rewritten(answer, bytes(answer.body[: len(answer.body) // 2]))
        case "drip":
            return Dripping(answer, dealer.dial.drip_bytes_per_s)
        case "wrong":
            said = orjson.loads(answer.body)
            return json(orjson.dumps(said | {"results": dealer.wrong(said["results"])}))
    return answer


def failure(status: int) -> Response:
    """A failure of the platform, not of the request."""
    title = (
        "请求过于频繁 (too many requests)" if status == 429 else "平台暂时无法处理 (the platform fails at the moment)"
    )
    return JSONResponse({"title": title, "status": status, "errors": []}, status)
