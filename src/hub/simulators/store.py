"""What a simulated platform holds, in a SQLite file of its own; every write is one durable transaction."""

import sqlite3
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from hub.simulators.datasets import WITHDRAWN, Checked
from hub.simulators.epochs import take_back
from hub.simulators.intake import Known, Seen, is_conflict, is_late
from hub.simulators.messages import (
    Accepted,
    Duplicate,
    Error,
    Item,
    Received,
    ReceivedDetail,
    Rejected,
    Result,
    Summary,
    Waiting,
)

_SCHEMA = """
CREATE TABLE IF NOT EXISTS received (
    seq INTEGER PRIMARY KEY,
    position INTEGER NOT NULL UNIQUE,
    idempotency_key TEXT NOT NULL UNIQUE,
    number INTEGER NOT NULL,
    record TEXT NOT NULL,
    thread TEXT NOT NULL,
    kind TEXT NOT NULL,
    status TEXT NOT NULL,
    receipt TEXT UNIQUE,
    digest TEXT NOT NULL,
    received_at TEXT NOT NULL,
    duplicates INTEGER NOT NULL DEFAULT 0,
    late INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS received_thread ON received (thread, status, position);
CREATE TABLE IF NOT EXISTS content (
    position INTEGER PRIMARY KEY,
    data_en TEXT NOT NULL,
    data_key TEXT NOT NULL,
    data_type TEXT NOT NULL,
    errors BLOB NOT NULL,
    fields BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS record (
    record TEXT PRIMARY KEY,
    number INTEGER NOT NULL,
    withdrawn INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS record_withdrawn ON record (withdrawn) WHERE withdrawn = 1;
CREATE TABLE IF NOT EXISTS waited (record TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS repeated (position INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS parent (key TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS epoch (number INTEGER PRIMARY KEY, began_after INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS of_epoch (position INTEGER PRIMARY KEY, number INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS tally (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
"""

_TALLIES = (
    "batch",
    "seq",
    "receipt",
    "last_position",
    "accepted",
    "rejected",
    "duplicates",
    "waiting",
    "conflicts",
    "taken_back",
)
_COLUMNS = "seq, position, number, record, thread, kind, status, receipt, digest, received_at, duplicates"

_PAGE = f"SELECT {_COLUMNS} FROM received WHERE seq > ?1 AND (?3 IS NULL OR status = ?3) ORDER BY seq LIMIT ?4"  # noqa: S608 (a constant)
_PAGE_OF_THREAD = (
    f"SELECT {_COLUMNS} FROM received WHERE thread = ?2 AND seq > ?1 AND (?3 IS NULL OR status = ?3)"  # noqa: S608 (a constant)
    " ORDER BY seq LIMIT ?4"
)
_ONE = f"SELECT {_COLUMNS} FROM received WHERE position = ?"  # noqa: S608 (a constant)

Decide = Callable[[Known], list[Result]]


