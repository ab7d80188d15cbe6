"""Items as a hub sends them, and a platform to send them to."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path
from re import search
from typing import Any

import httpx
import rfc8785

from hub.simulators import create_app
from hub.simulators.datasets import load
from hub.simulators.dial import Dial
from hub.simulators.messages import Platform

SENDER = "91350100M000100Y43"

Dataset = int | str
"""A dataset: its number, or its name where it has none."""

KINDS: dict[Dataset, str] = {
    503: "tender_notice",
    506: "bid_opening_record",
    511: "winning_candidate_publicity",
    "ADMINISTRATIVE_PENALTY": "administrative_penalty",
}
DEFINITIONS: dict[Dataset, dict[str, Any]] = {
    definition["no"] or definition["name"]: definition for definition in load()
}

_SAMPLES = {"text": "内容", "date": "2026-11-20", "date8": "20261120", "dt12": "202611200930", "dt14": "20261120093000"}


def a_value(type_name: str) -> str:
    """The shortest text that fits a type of the definitions."""
    if type_name in _SAMPLES:
        return _SAMPLES[type_name]
    if exact := search(r"str=(\d+)", type_name):
        return "1" * int(exact[1])
    return "1"


def some_fields(no: Dataset, **changes: Any) -> dict[str, Any]:
    """The mandatory elements of a dataset; a change to None leaves the element out."""
    elements = DEFINITIONS[no]["elements"]
    fields = {entry["element"]: a_value(entry["type"]) for entry in elements if entry["required"]} | changes
    return {name: value for name, value in fields.items() if value is not None}


def an_item(position: int, no: Dataset = 503, *, of: str = "P", **changes: Any) -> dict[str, Any]:
    """An item of dataset `no` for project `of`: a record of its own unless `record` and `previous` say otherwise.

    `fields`, `digest`, `data_type` and so on replace what the item would have.
    """
    project = of.ljust(20, "0")
    keys = {
        "PROJECT_CODE": of.ljust(17, "0"),
        "TENDER_PROJECT_CODE": project,
        "PURCHASE_PROJECT_CODE": of,
        "PLATFORM_CODE": SENDER,
    }
    known = {entry["element"] for entry in DEFINITIONS.get(no, {"elements": []})["elements"]}
    fields = changes.pop("fields", None)
    if fields is None:
        fields = some_fields(no, **{name: value for name, value in keys.items() if name in known})
    kind = KINDS.get(no, f"kind_{no}")
    digest = changes.get("digest", sha256(f"document {position}".encode()).hexdigest())
    item = {
        "idempotency_key": f"national:{position}:{digest}",
        "position": position,
        "previous": None,
        "number": 1,
        "record": f"{SENDER}/{kind}/{position}",
        "thread": f"thread:{of}",
        "kind": kind,
        "digest": digest,
        "fields_digest": sha256(rfc8785.dumps(fields)).hexdigest(),
        "data_no": no if isinstance(no, int) else None,
        "data_en": DEFINITIONS.get(no, {"name": "UNKNOWN"})["name"],
        "data_cn": DEFINITIONS.get(no, {"title": "数据"})["title"],
        "data_key": str(position),
        "data_type": "1",
        "fields": fields,
    }
    return item | changes


def a_tender_notice(position: int, *, of: str = "P", **changes: Any) -> dict[str, Any]:
    """A valid 招标公告 of project `of`; upper-case names change its elements, the others the item."""
    elements = {name: changes.pop(name) for name in list(changes) if name.isupper()}
    fields = some_fields(503, **({"TENDER_PROJECT_CODE": of.ljust(20, "0")} | elements))
    return an_item(position, 503, of=of, **({"fields": fields} | changes))


class Client:
    """The HTTP interface of a platform, one method per call."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    async def post(self, *items: dict[str, Any]) -> httpx.Response:
        return await self.http.post("/batches", json={"items": items})

    async def send(self, *items: dict[str, Any]) -> list[dict[str, Any]]:
        """The results of a batch that is answered 200."""
        response = await self.post(*items)
        assert response.status_code == 200, response.text
        results: list[dict[str, Any]] = response.json()["results"]
        return results

    async def statuses(self, *items: dict[str, Any]) -> list[str]:
        return [result.get("reason", result["status"]) for result in await self.send(*items)]

    async def errors(self, item: dict[str, Any]) -> list[tuple[str, str]]:
        """The element and rule of each error of an item that is rejected."""
        (result,) = await self.send(item)
        assert result["status"] == "rejected", result
        return [(error["element"], error["rule"]) for error in result["errors"]]

    async def get(self, path: str, **query: Any) -> Any:
        response = await self.http.get(path, params=query)
        assert response.status_code == 200, response.text
        return response.json()

    async def dial(self, **dial: Any) -> None:
        response = await self.http.put("/dial", json=dial)
        assert response.status_code == 200, response.text


@asynccontextmanager
async def a_platform(store: Path, platform: Platform = "national", dial: Dial | None = None) -> AsyncIterator[Client]:
    """A platform in this process on the store at a path."""
    app = create_app(platform, store, dial)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://platform") as http,
    ):
        yield Client(http)
