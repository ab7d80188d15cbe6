"""`python -m tests.crash.poison`: one record in a hundred can never be taken, and what becomes of it and of the others.

First under load without such records, then with them: half a percent that the national platform fails on, which must be
parked, exactly those; half a percent that it refuses, which must be refused in the hub too, exactly those. Last the
platform is healed and what is parked is sent again: then it must have everything, each thread in order.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import httpx
from sqlalchemy import func, select

from hub.db import Database
from hub.ledger.tables import Delivery, Record, Version
from tests.crash.checker import Decision
from tests.crash.client import Client
from tests.crash.collect import read_decisions
from tests.crash.journal import Journal
from tests.crash.plan import Plan
from tests.crash.report import percentile
from tests.crash.stories import POISON, Poisoned
from tests.crash.world import PLATFORM, World, world
from tests.support.processes import HOST

TARGET = "national"
POISONED_STORIES = 0.015
"""Of the stories, which have three records each: half a percent of the records."""

REFUSED_PERCENT = 0.5
P99_MOST = 0.2
"""Seconds from receipt to target that are asked of healthy threads beside poison."""

SETTLED_WITHIN = 240.0
"""Seconds within which exactly what is poison is parked, while others are pushed on; and all is delivered at the end."""


@dataclass(slots=True)
class Verdict:
    """What was found; `wrong` is empty where all is as it must be. Delays are in seconds, `rate` in requests a second.

    `pushed` is how many versions a second were stored beside poison: what the delays there were measured at.
    """

    rate: float
    versions: int = 0
    parked: int = 0
    refused: int = 0
    parked_within: float = 0.0
    before: list[float] = field(default_factory=list)
    beside: list[float] = field(default_factory=list)
    pushed: float = 0.0
    wrong: list[str] = field(default_factory=list)

    @property
    def in_time(self) -> bool:
        """Whether the healthy threads beside poison were as quick as is asked."""
        return bool(self.beside) and percentile(self.beside, 0.99) <= P99_MOST

    @property
    def passed(self) -> bool:
        """Whether all is as it must be, and quick enough."""
        return self.in_time and not self.wrong

    def lines(self) -> list[str]:
        """The verdict for people."""
        return [
            f"versions: {self.versions}; parked {self.parked}, refused {self.refused}, "
            f"the last one parked {self.parked_within:.0f} s after the last poison came",
            f"receipt to target without poison: {_percentiles(self.before)}",
            f"receipt to target beside poison, healthy threads: {_percentiles(self.beside)}, "
            f"at {self.rate:g} requests a second asked for and {self.pushed:.0f} versions a second stored; "
            f"asked: p99 ≤ {1000 * P99_MOST:g} ms: {'met' if self.in_time else 'MISSED'}",
            *(f"WRONG {what}" for what in self.wrong),
            *([] if self.wrong else ["what is parked and what is refused is exactly that, and all else is delivered"]),
        ]


@dataclass(frozen=True, slots=True)
class _Stored:
    position: int
    thread: str
    poison: bool
    received_at: int


async def poison(directory: Path, *, seconds: float, rate: float, seed: int) -> Verdict:
    """Push for `seconds` without poison and for as long with it, then judge, heal, and judge again."""
    verdict = Verdict(rate)
    async with (
        world(Plan(kills=0, rate=rate, seed=seed), directory) as system,
        httpx.AsyncClient(trust_env=False, timeout=60) as http,
    ):
        key, _ = await system.open()
        database = Database(system.url, pool=2)
        with Journal(directory / "client.journal") as journal:
            stories = Poisoned()
            client = Client(system.ports, key, PLATFORM, journal, rate=rate, writers=24, seed=seed, tell=stories.tell)
            pushing = asyncio.create_task(client.run())
            try:
                marks = await _phases(system, http, database, stories, seconds)
                verdict.pushed = (marks[2] - marks[1]) / seconds
                verdict.parked_within = await _until_parked(database)
                client.stop()
                await pushing
                await _until_decided(database)
                await _judge(system, http, database, verdict, marks)
                await _heal(system, http, database, key, verdict)
            finally:
                pushing.cancel()
                await asyncio.gather(pushing, return_exceptions=True)
                await database.close()
    return verdict


async def _phases(
    system: World, http: httpx.AsyncClient, database: Database, stories: Poisoned, seconds: float
) -> list[int]:
    """Without and with poison; the head positions between: at the begin, when poison comes, and when it ends."""
    await _dial(system, http, {"require_parents": False})
    await asyncio.sleep(2)
    marks = [await _head(database)]
    await asyncio.sleep(seconds)
    marks.append(await _head(database))
    await _dial(system, http, {"poison": [POISON], "reject_percent": REFUSED_PERCENT, "require_parents": False})
    stories.share = POISONED_STORIES
    await asyncio.sleep(seconds)
    stories.share = 0.0
    marks.append(await _head(database))
    return marks


async def _dial(system: World, http: httpx.AsyncClient, faults: object) -> None:
    url = f"http://{HOST}:{system.targets[TARGET]}/dial"
    (await http.put(url, json=faults)).raise_for_status()


async def _until_parked(database: Database) -> float:
    """Wait until as many versions are parked as there are poisoned ones; the seconds that took."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    while loop.time() - began < SETTLED_WITHIN:
        poisoned = {version.position for version in await _log(database) if version.poison}
        if await _positions(database, "parked") == poisoned:
            break
        await asyncio.sleep(0.5)
    return loop.time() - began


