"""The checker: three ledgers in, what contradicts an invariant out; pure, and linear in the number of versions."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

import orjson

INVARIANTS: Mapping[str, str] = {
    "I1": "every acknowledged version is in the log, with its digest and at its position",
    "I2": "positions are dense from 1 and handed out once",
    "I3": "a record's versions are numbered 1..n in the order of positions and timestamps",
    "I4": "every target applied what it wants exactly once, with the same digests, each thread in order",
    "I5": "who followed the feed meanwhile saw exactly the log",
    "I6": "the same version gets the same receipt, byte for byte",
    "I7": "a request without an answer is there once or not at all, and repeating it tells which",
    "I8": "a cursor never moves back, nor its fencing token, and it passes only what is finished or set aside",
    "I9": "a version that a target can never take holds its own thread there, and no other",
}


class Content(NamedTuple):
    """What a request says: the record, the version by its `data_timestamp`, and the digest of the document."""

    record: str
    data_timestamp: str
    digest: str


class Key(NamedTuple):
    """What names a version for ever: the record and its `data_timestamp`."""

    record: str
    data_timestamp: str


@dataclass(frozen=True, slots=True)
class Version:
    """A version as the government feed shows it; `hashed` is the digest of the bytes that came."""

    position: int
    previous: int | None
    record: str
    number: int
    thread: str
    data_timestamp: str
    digest: str
    hashed: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What a target decided about a position, in the order in which it decided."""

    position: int
    record: str
    number: int
    thread: str
    digest: str
    status: str
    received_at: str = ""


@dataclass(frozen=True, slots=True)
class Cursor:
    """A lane's cursor at one moment; those of a lane come in the order of time."""

    target: str
    lane: int
    position: int
    token: int


@dataclass(frozen=True, slots=True)
class Passed:
    """A position behind a lane's cursor of which nothing was stored at that moment."""

    target: str
    lane: int
    position: int


@dataclass(slots=True)
class Client:
    """The client's ledger, read back.

    `receipts` has every receipt that came for a content, `refused` how often it was answered 409; `unresolved` and
    `surprises` are descriptions of requests that never got an answer, or one that nothing explains.
    """

    sent: set[Content] = field(default_factory=set)
    receipts: dict[Content, list[bytes]] = field(default_factory=dict)
    refused: set[Content] = field(default_factory=set)
    unresolved: list[str] = field(default_factory=list)
    surprises: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Evidence:
    """Everything the checker looks at; `wanted` names the kinds that each target wants."""

    client: Client
    log: Sequence[Version]
    targets: Mapping[str, Sequence[Decision]]
    wanted: Mapping[str, AbstractSet[str]]
    asked_again: Mapping[Key, bytes]
    followed: Sequence[tuple[int, str]]
    cursors: Sequence[Cursor]
    passed: Sequence[Passed] = ()
    poison: Mapping[str, str] = field(default_factory=dict)
    """By target, what stands in the names of records that it can never take."""


@dataclass(frozen=True, slots=True)
class Finding:
    """An invariant that has fallen, and where."""

    invariant: str
    what: str

    def __str__(self) -> str:
        return f"{self.invariant} {self.what}"


def check(evidence: Evidence) -> list[Finding]:
    """Every contradiction between the ledgers; empty where all invariants hold."""
    log = {version.position: version for version in evidence.log}
    return [
        *_positions(evidence.log),
        *_records(evidence.log),
        *_acknowledged(evidence.client, log),
        *_doubts(evidence.client, evidence.log),
        *_receipts(evidence.client, evidence.asked_again),
        *_followed(evidence.followed, log),
        *_cursors(evidence.cursors, len(log)),
        *(
            Finding("I8", f"the cursor of {it.target} lane {it.lane} passed {it.position}, which is not finished")
            for it in evidence.passed
        ),
        *(
            finding
            for target, decisions in evidence.targets.items()
            for finding in _target(
                target, decisions, evidence.wanted[target], log, held_by(evidence, target, log.values())
            )
        ),
    ]


def _positions(log: Sequence[Version]) -> Iterator[Finding]:
    for expected, version in enumerate(log, 1):
        if version.position != expected:
            yield Finding("I2", f"position {version.position} stands where {expected} should")
            return


def _records(log: Sequence[Version]) -> Iterator[Finding]:
    newest: dict[str, Version] = {}
    for version in log:
        if version.hashed != version.digest:
            yield Finding("I1", f"position {version.position} does not hash to its digest")
        before = newest.get(version.record)
        expected = (before.number + 1, before.position) if before else (1, None)
        if (version.number, version.previous) != expected:
            found = f"number {version.number} after {version.previous}"
            yield Finding("I3", f"position {version.position} is {found}, not {expected[0]} after {expected[1]}")
        if before and _moment(before.data_timestamp) >= _moment(version.data_timestamp):
            yield Finding("I3", f"position {version.position} is not later than {before.position} of its record")
        if before and before.thread != version.thread:
            yield Finding("I3", f"position {version.position} has left the thread of its record")
        newest[version.record] = version


def _acknowledged(client: Client, log: Mapping[int, Version]) -> Iterator[Finding]:
    for content, receipts in client.receipts.items():
        said = orjson.loads(receipts[0])
        stored = log.get(said["position"])
        if stored is None:
            yield Finding("I1", f"position {said['position']} was acknowledged and is not in the log")
            continue
        if Content(stored.record, stored.data_timestamp, stored.digest) != content:
            yield Finding("I1", f"position {stored.position} is not what was acknowledged: {content.record}")
        if any(said[name] != getattr(stored, name) for name in ("number", "previous", "thread", "digest")):
            yield Finding("I1", f"position {stored.position} is not as its receipt says")


