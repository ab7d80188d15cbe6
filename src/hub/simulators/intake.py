"""What becomes of the items of a batch: accepted, duplicate, rejected or waiting; no storage and no HTTP."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from hub.simulators.datasets import Checked
from hub.simulators.messages import Accepted, Duplicate, Error, Rejected, Result, Waiting

DIGEST_CONFLICT = "digest-conflict"
OUT_OF_ORDER = "out-of-order"
EPOCH_OVER = "epoch-over"

_CONFLICT = Error("", DIGEST_CONFLICT, "同一位置已收到不同内容 (this position was received with another digest)")
_OVER = Error("", EPOCH_OVER, "该位置已属于后一纪元 (a later epoch of the hub's ledger has this position)")
_LATE = Error("", OUT_OF_ORDER, "同一线程的后续位置已接收 (a later position of this thread was applied before)")


@dataclass(frozen=True, slots=True)
class Seen:
    """A position that was decided before: its digest, its receipt if it was accepted, and whether it came too late."""

    digest: str
    receipt: str | None
    late: bool = False


@dataclass(slots=True)
class Known:
    """What is known of the positions, keys, threads and parents that a batch touches; it grows with each decision."""

    letter: str
    last_receipt: int
    positions: dict[int, Seen] = field(default_factory=dict)
    receipts: dict[str, str] = field(default_factory=dict)
    applied: dict[str, int] = field(default_factory=dict)
    parents: set[str] = field(default_factory=set)
    epochs: dict[int, int] = field(default_factory=dict)
    """The later epochs of the hub's ledger, and after which position each began."""
    waited: set[str] = field(default_factory=set)
    """Records of which a version was answered `waiting`: it came in time, so neither it nor those behind it are late."""

    def next_receipt(self) -> str:
        """A receipt above all before it: the platform's letter and 10 digits."""
        self.last_receipt += 1
        return f"{self.letter}{self.last_receipt:010d}"

    def note(self, checked: Checked, result: Result) -> None:
        """Remember a decision for the items that follow."""
        item = checked.item
        if isinstance(result, Waiting):
            self.waited.add(item.record)
        elif isinstance(result, Accepted):
            self.positions[item.position] = Seen(item.digest, result.receipt)
            self.receipts[item.idempotency_key] = result.receipt
            self.applied[item.thread] = max(item.position, self.applied.get(item.thread, 0))
            if checked.opens is not None:
                self.parents.add(checked.opens)
        elif isinstance(result, Rejected) and not is_conflict(result):
            self.positions[item.position] = Seen(item.digest, None, late=is_late(result))


def is_conflict(result: Rejected) -> bool:
    """Whether the item was refused because its position is taken by other content, so that nothing of it is kept."""
    return result.errors[0].rule in (DIGEST_CONFLICT, EPOCH_OVER)


def is_late(result: Rejected) -> bool:
    """Whether the item was refused because a later one of its thread was applied before it; it stays refused."""
    return result.errors[0].rule == OUT_OF_ORDER


def decide(batch: Sequence[Checked], known: Known, *, require_parents: bool) -> list[Result]:
    """The result of each item of a batch, in order; `known` is brought up to date."""
    held: set[str] = set()
    results = []
    for checked in batch:
        result = _decide(checked, known, held, require_parents)
        if isinstance(result, Waiting):
            held.add(checked.item.thread)
        known.note(checked, result)
        results.append(result)
    return results


def _decide(checked: Checked, known: Known, held: set[str], require_parents: bool) -> Result:
    item = checked.item
    position = item.position
    epoch = 1 if item.epoch is None else item.epoch.number
    if any(number > epoch and position > began_after for number, began_after in known.epochs.items()):
        return Rejected(position, [_OVER])
    if (receipt := known.receipts.get(item.idempotency_key)) is not None:
        return Duplicate(position, receipt)
    seen = known.positions.get(position)
    if seen is not None:
        if seen.digest != item.digest:
            return Rejected(position, [_CONFLICT])
        if seen.receipt is not None:
            return Duplicate(position, seen.receipt)
    if item.thread in held:
        return Waiting(position, "behind", "同一线程的前一项在等待 (an earlier item of the thread waits)")
    overtaken = position < known.applied.get(item.thread, 0) and item.record not in known.waited
    if overtaken and (seen is None or seen.late):
        return Rejected(position, [_LATE])
    if item.previous is not None and item.previous not in known.positions:
        return Waiting(position, "gap", f"尚未收到前一版本 {item.previous} (the previous version was not received)")
    if checked.errors:
        return Rejected(position, checked.errors)
    if require_parents and checked.needs is not None and checked.needs not in known.parents:
        return Waiting(position, "parent_missing", f"尚未收到上级数据 {checked.needs} (the parent was not applied)")
    return Accepted(position, known.next_receipt())
