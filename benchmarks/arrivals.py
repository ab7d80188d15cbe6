"""What has arrived at the targets, and when, by their own accounts."""

import asyncio
import time
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any

import httpx

from benchmarks.client import Pushed, push_at_rate
from benchmarks.figures import BenchmarkFailed
from benchmarks.payloads import Template
from benchmarks.processes import Server

ARRIVED_WITHIN = 60.0
"""Seconds after the last push, or after the last arrival, in which the next one must come."""

PAGE = 5000


async def delays(
    server: Server,
    targets: Mapping[str, Server],
    key: str,
    template: Template,
    *,
    prefix: str,
    rate: float,
    seconds: float,
    counted: Callable[[Pushed], bool] = lambda _: True,
) -> list[float]:
    """Milliseconds from each receipt that is counted to the arrival at the last of the targets."""
    async with httpx.AsyncClient(timeout=30) as client:
        begin = {name: (await summary(client, target))["last_seq"] for name, target in targets.items()}
        pushed = await push_at_rate(server.port, key, template, prefix=prefix, rate=rate, seconds=seconds)
        some = [push for push in pushed if counted(push)]
        wanted = {push.position for push in some}
        arrivals = [await _arrivals(client, targets[name], begin[name], wanted) for name in targets]
    if max(push.accepted for push in pushed) - min(push.due for push in pushed) > seconds * 1.1 + 1:
        raise BenchmarkFailed(f"the hub did not take {rate:g} pushes per second")
    # What a target had before the platform had read its receipt took no time.
    return [1000 * max(0.0, max(it[push.position] for it in arrivals) - push.accepted) for push in some]


async def _arrivals(client: httpx.AsyncClient, target: Server, after: int, wanted: Collection[int]) -> dict[int, float]:
    """When the target received each position, by its own clock, which is this machine's."""
    missing = set(wanted)
    found: dict[int, float] = {}
    deadline = time.monotonic() + ARRIVED_WITHIN
    while missing:
        page = await _page(client, target, after, PAGE)
        for item in page["items"]:
            if item["status"] == "accepted":
                found[item["position"]] = _moment(item)
                missing.discard(item["position"])
        if not page["items"]:
            if time.monotonic() > deadline:
                raise BenchmarkFailed(f"{len(missing)} versions have not arrived")
            await asyncio.sleep(0.1)
        after = page["next"]
    return found


async def rate_to(targets: Mapping[str, Server], versions: int) -> float:
    """Versions per second that arrive at all targets, which were empty and get `versions` each.

    The time runs from the first arrival to the last. What arrived in the same moment as the first was sent before it
    began, and is not counted.
    """
    async with httpx.AsyncClient(timeout=30) as client:
        most, deadline = -1, time.monotonic() + ARRIVED_WITHIN
        while most < versions * len(targets):
            summaries = [await summary(client, target) for target in targets.values()]
            if any(it["rejected"] for it in summaries):
                raise BenchmarkFailed("a target has rejected versions")
            if (applied := sum(it["applied"] for it in summaries)) > most:
                most, deadline = applied, time.monotonic() + ARRIVED_WITHIN
            elif time.monotonic() > deadline:
                raise BenchmarkFailed(f"{versions * len(targets) - most} versions have not arrived")
            await asyncio.sleep(0.1)
        heads = [
            _moment(item) for target in targets.values() for item in (await _page(client, target, 0, PAGE))["items"]
        ]
        last = [
            (await _page(client, target, it["last_seq"] - 1, 1))["items"][0]
            for target, it in zip(targets.values(), summaries, strict=True)
        ]
    began = min(heads)
    return (versions - heads.count(began) / len(targets)) / (max(map(_moment, last)) - began)


async def summary(client: httpx.AsyncClient, target: Server) -> dict[str, int]:
    """The target's counts since it was started."""
    found: dict[str, int] = (await client.get(f"{target.url}/received/summary")).raise_for_status().json()
    return found


async def _page(client: httpx.AsyncClient, target: Server, after: int, limit: int) -> Any:
    answer = await client.get(f"{target.url}/received", params={"after": after, "limit": limit})
    return answer.raise_for_status().json()


def _moment(item: dict[str, Any]) -> float:
    return datetime.fromisoformat(item["received_at"]).timestamp()
