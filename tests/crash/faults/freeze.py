"""SIGSTOP: a worker sleeps beyond its lease, or a server in the middle of its requests, and wakes as if nothing were."""

import asyncio
import os
import signal
from random import Random

from tests.crash.faults.fault import Fault
from tests.crash.world import LEASE_SECONDS, World
from tests.support.processes import children

BEYOND_THE_LEASE = (0.5, 2.0)
"""Seconds by which a freeze outlasts a lease."""


async def _freeze(world: World, random: Random) -> str | None:
    chosen = [program for program in world.hub if program.name.startswith(world.plan.freezes)]
    ready = [program for program in chosen if program.name in world.ready]
    if not ready:
        return None
    program = random.choice(ready)
    if (asleep := program.child) is None:
        return None
    os.kill(asleep, signal.SIGSTOP)
    try:
        await asyncio.sleep(LEASE_SECONDS + random.uniform(*BEYOND_THE_LEASE))
    finally:
        # It may have been killed in its sleep, and be another process by now.
        if asleep in children(program.pid):
            os.kill(asleep, signal.SIGCONT)
    return f"{program.name.split('-')[0]} frozen"


FAULT = Fault("freeze", lambda _: "", _freeze)
