"""How long a process was away is counted from its death, not from its new start."""

import asyncio
import time
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from tests.crash.plan import Plan
from tests.crash.world import World
from tests.support.databases import sqlite_url
from tests.support.processes import Program

pytestmark = pytest.mark.anyio


class Worker:
    """A worker that is started at once."""

    name, child, alive = "sync-0", 1, True

    def start(self) -> None:
        self.child += 1
        self.alive = True


async def test_a_recovery_counts_from_the_death_and_the_first_start_is_none(tmp_path: Path) -> None:
    world = World(tmp_path, sqlite_url(tmp_path / "hub.sqlite3"), None, Plan(kills=0))
    worker = Worker()
    world.beating = {1, 2}
    keeping = asyncio.create_task(world._keep(cast("Program", worker), None))
    try:
        async with asyncio.timeout(10):
            while worker.name not in world.ready:  # noqa: ASYNC110 (nothing says when it is)
                await asyncio.sleep(0.01)
            assert world.casualties.ready_after == {}

            world.die(cast("Program", worker), "sync")
            world.deaths["sync-0"] = replace(world.deaths["sync-0"], at=time.monotonic() - 5)
            await asyncio.sleep(0.1)
            assert world.casualties.ready_after == {}, "who died is not ready because it was"

            worker.alive = False
            while not world.casualties.ready_after:  # noqa: ASYNC110 (as above)
                await asyncio.sleep(0.01)
    finally:
        keeping.cancel()

    (seconds,) = world.casualties.ready_after["sync"]
    assert 5 <= seconds < 10
    assert world.deaths == {}
