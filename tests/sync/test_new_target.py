"""A new target is one file: dropped into the folder of the targets, it is found, switched on and delivered to."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from tests.builders import a_tender_notice, an_administrative_penalty
from tests.sync.exchange import Exchange, eventually
from tests.sync.hooks import served

pytestmark = pytest.mark.anyio

FILE = '''"""A provincial platform."""

from collections.abc import Sequence

import orjson

from hub.schemas.kind import Kind
from hub.sync.target import Outcome, Outgoing, Reply, Target


class ProvincialPlatform(Target):
    """省级平台: tender notices, by their digests, decided later."""

    name = "provincial"
    title = "省级平台"
    path = "/deposit"

    def wants(self, kind: type[Kind]) -> bool:
        """Tender notices."""
        return kind.name() == "tender_notice"

    def encode(self, version: Outgoing) -> bytes:
        """Position and digest."""
        return orjson.dumps({"at": version.position, "sha256": version.digest.hex()})

    def batch(self, items: Sequence[bytes]) -> bytes:
        """A plain list."""
        return b"[" + b",".join(items) + b"]"

    def outcomes(self, reply: Reply, sent: Sequence[int]) -> list[Outcome]:
        """A ticket for each."""
        tickets = orjson.loads(reply.body)
        return [Outcome("pending_receipt", receipt=tickets[str(position)]) for position in sent]

    def poll(self, receipts: Sequence[str]) -> str:
        """Its own question."""
        return "/decisions?" + "&".join(f"ticket={receipt}" for receipt in receipts)

    def decided(self, reply: Reply, receipts: Sequence[str]) -> list[Outcome]:
        """Its own answer."""
        told = orjson.loads(reply.body)
        return [Outcome(told[r]["state"], receipt=r, reason=told[r].get("why"), quality=told[r].get("note")) for r in receipts]
'''
# As `hub sync`, with one more folder in which targets are looked for.
PROGRAM = """
import sys
import hub.sync.targets
hub.sync.targets.__path__.append(sys.argv.pop(1))
from hub.cli import main
main()
"""


@dataclass
class Province:
    """The new platform: what it was given, and what it says of it when it is asked."""

    given: list[dict[str, Any]] = field(default_factory=list)
    url: str = ""

    async def deposit(self, request: Request) -> JSONResponse:
        items = orjson.loads(await request.body())
        self.given += items
        return JSONResponse({str(item["at"]): f"Z{item['at']}" for item in items})

    async def decisions(self, request: Request) -> JSONResponse:
        tickets = request.query_params.getlist("ticket")
        said = {"Z1": {"state": "delivered", "note": "预算金额缺失"}, "Z3": {"state": "rejected", "why": "重复"}}
        return JSONResponse({ticket: said.get(ticket, {"state": "pending_receipt"}) for ticket in tickets})


@contextmanager
def a_province() -> Iterator[Province]:
    province = Province()
    routes = [
        Route("/deposit", province.deposit, methods=["POST"]),
        Route("/decisions", province.decisions),
    ]
    with served(Starlette(routes=routes)) as url:
        province.url = url
        yield province


@asynccontextmanager
async def syncing(exchange: Exchange, folder: Path, **settings: str) -> AsyncIterator[None]:
    """`hub sync` with the targets of a folder beside its own."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        PROGRAM,
        str(folder),
        "sync",
        env=os.environ
        | {"HUB_DATABASE_URL": exchange.hub.runtime.database.url, "HUB_DATA_DIR": str(folder)}
        | settings,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.terminate()
        await process.wait()


async def test_a_new_target_is_one_file(either: Exchange, tmp_path: Path) -> None:
    folder = tmp_path / "targets"
    folder.mkdir()
    (folder / "provincial.py").write_text(FILE)
    receipts = await either.platform.push(a_tender_notice(), an_administrative_penalty(), a_tender_notice())
    with a_province() as province:
        urls = orjson.dumps({"provincial": province.url}).decode()
        async with syncing(either, folder, HUB_TARGET_URLS=urls):

            async def decided() -> bool:
                return await either.states("provincial") == {1: "delivered", 3: "rejected"}

            await eventually(decided, within=40)

    expected = [{"at": receipt["position"], "sha256": receipt["digest"]} for receipt in (receipts[0], receipts[2])]
    assert sorted(province.given, key=lambda item: int(item["at"])) == expected
    rows = {row.position: row for row in await either.rows("provincial")}
    assert (rows[1].quality, rows[3].reason) == ("预算金额缺失", "重复")
    told = (await either.platform.read("/v1/receipts"))["outcomes"]
    assert {
        (o["target"], o["position"], o["quality"], o["reason"]) for o in told if o["state"] != "pending_receipt"
    } == {
        ("provincial", 1, "预算金额缺失", None),
        ("provincial", 3, None, "重复"),
    }


async def test_a_new_target_may_begin_with_what_comes_after_it(exchange: Exchange, tmp_path: Path) -> None:
    folder = tmp_path / "targets"
    folder.mkdir()
    (folder / "provincial.py").write_text(FILE)
    await exchange.platform.push(a_tender_notice(), a_tender_notice())
    with a_province() as province:
        urls = orjson.dumps({"provincial": province.url}).decode()
        async with syncing(exchange, folder, HUB_TARGET_URLS=urls, HUB_TARGET_STARTS='{"provincial": "now"}'):

            async def begun() -> bool:
                return len(await exchange.lanes("provincial")) > 0

            await eventually(begun, within=40)
            await exchange.platform.push(a_tender_notice())

            async def given() -> bool:
                return len(province.given) > 0

            await eventually(given)

    assert [item["at"] for item in province.given] == [3]
