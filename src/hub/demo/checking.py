"""Checking: does every target hold exactly what the hub accepted for it, and was everything answered as expected?"""

from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
import orjson

from hub.db import Database
from hub.demo.pushing import Tally, answer_of
from hub.demo.steps import Script
from hub.demo.watching import TargetView
from hub.fsck import check as fsck

PAGE = 1000
SHOWN = 5
"""The most single findings that a failed check lists."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was checked, in both languages, and what is wrong with it."""

    name: str
    wrong: Sequence[str]

    @property
    def passed(self) -> bool:
        """Whether nothing is wrong."""
        return not self.wrong


class Auditor:
    """Compares the demo's receipts with the feed, the targets' ledgers and the hub's own deliveries."""

    def __init__(self, http: httpx.AsyncClient, url: str, keys: Mapping[str, str], tally: Tally) -> None:
        self._http = http
        self._url = url
        self._keys = keys
        self._tally = tally

    async def checks(self, scripts: Sequence[Script], targets: Sequence[TargetView], database: Database) -> list[Check]:
        """Every check, passed or not."""
        checks = [
            *self._answers(scripts),
            Check("数据流与回执一致 the feed has exactly the accepted versions", await self._feed()),
        ]
        for target in targets:
            checks += holdings(target, self._tally)
        checks.append(
            Check(
                "交换状态与回执一致 the hub's deliveries carry the targets' receipts", await self._deliveries(targets)
            )
        )
        report = await fsck(database, lambda _done, _all: None)
        found = [f"position {f.position}: {f.what}" for f in report.findings]
        checks.append(Check("账本自检 hub fsck", found))
        return checks

    def _answers(self, scripts: Sequence[Script]) -> Iterator[Check]:
        tally = self._tally
        unsent = sum(len(script.steps) for script in scripts) - tally.sent
        wrong = [*tally.surprises, *(f"{r.step.path}: {answer_of(r)}" for r in tally.unexpected)]
        if unsent:
            wrong.append(f"{unsent} were not pushed")
        yield Check("每次报送的应答符合预期 every push was answered as expected", wrong)
        yield Check(
            "重复报送得到同一回执 a repeated push gets the first receipt, byte for byte", tally.changed_receipts
        )

    async def _feed(self) -> list[str]:
        found: dict[int, str] = {}
        async for entry in self._entries():
            found[entry["position"]] = entry["digest"]
        expected = {position: taken.digest for position, taken in self._tally.accepted.items()}
        return [
            *each("missing", expected.keys() - found.keys()),
            *each("no receipt for", found.keys() - expected.keys()),
            *each("another digest", {p for p in expected.keys() & found.keys() if expected[p] != found[p]}),
        ]

    async def _entries(self) -> AsyncIterator[Mapping[str, Any]]:
        """The feed of the demo's platforms since it began."""
        for platform in self._keys:
            after = self._tally.start
            while True:
                query: dict[str, Any] = {"after": after, "limit": PAGE, "platform": platform}
                page = orjson.loads((await self._http.get(f"{self._url}/v1/feed", params=query)).content)
                for entry in page["entries"]:
                    yield entry
                if page["next"] >= page["head"]:
                    break
                after = page["next"]

    async def _deliveries(self, targets: Sequence[TargetView]) -> list[str]:
        """Deliveries that are not delivered, or with another receipt than the target's own ledger says."""
        receipts = {(t.name, held.position): held.receipt for t in targets for held in t.held if held.receipt}
        wrong: dict[str, set[int]] = {}
        seen = 0
        for key in self._keys.values():
            async for delivery in self._delivered(key):
                seen += 1
                target, position = delivery["target"], delivery["position"]
                if delivery["state"] != "delivered":
                    reason = orjson.dumps(delivery["reason"]).decode() if delivery["reason"] else ""
                    wrong.setdefault(f"{target} {delivery['state']} {reason[:300]}", set()).add(position)
                elif delivery["receipt"] != receipts.get((target, position)):
                    wrong.setdefault(f"{target} has another receipt", set()).add(position)
        found = [words for what, positions in wrong.items() for words in each(what, positions)]
        expected = sum(len(taken.targets) for taken in self._tally.accepted.values())
        return found if seen == expected else [*found, f"{seen} deliveries instead of {expected}"]

    async def _delivered(self, key: str) -> AsyncIterator[Mapping[str, Any]]:
        after = self._tally.start
        while True:
            headers = {"authorization": f"Bearer {key}"}
            query = {"after": after, "limit": PAGE}
            response = await self._http.get(f"{self._url}/v1/deliveries", params=query, headers=headers)
            page = orjson.loads(response.content)
            for delivery in page["deliveries"]:
                yield delivery
            if page["next"] == after:
                return
            after = page["next"]


def holdings(target: TargetView, tally: Tally) -> Iterator[Check]:
    """What a target holds by its own ledger against what it should."""
    wanted = tally.wanted(target.name)
    mine = [held for held in target.held if held.position in tally.accepted]
    applied = [held for held in mine if held.status == "accepted"]
    times = Counter(held.position for held in applied)
    receipts = Counter(held.receipt for held in applied)
    yield Check(
        f"{target.name} 恰好各一次 holds every accepted version that it wants, exactly once",
        [
            *each("missing", wanted.keys() - times.keys()),
            *each("not wanted", times.keys() - wanted.keys()),
            *each("applied twice", {position for position, count in times.items() if count > 1}),
            *(f"receipt {receipt} given twice" for receipt, count in receipts.items() if count > 1),
            *each("rejected", {held.position for held in mine if held.status == "rejected"}),
        ],
    )
    yield Check(f"{target.name} 顺序一致 took each project's versions in order", _disorder(applied))
    differing = {h.position for h in applied if h.position in wanted and h.digest != wanted[h.position].digest}
    yield Check(f"{target.name} 摘要一致 has the same digests", list(each("another digest", differing)))


def _disorder(applied: Sequence[Any]) -> list[str]:
    last: dict[str, int] = {}
    wrong = []
    for held in sorted(applied, key=lambda held: held.seq):
        if held.position < last.get(held.thread, 0):
            wrong.append(f"{held.thread}: {held.position} came after {last[held.thread]}")
        last[held.thread] = held.position
    return wrong


def each(what: str, positions: set[int]) -> Iterator[str]:
    """One sentence that names the first positions."""
    if positions:
        first = ", ".join(str(position) for position in sorted(positions)[:SHOWN])
        more = ", …" if len(positions) > SHOWN else ""
        yield f"{what}: {len(positions)} (position {first}{more})"
