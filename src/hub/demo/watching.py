"""Watching: what the hub says of itself, and what each target holds by its own ledger."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import orjson

from hub.demo.pushing import Tally
from hub.schemas.kind import kinds

PAGE = 1000
NEWEST = 6


@dataclass(frozen=True, slots=True)
class Held:
    """One decision of a target: an item that it accepted or rejected."""

    seq: int
    position: int
    thread: str
    status: str
    receipt: str | None
    digest: str
    duplicates: int


@dataclass(slots=True)
class TargetView:
    """A target: its own ledger as far as it was read, and the hub's view of it.

    `held` has every decision in the target's order; `accepted` and `rejected` are positions.
    """

    name: str
    url: str
    held: list[Held] = field(default_factory=list)
    accepted: set[int] = field(default_factory=set)
    rejected: set[int] = field(default_factory=set)
    state: str = ""
    waiting: int = 0
    parked: int = 0
    lag_seconds: float = 0.0

    def delivered(self, tally: Tally) -> int:
        """How many of the demo's versions the target has accepted."""
        return len(self.accepted & tally.wanted(self.name).keys())


@dataclass(frozen=True, slots=True)
class Line:
    """A version of the feed in one line."""

    position: int
    kind: str
    title: str
    number: int
    state: str


class Watch:
    """Looks at the hub and the targets; one look costs a few light requests."""

    def __init__(self, http: httpx.AsyncClient, url: str, targets: Mapping[str, str]) -> None:
        self._http = http
        self.url = url
        self.head = 0
        self._read = 0
        self.newest: deque[Line] = deque(maxlen=NEWEST)
        self.targets = {name: TargetView(name, address) for name, address in targets.items()}

    async def start(self) -> int:
        """Where the ledger is before the demo pushes."""
        self.head = self._read = (await self._get(f"{self.url}/v1/status"))["head"]
        return self.head

    async def look(self) -> None:
        """Bring everything up to date."""
        status = await self._get(f"{self.url}/v1/status")
        self.head = status["head"]
        for found in status["targets"]:
            target = self.targets[found["name"]]
            target.state, target.lag_seconds = found["state"], found["lag_seconds"]
            target.waiting, target.parked = found["waiting"], found["parked"]
        for target in self.targets.values():
            await self._read_ledger(target)
        if self.head > self._read:
            await self._read_newest()

    async def read_again(self) -> None:
        """Read the targets' ledgers anew, for what they say now of every item."""
        for target in self.targets.values():
            target.held, target.accepted, target.rejected = [], set(), set()
            await self._read_ledger(target)

    def has_worker(self) -> bool:
        """Whether a worker holds the lanes of every target."""
        return all(target.state not in ("", "no worker") for target in self.targets.values())

    async def _read_ledger(self, target: TargetView) -> None:
        """The target's decisions since the last look; a position that is decided again counts by its last decision."""
        while True:
            after = target.held[-1].seq if target.held else 0
            items = (await self._get(f"{target.url}/received", after=after, limit=PAGE))["items"]
            for item in items:
                target.held.append(Held(**{name: item[name] for name in Held.__slots__}))
                chosen, other = target.accepted, target.rejected
                if item["status"] == "rejected":
                    chosen, other = other, chosen
                chosen.add(item["position"])
                other.discard(item["position"])
            if len(items) < PAGE:
                return

    async def _read_newest(self) -> None:
        after = max(self._read, self.head - NEWEST)
        page = await self._get(f"{self.url}/v1/feed", after=after, limit=NEWEST)
        self.newest.extend(_line(entry) for entry in page["entries"])
        self._read = page["next"]

    async def _get(self, url: str, **query: int) -> Any:
        response = await self._http.get(url, params=query)
        response.raise_for_status()
        return orjson.loads(response.content)


def _line(entry: Mapping[str, Any]) -> Line:
    """What the public may see of a version, in one line."""
    document = entry.get("document", {})
    kind = kinds()[entry["record"].split("/")[1]]
    title = document.get("body", {}).get(kind.label) or document.get("withdrawal", {}).get("reason", "")
    return Line(entry["position"], kind.title(), title, entry["number"], entry["state"])
