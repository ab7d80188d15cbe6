"""The appender: requests hand it their entries and await the outcome; it commits what waits, never waits to fill."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from hub.db import Database, keep_plans
from hub.ledger.append import append
from hub.ledger.entry import Entry, Follows, Outcome, Receipt
from hub.problems import LedgerBehindCheckpoint, Overloaded

logger = logging.getLogger(__name__)

MAX_BATCH = 200
"""The most entries in one transaction, unless one group alone is larger."""

BULK_BESIDE_SINGLE = 50
"""The most bulk entries in a transaction that single pushes wait for."""

RETRY_FOR = 8.0
"""Seconds that a batch is tried again while the database is away; every try decides anew, so none is applied twice."""


@dataclass(slots=True)
class _Group:
    entries: Sequence[Entry]
    done: "asyncio.Future[list[Outcome]]"


class Appender:
    """One task and one connection of a process that append all its requests' entries.

    The task is nobody's request: a sender that hangs up cannot cancel a commit, nor leak a connection that holds the
    ledger lock. `let_write` is asked before every commit; it raises `LedgerBehindCheckpoint` where the ledger turned out
    to have lost its past while the request was under way, and that is then the outcome of all its entries.
    """

    def __init__(
        self,
        database: Database,
        follows: Follows,
        ring: Callable[[int], None],
        let_write: Callable[[], None] = lambda: None,
    ) -> None:
        self._database = database
        self._follows = follows
        self._ring = ring
        self._let_write = let_write
        self._single: deque[_Group] = deque()
        self._bulk: deque[_Group] = deque()
        self._waiting = asyncio.Event()
        self._closing = False
        self._connection: AsyncConnection | None = None
        self._task = asyncio.create_task(self._run(), name="appender")

    async def append(self, entry: Entry) -> Outcome:
        """Append one entry; returns after the commit."""
        return (await self._enqueue(self._single, [entry]))[0]

    async def append_all(self, entries: Sequence[Entry]) -> list[Outcome]:
        """Append entries together and in order, behind the single ones that wait; returns after the commit."""
        return await self._enqueue(self._bulk, entries) if entries else []

    async def close(self) -> None:
        """Append what has been handed in, then stop."""
        self._closing = True
        self._waiting.set()
        await self._task

    def _enqueue(self, queue: deque[_Group], entries: Sequence[Entry]) -> "asyncio.Future[list[Outcome]]":
        if self._closing:
            raise Overloaded("The hub is stopping.")
        group = _Group(entries, asyncio.get_running_loop().create_future())
        queue.append(group)
        self._waiting.set()
        return group.done

    async def _run(self) -> None:
        while True:
            await self._waiting.wait()
            groups = self._take()
            if groups:
                await self._append(groups)
            elif self._closing:
                await self._disconnect()
                return
            else:
                self._waiting.clear()

    def _take(self) -> list[_Group]:
        """The next groups: single ones first, and with them no more than a little of what comes in bulk."""
        groups: list[_Group] = []
        while self._single and len(groups) < MAX_BATCH:
            groups.append(self._single.popleft())
        room = max(1, min(BULK_BESIDE_SINGLE, MAX_BATCH - len(groups))) if groups else MAX_BATCH
        # At least one bulk group goes along, so that neither kind starves the other.
        while self._bulk and room > 0:
            group = self._bulk.popleft()
            groups.append(group)
            room -= len(group.entries)
        return groups

    async def _append(self, groups: list[_Group]) -> None:
        entries = [entry for group in groups for entry in group.entries]
        try:
            outcomes = await self._commit(entries)
        except Exception:
            logger.exception("a batch of %d could not be appended", len(entries))
            for group in groups:
                if not group.done.cancelled():
                    group.done.set_exception(Overloaded())
            return
        start = 0
        for group in groups:
            if not group.done.cancelled():
                group.done.set_result(outcomes[start : start + len(group.entries)])
            start += len(group.entries)
        created = [o.position for o in outcomes if isinstance(o, Receipt) and o.created]
        if created:
            self._ring(max(created))

    async def _commit(self, entries: Sequence[Entry]) -> list[Outcome]:
        give_up = asyncio.get_running_loop().time() + RETRY_FOR
        while True:
            try:
                return await self._try(entries)
            except LedgerBehindCheckpoint as refused:
                await self._disconnect()
                return [refused] * len(entries)
            except Exception as error:
                await self._disconnect()
                if asyncio.get_running_loop().time() > give_up:
                    raise
                logger.warning("append will be tried again: %s", str(error).split("\n", 1)[0])
                await asyncio.sleep(0.2)

    async def _try(self, entries: Sequence[Entry]) -> list[Outcome]:
        if self._connection is None:
            self._connection = await self._database.single.connect()
            await keep_plans(self._connection)
        return await append(self._database, self._connection, entries, self._follows, self._let_write)

    async def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                await connection.invalidate()
                await connection.close()
            except Exception as error:
                logger.warning("closing a broken connection: %s", error)
