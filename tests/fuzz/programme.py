"""All of it: the hub on SQLite and both simulators, requests from their documents, then spoilt bodies, then fsck."""

import asyncio
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from hub.db import Database, migrate
from hub.keys import add_platform, issue_key
from tests.builders import a_uscc
from tests.fuzz.generated import SUBMISSIONS, Run, generated
from tests.fuzz.malformed import Result, fuzz, summary
from tests.fuzz.seeding import seed as seed_records
from tests.support.databases import sqlite_url
from tests.support.processes import HOST, HUB, Program, free_ports

READY_WITHIN = 60.0


@dataclass(frozen=True, slots=True)
class Plan:
    """How much: spoilt bodies, generated requests per operation, and whether every keyword of every schema is covered."""

    bodies: int = 100_000
    examples: int = 100
    thorough: bool = True
    seed: int = 1


@dataclass(slots=True)
class Report:
    """What was complained about."""

    complaints: list[str] = field(default_factory=list)
    malformed: Result = field(default_factory=Result)

    @property
    def passed(self) -> bool:
        """Whether there was nothing to complain about."""
        return not self.complaints and not self.malformed.findings

    def lines(self) -> Sequence[str]:
        """The report for people."""
        return [*self.complaints, *summary(self.malformed), "passed" if self.passed else "FALLEN"]


async def run(plan: Plan, directory: Path, say: Callable[[str], None] | None = None) -> Report:
    """Carry the plan out on servers of its own."""
    speak = say or (lambda words: print(words, file=sys.stderr, flush=True))
    report = Report()
    url = sqlite_url(directory / "hub.sqlite3")
    await asyncio.to_thread(migrate, url)
    keys = await _keys(url)
    with _servers(url, directory) as (hub, ports):
        await asyncio.to_thread(_until_ready, hub, ports)
        seed_records(ports["hub"], keys["platform"])
        for each in _runs(plan, ports, keys):
            if complaint := await generated(each, plan.seed, directory, speak):
                report.complaints.append(complaint)
        async with httpx.AsyncClient(trust_env=False) as http:
            document = (await http.get(f"http://{HOST}:{ports['hub']}/openapi.json")).json()
        serving = hub.child
        assert serving is not None
        report.malformed = await fuzz(ports["hub"], serving, keys["platform"], document, plan.bodies, plan.seed, speak)
        if "Traceback" in (words := hub.log.read_text(errors="replace")):
            report.complaints.append("the hub has logged: " + words[words.index("Traceback") :][-3000:])
    if complaint := await _fsck(url):
        report.complaints.append(complaint)
    return report


def _runs(plan: Plan, ports: dict[str, int], keys: dict[str, str]) -> Iterator[Run]:
    phases = "coverage,fuzzing"
    for name in ("platform", "consumer", "public"):
        who, port, key = f"hub as {name}", ports["hub"], keys.get(name, "")
        if plan.thorough:
            yield Run(who, port, key, "examples," + phases, plan.examples)
        elif name == "platform":
            yield Run(who, port, key, phases, plan.examples, ("--exclude-path-regex", SUBMISSIONS))
            yield Run(who, port, key, "fuzzing", plan.examples, ("--include-path-regex", SUBMISSIONS))
        elif name == "public":
            yield Run(who, port, key, "fuzzing", plan.examples)
    for target in ("national", "credit") if plan.thorough else ("national",):
        yield Run(target, ports[target], "", phases, plan.examples, ("--exclude-path", "/dial"))
        if plan.thorough:
            # The dial is turned last: a simulator that was told to fail does.
            yield Run(target, ports[target], "", phases, plan.examples, ("--include-path", "/dial"))


async def _keys(url: str) -> dict[str, str]:
    database = Database(url)
    platform = a_uscc(1)
    await add_platform(database, platform, "平台")
    keys = {
        "platform": await issue_key(database, platform),
        "consumer": await issue_key(database, None, note="fuzz"),
    }
    await database.close()
    return keys


@contextmanager
def _servers(url: str, directory: Path) -> Iterator[tuple[Program, dict[str, int]]]:
    ports = dict(zip(("hub", "national", "credit"), free_ports(3), strict=True))
    serve = (*HUB, "serve", "--host", HOST, "--port", str(ports["hub"]))
    programs = [Program("hub", serve, {"HUB_DATABASE_URL": url}, directory)]
    for target in ("national", "credit"):
        store = str(directory / f"{target}.sqlite3")
        simulate = (*HUB, "simulate", target, "--host", HOST, "--port", str(ports[target]), "--store", store)
        programs.append(Program(target, simulate, {}, directory))
    try:
        for program in programs:
            program.start()
        yield programs[0], ports
    finally:
        for program in programs:
            program.stop()


def _until_ready(hub: Program, ports: dict[str, int]) -> None:
    transport = httpx.HTTPTransport(retries=12)
    with httpx.Client(transport=transport, timeout=READY_WITHIN, trust_env=False) as http:
        for port in ports.values():
            response = http.get(f"http://{HOST}:{port}/healthz")
            assert response.status_code == 200, hub.words()


async def _fsck(url: str) -> str:
    command = ("env", f"HUB_DATABASE_URL={url}", *HUB, "fsck")
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    words, _ = await process.communicate()
    return "" if process.returncode == 0 else f"hub fsck: {words.decode()}"
