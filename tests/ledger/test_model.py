"""The ledger against a model of a dict and a list, under whatever sequence of batches is thought up."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

import orjson
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from hub.db import Database
from hub.ledger.appender import Appender
from hub.ledger.entry import Entry, Outcome, Receipt
from hub.ledger.feed import feed_page
from hub.problems import Conflict, IllegalChange, NotFound, PreconditionFailed, Problem, StaleVersion
from tests.ledger.entries import a_withdrawal, an_entry, follows

KEYS = st.sampled_from(["a", "b"])
TIMES = st.integers(1, 8)
CONTENTS = st.sampled_from(["x", "y", "forbidden"])
MATCHES = st.sampled_from(["any"] * 5 + ["none yet", "current", "another"])


@dataclass(frozen=True)
class Push:
    """What is handed in: the ingredients of an entry."""

    key: str
    at: int
    content: str
    thread: str
    explained: bool
    withdrawn: bool
    match: str


PUSHES = st.builds(
    Push,
    key=KEYS,
    at=TIMES,
    content=CONTENTS,
    thread=st.sampled_from(["P"] * 5 + ["Q"]),
    explained=st.sampled_from([True] * 4 + [False]),
    withdrawn=st.sampled_from([False] * 5 + [True]),
    match=MATCHES,
)


@dataclass
class Chain:
    """The versions of a record: by timestamp the digest and position, and how it stands."""

    versions: dict[int, tuple[bytes, int]] = field(default_factory=dict)
    thread: str = ""
    withdrawn: bool = False


@dataclass
class Model:
    """The ledger in a dict and a list."""

    platform: str
    base: int
    chains: dict[str, Chain] = field(default_factory=dict)
    positions: list[tuple[str, int]] = field(default_factory=list)

    def expect(self, push: Push, entry: Entry) -> type[Problem] | int:
        """The problem, or the position of the version that the entry is."""
        chain = self.chains.get(push.key)
        if chain is None:
            if push.withdrawn:
                return NotFound
            if entry.if_match:
                return PreconditionFailed
            chain = self.chains[push.key] = Chain(thread=push.thread)
            return self._add(chain, push, entry)
        newest = max(chain.versions)
        if push.at in chain.versions:
            digest, position = chain.versions[push.at]
            return position if digest == entry.digest else Conflict
        if push.at < newest:
            return StaleVersion
        if entry.if_match is not None and entry.if_match != chain.versions[newest][0]:
            return PreconditionFailed
        refused = push.thread != chain.thread or not push.explained or push.content == "forbidden"
        if chain.withdrawn or (refused and not push.withdrawn):
            return IllegalChange
        return self._add(chain, push, entry)

    def current(self, key: str) -> bytes:
        """The digest of the record's current version; empty bytes where there is none."""
        chain = self.chains.get(key)
        return chain.versions[max(chain.versions)][0] if chain else b""

    def _add(self, chain: Chain, push: Push, entry: Entry) -> int:
        position = self.base + len(self.positions) + 1
        self.positions.append((push.key, push.at))
        chain.versions[push.at] = (entry.digest, position)
        chain.withdrawn = push.withdrawn
        return position


class Ledger(RuleBasedStateMachine):
    """Every batch gives what the model gives, and the feed holds what the model holds."""

    runner: asyncio.Runner
    url: str
    platforms: Iterator[int]

    @initialize()
    def open(self) -> None:
        self.database = Database(self.url)
        self.receipts: dict[int, bytes] = {}
        self.runner.run(self._open())

    async def _open(self) -> None:
        self.appender = Appender(self.database, follows, lambda _: None)
        # A platform of its own stands for a database of its own; positions go on where the last example left them.
        async with self.database.reading() as connection:
            head = (await feed_page(connection, after=0, limit=1)).head
        self.model = Model(f"{next(self.platforms):018d}", head)

    @rule(pushes=st.lists(PUSHES, min_size=1, max_size=6), together=st.booleans())
    def push(self, pushes: list[Push], together: bool) -> None:
        expected: list[type[Problem] | int] = []
        entries: list[Entry] = []
        for push in pushes:
            entry = self._entry(push)
            entries.append(entry)
            expected.append(self.model.expect(push, entry))
        outcomes = self.runner.run(self._append(entries, together))
        assert [o.position if isinstance(o, Receipt) else type(o) for o in outcomes] == expected
        for outcome in outcomes:
            if isinstance(outcome, Receipt):
                first = self.receipts.setdefault(outcome.position, outcome.body)
                assert outcome.body == first
                assert outcome.created == (first is outcome.body)

    def _entry(self, push: Push) -> Entry:
        build = a_withdrawal if push.withdrawn else an_entry
        entry = build(push.key, push.at, push.content, platform=self.model.platform, explains_change=push.explained)
        entry.thread = entry.thread and f"{self.model.platform}:{push.thread}"
        matches = {"any": None, "none yet": b"", "another": b"\0" * 32}
        entry.if_match = matches[push.match] if push.match in matches else self.model.current(push.key)
        return entry

    async def _append(self, entries: list[Entry], together: bool) -> list[Outcome]:
        if together:
            return await self.appender.append_all(entries)
        return list(await asyncio.gather(*(self.appender.append(entry) for entry in entries)))

    @rule()
    def restart(self) -> None:
        self.runner.run(self._restart())

    async def _restart(self) -> None:
        await self.appender.close()
        self.appender = Appender(self.database, follows, lambda _: None)

    @invariant()
    def the_feed_holds_what_the_model_holds(self) -> None:
        if hasattr(self, "model"):
            self.runner.run(self._check())

    async def _check(self) -> None:
        async with self.database.reading() as connection:
            page = await feed_page(connection, after=self.model.base, limit=1000, government=True)
        found = [orjson.loads(entry) for entry in page.entries]
        shown = [(entry["record"].split("/")[2], int(entry["data_timestamp"])) for entry in found]
        assert [entry["position"] for entry in found] == list(range(self.model.base + 1, page.head + 1))
        assert shown == self.model.positions

    def teardown(self) -> None:
        if hasattr(self, "appender"):
            self.runner.run(self.appender.close())
            self.runner.run(self.database.close())


@pytest.mark.timeout(60)
def test_the_ledger_does_what_a_dict_and_a_list_do(database_url: str) -> None:
    with asyncio.Runner() as runner:
        machine = type("Ledger", (Ledger,), {"runner": runner, "url": database_url, "platforms": count(1)})
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=25, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck)
            ),
        )