async def _until_decided(database: Database) -> None:
    """Wait until every version has a delivery row."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    counted = select(func.count()).where(Delivery.target == TARGET)
    while loop.time() - began < SETTLED_WITHIN:
        async with database.reading() as connection:
            if (await connection.execute(counted)).scalar_one() == await _head(database):
                return
        await asyncio.sleep(0.5)


async def _judge(
    system: World, http: httpx.AsyncClient, database: Database, verdict: Verdict, marks: Sequence[int]
) -> None:
    log = await _log(database)
    decisions = {decision.position: decision for decision in (await read_decisions(system, http))[TARGET]}
    poisoned = {version.thread: version.position for version in log if version.poison}
    behind = {v.position for v in log if v.position > poisoned.get(v.thread, len(log))}
    parked, refused = await _positions(database, "parked"), await _positions(database, "rejected")
    refused_there = {decision.position for decision in decisions.values() if decision.status == "rejected"}
    healthy = {version.position for version in log} - behind - set(poisoned.values()) - refused_there
    verdict.versions, verdict.parked, verdict.refused = len(log), len(parked), len(refused)
    _differ(verdict, "parked and not poison, or poison and not parked", parked, poisoned.values())
    _differ(verdict, "refused by one side only", refused, refused_there)
    _differ(verdict, "behind poison and sent", behind & decisions.keys(), ())
    _differ(verdict, "healthy and not delivered", healthy, await _positions(database, "delivered"))
    first, middle, last = marks
    for version in log:
        if version.position in healthy and version.thread not in poisoned:
            delay = _delay(version, decisions[version.position])
            if first < version.position <= middle:
                verdict.before.append(delay)
            elif middle < version.position <= last:
                verdict.beside.append(delay)


async def _heal(system: World, http: httpx.AsyncClient, database: Database, key: str, verdict: Verdict) -> None:
    """Heal the target and send again what is parked: then each thread is there as a whole, in order."""
    await _dial(system, http, {"require_parents": False})
    headers = {"authorization": f"Bearer {key}"}
    for position in sorted(await _positions(database, "parked")):
        url = f"http://{HOST}:{system.ports[0]}/v1/deliveries/{TARGET}/{position}:resend"
        (await http.post(url, headers=headers, json={"reason": "平台已恢复"})).raise_for_status()
    loop = asyncio.get_running_loop()
    began = loop.time()
    wanted = {version.position for version in await _log(database)} - await _positions(database, "rejected")
    while loop.time() - began < SETTLED_WITHIN and await _positions(database, "delivered") != wanted:  # noqa: ASYNC110
        await asyncio.sleep(0.5)
    _differ(verdict, "not delivered after healing", wanted, await _positions(database, "delivered"))
    accepted = [d for d in (await read_decisions(system, http))[TARGET] if d.status == "accepted"]
    _differ(verdict, "not applied after healing", wanted, {decision.position for decision in accepted})
    last: dict[str, int] = {}
    for decision in accepted:
        if decision.position < last.get(decision.thread, 0):
            verdict.wrong.append(f"{decision.position} was applied after {last[decision.thread]} of its thread")
        last[decision.thread] = decision.position


async def _log(database: Database) -> list[_Stored]:
    columns = select(Version.position, Version.thread, Record.data_key, Version.received_at)
    statement = columns.join(Record, Record.id == Version.record).order_by(Version.position)
    async with database.reading() as connection:
        return [
            _Stored(position, thread, data_key.startswith(POISON), received_at)
            for position, thread, data_key, received_at in await connection.execute(statement)
        ]


async def _positions(database: Database, state: str) -> set[int]:
    statement = select(Delivery.position).where(Delivery.target == TARGET, Delivery.state == state)
    async with database.reading() as connection:
        return set((await connection.execute(statement)).scalars())


async def _head(database: Database) -> int:
    async with database.reading() as connection:
        return (await connection.execute(select(func.coalesce(func.max(Version.position), 0)))).scalar_one()


def _differ(verdict: Verdict, what: str, one: Iterable[int], other: Iterable[int]) -> None:
    if difference := sorted(set(one) ^ set(other)):
        verdict.wrong.append(f"{len(difference)} {what}, the first at position {difference[0]}")


def _delay(version: _Stored, decision: Decision) -> float:
    return max(0.0, datetime.fromisoformat(decision.received_at).timestamp() - version.received_at / 1_000_000)


def _percentiles(delays: Sequence[float]) -> str:
    if not delays:
        return "nothing was measured"
    half, most = (percentile(delays, share) for share in (0.5, 0.99))
    return f"p50 {1000 * half:.0f} ms, p99 {1000 * most:.0f} ms ({len(delays)} versions)"


def main() -> int:
    """Run as the command line says."""
    parser = argparse.ArgumentParser("python -m tests.crash.poison", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="of each of the two phases (60)")
    parser.add_argument("--rate", type=float, default=300.0, help="requests a second (300)")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hub-poison-") as directory:
        verdict = asyncio.run(poison(Path(directory), seconds=given.seconds, rate=given.rate, seed=given.seed))
    print("\n".join(verdict.lines()))
    return 0 if verdict.passed else 1


if __name__ == "__main__":
    sys.exit(main())
