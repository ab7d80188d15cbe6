"""Clock jumps: one process of the hub sees another hour than the rest, by libfaketime and a file that it reads.

The library takes half of a process's speed, so one is killed and started again with it for the length of the fault only.
"""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from tests.crash.faults.fault import Fault
from tests.support.processes import Program

if TYPE_CHECKING:
    from tests.crash.world import World

PLACES = ("/usr/lib/*/faketime", "/usr/lib/faketime", "/usr/local/lib/faketime")
HOUR = 3600

NOTICED_AFTER = 1
"""Seconds for which a process trusts what it read in its file."""

LASTS = (2.0, 5.0)

VICTIM = "clock changed"
"""What a process is killed for that is to see another clock, or the right one again."""


def library() -> Path | None:
    """The library that programs see another time through."""
    found = [file for place in PLACES for file in Path("/").glob(f"{place[1:]}/libfaketimeMT.so.1")]
    return found[0] if found else None


def settings(file: Path) -> Mapping[str, str]:
    """The environment of a process whose wall clock is off by what `file` says; its monotonic clock stays right."""
    preload = library()
    if preload is None:
        return {}
    file.write_text("+0\n")
    return {
        "LD_PRELOAD": str(preload),
        "FAKETIME_TIMESTAMP_FILE": str(file),
        "FAKETIME_CACHE_DURATION": str(NOTICED_AFTER),
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "NO_FAKE_STAT": "1",
    }


def sweep(pid: int) -> None:
    """Remove what the library leaves behind of a process that was killed."""
    for name in (f"faketime_shm_{pid}", f"sem.faketime_sem_{pid}"):
        (Path("/dev/shm") / name).unlink(missing_ok=True)


async def _jump(world: "World", random: Random) -> str | None:
    ready = [program for program in world.hub if program.name in world.ready]
    if not ready:
        return None
    program = random.choice(ready)
    offset = random.choice((-HOUR, HOUR))
    file = world.clock_of(program)
    program.extra = settings(file)
    try:
        _start_again(world, program)
        while program.name not in world.ready:  # noqa: ASYNC110 (nothing says when it is)
            await asyncio.sleep(0.05)
        _set(file, offset)
        await asyncio.sleep(NOTICED_AFTER + random.uniform(*LASTS))
        _set(file, 0)
        await asyncio.sleep(NOTICED_AFTER)
    finally:
        program.extra = {}
        _start_again(world, program)
    return f"clock {offset:+d} s"


def _start_again(world: "World", program: Program) -> None:
    """Kill it; whoever keeps processes running starts it with the settings that it has now."""
    world.die(program, VICTIM)
    program.kill()
    sweep(program.pid)


def _set(file: Path, offset: int) -> None:
    # In one step: a process must never read half a number.
    fresh = file.with_suffix(".new")
    fresh.write_text(f"{offset:+d}\n")
    fresh.replace(file)


def _missing(engine: str) -> str:
    if engine == "sqlite":
        return "processes on one SQLite file share the clock of their machine"
    return "" if library() else "libfaketime is not installed (Debian: faketime)"


FAULT = Fault("clock", _missing, _jump)
