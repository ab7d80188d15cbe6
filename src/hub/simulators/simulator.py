"""A simulated platform without its HTTP: its datasets, its store, its clock and its dial."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar

import orjson
from starlette.requests import Request

from hub.simulators.clock import Clock
from hub.simulators.datasets import Checked, definitions
from hub.simulators.dealer import BEIJING, Dealer
from hub.simulators.dial import Dial
from hub.simulators.holdings import Reader
from hub.simulators.intake import Known, decide
from hub.simulators.messages import (
    Accepted,
    Answered,
    BatchAnswer,
    Duplicate,
    Error,
    Item,
    Later,
    Pending,
    Platform,
    Receipts,
    Rejected,
    Result,
    Waiting,
)
from hub.simulators.store import Store

LETTERS: dict[Platform, str] = {"national": "N", "credit": "C"}

_DIALLED = Error("", "dial", "按故障开关退回 (rejected by the fault dial)")
_REPEATED = Error("", "already-received", "该数据已接收，请勿重复报送 (received before)")
_TICKET = "T"

T = TypeVar("T")


class Simulator:
    """A platform; its store is written by one thread of its own, and its holdings are read by another."""

    def __init__(self, platform: Platform, store: Path | str, dial: Dial, clock: Clock) -> None:
        self.platform = platform
        self.without: frozenset[str] = frozenset()
        self.definitions = definitions(platform)
        self.dealer = Dealer(dial)
        self.clock = clock
        self._store = Store(store, LETTERS[platform])
        self._reader = Reader(store)
        self._thread = ThreadPoolExecutor(1, "store")
        self._reading = ThreadPoolExecutor(1, "holdings")
        self._decided_at: dict[int, datetime] = {}
        """When the positions that were answered `pending` are decided, by the clock."""

    async def ask(self, question: Callable[[Store], T]) -> T:
        """Run `question` in the store's thread, after the ones before it."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, question, self._store)

    async def read(self, question: Callable[[Reader], T]) -> T:
        """Run `question` about the holdings, beside what the store does."""
        return await asyncio.get_running_loop().run_in_executor(self._reading, question, self._reader)

    async def close(self) -> None:
        """Close the store when all questions are answered."""
        await self.read(Reader.close)
        await self.ask(Store.close)
        self._reading.shutdown()
        self._thread.shutdown()

    async def take(self, items: list[Item]) -> bytes:
        """Store a batch; the answer as JSON, once it is durable."""
        dealer = self.dealer
        rejected = {item.position for item in items if dealer.rejects()} if dealer.dial.reject_percent else set()
        number, results = await self.ask(partial(self._take, items, rejected, dealer.dial))
        answered: list[Answered] = [self._told(result, dealer.dial) for result in results]
        if dealer.dial.shuffle_results:
            answered = dealer.shuffled(answered)
        return orjson.dumps(BatchAnswer(number, answered))

    async def receipts(self, tickets: list[str]) -> bytes:
        """What became of the tickets, as JSON."""
        now = self.clock.now()

        def later(store: Store) -> list[Later]:
            return [Later(ticket, self._later(ticket, store, now)) for ticket in tickets]

        return orjson.dumps(Receipts(await self.ask(later)))

    def _take(self, items: list[Item], rejected: set[int], dial: Dial, store: Store) -> tuple[str, list[Result]]:
        now = self.clock.now()
        batch = [self._check(item, item.position in rejected, dial.stale_after_days, now) for item in items]

        def decided(known: Known) -> list[Result]:
            return decide(batch, known, require_parents=dial.require_parents)

        return store.take(batch, decided, now)

    def _check(self, item: Item, rejected: bool, stale_after_days: int | None, now: datetime) -> Checked:
        checked = self.definitions.check(item)
        if rejected:
            checked.errors.append(_DIALLED)
        if stale_after_days is not None:
            oldest = f"{now.astimezone(BEIJING) - timedelta(days=stale_after_days):%Y%m%d%H%M%S}"
            if str(item.fields.get("DATA_TIMESTAMP", "")) < oldest:
                message = f"数据时间戳早于 {oldest}，不予接收 (too old)"
                checked.errors.append(Error("DATA_TIMESTAMP", "stale-issue-date", message))
        return checked

    def _told(self, result: Result, dial: Dial) -> Answered:
        """A result as the dial has it said."""
        if dial.pending_s and not isinstance(result, Waiting):
            now = self.clock.now()
            decided_at = self._decided_at.setdefault(result.position, now + timedelta(seconds=dial.pending_s))
            if decided_at > now:
                return Pending(result.position, f"{_TICKET}{result.position}")
        if dial.duplicates_as == "rejected" and isinstance(result, Duplicate):
            return Rejected(result.position, [_REPEATED])
        return result

    def _later(self, ticket: str, store: Store, now: datetime) -> Accepted | Rejected | Pending | None:
        digits = ticket.removeprefix(_TICKET)
        if digits == ticket or not (digits.isascii() and digits.isdigit() and len(digits) < 19):
            return None
        detail = store.detail(int(digits))
        if detail is None:
            return None
        item = detail.item
        if (decided_at := self._decided_at.get(item.position)) is not None and decided_at > now:
            return Pending(item.position, ticket)
        return Rejected(item.position, detail.errors) if item.receipt is None else Accepted(item.position, item.receipt)


def simulator_of(request: Request) -> Simulator:
    """The platform that an application is."""
    simulator: Simulator = request.app.state.simulator
    return simulator