class Store:
    """The store of one platform; not for use by several threads at once.

    `letter` begins the receipts. Opening the file of an earlier run goes on where that run was.
    """

    def __init__(self, path: Path | str, letter: str) -> None:
        self._letter = letter
        # Transactions are written out below; the driver starts none of its own.
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        # A checkpoint copies pages and syncs the file; every 40 MB instead of every 4 MB keeps it off most batches.
        self._db.execute("PRAGMA wal_autocheckpoint=10000")
        self._db.executescript(_SCHEMA)
        self._db.executemany("INSERT OR IGNORE INTO tally VALUES (?, 0)", [(name,) for name in _TALLIES])

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def take(self, batch: Sequence[Checked], decide: Decide, at: datetime) -> tuple[str, list[Result]]:
        """Decide a batch and keep what became of it, durably when this returns; the batch's number and its results."""
        received_at = at.isoformat(timespec="microseconds").replace("+00:00", "Z")
        with self.transaction():
            epochs = take_back(self._db, batch)
            tally = self._tally()
            known = self._known(batch, tally["receipt"])
            known.epochs = epochs
            before = set(known.positions)
            results = decide(known)
            tally["receipt"] = known.last_receipt
            tally["batch"] += 1
            self._keep(batch, results, before, tally, received_at)
            self._db.executemany("UPDATE tally SET value = ? WHERE name = ?", [(n, name) for name, n in tally.items()])
        return f"{self._letter}-{tally['batch']:010d}", results

    def page(self, after: int, limit: int, thread: str | None, status: str | None) -> list[Received]:
        """Up to `limit` decided items with a seq above `after`, of one thread or status where given."""
        statement = _PAGE if thread is None else _PAGE_OF_THREAD
        return [Received(*row) for row in self._db.execute(statement, (after, thread, status, limit))]

    def detail(self, position: int) -> ReceivedDetail | None:
        """The item at a position with its elements and errors, or None."""
        row = self._db.execute(_ONE, (position,)).fetchone()
        if row is None:
            return None
        item = Received(*row)
        select = "SELECT data_en, data_key, data_type, errors, fields FROM content WHERE position = ?"
        data_en, data_key, data_type, errors, fields = self._db.execute(select, (position,)).fetchone()
        state = self._db.execute("SELECT withdrawn FROM record WHERE record = ?", (item.record,)).fetchone()
        return ReceivedDetail(
            item,
            data_en,
            data_key,
            data_type,
            orjson.loads(fields),
            [Error(**error) for error in orjson.loads(errors)],
            state is not None and bool(state[0]),
        )

    def summary(self) -> Summary:
        """Counts since the store was made."""
        tally = self._tally()
        (withdrawn,) = self._db.execute("SELECT count(*) FROM record WHERE withdrawn = 1").fetchone()
        return Summary(
            accepted=tally["accepted"],
            rejected=tally["rejected"],
            duplicates=tally["duplicates"],
            waiting=tally["waiting"],
            conflicts=tally["conflicts"],
            taken_back=tally["taken_back"],
            applied=tally["accepted"],
            withdrawn=withdrawn,
            last_position=tally["last_position"],
            last_seq=tally["seq"],
        )

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """A write transaction, durable when the block ends and undone when it raises."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield self._db
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise

    def _tally(self) -> dict[str, int]:
        return dict(self._db.execute("SELECT name, value FROM tally"))

    def _select(self, statement: str, values: Sequence[Any]) -> Iterator[tuple[Any, ...]]:
        yield from self._db.execute(statement, (orjson.dumps(values).decode(),))

    def _known(self, batch: Sequence[Checked], last_receipt: int) -> Known:
        items = [checked.item for checked in batch]
        known = Known(self._letter, last_receipt)
        positions = [item.position for item in items] + [item.previous for item in items if item.previous is not None]
        among = "IN (SELECT value FROM json_each(?))"
        for position, digest, receipt, late in self._select(
            f"SELECT position, digest, receipt, late FROM received WHERE position {among}",  # noqa: S608 (a constant)
            positions,
        ):
            known.positions[position] = Seen(digest, receipt, bool(late))
        known.receipts.update(
            self._select(
                "SELECT idempotency_key, receipt FROM received"  # noqa: S608 (a constant)
                f" WHERE idempotency_key {among} AND status = 'accepted'",
                [item.idempotency_key for item in items],
            )
        )
        known.applied.update(
            self._select(
                "SELECT value, coalesce((SELECT max(position) FROM received WHERE thread = value"
                " AND status = 'accepted'), 0) FROM json_each(?)",
                list({item.thread for item in items}),
            )
        )
        records = list({item.record for item in items})
        known.waited.update(
            record
            for (record,) in self._select(f"SELECT record FROM waited WHERE record {among}", records)  # noqa: S608 (a constant)
        )
        needed = {checked.needs for checked in batch if checked.needs is not None}
        known.parents.update(key for (key,) in self._select(f"SELECT key FROM parent WHERE key {among}", list(needed)))  # noqa: S608 (a constant)
        return known

    def _keep(
        self,
        batch: Sequence[Checked],
        results: Sequence[Result],
        before: set[int],
        tally: dict[str, int],
        received_at: str,
    ) -> None:
        kept: dict[int, tuple[Checked, Accepted | Rejected]] = {}
        duplicates: list[tuple[str]] = []
        waited: list[tuple[str]] = []
        for checked, result in zip(batch, results, strict=True):
            if isinstance(result, Waiting):
                tally["waiting"] += 1
                waited.append((checked.item.record,))
            elif isinstance(result, Duplicate):
                duplicates.append((result.receipt,))
            elif isinstance(result, Rejected) and is_conflict(result):
                tally["conflicts"] += 1
            else:
                kept[checked.item.position] = (checked, result)
        for position, (_, result) in kept.items():
            tally[result.status] += 1
            # A position that is decided again was rejected before; an accepted one is only ever a duplicate.
            tally["rejected"] -= position in before
        tally["duplicates"] += len(duplicates)
        accepted = [checked for checked, result in kept.values() if isinstance(result, Accepted)]
        tally["last_position"] = max([tally["last_position"], *(checked.item.position for checked in accepted)])
        first_seq = tally["seq"] + 1
        tally["seq"] += len(kept)
        self._write_items(kept.values(), first_seq, received_at)
        self._write_state(accepted, duplicates)
        self._db.executemany("INSERT OR IGNORE INTO waited VALUES (?)", waited)

    def _write_items(
        self, kept: Collection[tuple[Checked, Accepted | Rejected]], first_seq: int, received_at: str
    ) -> None:
        self._db.executemany(
            "INSERT OR REPLACE INTO received (seq, position, idempotency_key, number, record, thread, kind, status,"
            " receipt, digest, received_at, late) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
            (
                _received(seq, checked.item, result, received_at)
                for seq, (checked, result) in enumerate(kept, start=first_seq)
            ),
        )
        self._db.executemany(
            "INSERT OR REPLACE INTO content VALUES (?,?,?,?,?,?)",
            (_content(checked, result) for checked, result in kept),
        )
        epochs = ((checked.item.position, checked.item.epoch) for checked, _ in kept)
        self._db.executemany(
            "INSERT OR REPLACE INTO of_epoch VALUES (?,?)",
            [(position, epoch.number) for position, epoch in epochs if epoch is not None],
        )

    def _write_state(self, accepted: Sequence[Checked], duplicates: Sequence[tuple[str]]) -> None:
        # An older version that is accepted late does not change what its record says now.
        self._db.executemany(
            "INSERT INTO record VALUES (?,?,?) ON CONFLICT (record) DO UPDATE"
            " SET number = excluded.number, withdrawn = excluded.withdrawn WHERE excluded.number >= number",
            ((checked.item.record, checked.item.number, checked.item.data_type == WITHDRAWN) for checked in accepted),
        )
        self._db.executemany(
            "INSERT OR IGNORE INTO parent VALUES (?)",
            ((checked.opens,) for checked in accepted if checked.opens is not None),
        )
        self._db.executemany("UPDATE received SET duplicates = duplicates + 1 WHERE receipt = ?", duplicates)


def _received(seq: int, item: Item, result: Accepted | Rejected, received_at: str) -> tuple[Any, ...]:
    return (
        seq,
        item.position,
        item.idempotency_key,
        item.number,
        item.record,
        item.thread,
        item.kind,
        result.status,
        result.receipt if isinstance(result, Accepted) else None,
        item.digest,
        received_at,
        isinstance(result, Rejected) and is_late(result),
    )


def _content(checked: Checked, result: Accepted | Rejected) -> tuple[Any, ...]:
    item = checked.item
    errors = result.errors if isinstance(result, Rejected) else []
    return item.position, item.data_en, item.data_key, item.data_type, orjson.dumps(errors), checked.fields
