"""One run from the first push to the verdict."""

import asyncio
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from statistics import median

import httpx

from tests.crash.checker import INVARIANTS, Client, Cursor, Evidence, Finding, check, kind_of
from tests.crash.client import Client as Pusher
from tests.crash.collect import fsck, read_decisions, read_log, until_quiet, wanted_kinds
from tests.crash.journal import Doubts, Journal, read_back
from tests.crash.watch import Follower, watch_cursors
from tests.crash.world import PLATFORM, Casualties, World, world

FINISH_WITHIN = 120.0
"""Seconds that the client may take to bring its stories to an end once the killing is over."""

SHOWN = 10
"""The most findings of one invariant that are printed."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done: how many kills on which engine, under which load."""

    kills: int
    engine: str = "postgresql"
    rate: float = 600.0
    writers: int = 24
    seed: int = 1


@dataclass(slots=True)
class Report:
    """What happened, and what fell."""

    plan: Plan
    casualties: Casualties
    doubts: Doubts
    findings: list[Finding]
    fsck: str
    versions: int
    answered: int
    refused: int
    applied: dict[str, int]
    seconds: float
    wrong: list[str] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Whether every invariant holds."""
        return not (self.findings or self.fsck or self.wrong)

    def lines(self) -> list[str]:
        """The report for people."""
        kills = self.casualties.kills
        recoveries = [
            f"  {victim}: median {median(times):.2f} s, longest {max(times):.2f} s ({len(times)} times)"
            for victim, times in sorted(self.casualties.ready_after.items())
        ]
        doubts = self.doubts
        lines = [
            f"seed {self.plan.seed}, {self.plan.engine}, {self.seconds:.0f} s under load",
            f"kills: {kills.total()} (" + ", ".join(f"{victim} {n}" for victim, n in sorted(kills.items())) + ")",
            f"requests answered: {self.answered}, {self.answered / max(self.seconds, 1):.0f} a second; "
            f"versions: {self.versions}, refused as they should be: {self.refused}",
            f"in doubt: {doubts.requests} requests ({doubts.unanswered} sends without an answer, "
            f"{doubts.overloaded} answered 503), all repeated: "
            + (", ".join(f"{n} {what}" for what, n in sorted(doubts.resolved.items())) or "none"),
            "from start to ready:",
            *recoveries,
            "applied: " + ", ".join(f"{target} {n}" for target, n in self.applied.items()),
        ]
        fallen = Counter(finding.invariant for finding in self.findings)
        for name, says in INVARIANTS.items():
            lines.append(f"{'FALLEN' if fallen[name] else 'holds '} {name}: {says}")
            found = [str(finding) for finding in self.findings if finding.invariant == name]
            lines += [f"         {what}" for what in found[:SHOWN]]
        lines += [f"FALLEN a step was answered otherwise than it must be: {what}" for what in self.wrong[:SHOWN]]
        lines.append("FALLEN hub fsck:\n" + self.fsck if self.fsck else "holds  hub fsck finds nothing")
        return lines


async def run(plan: Plan, directory: Path, say: Callable[[str], None] | None = None) -> Report:
    """Carry the plan out in `directory`; raises `tests.crash.world.Broken` where the programme itself cannot go on."""
    speak = say or (lambda words: print(words, file=sys.stderr, flush=True))
    limits = httpx.Limits(max_connections=8)
    async with (
        world(plan.engine, directory) as system,
        httpx.AsyncClient(trust_env=False, timeout=60, limits=limits) as http,
    ):
        platform, consumer = await system.open()
        speak(f"{plan.engine}: {len(system.ports)} servers, {len(system.workers)} workers, both targets are up")
        follower = Follower(system, http)
        cursors: list[Cursor] = []
        with Journal(directory / "client.journal") as journal:
            pusher = Pusher(
                system.ports, platform, PLATFORM, journal, rate=plan.rate, writers=plan.writers, seed=plan.seed
            )
            seconds = await _under_load(plan, system, follower, cursors, pusher, speak)
            client, doubts = read_back(directory / "client.journal")
            await _still(system, http, follower, cursors, client, speak)
        speak("reading the log, and asking for every receipt again")
        log, again = await read_log(system, http, consumer, platform)
        decisions = await read_decisions(system, http)
        speak("checking")
        evidence = Evidence(client, log, decisions, wanted_kinds(), again, follower.seen, cursors)
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
    cursors: list[Cursor],
    pusher: Pusher,
    say: Callable[[str], None],
) -> float:
    """Push while everything is killed, until the kills are done and every story has come to its end; seconds taken."""
    began = time.monotonic()
    pushing = asyncio.create_task(pusher.run())

    async def killing() -> None:
        await asyncio.sleep(1)
        await system.kill(plan.kills, Random(plan.seed))
        await asyncio.sleep(1)

    async def until_done() -> None:
        await _whichever_first(killing(), asyncio.shield(pushing))
        pusher.stop()
        say("the killing is over; the last stories come to their ends")
        await asyncio.wait_for(pushing, FINISH_WITHIN)

    background = [system.keep(), follower.run(), watch_cursors(system, cursors), _tell(plan, system, pusher, say)]
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
    cursors: list[Cursor],
    client: Client,
    say: Callable[[str], None],
) -> None:
    """Wait with everything up until the targets and the follower have what was acknowledged."""
    expected = {
        target: sum(kind_of(content.record) in kinds for content in client.receipts)
        for target, kinds in wanted_kinds().items()
    }

    async def until_still() -> None:
        await system.until_up()
        await until_quiet(system, http, expected, say)
        while await follower.read(0):
            pass

    await _whichever_first(until_still(), system.keep(), watch_cursors(system, cursors))


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
            f"kills {kills.total()}/{plan.kills} "
            f"({', '.join(f'{victim} {n}' for victim, n in sorted(kills.items()))}), "
            f"{tally.stored} stored or repeated, {tally.unanswered} unanswered"
        )
