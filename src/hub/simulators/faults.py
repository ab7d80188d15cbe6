"""The answers of a platform that fails."""

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import Receive, Scope, Send

from hub.simulators.dial import Dial, Fate

DROP = "hub.drop"
"""The ASGI extension by which the server lets an app drop its connection: a function without arguments."""

_PAGE = "<html><head><title>{0}</title></head><body><center><h1>{0}</h1></center><hr>gateway</body></html>"


class Dropped(Response):
    """No answer: the connection is closed at once."""

    async def __call__(self, scope: Scope, receive: Receive, _: Send) -> None:
        scope["extensions"][DROP]()
        while (await receive())["type"] != "http.disconnect":
            pass


def outage(dial: Dial, request: Request) -> Response:
    """What a request gets while the platform is down; a server that cannot drop connections answers 503."""
    if dial.down_as == "closed" and DROP in request.scope.get("extensions", {}):
        return Dropped()
    return failure(503)


def refusal(dial: Dial, fate: Fate) -> Response:
    """What a batch gets that is refused before it is stored."""
    if fate.refusal == "html":
        return HTMLResponse(_PAGE.format("502 Bad Gateway"), fate.status)
    answer = failure(fate.status)
    if fate.refusal == "rate_limit":
        answer.headers["Retry-After"] = str(dial.retry_after)
    return answer


def failure(status: int) -> Response:
    """A failure of the platform, not of the request."""
    title = (
        "请求过于频繁 (too many requests)" if status == 429 else "平台暂时无法处理 (the platform fails at the moment)"
    )
    return JSONResponse({"title": title, "status": status, "errors": []}, status)
