"""The one way in: a batch of entries is decided, and what is new gets dense positions under the ledger lock."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from zlib import crc32

import orjson
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.db import Database
from hub.ledger.entry import ANY, Entry, Follows, Outcome, Receipt
from hub.ledger.read import opening
from hub.ledger.store import Before, FirstReceipt, Head, Key, PostgresqlStore, Row, Said, SqliteStore, Store, at
from hub.ledger.tables import LANES
from hub.moments import iso, now
from hub.problems import Conflict, IllegalChange, NotFound, Overloaded, PreconditionFailed, Problem, StaleVersion
from hub.rules import AFTER_WITHDRAWAL, NO_CHANGE, RECORD_THREAD

TRIES = 50
"""How often a batch is decided anew because another process changed the same records meanwhile."""


async def append(
    database: Database,
    connection: AsyncConnection,
    entries: Sequence[Entry],
    follows: Follows,
    let_write: Callable[[], None] = lambda: None,
) -> list[Outcome]:
    """Append `entries` in their order, all or none; the outcomes come in the same order, after the commit.

    Positions are handed out under the ledger lock, which is held until the commit: position order is commit order,
    and there are no gaps. On PostgreSQL the entries are decided before the lock, on heads that are checked again
    under it, and the lock is held for one statement only: no process waits for another one's event loop. `let_write`
    is asked last, and raises where nothing may be written any more.
    """
    store: Store = PostgresqlStore(connection) if database.is_postgresql else SqliteStore(database, connection)
    for _ in range(TRIES):
        batch = _Batch(store, follows, now())
        wanted = {(e.platform, e.kind, e.data_key, e.content) for e in entries}
        batch.heads, batch.twins = await store.known(wanted)
        compared = [entry for entry in entries if entry.advise is not None]
        if threads := {thread for e in compared for thread in (e.thread, e.thread_before) if thread is not None}:
            batch.threads = await store.threads(threads)
        outcomes = [await batch.decide(entry) for entry in entries]
        if batch.rows:
            let_write()
        base = await store.insert(batch.rows, batch.changed())
        if base is not None:
            return [_settled(outcome, base) for outcome in outcomes]
    raise Overloaded("The same records are being changed by too many at once.")


def lane_of(thread: str) -> int:
    """The lane that a thread is delivered in."""
    return crc32(thread.encode()) % LANES


def illegal_after(state: str, thread: str, entry: Entry) -> IllegalChange | None:
    """Why `entry` may not follow a version of this state and thread, whatever kind both are of; None where it may."""
    if state == "withdrawn":
        return IllegalChange(AFTER_WITHDRAWAL)
    if entry.state == "withdrawn":
        return None
    if entry.thread != thread:
        return IllegalChange(RECORD_THREAD, thread=thread)
    return None if entry.explains_change else IllegalChange(NO_CHANGE)


@dataclass(slots=True)
class _Provisional:
    """A receipt without its position: that of row `ordinal` of the batch, from 1."""

    ordinal: int
    previous: int | None
    rest: bytes
    digest: bytes
    created: bool


class _Batch:
    """A batch while it is decided. Positions of its own rows are negative: -k is the k-th one."""

    def __init__(self, store: Store, follows: Follows, received_at: int) -> None:
        self.store = store
        self.follows = follows
        self.received_at = received_at
        self.received_text = iso(received_at)
        self.heads: dict[Key, Head] = {}
        self.twins: dict[Said, str] = {}
        self.said: dict[int, str] = {}
        self.threads: dict[str, dict[Key, bytes]] = {}
        """What everybody sees of the threads in which entries are compared, by record."""
        self.rows: list[Row] = []

    def changed(self) -> dict[Key, Head]:
        """The heads that the batch creates or moves."""
        return {key: head for key, head in self.heads.items() if head.position < 0}

    async def decide(self, entry: Entry) -> "Problem | _Provisional | Receipt":
        key = (entry.platform, entry.kind, entry.data_key)
        head = self.heads.get(key)
        if head is None:
            return self._first(key, entry)
        if entry.data_timestamp <= head.data_timestamp:
            return await self._again(head, entry)
        return await self._next(head, entry)

    def _first(self, key: Key, entry: Entry) -> "Problem | _Provisional":
        if entry.state == "withdrawn":
            return NotFound("There is no such record to withdraw.")
        if entry.if_match:
            return PreconditionFailed("The record does not exist yet.")
        position = -(len(self.rows) + 1)
        head = Head(position, position, 0, 0, entry.thread, entry.region, entry.state, entry.digest, None)
        self.heads[key] = head
        return self._add(head, entry, previous=None)

    async def _again(self, head: Head, entry: Entry) -> "Problem | _Provisional | Receipt":
        """The same version once more, or one that comes too late."""
        for ordinal, row in enumerate(self.rows, 1):
            if row[at["record"]] == head.record and row[at["data_timestamp"]] == entry.data_timestamp:
                rest = row[at["header"]] + row[at["terms"]]
                if row[at["digest"]] != entry.digest:
                    return Conflict(accepted_digest=row[at["digest"]].hex(), sent_digest=entry.digest.hex())
                return _Provisional(ordinal, row[at["previous"]], rest, entry.digest, created=False)
        found: FirstReceipt | None = None
        if head.record > 0:
            found = await self.store.first_receipt(head.record, entry.data_timestamp)
        if found is None:
            return StaleVersion(current_number=head.number, current_digest=head.digest.hex())
        if found.digest != entry.digest:
            return Conflict(accepted_digest=found.digest.hex(), sent_digest=entry.digest.hex(), position=found.position)
        body = opening(found.position, found.previous) + found.header + found.terms
        return Receipt(body, found.digest, created=False, position=found.position)

    async def _next(self, head: Head, entry: Entry) -> "Problem | _Provisional":
        if entry.if_match not in (None, ANY, head.digest):
            return PreconditionFailed(current_digest=head.digest.hex(), current_number=head.number)
        if entry.thread_before == head.thread:
            entry.thread = head.thread
        if illegal := illegal_after(head.state, head.thread, entry):
            return illegal
        before = await self._before(head.position)
        if entry.state == "withdrawn":
            entry.thread, entry.region, entry.discloser = head.thread, head.region, before.discloser
            entry.terms = before.terms[: before.terms.index(b',"warnings":')] + b',"warnings":[]}'
            if head.state == "withheld":
                entry.public = entry.unseen
        elif problem := self.follows(entry.kind, before.document, entry.document):
            return problem
        if before.parties is not None:
            # Who was named once hears of the record until its end, also where a correction names another one.
            entry.parties = {*before.parties.split(), *entry.parties}
        return self._add(head, entry, previous=head.position)

    async def _before(self, position: int) -> Before:
        if position < 0:
            row = self.rows[-position - 1]
            return Before(row[at["document"]], row[at["terms"]], row[at["discloser"]], row[at["parties"]])
        return await self.store.before(position)

    def _add(self, head: Head, entry: Entry, previous: int | None) -> _Provisional:
        ordinal = len(self.rows) + 1
        head.position, head.number, head.data_timestamp = -ordinal, head.number + 1, entry.data_timestamp
        head.region, head.state, head.digest = entry.region, entry.state, entry.digest
        head.due_on, head.days_late, head.provisional = entry.due_on, entry.days_late, entry.provisional
        head.content = entry.content
        header = header_of(entry, head.number, self.received_text)
        terms = self._terms(entry)
        if (thread := self.threads.get(entry.thread)) is not None:
            key = (entry.platform, entry.kind, entry.data_key)
            thread.pop(key, None)
            if entry.state == "published":
                thread[key] = entry.public
        self.rows.append(
            (
                -ordinal,
                head.record,
                head.number,
                previous,
                entry.platform,
                entry.kind,
                entry.data_timestamp,
                self.received_at,
                entry.thread,
                lane_of(entry.thread),
                entry.region,
                entry.state,
                entry.digest,
                header,
                terms,
                entry.document,
                entry.public,
                entry.opened,
                entry.opens_at,
                entry.discloser,
                " ".join(sorted(entry.parties)) or None,
            )
        )
        return _Provisional(ordinal, previous, header + terms, entry.digest, created=True)

    def _terms(self, entry: Entry) -> bytes:
        """The entry's terms, with the warnings that only its place among other records gives."""
        told = [*self._same(entry), *self._beside(entry)]
        if not told:
            return entry.terms
        before = entry.terms.removesuffix(b"]}")
        return b"%b%b%b]}" % (before, b"" if before.endswith(b"[") else b",", b",".join(told))

    def _same(self, entry: Entry) -> list[bytes]:
        """A warning where another record says the same."""
        if entry.content is None or entry.twin is None:
            return []
        before = self.said.setdefault(entry.content, entry.data_key)
        other = self.twins.get((entry.content, entry.data_key), before)
        return [] if other == entry.data_key else [entry.twin(other)]

    def _beside(self, entry: Entry) -> list[bytes]:
        """The warnings of the records that stand beside it in its thread."""
        if entry.advise is None:
            return []
        own = (entry.platform, entry.kind, entry.data_key)
        thread = self.threads[entry.thread]
        return entry.advise(public for key, public in thread.items() if key != own and key[1] in entry.beside)


def _settled(outcome: "Problem | _Provisional | Receipt", base: int) -> Outcome:
    """The outcome with its position, now that the batch's first one is `base + 1`."""
    if not isinstance(outcome, _Provisional):
        return outcome
    position, previous = base + outcome.ordinal, outcome.previous
    if previous is not None and previous < 0:
        previous = base - previous
    body = opening(position, previous) + outcome.rest
    return Receipt(body, outcome.digest, created=outcome.created, position=position)


def header_of(entry: Entry, number: int, received_at: str) -> bytes:
    """What the hub says of a version but for its position: the members of a JSON object, without its braces."""
    return orjson.dumps(
        {
            "record": f"{entry.platform}/{entry.kind}/{entry.data_key}",
            "number": number,
            "state": entry.state,
            "digest": entry.digest.hex(),
            "thread": entry.thread,
            "region_code": entry.region,
            "data_timestamp": entry.timestamp_text,
            "received_at": received_at,
            "due": orjson.Fragment(entry.due),
        }
    )[1:-1]
