"""create_app: the routes, the problems and the pages put together."""

import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.staticfiles import StaticFiles

from hub import __version__
from hub.api import (
    catalogue,
    chain,
    codes,
    consumers,
    deliveries,
    delivery_list,
    delivery_orders,
    digests,
    evidence,
    feed,
    feed_pages,
    listing,
    log,
    processes,
    push,
    receipts,
    records,
    snapshots,
    status,
    subscriptions,
)
from hub.api.feed_shortcut import kept_feed
from hub.api.openapi import openapi_of, serve_openapi
from hub.api.parameter_faults import said_of
from hub.api.raw import Express
from hub.api.runtime import Runtime
from hub.db import AWAY, away
from hub.garbage import keep_what_is
from hub.problems import (
    UNEXPECTED,
    BodyTooLarge,
    InvalidParameter,
    MalformedDocument,
    MethodNotAllowed,
    NotFound,
    Overloaded,
    Problem,
)
from hub.schemas.places import pointer_to
from hub.settings import Settings, settings
from hub.transparency.keeping import keeping
from hub.web import deliveries as deliveries_page
from hub.web import kinds, pages, record_page, rules, threads, verify
from hub.web.problem_page import problem_page, wants_page

logger = logging.getLogger(__name__)

DESCRIPTION = """
公共资源交易数据交换中心. Local trading platforms push typed records; the hub stores and versions them, forwards them to the
national platforms, and serves them as a feed that can be read from any position.
"""


def create_app(configured: Settings | None = None, *, sync: bool = False) -> FastAPI:
    """The hub's API and pages; the database is opened when the server starts."""
    chosen = configured or settings()

    @asynccontextmanager
    async def running(app: FastAPI) -> AsyncIterator[None]:
        runtime = await Runtime.open(chosen)
        app.state.runtime = runtime
        keep_what_is()
        with runtime.heeding_signals():
            async with (
                runtime.guard,
                _keeper(runtime) if sync or not runtime.database.is_postgresql else nullcontext(),
                _worker(runtime) if sync else nullcontext(),
                _nightly(runtime) if sync else nullcontext(),
            ):
                yield
        await runtime.close()

    app = FastAPI(
        title="公共资源交易数据交换中心 · Public-resource trading data hub",
        version=__version__,
        description=DESCRIPTION,
        lifespan=running,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        # Whether anybody collects them is looked up in the environment for every request.
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.add_route("/openapi.json", serve_openapi, include_in_schema=False)
    # Raw routes stand in the application's own list, first: an included router would wrap them in FastAPI's machinery.
    app.router.routes[0:0] = push.router.routes
    for router in (
        chain.router,
        processes.router,
        records.router,
        listing.router,
        digests.router,
        feed.router,
        feed_pages.router,
        consumers.router,
        snapshots.router,
        deliveries.router,
        delivery_list.router,
        delivery_orders.router,
        receipts.router,
        subscriptions.router,
        log.router,
        evidence.router,
        status.router,
        catalogue.router,
        codes.router,
        pages.router,
        record_page.router,
        threads.router,
        rules.router,
        kinds.router,
        verify.router,
        deliveries_page.router,
    ):
        app.router.routes += router.routes
    for route in app.router.routes:
        # What watches pages asks for their heads.
        if isinstance(route, Route) and route.methods and not route.include_in_schema and "GET" in route.methods:
            route.methods.add("HEAD")
    app.mount("/static", StaticFiles(packages=[("hub.web", "static")]))
    app.openapi = lambda: openapi_of(app)  # type: ignore[method-assign]
    app.add_middleware(Express, owner=app, routes=push.router.routes, shortcuts=(kept_feed,))
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(RequestValidationError, _invalid_parameters)
    app.add_exception_handler(HTTPException, _http)
    for kind in AWAY:
        app.add_exception_handler(kind, _database_away)
    app.add_exception_handler(Exception, _unexpected)
    return app


def _keeper(runtime: Runtime) -> AbstractAsyncContextManager[object]:
    """What keeps the log: beside a worker, and beside an embedded database, for which there may be no other process."""
    return keeping(runtime.database, runtime.bell, runtime.settings, runtime.guard)


def _worker(runtime: Runtime) -> AbstractAsyncContextManager[object]:
    # Imported here: a server that does not deliver needs no HTTP client.
    from hub.sync.guarded import Delivering

    return Delivering(runtime.database, runtime.bell, runtime.settings, runtime.guard)


def _nightly(runtime: Runtime) -> AbstractAsyncContextManager[object]:
    # Imported here: a server that does not deliver makes no snapshots.
    from hub.exports.snapshot.nightly import nightly

    return nightly(runtime.database, runtime.settings)


def answer(request: Request, problem: Problem) -> Response:
    """A problem as an HTTP answer: a page for a browser that wants one, else a problem document."""
    if wants_page(request):
        return problem_page(problem)
    return Response(problem.body(), problem.status, problem.headers(), media_type="application/problem+json")


async def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return answer(request, error)


async def _invalid_parameters(request: Request, error: Exception) -> Response:
    """FastAPI's own faults; the input is not echoed, it may be a credential, and NaN cannot be written as JSON."""
    assert isinstance(error, RequestValidationError)
    return answer(request, InvalidParameter(faults=[_invalid(fault) for fault in error.errors()]))


def _invalid(fault: Mapping[str, Any]) -> dict[str, Any]:
    zh, en = said_of(fault["type"], fault.get("ctx", {}), fault["msg"])
    return {"pointer": pointer_to([str(step) for step in fault["loc"]]), "rule": fault["type"], "zh": zh, "en": en}


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    known: dict[int, type[Problem]] = {404: NotFound, 405: MethodNotAllowed, 413: BodyTooLarge}
    problem = known.get(error.status_code, MalformedDocument)()
    response = answer(request, problem)
    if error.headers and "Allow" in error.headers:
        response.headers["Allow"] = error.headers["Allow"]
    return response


async def _database_away(request: Request, error: Exception) -> Response:
    return answer(request, away(error))


async def _unexpected(request: Request, _error: Exception) -> Response:
    return answer(request, Overloaded(UNEXPECTED))
