"""A subscriber's server: it verifies what it gets by the library-free rules of Standard Webhooks, and keeps it."""

import hmac
import socket
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread
from typing import Any

import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


def verified(secret: str, headers: Any, body: bytes) -> bool:
    """Whether a message was signed with the secret."""
    said = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    signature = b64encode(hmac.digest(b64decode(secret.removeprefix("whsec_")), said, "sha256")).decode()
    return f"v1,{signature}" in headers["webhook-signature"].split(" ")


@dataclass
class Hook:
    """What a subscriber's server was sent, and how it answers."""

    url: str = ""
    statuses: list[int] = field(default_factory=list)
    """The next answers; 204 when there are none left."""
    answer: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    requests: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    @property
    def entries(self) -> list[dict[str, Any]]:
        """The entries of all messages that were taken, in order."""
        return [entry for _, body in self.requests for entry in orjson.loads(body)["data"]]

    @property
    def positions(self) -> list[int]:
        return [entry["position"] for entry in self.entries]

    async def take(self, request: Request) -> Response:
        body = await request.body()
        status = self.statuses.pop(0) if self.statuses else 204
        if status < 300:
            self.requests.append((dict(request.headers), body))
        return Response(None if status == 204 else self.answer, status, headers=self.headers)


@contextmanager
def a_hook() -> Iterator[Hook]:
    """A subscriber's server."""
    hook = Hook()
    with served(Starlette(routes=[Route("/{path:path}", hook.take, methods=["GET", "POST"])])) as url:
        hook.url = f"{url}/hook"
        yield hook


@contextmanager
def served(app: Starlette) -> Iterator[str]:
    """An application behind a socket, in a thread of its own; its address."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        server = uvicorn.Server(
            uvicorn.Config(app, log_level="critical", access_log=False, timeout_graceful_shutdown=1)
        )
        thread = Thread(target=server.run, args=([listening],))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(10)
