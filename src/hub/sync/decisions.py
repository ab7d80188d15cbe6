"""Decisions: what targets say later of versions that they took in under a pending receipt."""

import asyncio
import logging
from collections.abc import Mapping, Sequence, Set
from random import Random
from typing import Any

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.db import Database
from hub.ledger.outcomes import next_number
from hub.ledger.tables import Delivery, in_state
from hub.moments import now
from hub.sync import lanes as leases
from hub.sync.book import Book
from hub.sync.client import Client, NoAnswer
from hub.sync.queue import Lane
from hub.sync.target import Outcome, Target, Unreadable

logger = logging.getLogger(__name__)

ASKED_AT_ONCE = 200
"""The most receipts in one question."""

QUESTION_BYTES = 6000
"""The longest question: it is one URL, and servers take 8 kB of a request line at the most."""

LOOK_AGAIN = 0.5
"""Seconds between two looks for receipts that are due to be asked for."""

LONGEST_PAUSE = 60.0
"""The longest time, in seconds, after which a receipt is asked for again."""

UNDECIDED = "the target did not say in time what it decided"


class Decisions:
    """Asks a target what it decided, for the lanes that a courier holds; nothing waits for the answers.

    The rows are those under the book's name: the target's own, or a replay's.
    """

    def __init__(
        self, database: Database, book: Book, target: Target, client: Client, timeout: float, random: Random
    ) -> None:
        self._database = database
        self._book = book
        self._target = target
        self._client = client
        self._timeout = int(timeout * 1_000_000)
        self._random = random

    async def run(self, lanes: Mapping[int, Lane]) -> None:
        """Ask without end for the lanes that are held at the time."""
        while True:
            try:
                more = await self.ask({number: lane.token for number, lane in lanes.items()})
            except Exception as error:
                logger.warning("%s: decisions: %s", self._book.name, str(error).split("\n", 1)[0])
                more = False
            if not more:
                await asyncio.sleep(LOOK_AGAIN)

    async def ask(self, tokens: Mapping[int, int]) -> bool:
        """Ask for the receipts of these lanes (with their tokens) that are due and store what was decided.

        Returns whether more may be due.
        """
        if not tokens:
            return False
        asked = {"of": self._book.name, "moment": now(), "lanes": list(tokens)}
        async with self._database.reading() as connection:
            due = list((await connection.execute(_DUE, asked)).all())
        if not due:
            return False
        found, due = len(due), due[: self._fit([row.receipt for row in due])]
        outcomes = await self._outcomes([row.receipt for row in due])
        async with self._database.transaction() as connection:
            mine = await leases.still_mine(connection, self._book.name, {r.lane: tokens[r.lane] for r in due})
            told = [(row, outcome) for row, outcome in zip(due, outcomes, strict=True) if row.lane in mine]
            await self._store(connection, told)
        return found == ASKED_AT_ONCE or found > len(due)

    def _fit(self, receipts: Sequence[str]) -> int:
        """How many of the receipts are asked for with one question."""
        count = len(receipts)
        while count > 1 and len(self._target.poll(receipts[:count])) > QUESTION_BYTES:
            count -= -(-count // 8)
        return count

    async def _outcomes(self, receipts: Sequence[str]) -> list[Outcome]:
        """What the target says; all are still pending where it says nothing that can be read."""
        try:
            answer = await self._client.get(self._target.poll(receipts))
            if answer.reply.status == 200:
                return self._target.decided(answer.reply, receipts)
            logger.info("%s: decisions: HTTP %d", self._target.name, answer.reply.status)
        except (NoAnswer, Unreadable) as error:
            logger.info("%s: decisions: %s", self._target.name, error)
        return [Outcome("pending_receipt", receipt=receipt) for receipt in receipts]

    async def _store(self, connection: AsyncConnection, told: Sequence[tuple[Any, Outcome]]) -> None:
        moment = now()
        decided, later = [], []
        for row, outcome in told:
            became: str = outcome.state
            why = outcome.reason
            if became not in ("delivered", "rejected"):
                if row.updated_at + self._timeout > moment:
                    later.append({"of": self._book.name, "row": row.position, "due": self._again(row, moment)})
                    continue
                became, why = "unknown", UNDECIDED
            noted = outcome.quality or row.quality
            decided.append({"row": row.position, "became": became, "why": why, "noted": noted, "moment": moment})
            decided[-1]["told"] = outcome.receipt or row.receipt
        if decided:
            first = await next_number(connection) if self._book.numbered else None
            numbered = [
                {"of": self._book.name, "number": None if first is None else first + n, **row}
                for n, row in enumerate(decided)
            ]
            await connection.execute(_DECIDED, numbered)
            await self._book.renew(
                connection, {row["row"]: row["told"] for row in decided if row["became"] == "delivered"}
            )
            await self._free(connection, {row.thread for row, _ in told}, moment)
        if later:
            await connection.execute(_LATER, later)

    async def _free(self, connection: AsyncConnection, threads: Set[str], moment: int) -> None:
        """Let what waits in these threads be tried now: the target knows more than before."""
        held = await self._book.held(connection, threads=sorted(threads))
        if freed := held.records.keys() - held.threads:
            await self._book.release(connection, sorted(freed), moment)

    def _again(self, row: Any, moment: int) -> int:
        """When to ask again: the longer a decision takes, the more rarely."""
        pause = min(LONGEST_PAUSE, max(LOOK_AGAIN, (moment - row.updated_at) / 4_000_000))
        return moment + int(pause * self._random.uniform(0.75, 1.25) * 1_000_000)


_DUE = (
    select(
        Delivery.position,
        Delivery.lane,
        Delivery.thread,
        func.coalesce(Delivery.receipt, "").label("receipt"),
        Delivery.quality,
        Delivery.updated_at,
    )
    .where(
        Delivery.target == bindparam("of"),
        in_state("pending_receipt"),
        Delivery.next_try <= bindparam("moment"),
        Delivery.lane.in_(bindparam("lanes", expanding=True)),
    )
    .order_by(Delivery.next_try)
    .limit(ASKED_AT_ONCE)
)
_ROW = (
    Delivery.target == bindparam("of"),
    Delivery.position == bindparam("row"),
    in_state("pending_receipt"),
)
_DECIDED = (
    update(Delivery)
    .where(*_ROW)
    .values(
        state=bindparam("became"),
        receipt=bindparam("told"),
        reason=bindparam("why"),
        quality=bindparam("noted"),
        next_try=None,
        updated_at=bindparam("moment"),
        sequence=bindparam("number"),
    )
)
_LATER = update(Delivery).where(*_ROW).values(next_try=bindparam("due"))
