"""A step of the demo: one request of a sample platform, and the answer that it should get."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson


@dataclass(frozen=True, slots=True)
class SamplePlatform:
    """A platform that pushes in the demo: its USCC, its name, and the region prefixes that its key is good for."""

    code: str
    name: str
    regions: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """How a step should be refused: the status, the problem's slug, and the rule where the problem names one."""

    status: int
    problem: str
    rule: str = ""

    def __str__(self) -> str:
        return f"{self.status} {self.problem}" + (f" · {self.rule}" if self.rule else "")


@dataclass(frozen=True, slots=True)
class Step:
    """One request. `what` says in both languages why it is special; empty for an ordinary push.

    `refusal` is None where it should be accepted.
    """

    kind: str
    data_key: str
    body: bytes
    withdraws: bool = False
    refusal: Refusal | None = None
    what: str = ""

    @property
    def path(self) -> str:
        """The path of the request."""
        return f"/v1/records/{self.kind}/{self.data_key}" + (":withdraw" if self.withdraws else "")


@dataclass(frozen=True, slots=True)
class Script:
    """What one platform pushes, in order."""

    platform: SamplePlatform
    steps: Sequence[Step]


def push(submission: dict[str, Any], *, refusal: Refusal | None = None, what: str = "") -> Step:
    """The step that pushes a submission."""
    body = orjson.dumps(submission)
    return Step(submission["kind"], submission["data_key"], body, refusal=refusal, what=what)
