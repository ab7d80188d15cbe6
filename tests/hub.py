"""A hub in this process, and the parties that talk to it."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import orjson
from fastapi import FastAPI

from hub.api.runtime import Runtime
from hub.app import create_app
from hub.keys import add_platform, issue_key
from hub.settings import Settings
from tests.builders import a_uscc

A, B = a_uscc(1), a_uscc(2)
"""Two platforms."""

Document = dict[str, Any]


class Caller:
    """Somebody who talks to the hub: a platform, a consumer, or the public."""

    def __init__(self, http: httpx.AsyncClient, key: str = "", code: str = "") -> None:
        self.http = http
        self.key = key
        self.code = code

    async def call(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {"authorization": f"Bearer {self.key}"} if self.key else {}
        return await self.http.request(method, path, headers=headers | options.pop("headers", {}), **options)

    async def get(self, path: str, **query: Any) -> httpx.Response:
        return await self.call("GET", path, params=query or None)

    async def read(self, path: str, **query: Any) -> Any:
        """The JSON of an answer that must be 200."""
        response = await self.get(path, **query)
        assert response.status_code == 200, response.text
        return response.json()

    async def put(self, submission: Document, **headers: str) -> httpx.Response:
        path = f"/v1/records/{submission['kind']}/{submission['data_key']}"
        return await self.call(
            "PUT", path, json=submission, headers={n.replace("_", "-"): v for n, v in headers.items()}
        )

    async def push(self, *submissions: Document) -> list[Document]:
        """The receipts of submissions that must all be stored."""
        receipts = []
        for submission in submissions:
            response = await self.put(submission)
            assert response.status_code in (200, 201), response.text
            receipts.append(response.json())
        return receipts

    async def withdraw(self, submission: Document, at: str = "2026-10-01T00:00:00+08:00") -> httpx.Response:
        path = f"/v1/records/{submission['kind']}/{submission['data_key']}:withdraw"
        return await self.call("POST", path, json={"data_timestamp": at, "reason": "重复发布"})

    async def batch(self, *lines: Document | bytes) -> list[Document]:
        """The answer lines of a batch."""
        response = await self.send(
            b"\n".join(line if isinstance(line, bytes) else orjson.dumps(line) for line in lines)
        )
        assert response.status_code == 200, response.text
        return [orjson.loads(line) for line in response.content.splitlines()]

    async def send(self, content: bytes | AsyncIterator[bytes]) -> httpx.Response:
        headers = {"content-type": "application/x-ndjson"}
        return await self.call("POST", "/v1/records:batch", content=content, headers=headers)

    def record(self, submission: Document, rest: str = "") -> str:
        """The address of one of this platform's records."""
        return f"/v1/records/{self.code}/{submission['kind']}/{submission['data_key']}{rest}"


class Hub:
    """A running hub; its clocks are the machine's, its keys are looked up each time."""

    def __init__(self, app: FastAPI, http: httpx.AsyncClient) -> None:
        self.app = app
        self.runtime: Runtime = app.state.runtime
        self.public = Caller(http)

    async def platform(self, code: str = A, **limits: str) -> Caller:
        """A platform that is registered now, with a key."""
        await add_platform(self.runtime.database, code, f"平台 {code[-4:]}", **limits)
        return Caller(self.public.http, await issue_key(self.runtime.database, code), code)

    async def consumer(self) -> Caller:
        """A reader of the government feed."""
        return Caller(self.public.http, await issue_key(self.runtime.database, None, note="aggregator"))


@asynccontextmanager
async def a_hub(database_url: str, **settings: Any) -> AsyncIterator[Hub]:
    """A hub on a migrated database, without targets unless the settings name them."""
    configured = Settings(database_url=database_url, **({"key_cache_seconds": 0.0} | settings))
    app = create_app(configured)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://hub", timeout=30) as http,
    ):
        yield Hub(app, http)


def faults_of(response: httpx.Response) -> set[tuple[str, str]]:
    """The pointer and rule of every fault of a refused submission."""
    assert response.status_code == 422, response.text
    return {(fault["pointer"], fault["rule"]) for fault in response.json()["faults"]}


def positions(entries: Iterable[Document]) -> list[int]:
    """The positions of entries."""
    return [entry["position"] for entry in entries]
