"""What delivery is like while a target is down, some versions fail for ever, workers are killed, and a backlog drains."""

import asyncio
import os
import shutil
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median
from tempfile import gettempdir

import httpx
from tests.support.postgres import Postgres

from benchmarks import arrivals, hub
from benchmarks.client import key_of, push_at_rate
from benchmarks.database import connected
from benchmarks.feed import BYTES_PER_VERSION
from benchmarks.figures import BenchmarkFailed, Figure, Options, percentile
from benchmarks.filling import fill
from benchmarks.payloads import Template, a_penalty
from benchmarks.processes import Server, descendants, resident

WORKERS = 2
RATE = 100
"""Pushes per second beside all of this."""

POISON_EVERY = 100
"""One of so many versions is one that no target takes."""

KILLED_RATE = 200
"""Pushes per second while workers are killed."""

KILL_EVERY = 5.0
"""Seconds between two kills of a worker, which is started again at once."""

KILLS_LEAST = 4

KILLED_P999_MOST = 500
"""Milliseconds from receipt to target at p99.9 that are asked for while workers are killed."""

SHARED_WITHIN = 60.0
"""Seconds in which two workers that were started must have shared the lanes."""

BACKLOG, BACKLOG_QUICK = 1_000_000, 50_000

STALLED_AFTER = 60.0
"""Seconds without an arrival after which a backlog does not drain."""


@dataclass(frozen=True, slots=True)
class Look:
    """What was there at a moment of time.perf_counter(): how much each target has, and the worker's resident bytes."""

    at: float
    applied: Mapping[str, int]
    memory: int


def run(postgres: Postgres, options: Options) -> list[Figure]:
    """An outage, poison and kills, each on a ledger of its own, and a backlog."""
    template = a_penalty()
    return [
        *_outage(postgres, template, options),
        *_poison(postgres, template, options),
        *killed(postgres, template, options),
        *_backlog(postgres, template, options),
    ]


def _outage(postgres: Postgres, template: Template, options: Options) -> list[Figure]:
    """The way to the national platform with the credit platform up, then with it down until the end."""
    ledger = hub.new_ledger(postgres, "outage")
    with hub.serving(ledger, workers=WORKERS) as server, hub.delivering(ledger) as targets:
        healthy = {"national": targets["national"]}

        def p99(prefix: str, seconds: float) -> float:
            found = arrivals.delays(server, healthy, ledger.key, template, prefix=prefix, rate=RATE, seconds=seconds)
            return percentile(asyncio.run(found), 0.99)

        p99("warm", 1)
        up = median(p99(f"up{number}", options.seconds) for number in range(options.rounds))
        _dial(targets["credit"], down_for_s=3600)
        p99("falling", 1)
        down = median(p99(f"down{number}", options.seconds) for number in range(options.rounds))
    what = f"receipt to the healthy target, {RATE}/s"
    return [
        Figure(f"{what}, p99", "ms", up),
        Figure(f"{what}, the other one down, p99", "ms", down),
        Figure("the same, to that with both up", "×", down / up, at_most=1.1),
    ]


def _poison(postgres: Postgres, template: Template, options: Options) -> list[Figure]:
    """What lies in other threads than the versions that both targets answer with an error, each time."""
    ledger = hub.new_ledger(postgres, "poison")
    with hub.serving(ledger, workers=WORKERS) as server, hub.delivering(ledger) as targets:

        def delays(prefix: str, seconds: float) -> list[float]:
            bad = [key_of(prefix, number) for number in range(int(RATE * seconds)) if _is_poison(number)]
            for target in targets.values():
                _dial(target, poison=bad)
            found = arrivals.delays(
                server,
                targets,
                ledger.key,
                template,
                prefix=prefix,
                rate=RATE,
                seconds=seconds,
                counted=lambda push: not _is_poison(push.number),
            )
            return asyncio.run(found)

        delays("warm", 1)
        p99 = percentile(delays("poison", options.seconds * options.rounds), 0.99)
    share = 100 / POISON_EVERY
    return [
        Figure(f"receipt to both targets, {RATE}/s, {share:g} % poison, the other threads' p99", "ms", p99, at_most=200)
    ]


def _is_poison(number: int) -> bool:
    return number % POISON_EVERY == POISON_EVERY // 2


def killed(postgres: Postgres, template: Template, options: Options) -> list[Figure]:
    """Two workers, one of which is killed again and again while platforms push."""
    seconds = max(options.seconds * options.rounds, KILLS_LEAST * KILL_EVERY)
    ledger = hub.new_ledger(postgres, "killed")
    with hub.serving(ledger, workers=WORKERS) as server, hub.simulating() as targets, ExitStack() as stack:

        def started() -> int:
            return stack.enter_context(hub.syncing(ledger, targets))

        workers = [started() for _ in range(2)]
        found = asyncio.run(_while_killing(server, targets, ledger, template, workers, started, seconds))
    return killed_figures(found)


