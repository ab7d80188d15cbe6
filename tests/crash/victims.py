"""What is killed: the hub's servers and workers, PostgreSQL's backends, and PostgreSQL as a whole."""

import asyncio
import os
import signal
import time
from contextlib import suppress
from random import Random

import asyncpg  # type: ignore[import-untyped]

from tests.crash.client import answers
from tests.crash.faults import FAULTS
from tests.crash.faults.clock import sweep
from tests.crash.world import READY_WITHIN, Broken, World

SHORTEST_PAUSE = 0.2
"""Seconds between two kills, at least."""

HUB = ("serve", "forked serve", "sync", "forked sync")
"""A server and a worker: as they were started, or only what they have forked, which they replace themselves."""

DATABASE = ("backend", "server")


async def strike(world: World, random: Random) -> None:
    """Do everything that the plan says: kills one after the other, and beside them the other faults."""
    plan = world.plan
    async with asyncio.TaskGroup() as group:
        group.create_task(_kill(world, random))
        group.create_task(_disturb(world, Random(plan.seed + 1)))


async def _kill(world: World, random: Random) -> None:
    plan = world.plan
    victims = [HUB[number % len(HUB)] for number in range(plan.kills)]
    if world.postgres is not None:
        victims += [DATABASE[number % len(DATABASE)] for number in range(plan.database_kills)]
    random.shuffle(victims)
    for victim in victims:
        await asyncio.sleep(random.uniform(SHORTEST_PAUSE, plan.pause))
        kill = _kill_program if victim in HUB else _kill_postgres
        while not await kill(world, victim, random):  # noqa: ASYNC110 (nothing says when one is ready)
            await asyncio.sleep(0.05)
        world.casualties.kills[victim] += 1


async def _disturb(world: World, random: Random) -> None:
    """Let every possible fault strike, in random order."""
    plan = world.plan
    world.casualties.impossible = {name: why for name in plan.faults if (why := FAULTS[name].missing(plan.engine))}
    names = [name for name in plan.faults if name not in world.casualties.impossible] * plan.strikes
    random.shuffle(names)
    for name in names:
        await asyncio.sleep(random.uniform(SHORTEST_PAUSE, plan.pause))
        while (done := await FAULTS[name].strike(world, random)) is None:  # noqa: ASYNC110 (as above)
            await asyncio.sleep(0.05)
        world.casualties.faults[done] += 1


async def _kill_program(world: World, victim: str, random: Random) -> bool:
    """Kill a process of this kind that is ready; False where there is none."""
    name = victim.split()[-1]
    ready = [program for program in world.hub if program.name.startswith(name) and program.name in world.ready]
    if not ready:
        return False
    program = random.choice(ready)
    if (child := program.child) is None:
        return False
    world.die(program, victim)
    if name != victim:
        os.kill(child, signal.SIGKILL)
        return True
    program.kill()
    sweep(program.pid)
    return True


async def _kill_postgres(world: World, victim: str, random: Random) -> bool:
    """Kill a backend, after which the whole server recovers, or stop the server at once and start it again."""
    postgres = world.postgres
    assert postgres is not None
    began = time.monotonic()
    if victim == "server":
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(world.launcher, postgres.stop_immediately)
        began = time.monotonic()
        await loop.run_in_executor(world.launcher, postgres.restart)
    else:
        if not (backends := world.backends()):
            return False
        with suppress(ProcessLookupError):
            os.kill(random.choice(backends), signal.SIGKILL)
            await _until_recovered(world, began)
            return True
        return False
    await _until_recovered(world, began)
    return True


async def _until_recovered(world: World, began: float) -> None:
    """Wait until the database answers again and a server says that it can store; note how long either took."""
    assert world.postgres is not None
    dsn = world.postgres.address.set(drivername="postgresql").render_as_string(hide_password=False)
    while time.monotonic() - began < READY_WITHIN:
        try:
            connection = await asyncpg.connect(dsn, timeout=2)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError):
            await asyncio.sleep(0.02)
        else:
            connection.terminate()
            world.casualties.ready("database", time.monotonic() - began)
            break
    while time.monotonic() - began < READY_WITHIN:
        if any([await answers(port) for port in world.ports]):
            world.casualties.ready("hub after the database", time.monotonic() - began)
            return
        await asyncio.sleep(0.02)
    raise Broken(f"PostgreSQL did not recover: {world.postgres.log.read_text(errors='replace')[-2000:]}")
