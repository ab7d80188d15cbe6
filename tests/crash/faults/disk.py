"""Disk faults: writes or flushes of a running process fail for a moment, as on a full or a dying disk.

Of the hub's processes on SQLite, and of PostgreSQL's backends: strace makes the calls fail, or, where it cannot be had,
a limit on the size of files does.
"""

import asyncio
import os
import resource
import shutil
import signal
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from random import Random
from typing import TYPE_CHECKING

from tests.crash.faults.fault import Fault

if TYPE_CHECKING:
    from tests.crash.world import World

LASTS = (0.3, 1.5)
WAYS = {"disk full": "pwrite64,write:error=ENOSPC", "disk broken": "fdatasync,fsync:error=EIO"}
"""What is told of it, and which calls fail how."""

TRACE_WITHIN = 10.0


@cache
def tracing() -> bool:
    """Whether strace is here and may look into another process."""
    if shutil.which("strace") is None:
        return False
    return os.spawnlp(os.P_WAIT, "strace", "strace", "-qq", "-o", "/dev/null", "-e", "trace=none", "true") == 0


async def _strike(world: "World", random: Random) -> str | None:
    if world.postgres is not None:
        return await _on_postgres(world, random)
    ready = [program for program in world.hub if program.name in world.ready]
    if not ready:
        return None
    if (working := random.choice(ready).child) is None:
        return None
    seconds = random.uniform(*LASTS)
    if not tracing() or random.random() < 0.3:
        await _no_larger_files(working, world, seconds)
        return "no larger files"
    way = random.choice(sorted(WAYS))
    files = [f"{world.database_file}{end}" for end in ("", "-wal", "-shm")]
    await _inject(working, WAYS[way], seconds, files)
    return way


async def _on_postgres(world: "World", random: Random) -> str | None:
    backends = world.backends()
    if not backends:
        return None
    way = random.choice(sorted(WAYS))
    # Its log is in files that nobody else knows the names of; what it writes to its clients goes by other calls.
    await _inject(random.choice(backends), WAYS[way], random.uniform(*LASTS), [])
    return f"postgres {way}"


async def _inject(pid: int, fault: str, seconds: float, files: Sequence[str]) -> None:
    """Have the calls of a process fail for so long, on these files only where any are named."""
    calls = fault.split(":")[0]
    narrowed = [word for file in files for word in ("-P", file)]
    words = ["-f", "-qq", "-o", "/dev/null", *narrowed, "-e", f"trace={calls}", "-e", f"inject={fault}", "-p", str(pid)]
    strace = await asyncio.create_subprocess_exec("strace", *words, stderr=asyncio.subprocess.DEVNULL)
    try:
        with suppress(TimeoutError):
            await asyncio.wait_for(strace.wait(), seconds)
    finally:
        # Asked, it lets the process go on untouched.
        with suppress(ProcessLookupError):
            strace.send_signal(signal.SIGINT)
        try:
            await asyncio.wait_for(strace.wait(), TRACE_WITHIN)
        except TimeoutError:
            strace.kill()
            await strace.wait()


async def _no_larger_files(pid: int, world: "World", seconds: float) -> None:
    size = world.database_file.with_name(f"{world.database_file.name}-wal").stat().st_size
    with suppress(ProcessLookupError):
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
        await asyncio.sleep(seconds)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def _missing(engine: str) -> str:
    if engine == "postgresql" and not tracing():
        return "strace cannot be used here, and PostgreSQL's files are of a fixed size"
    return ""


FAULT = Fault("disk", _missing, _strike)
