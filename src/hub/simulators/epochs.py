"""Epochs of the hub's ledger, as a simulated platform goes by them: what the hub lost for good is taken back."""

import sqlite3
from collections.abc import Iterable

from hub.simulators.datasets import Checked

_LOST = """
SELECT position, record, status FROM received LEFT JOIN of_epoch USING (position)
WHERE position > ? AND coalesce(of_epoch.number, 1) < ?
"""
_AS_IT_WAS = """
INSERT INTO record
SELECT record, max(number), data_type = '3' FROM received JOIN content USING (position)
WHERE record = ? AND status = 'accepted' GROUP BY record
"""


def take_back(db: sqlite3.Connection, batch: Iterable[Checked]) -> dict[int, int]:
    """Begin the epochs that a batch is the first to name; all later ones by number, with the position each began after.

    What was received before of the positions behind such a beginning is forgotten, and records are again what they were:
    the hub has lost these versions, and gives their positions to others. Keys of parents stay known.
    """
    epochs = dict(db.execute("SELECT number, began_after FROM epoch"))
    named = {item.epoch.number: item.epoch.began_after for item in (each.item for each in batch) if item.epoch}
    for number in sorted(named.keys() - epochs.keys()):
        epochs[number] = began_after = named[number]
        db.execute("INSERT INTO epoch VALUES (?,?)", (number, began_after))
        _forget(db, db.execute(_LOST, (began_after, number)).fetchall())
    return epochs


def _forget(db: sqlite3.Connection, lost: list[tuple[int, str, str]]) -> None:
    for table in ("received", "content", "repeated", "of_epoch"):
        db.executemany(f"DELETE FROM {table} WHERE position = ?", [(position,) for position, _, _ in lost])  # noqa: S608
    records = [(record,) for record in {record for _, record, _ in lost}]
    db.executemany("DELETE FROM record WHERE record = ?", records)
    db.executemany(_AS_IT_WAS, records)
    accepted = sum(status == "accepted" for _, _, status in lost)
    for name, change in (("accepted", -accepted), ("rejected", accepted - len(lost)), ("taken_back", accepted)):
        db.execute("UPDATE tally SET value = value + ? WHERE name = ?", (change, name))
    newest = "SELECT coalesce(max(position), 0) FROM received WHERE status = 'accepted'"
    db.execute(f"UPDATE tally SET value = ({newest}) WHERE name = 'last_position'")  # noqa: S608
