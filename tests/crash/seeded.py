"""`python -m tests.crash.seeded [NAME …]`: put each seeded bug into the hub and let the programme find it."""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.crash.bugs import BUGS, bug_of
from tests.crash.plan import Plan
from tests.crash.programme import run
from tests.crash.report import Report

PATIENCE = 5.0
"""Seconds without progress after which what is missing counts as lost."""

CAUGHT_WITHIN = 60.0
"""Seconds within which a bug must be found, from the start of the programme to its verdict."""


@dataclass(frozen=True, slots=True)
class Hunt:
    """A seeded bug, what the programme said of it, and how many seconds that took."""

    name: str
    report: Report
    seconds: float

    @property
    def found(self) -> set[str]:
        """Which of the invariants that must fall have fallen."""
        return self.report.fallen & bug_of(self.name).falls

    @property
    def in_time(self) -> bool:
        """Whether it was found, and soon enough."""
        return bool(self.found) and self.seconds < CAUGHT_WITHIN

    def __str__(self) -> str:
        fallen = ", ".join(sorted(self.report.fallen)) or "nothing"
        verdict = "found    " if self.in_time else "TOO LATE " if self.found else "NOT FOUND"
        return f"{verdict} {self.name}: {fallen} fell, after {self.seconds:.1f} s (asked: < {CAUGHT_WITHIN:g} s)"


def plan_of(name: str, seed: int = 1) -> Plan:
    """What brings this bug to light."""
    bug = bug_of(name)
    return Plan(
        kills=bug.kills,
        engine=bug.engine,
        rate=400,
        writers=16,
        seed=seed,
        database_kills=bug.database_kills,
        strikes=bug.strikes,
        faults=bug.faults,
        freezes=bug.freezes,
        bug=name,
        patience=PATIENCE,
    )


async def hunt(name: str, directory: Path, say: Callable[[str], None]) -> Hunt:
    """Run the programme on a hub with this bug."""
    began = time.monotonic()
    report = await run(plan_of(name), directory, say)
    return Hunt(name, report, time.monotonic() - began)


async def _hunt_all(names: list[str]) -> bool:
    found = True
    for name in names:
        with tempfile.TemporaryDirectory(prefix="hub-bug-") as directory:
            result = await hunt(name, Path(directory), lambda _: None)
        print(result, flush=True)
        found = found and result.in_time
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser("python -m tests.crash.seeded", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=f"which ones of {', '.join(BUGS)}; all if none")
    given = parser.parse_args()
    if unknown := set(given.names) - set(BUGS):
        parser.error(f"there is no bug {', '.join(sorted(unknown))}")
    sys.exit(0 if asyncio.run(_hunt_all(given.names or list(BUGS))) else 1)
