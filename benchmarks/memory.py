"""The limit of the feed in Python: the same server and framework with the whole answer in memory.

`python -m benchmarks.memory PORT FILE` answers every request with the bytes of FILE.
"""

import sys
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from benchmarks.processes import HOST, UVICORN_OPTIONS


def app_of(page: bytes) -> Starlette:
    """An application that has one answer."""

    async def answer(_: Request) -> Response:
        return Response(page, media_type="application/x-ndjson")

    return Starlette(routes=[Route("/{path:path}", answer)])


if __name__ == "__main__":
    uvicorn.run(app_of(Path(sys.argv[2]).read_bytes()), host=HOST, port=int(sys.argv[1]), **UVICORN_OPTIONS)
