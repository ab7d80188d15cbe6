"""Network faults, between the hub and its targets and between the hub and its database, by a proxy that stands between."""

import asyncio
from random import Random
from typing import TYPE_CHECKING

import orjson

from tests.crash.faults.fault import Fault
from tests.support.processes import HOST

if TYPE_CHECKING:
    from tests.crash.world import World

WAYS = ("reset", "cut", "stall", "half-open", "vanish")
LASTS = (0.5, 4.0)


async def _cut(world: "World", random: Random) -> str | None:
    link = random.choice(sorted(world.links))
    way, seconds = random.choice(WAYS), random.uniform(*LASTS)
    reader, writer = await asyncio.open_connection(HOST, world.proxy_control)
    try:
        writer.write(orjson.dumps({"link": link, "way": way, "seconds": seconds}) + b"\n")
        await reader.readline()
    finally:
        writer.close()
    return f"{link} {way}"


FAULT = Fault("network", lambda _: "", _cut)
