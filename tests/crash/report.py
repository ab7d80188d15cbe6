"""What a run found, for people: on the terminal, and as a section of the documentation."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from math import ceil
from os import cpu_count, sysconf
from pathlib import Path
from statistics import median

from tests.crash.checker import INVARIANTS, Finding
from tests.crash.journal import Doubts
from tests.crash.plan import Plan
from tests.crash.world import Casualties

SHOWN = 10
"""The most findings of one invariant that are printed."""

MARK = "crash"

JUDGED_FROM = 200
"""Kills of the hub's processes from which on figures are judged: fewer say nothing of a percentile."""

READY_WITHIN = 3.0
"""Seconds from a death in which the half of the victims must be ready again."""

LOAD_LEAST = 300.0
"""Answered requests a second that are asked for, the kills' gaps included."""


@dataclass(frozen=True, slots=True)
class Figure:
    """Something measured, in words, and what is asked of it; `met` is None where this run is too short to judge it."""

    name: str
    says: str
    asked: str
    met: bool | None

    def __str__(self) -> str:
        return f"{self.name}: {self.says}; asked: {self.asked}: {_MET[self.met]}"


_MET = {True: "met", False: "MISSED", None: f"not judged below {JUDGED_FROM} kills"}


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
    applied: Mapping[str, int]
    seconds: float
    wrong: list[str] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Whether every invariant holds and, where the run is long enough to judge them, every figure is as asked."""
        return not (self.findings or self.fsck or self.wrong) and all(it.met is not False for it in self.figures)

    @property
    def figures(self) -> list[Figure]:
        """The load, and for each kind of victim how soon it was ready again."""
        judged = self.plan.kills >= JUDGED_FROM
        load = self.answered / max(self.seconds, 1)
        found = [Figure("load", f"{load:.0f} requests a second", f"≥ {LOAD_LEAST:g}", load >= LOAD_LEAST)]
        for victim, times in sorted(self.casualties.ready_after.items()):
            half, most = median(times), percentile(times, 0.99)
            says = f"median {half:.2f} s, p99 {most:.2f} s, longest {max(times):.2f} s ({len(times)} times)"
            found.append(Figure(f"ready again, {victim}", says, f"median < {READY_WITHIN:g} s", half < READY_WITHIN))
        return found if judged else [replace(figure, met=None) for figure in found]

    @property
    def fallen(self) -> set[str]:
        """The invariants that have fallen; `fsck` and `answers` for what has no number."""
        others = {"fsck": self.fsck, "answers": self.wrong}
        return {finding.invariant for finding in self.findings} | {name for name, what in others.items() if what}

    def lines(self) -> list[str]:
        """The report for people."""
        lines = [f"seed {self.plan.seed}, {self.plan.engine}, {self.seconds:.0f} s under load"]
        lines += [f"{name}: {what}" for name, what in self._facts()]
        lines += map(str, self.figures)
        fallen = Counter(finding.invariant for finding in self.findings)
        for name, says in INVARIANTS.items():
            lines.append(f"{'FALLEN' if fallen[name] else 'holds '} {name}: {says}")
            found = [str(finding) for finding in self.findings if finding.invariant == name]
            lines += [f"         {what}" for what in found[:SHOWN]]
        lines += [f"FALLEN a step was answered otherwise than it must be: {what}" for what in self.wrong[:SHOWN]]
        lines.append("FALLEN hub fsck:\n" + self.fsck if self.fsck else "holds  hub fsck finds nothing")
        lines += [f"slow to be ready: {what}" for what in self.casualties.slow]
        return lines

    def section(self, command: str) -> str:
        """The report as a section of a Markdown document; `command` repeats the run."""
        engine = {"postgresql": "PostgreSQL", "sqlite": "SQLite"}[self.plan.engine]
        fallen = self.fallen
        verdicts = {name: "fallen" if name in fallen else "holds" for name in (*INVARIANTS, "fsck", "answers")}
        says = {
            **INVARIANTS,
            "fsck": "`hub fsck` finds nothing",
            "answers": "of rivals exactly one is stored, and nothing else is refused",
        }
        return "\n".join(
            [
                f"### {datetime.now(UTC):%Y-%m-%d}, {engine}, {machine()}",
                "",
                f"`{command}`, {self.seconds / 60:.0f} minutes under load.",
                "",
                *(f"* {name}: {what}." for name, what in self._facts()),
                *(f"* {figure}." for figure in self.figures),
                "",
                "| | what must hold | |",
                "|---|---|---|",
                *(f"| {name} | {says[name]} | {verdict} |" for name, verdict in verdicts.items()),
            ]
        )

    def _facts(self) -> list[tuple[str, str]]:
        kills, faults, doubts = self.casualties.kills, self.casualties.faults, self.doubts
        resolved = ", ".join(f"{n} {what}" for what, n in sorted(doubts.resolved.items())) or "none"
        return [
            ("kills", f"{kills.total()} ({_counted(kills)})"),
            ("other faults", f"{faults.total()} ({_counted(faults)})" if faults else "none"),
            *(("not possible here", f"{name}: {why}") for name, why in self.casualties.impossible.items()),
            (
                "pushed",
                f"{self.answered} requests answered, {self.versions / max(self.seconds, 1):.0f} versions a second; "
                f"{self.versions} versions stored, {self.refused} refused as they should be",
            ),
            (
                "in doubt",
                f"{doubts.requests} requests ({doubts.unanswered} sends without an answer, {doubts.overloaded} "
                f"answered 503), all repeated and so resolved: {resolved}",
            ),
            ("applied", ", ".join(f"{target} {n}" for target, n in self.applied.items())),
        ]


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of `values` do not exceed."""
    return sorted(values)[max(0, ceil(share * len(values)) - 1)]


def machine() -> str:
    """What figures depend on, and nothing that names the machine."""
    memory = sysconf("SC_PAGE_SIZE") * sysconf("SC_PHYS_PAGES") / 2**30
    return f"{cpu_count()} cores, {memory:.0f} GB"


def put_section(document: Path, engine: str, text: str) -> None:
    """Put the text between the document's markers for this engine; what stood there is gone.

    Raises `ValueError` where the document has no such markers.
    """
    begin, end = f"<!-- {MARK} {engine}: begin -->\n", f"<!-- {MARK} {engine}: end -->"
    whole = document.read_text()
    if begin not in whole or end not in whole:
        raise ValueError(f"{document} has no markers for {engine}: {begin.strip()} and {end}")
    before, rest = whole.split(begin, 1)
    document.write_text(before + begin + text + "\n" + end + rest.split(end, 1)[1])


def _counted(things: Mapping[str, int]) -> str:
    return ", ".join(f"{thing} {n}" for thing, n in sorted(things.items()))