async def _while_killing(
    server: Server,
    targets: dict[str, Server],
    ledger: hub.Ledger,
    template: Template,
    workers: list[int],
    started: Callable[[], int],
    seconds: float,
) -> list[float]:
    await _shared(ledger.dsn, len(targets))

    async def killing() -> None:
        for turn in range(int(seconds / KILL_EVERY)):
            await asyncio.sleep(KILL_EVERY / 2 if turn == 0 else KILL_EVERY)
            os.kill(workers[turn % len(workers)], signal.SIGKILL)
            workers[turn % len(workers)] = started()

    task = asyncio.create_task(killing())
    try:
        delays = await arrivals.delays(
            server, targets, ledger.key, template, prefix="killed", rate=KILLED_RATE, seconds=seconds
        )
        await task
    finally:
        task.cancel()
    return delays


async def _shared(dsn: str, targets: int) -> None:
    """Wait until both workers deliver to each target."""
    owners = "SELECT count(DISTINCT (target, owner)) FROM lane_cursor WHERE owner IS NOT NULL"
    deadline = time.monotonic() + SHARED_WITHIN
    async with connected(dsn) as connection:
        while await connection.fetchval(owners) < 2 * targets:
            if time.monotonic() > deadline:
                raise BenchmarkFailed("two workers have not shared the lanes")
            await asyncio.sleep(0.1)


def killed_figures(delays: Sequence[float]) -> list[Figure]:
    """Milliseconds from receipt to both targets."""
    what = f"receipt to both targets, {KILLED_RATE}/s, a worker of two killed every {KILL_EVERY:g} s"
    late = 100 * sum(delay > KILLED_P999_MOST for delay in delays) / len(delays)
    return [
        Figure(f"{what}, p50", "ms", percentile(delays, 0.5)),
        Figure(f"{what}, p99", "ms", percentile(delays, 0.99)),
        Figure(f"{what}, p99.9", "ms", percentile(delays, 0.999), at_most=KILLED_P999_MOST),
        Figure(f"{what}, later than {KILLED_P999_MOST} ms", "% of versions", late),
    ]


def _backlog(postgres: Postgres, template: Template, options: Options) -> list[Figure]:
    """Targets that come when the ledger is full of what they have not got, while platforms push on."""
    versions = BACKLOG_QUICK if options.quick else BACKLOG
    # Each version lies in the ledger, in two deliveries, and in the store of each target.
    needed = 2 * versions * BYTES_PER_VERSION
    if shutil.disk_usage(gettempdir()).free < needed:
        raise BenchmarkFailed(f"a backlog of {versions:,} versions needs {needed / 1e9:.0f} GB of temporary space")
    ledger = hub.new_ledger(postgres, "backlog")
    fill(ledger.dsn, template, versions)
    hub.catch_up(ledger, versions)
    with hub.serving(ledger, workers=WORKERS) as server:

        async def intake(prefix: str, seconds: float) -> float:
            pushed = await push_at_rate(server.port, ledger.key, template, prefix=prefix, rate=RATE, seconds=seconds)
            return percentile([push.took for push in pushed], 0.99)

        asyncio.run(intake("warm", 1))
        quiet = asyncio.run(intake("quiet", options.seconds))
        with hub.simulating() as targets, hub.syncing(ledger, targets) as worker:

            async def draining() -> tuple[float, list[Look]]:
                looking = asyncio.create_task(_looked(targets, worker, versions))
                await asyncio.sleep(1)
                beside = await intake("beside", options.seconds)
                return beside, await looking

            beside, looks = asyncio.run(draining())
    slowest = min(_rate(looks, name, versions) for name in looks[0].applied)
    what = f"drain of {versions:,} versions to both targets at once"
    return [
        Figure(f"{what}, to the slower one", "versions/s", slowest, at_least=5000),
        # That pushes do not feel a drain is asked of one target that comes back: `benchmarks.outage`.
        Figure(f"{what}, push at {RATE}/s beside, p99", "ms", beside),
        Figure("the same, to that with nothing to drain", "×", beside / quiet),
        Figure(f"{what}, memory of the worker", "MB", max(look.memory for look in looks) / 1e6, at_most=400),
    ]


async def _looked(targets: Mapping[str, Server], worker: int, versions: int) -> list[Look]:
    """Looks from the first arrival on until each target has so many versions."""
    looks: list[Look] = []
    async with httpx.AsyncClient(timeout=30) as client:
        last, changed = 0, time.perf_counter()
        while not looks or min(looks[-1].applied.values()) < versions:
            applied = {name: (await arrivals.summary(client, it))["applied"] for name, it in targets.items()}
            now = time.perf_counter()
            if (total := sum(applied.values())) > last:
                last, changed = total, now
            elif now - changed > STALLED_AFTER:
                raise BenchmarkFailed(f"the backlog does not drain: {applied}")
            if min(applied.values()):
                looks.append(Look(now, applied, sum(map(resident, descendants(worker)))))
            await asyncio.sleep(0.1)
    return looks


def _rate(looks: list[Look], name: str, versions: int) -> float:
    """Versions per second to a target, from the first look to the one at which it has them all."""
    first, last = looks[0], next(look for look in looks if look.applied[name] >= versions)
    if last is first:
        raise BenchmarkFailed("the backlog was drained before it was looked at")
    return (last.applied[name] - first.applied[name]) / (last.at - first.at)


def _dial(target: Server, **faults: object) -> None:
    httpx.put(f"{target.url}/dial", json=faults).raise_for_status()