def _doubts(client: Client, log: Sequence[Version]) -> Iterator[Finding]:
    yield from (Finding("I7", what) for what in (*client.unresolved, *client.surprises))
    newest: dict[str, datetime] = {}
    seen: set[Key] = set()
    for version in log:
        key = Key(version.record, version.data_timestamp)
        if key in seen:
            yield Finding("I7", f"position {version.position} is there a second time")
        seen.add(key)
        content = Content(*key, version.digest)
        if content not in client.sent:
            yield Finding("I7", f"position {version.position} was never sent")
        elif content not in client.receipts:
            yield Finding("I7", f"position {version.position} is stored, and its sender was never told so")
        moment = _moment(version.data_timestamp)
        newest[version.record] = max(moment, newest.get(version.record, moment))
    stored = {Content(version.record, version.data_timestamp, version.digest) for version in log}
    for content in client.refused:
        last = newest.get(content.record)
        if content in stored and content not in client.receipts:
            yield Finding("I7", f"{content.record} of {content.data_timestamp} was refused and is stored")
        elif last is None or last < _moment(content.data_timestamp):
            yield Finding("I7", f"{content.record} of {content.data_timestamp} was refused without a reason")


def _receipts(client: Client, asked_again: Mapping[Key, bytes]) -> Iterator[Finding]:
    for content, receipts in client.receipts.items():
        if any(receipt != receipts[0] for receipt in receipts):
            yield Finding("I6", f"{content.record} of {content.data_timestamp} got two different receipts")
        again = asked_again.get(Key(content.record, content.data_timestamp))
        if again != receipts[0]:
            what = "no receipt" if again is None else "another receipt"
            yield Finding("I6", f"{content.record} of {content.data_timestamp} got {what} when it was asked again")


def _followed(followed: Sequence[tuple[int, str]], log: Mapping[int, Version]) -> Iterator[Finding]:
    for expected, (position, digest) in enumerate(followed, 1):
        if position != expected:
            yield Finding("I5", f"the follower was shown {position} when {expected} was next")
            return
        if position not in log or log[position].digest != digest:
            yield Finding("I5", f"the follower was shown {position} with another digest")
    if len(followed) != len(log):
        yield Finding("I5", f"the follower saw {len(followed)} of {len(log)} versions")


def _cursors(cursors: Sequence[Cursor], head: int) -> Iterator[Finding]:
    newest: dict[tuple[str, int], Cursor] = {}
    for cursor in cursors:
        before = newest.get((cursor.target, cursor.lane), cursor)
        if cursor.position < before.position:
            moved = f"from {before.position} back to {cursor.position}"
            yield Finding("I8", f"the cursor of {cursor.target} lane {cursor.lane} moved {moved}")
        if cursor.token < before.token:
            yield Finding("I8", f"the token of {cursor.target} lane {cursor.lane} fell to {cursor.token}")
        if cursor.position > head:
            yield Finding("I8", f"the cursor of {cursor.target} lane {cursor.lane} is beyond the head")
        newest[cursor.target, cursor.lane] = cursor


def held_by(evidence: Evidence, target: str, log: Iterable[Version]) -> dict[str, int]:
    """The threads that a target can take no further, and the position of what holds each."""
    poison = evidence.poison.get(target)
    held: dict[str, int] = {}
    for version in log:
        if poison and poison in version.record:
            held.setdefault(version.thread, version.position)
    return held


def _target(
    target: str,
    decisions: Sequence[Decision],
    kinds: AbstractSet[str],
    log: Mapping[int, Version],
    held: Mapping[str, int],
) -> Iterator[Finding]:
    wanted = {position for position, version in log.items() if kind_of(version.record) in kinds}
    applied: set[int] = set()
    last: dict[str, int] = {}
    for decision in decisions:
        position, version = decision.position, log.get(decision.position)
        if decision.status != "accepted":
            yield Finding("I4", f"{target} has {decision.status} position {position}")
            continue
        if position in applied:
            yield Finding("I4", f"{target} applied position {position} twice")
        applied.add(position)
        if version is None or position not in wanted:
            yield Finding("I4", f"{target} applied position {position}, which it should not have")
            continue
        if decision.digest != version.digest:
            yield Finding("I4", f"{target} has another digest for position {position}")
        if (decision.record, decision.number, decision.thread) != (version.record, version.number, version.thread):
            yield Finding("I4", f"{target} took position {position} for something else")
        if version.thread in held and position >= held[version.thread]:
            yield Finding("I9", f"{target} applied position {position} behind {held[version.thread]}, which holds")
        if position < last.get(version.thread, 0):
            yield Finding("I4", f"{target} applied position {position} after {last[version.thread]} of its thread")
        last[version.thread] = position
    behind = {position for position in wanted if position >= held.get(log[position].thread, position + 1)}
    if missing := sorted(wanted - applied - behind):
        yield Finding("I4", f"{target} misses {len(missing)} versions, the first at position {missing[0]}")


def kind_of(record: str) -> str:
    """The kind in a record's name, `platform/kind/data_key`."""
    return record.split("/", 2)[1]


def digest_of(document: bytes) -> str:
    """The digest of a canonical document, as the hub writes it."""
    return sha256(document).hexdigest()


def _moment(timestamp: str) -> datetime:
    return datetime.fromisoformat(timestamp)
