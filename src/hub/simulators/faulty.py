"""An application behind the fault dial: it is served as it is, and what its clients ask of it meets the dial's faults."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.simulators import faults
from hub.simulators.answers import refuse, refuse_unreadable, rewritten
from hub.simulators.clock import Clock
from hub.simulators.control import Panel, router
from hub.simulators.dealer import Dealer, Fate
from hub.simulators.dial import Dial
from hub.simulators.reach import OF_ITEMS

_CONTROLS = frozenset({"dial", "clock", "scenarios"})
_TITLE = "故障开关 Fault dial"


class Faulty:
    """Serves `app`; requests whose method and path are `faulted` meet the dial, and all others are served as ever.

    A fault before storing keeps the request from the application. One after storing lets the application answer to the
    end, and spoils that answer: a streamed one therefore comes in one piece. What meets no fault streams both ways.
    """

    def __init__(self, app: ASGIApp, faulted: Callable[[str, str], bool], dial: Dial, clock: Clock) -> None:
        self.dealer = Dealer(dial)
        self.clock = clock
        self.without = OF_ITEMS
        self._app = app
        self._faulted = faulted
        self._controls = _control_app(self)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif scope["path"].removeprefix("/").partition("/")[0] in _CONTROLS:
            await self._controls(scope, receive, send)
        elif self._faulted(scope["method"], scope["path"]):
            # Whoever hangs up before its request was read has asked for nothing.
            with suppress(ClientDisconnect):
                await self._deal(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _deal(self, scope: Scope, receive: Receive, send: Send) -> None:
        dealer, request = self.dealer, Request(scope, receive)
        if dealer.down(self.clock.now()):
            await faults.outage(dealer.dial, request)(scope, receive, send)
            return
        fate = dealer.deal()
        await asyncio.sleep(fate.latency_s)
        if fate.refusal is not None:
            await faults.refusal(dealer.dial, fate, request)(scope, receive, send)
            return
        if dealer.dial.poison or fate.spoilt == "late":
            body = await request.body()
            receive = _Again(body, receive)
            if dealer.poisoned(f"{scope['path']}\n{body.decode(errors='replace')}"):
                await faults.failure(500)(scope, receive, send)
                return
        if fate.spoilt == "late":
            await asyncio.sleep(dealer.dial.hang_seconds)
        if fate.spoilt in (None, "late"):
            await self._app(scope, receive, _delayed(send, fate.answer_latency_s))
        else:
            await self._spoil(fate, dealer, Request(scope, receive), send)

    async def _spoil(self, fate: Fate, dealer: Dealer, request: Request, send: Send) -> None:
        kept = _Kept()
        await self._app(request.scope, request.receive, kept.keep)
        await asyncio.sleep(fate.answer_latency_s)
        answer = await faults.answered(kept.answer(), fate, dealer, request)
        await answer(request.scope, request.receive, send)


class _Kept:
    """The answer of an application, kept instead of sent."""

    def __init__(self) -> None:
        self._start: Message = {}
        self._pieces: list[bytes] = []

    async def keep(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
        else:
            self._pieces.append(message.get("body", b""))

    def answer(self) -> Response:
        if not self._start:
            raise ClientDisconnect
        answer = Response(status_code=self._start["status"])
        answer.raw_headers = list(self._start["headers"])
        return rewritten(answer, b"".join(self._pieces))


class _Again:
    """Gives a body that was read already once more, then what comes behind it."""

    def __init__(self, body: bytes, receive: Receive) -> None:
        self._body: bytes | None = body
        self._receive = receive

    async def __call__(self) -> Message:
        if self._body is None:
            return await self._receive()
        body, self._body = self._body, None
        return {"type": "http.request", "body": body, "more_body": False}


def _delayed(send: Send, seconds: float) -> Send:
    async def later(message: Message) -> None:
        if message["type"] == "http.response.start":
            await asyncio.sleep(seconds)
        await send(message)

    return later if seconds else send


def _control_app(panel: Panel) -> FastAPI:
    """The controls as an application of their own, whose answers are those of a simulated platform."""
    app = FastAPI(title=_TITLE, version="1.0", docs_url="/dial/docs", redoc_url=None, openapi_url="/dial/openapi.json")
    app.add_exception_handler(RequestValidationError, refuse)
    app.add_exception_handler(400, refuse_unreadable)
    app.state.panel = panel
    app.router.routes += router.routes
    return app
