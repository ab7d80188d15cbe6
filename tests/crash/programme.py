"""One run from the first push to the verdict."""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from collections.abc import Set as AbstractSet
from contextlib import suppress
from pathlib import Path
from random import Random

import httpx
import orjson

from tests.crash.checker import Client, Evidence, check, kind_of
from tests.crash.client import Client as Pusher
from tests.crash.collect import fsck, read_decisions, read_log, until_quiet, wanted_kinds
from tests.crash.journal import Doubts, Journal, read_back
from tests.crash.plan import Plan
from tests.crash.report import Report
from tests.crash.stories import POISONED
from tests.crash.victims import strike
from tests.crash.watch import Follower, Watch
from tests.crash.world import PLATFORM, World, world

FINISH_WITHIN = 120.0
"""Seconds that the client may take to bring its stories to an end once the killing is over."""


async def run(plan: Plan, directory: Path, say: Callable[[str], None] | None = None) -> Report:
    """Carry the plan out in `directory`; raises `tests.crash.world.Broken` where the programme itself cannot go on."""
    speak = say or (lambda words: print(words, file=sys.stderr, flush=True))
    limits = httpx.Limits(max_connections=8)
    async with (
        world(plan, directory) as system,
        httpx.AsyncClient(trust_env=False, timeout=60, limits=limits) as http,
    ):
        platform, consumer = await system.open()
        speak(f"{plan.engine}: {len(system.ports)} servers, {len(system.workers)} workers, both targets are up")
        follower = Follower(system, http)
        watch = Watch(wanted_kinds())
        with Journal(directory / "client.journal") as journal:
            pusher = Pusher(
                system.ports, platform, PLATFORM, journal, rate=plan.rate, writers=plan.writers, seed=plan.seed
            )
            seconds = await _under_load(plan, system, follower, watch, pusher, speak)
            client, doubts = await _still(system, http, follower, watch, directory / "client.journal", speak)
        speak("reading the log, and asking for every receipt again")
        log, again = await read_log(system, http, consumer, platform)
        decisions = await read_decisions(system, http)
        speak("checking")
        evidence = Evidence(
            client, log, decisions, watch.wanted, again, follower.seen, watch.cursors, watch.passed, POISONED
        )
        return Report(
            plan=plan,
            casualties=system.casualties,
            doubts=doubts,
            findings=check(evidence),
            fsck=await fsck(system),
            versions=len(log),
            answered=pusher.tally.answered,
            refused=len(client.refused),
            applied={target: len(found) for target, found in decisions.items()},
            seconds=seconds,
            wrong=pusher.tally.wrong,
        )


async def _under_load(
    plan: Plan,
    system: World,
    follower: Follower,
    watch: Watch,
    pusher: Pusher,
    say: Callable[[str], None],
) -> float:
    """Push while everything is killed, until the kills are done and every story has come to its end; seconds taken."""
    began = time.monotonic()
    pushing = asyncio.create_task(pusher.run())

    async def killing() -> None:
        await asyncio.sleep(1)
        await strike(system, Random(plan.seed))
        await asyncio.sleep(1)

    async def until_done() -> None:
        await _whichever_first(killing(), asyncio.shield(pushing))
        pusher.stop()
        say("the killing is over; the last stories come to their ends")
        await asyncio.wait_for(pushing, FINISH_WITHIN)

    background = [system.keep(), follower.run(), watch.run(system), _tell(plan, system, pusher, say)]
    try:
        await _whichever_first(until_done(), *background)
    finally:
        pushing.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await pushing
    return time.monotonic() - began


async def _still(
    system: World,
    http: httpx.AsyncClient,
    follower: Follower,
    watch: Watch,
    journal: Path,
    say: Callable[[str], None],
) -> tuple[Client, Doubts]:
    """Wait with everything up until the targets and the follower have what was acknowledged; what the journal says of that."""
    # While a long journal is read, somebody has to see who was killed last come up again.
    reading = asyncio.create_task(asyncio.to_thread(read_back, journal))

    async def until_still() -> None:
        client, _ = await reading
        expected = {target: _expected(target, kinds, client) for target, kinds in watch.wanted.items()}
        await system.until_up()
        await until_quiet(system, http, expected, say)
        while await follower.read(0):
            pass

    await _whichever_first(until_still(), system.keep(), watch.run(system))
    return reading.result()


def _expected(target: str, kinds: AbstractSet[str], client: Client) -> int:
    """How many of the acknowledged versions the target can take: not what is poison to it, nor what is behind that."""
    receipts = [orjson.loads(receipts[0]) for receipts in client.receipts.values()]
    held: dict[str, int] = {}
    if poison := POISONED.get(target):
        for said in receipts:
            if poison in said["record"]:
                held[said["thread"]] = min(said["position"], held.get(said["thread"], said["position"]))
    return sum(
        kind_of(said["record"]) in kinds and said["position"] < held.get(said["thread"], said["position"] + 1)
        for said in receipts
    )


async def _whichever_first(main: Awaitable[None], *others: Awaitable[None]) -> None:
    """Await `main`; the others run beside it, end with it, and end it where one of them fails."""
    tasks = [asyncio.ensure_future(work) for work in (main, *others)]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            if task.done():
                task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _tell(plan: Plan, system: World, pusher: Pusher, say: Callable[[str], None]) -> None:
    while True:
        await asyncio.sleep(2)
        tally, kills = pusher.tally, system.casualties.kills
        say(
            f"kills {kills.total()}/{plan.kills + plan.database_kills} "
            f"({', '.join(f'{victim} {n}' for victim, n in sorted(kills.items()))}), "
            f"{system.casualties.faults.total()} other faults, "
            f"{tally.stored} stored or repeated, {tally.unanswered} unanswered"
        )
