"""Pushing: the sample platforms send their scripts over HTTP, each in its own order, and note every answer."""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import SystemRandom
from typing import Any

import httpx
import orjson

from hub.demo.steps import Refusal, SamplePlatform, Script, Step
from hub.problems import NotReady
from hub.sync.breaker import full_jitter

TRIES = 6
"""How often a push is sent before the demo gives up: a busy hub asks for patience, and repeating is safe."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """A version that the hub gave a receipt for; `due` is what its legal clock says, None where no clock runs."""

    position: int
    record: str
    number: int
    kind: str
    digest: str
    thread: str
    targets: tuple[str, ...]
    due: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """A push that was refused, and with what."""

    platform: SamplePlatform
    step: Step
    status: int
    problem: str
    faults: Sequence[Mapping[str, Any]]
    rule: str

    @property
    def expected(self) -> bool:
        """Whether it should be refused, and in this way."""
        wanted = self.step.refusal
        if wanted is None or (wanted.status, wanted.problem) != (self.status, self.problem):
            return False
        return not wanted.rule or wanted.rule == self.rule or wanted.rule in {fault["rule"] for fault in self.faults}


@dataclass(slots=True)
class Tally:
    """What was pushed, and how it was answered. Positions up to `start` were in the ledger before the demo."""

    start: int
    sent: int = 0
    accepted: dict[int, Accepted] = field(default_factory=dict)
    repeated: Counter[str] = field(default_factory=Counter)
    """Pushes by kind that the hub had already, from this run or (up to `start`) an earlier one."""
    pushed: Counter[str] = field(default_factory=Counter)
    refused: list[Refused] = field(default_factory=list)
    surprises: list[str] = field(default_factory=list)
    changed_receipts: list[str] = field(default_factory=list)
    first_accepted: float | None = None
    """When the first receipt came, on the clock of `time.perf_counter`."""

    def wanted(self, target: str) -> dict[int, Accepted]:
        """The accepted versions that a target wants."""
        return {position: taken for position, taken in self.accepted.items() if target in taken.targets}

    @property
    def unexpected(self) -> list[Refused]:
        """The refusals that should not be."""
        return [refused for refused in self.refused if not refused.expected]


class Pusher:
    """Plays the platforms against the hub at `url`; `keys` are their keys by USCC."""

    def __init__(self, http: httpx.AsyncClient, url: str, keys: Mapping[str, str], tally: Tally, pause: float) -> None:
        self._http = http
        self._url = url
        self._keys = keys
        self._tally = tally
        self._pause = pause
        self._receipts: dict[tuple[str, str, bytes], bytes] = {}
        self._random = SystemRandom()

    async def push(self, scripts: Sequence[Script]) -> None:
        """Push all scripts, the platforms side by side; raises `NotReady` where the hub does not answer any more."""
        async with asyncio.TaskGroup() as group:
            for script in scripts:
                group.create_task(self._play(script))

    async def _play(self, script: Script) -> None:
        for step in script.steps:
            response = await self._send(script.platform, step)
            self._note(script.platform, step, response)
            await asyncio.sleep(self._pause)

    async def _send(self, platform: SamplePlatform, step: Step) -> httpx.Response:
        headers = {"authorization": f"Bearer {self._keys[platform.code]}", "content-type": "application/json"}
        method = "POST" if step.withdraws else "PUT"
        problem = ""
        for failures in range(1, TRIES + 1):
            try:
                response = await self._http.request(method, self._url + step.path, content=step.body, headers=headers)
                if response.status_code != 503:
                    return response
                problem = "503"
            except httpx.TransportError as error:
                problem = type(error).__name__
            await asyncio.sleep(full_jitter(failures, self._random))
        raise NotReady(f"The hub did not take {step.path} in {TRIES} tries: {problem}.")

    def _note(self, platform: SamplePlatform, step: Step, response: httpx.Response) -> None:
        tally = self._tally
        tally.sent += 1
        tally.pushed[step.kind] += 1
        if response.status_code not in (200, 201):
            tally.refused.append(_refused(platform, step, response))
            return
        if tally.first_accepted is None:
            tally.first_accepted = time.perf_counter()
        receipt = orjson.loads(response.content)
        if step.refusal is not None:
            wanted = f"should be refused with {step.refusal}, but was stored at {receipt['position']}"
            tally.surprises.append(f"{step.path} ({step.what}) {wanted}")
        key = (platform.code, step.path, step.body)
        first = self._receipts.setdefault(key, response.content)
        if receipt["position"] <= tally.start:
            tally.repeated[step.kind] += 1
        elif receipt["position"] in tally.accepted:
            tally.repeated[step.kind] += 1
            if response.status_code != 200 or first != response.content:
                tally.changed_receipts.append(step.path)
        else:
            tally.accepted[receipt["position"]] = _accepted(step, receipt)


def _accepted(step: Step, receipt: Mapping[str, Any]) -> Accepted:
    return Accepted(
        position=receipt["position"],
        record=receipt["record"],
        number=receipt["number"],
        kind=step.kind,
        digest=receipt["digest"],
        thread=receipt["thread"],
        targets=tuple(receipt["targets"]),
        due=receipt["due"],
    )


def _refused(platform: SamplePlatform, step: Step, response: httpx.Response) -> Refused:
    problem = orjson.loads(response.content)
    return Refused(
        platform=platform,
        step=step,
        status=response.status_code,
        problem=problem["type"].rpartition("/")[2],
        faults=problem.get("faults", ()),
        rule=problem.get("rule", ""),
    )


def answer_of(refused: Refused) -> str:
    """A refusal in one line, e.g. `422 invalid-submission · uscc-check`."""
    rules = refused.rule or ", ".join(sorted({fault["rule"] for fault in refused.faults}))
    return str(Refusal(refused.status, refused.problem, rules))
