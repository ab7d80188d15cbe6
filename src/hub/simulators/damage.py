"""Damage: a platform that loses, changes, repeats and invents what it holds, to see whether a sender notices."""

from hashlib import sha256
from random import Random
from sqlite3 import Connection

from hub.simulators.messages import MAX_POSITION, Damage, Damaged
from hub.simulators.store import Store

_SENT = "SELECT position FROM received WHERE status = 'accepted' AND kind <> 'added' ORDER BY 1"


def suffer(damage: Damage, store: Store) -> Damaged:
    """Damage the store, durably; no item suffers twice, and where there are too few all suffer."""
    random = Random(damage.seed)  # noqa: S311 (reproducible damage, no secrets)
    with store.transaction() as db:
        held = [row[0] for row in db.execute(_SENT)]
        random.shuffle(held)
        lost, changed, repeated = (
            sorted(held.pop() for _ in range(min(many, len(held))))
            for many in (damage.lose, damage.change, damage.repeat)
        )
        _lose(db, lost)
        _change(db, changed)
        db.executemany("INSERT INTO repeated VALUES (?)", [(position,) for position in repeated])
        return Damaged(lost, changed, repeated, _add(db, damage.add))


def _lose(db: Connection, positions: list[int]) -> None:
    rows = [(position,) for position in positions]
    # They came in time: when they are sent again they are not late, whatever was applied behind them.
    db.executemany("INSERT OR IGNORE INTO waited SELECT record FROM received WHERE position = ?", rows)
    for table in ("received", "content", "repeated"):
        db.executemany(f"DELETE FROM {table} WHERE position = ?", rows)  # noqa: S608 (a constant)
    db.execute("UPDATE tally SET value = value - ? WHERE name = 'accepted'", (len(rows),))


def _change(db: Connection, positions: list[int]) -> None:
    db.executemany(
        "UPDATE received SET digest = ? WHERE position = ?",
        [(sha256(f"changed {position}".encode()).hexdigest(), position) for position in positions],
    )


def _add(db: Connection, many: int) -> list[int]:
    ((last,),) = db.execute("SELECT coalesce(max(position), 0) FROM received")
    added = list(range(last + 1, min(last + many, MAX_POSITION) + 1))
    ((seq,),) = db.execute("SELECT value FROM tally WHERE name = 'seq'")
    for position in added:
        seq += 1
        name, digest = f"added:{position}", sha256(f"added {position}".encode()).hexdigest()
        row = (
            seq,
            position,
            name,
            1,
            name,
            name,
            "added",
            "accepted",
            name,
            digest,
            "2000-01-01T00:00:00.000000Z",
            0,
            0,
        )
        db.execute("INSERT INTO received VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)", row)
        db.execute("INSERT INTO content VALUES (?, 'ADDED', ?, '1', ?, ?)", (position, name, b"[]", b"{}"))
    db.execute("UPDATE tally SET value = ? WHERE name = 'seq'", (seq,))
    return added
