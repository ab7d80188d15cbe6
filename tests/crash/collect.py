"""The other two ledgers: the hub's, by its government feed, and each target's, by what it says it received."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import httpx
import orjson

from hub.schemas.kind import kinds
from hub.sync.target import targets
from tests.crash.checker import Decision, Key, Version, digest_of
from tests.crash.world import READY_WITHIN, Broken, World
from tests.support.processes import HOST, HUB

PAGE = 1000
AGAIN = 500
"""Versions that are pushed again in one batch."""


def wanted_kinds() -> dict[str, frozenset[str]]:
    """The kinds that each target wants, by its own rule."""
    return {
        name: frozenset(kind for kind, its_class in kinds().items() if target.wants(its_class))
        for name, target in targets().items()
    }


async def until_quiet(
    world: World, http: httpx.AsyncClient, expected: dict[str, int], say: Callable[[str], None]
) -> None:
    """Wait until each target has decided as many positions as are expected of it, or no more come."""
    loop = asyncio.get_running_loop()
    before, since = -1, loop.time()
    while loop.time() - since < world.plan.patience:
        held = {name: await _decided(http, port) for name, port in world.targets.items()}
        if all(held[name] >= count for name, count in expected.items()):
            # Long enough for a batch that is still on its way, or sent twice, to arrive.
            await asyncio.sleep(1.0)
            return
        if sum(held.values()) != before:
            before, since = sum(held.values()), loop.time()
        say("waiting for the targets: " + ", ".join(f"{n} {held[n]} of {expected[n]}" for n in held))
        await asyncio.sleep(0.5)


async def _decided(http: httpx.AsyncClient, port: int) -> int:
    summary = (await http.get(f"http://{HOST}:{port}/received/summary")).json()
    return int(summary["accepted"]) + int(summary["rejected"])


async def read_log(
    world: World, http: httpx.AsyncClient, consumer: str, platform: str
) -> tuple[list[Version], dict[Key, bytes]]:
    """The whole log by the government feed, and what is answered when each of its documents is pushed again."""
    log: list[Version] = []
    again: dict[Key, bytes] = {}
    async for lines in _feed(world, http, consumer):
        page, documents = [], []
        for line in lines:
            version, document = _version(line)
            page.append(version)
            documents.append(document)
        log += page
        for start in range(0, len(page), AGAIN):
            receipts = await _push_again(world, http, platform, documents[start : start + AGAIN])
            for version, receipt in zip(page[start : start + AGAIN], receipts, strict=True):
                again[Key(version.record, version.data_timestamp)] = receipt
    return log, again


async def _feed(world: World, http: httpx.AsyncClient, key: str) -> AsyncIterator[list[bytes]]:
    after = 0
    headers = {"authorization": f"Bearer {key}", "accept": "application/x-ndjson"}
    while True:
        query = {"after": after, "limit": PAGE}
        response = await http.get(f"http://{HOST}:{world.ports[0]}/v1/feed", params=query, headers=headers)
        response.raise_for_status()
        if not response.content:
            return
        yield response.content.splitlines()
        after = int(response.headers["hub-next"])


def _version(line: bytes) -> tuple[Version, bytes]:
    """The version of a feed entry, and its document as the bytes that came."""
    document = line[line.index(b',"document":') + len(b',"document":') : -1]
    entry = orjson.loads(line)
    names = ("position", "previous", "record", "number", "thread", "data_timestamp", "digest")
    return Version(**{name: entry[name] for name in names}, hashed=digest_of(document)), document


async def _push_again(world: World, http: httpx.AsyncClient, key: str, documents: Sequence[bytes]) -> list[bytes]:
    """The receipts that come for documents which are in the log already; no bytes where one is taken for new.

    As a sender does, it repeats a batch that was not answered to its end, or with "try again" (503). Raises `Broken`.
    """
    headers = {"authorization": f"Bearer {key}", "content-type": "application/x-ndjson"}
    url = f"http://{HOST}:{world.ports[-1]}/v1/records:batch"
    before = b'{"status":200,"receipt":'
    until = time.monotonic() + READY_WITHIN
    while True:
        response = await http.post(url, content=b"\n".join(documents), headers=headers)
        lines = response.content.splitlines()
        again = any(line.startswith(b'{"status":503') for line in lines)
        if response.status_code == 200 and len(lines) == len(documents) and not again:
            return [line[len(before) : -1] if line.startswith(before) else b"" for line in lines]
        if time.monotonic() > until:
            raise Broken(f"a batch is not answered: HTTP {response.status_code} {response.text[-500:]}")
        await asyncio.sleep(0.2)


async def read_decisions(world: World, http: httpx.AsyncClient) -> dict[str, list[Decision]]:
    """What each target decided, in the order in which it did."""
    return {name: [item async for item in _received(http, port)] for name, port in world.targets.items()}


async def _received(http: httpx.AsyncClient, port: int) -> AsyncIterator[Decision]:
    after = 0
    while True:
        page: dict[str, Any] = (
            await http.get(f"http://{HOST}:{port}/received", params={"after": after, "limit": PAGE})
        ).json()
        for item in page["items"]:
            names = ("position", "record", "number", "thread", "digest", "status", "received_at")
            yield Decision(**{name: item[name] for name in names})
        if page["next"] == after:
            return
        after = page["next"]


async def fsck(world: World) -> str:
    """What `hub fsck` complains about; empty where it finds nothing."""
    command = ("env", f"HUB_DATABASE_URL={world.url}", *HUB, "fsck")
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    try:
        words, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    return "" if process.returncode == 0 else words.decode()
