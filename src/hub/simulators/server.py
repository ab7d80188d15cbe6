"""What is simulated as a process: uvicorn, and the means to drop a connection without an answer."""

from pathlib import Path

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from hub.simulators.app import create_app
from hub.simulators.clock import Clock
from hub.simulators.dial import Dial
from hub.simulators.faults import DROP
from hub.simulators.messages import Platform


class DroppingProtocol(HttpToolsProtocol):
    """HTTP/1.1 whose requests carry the ASGI extension `faults.DROP`."""

    def on_message_begin(self) -> None:
        """Offer the extension with each request."""
        super().on_message_begin()
        self.scope["extensions"] = {DROP: self.transport.abort}  # type: ignore[dict-item]


def run(
    platform: Platform, host: str, port: int, store: Path | str, dial: Dial | None = None, clock: Clock | None = None
) -> None:
    """Serve a platform until it is interrupted; `store` is the path of its SQLite file."""
    serve(create_app(platform, store, dial, clock), host, port)


def serve(app: ASGIApp, host: str, port: int) -> None:
    """Serve an application that fails, until it is interrupted."""
    uvicorn.run(
        app,
        host=host,
        port=port,
        http=DroppingProtocol,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=2,
    )
