"""The checker finds each fault that is put into ledgers which were in order."""

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from typing import Any

import orjson
import pytest

from tests.crash.checker import Client, Content, Cursor, Decision, Evidence, Key, Passed, Version, check

KINDS = ("tender_notice", "administrative_penalty")
WANTED = {"national": frozenset(KINDS), "credit": frozenset({"administrative_penalty"})}


def ledgers(threads: int = 3, numbers: int = 2) -> Evidence:
    """Three ledgers in order: `numbers` versions of one record of each kind in each of `threads` threads."""
    log: list[Version] = []
    newest: dict[str, int] = {}
    for number in range(1, numbers + 1):
        for thread in range(threads):
            for kind in KINDS:
                record = f"P/{kind}/{thread}"
                digest = sha256(f"{record} {number}".encode()).hexdigest()
                timestamp = f"2026-01-{number:02d}T00:00:00+08:00"
                position = len(log) + 1
                previous = newest.get(record)
                log.append(Version(position, previous, record, number, f"{kind}:{thread}", timestamp, digest, digest))
                newest[record] = position
    client = Client()
    for version in log:
        content = Content(version.record, version.data_timestamp, version.digest)
        client.sent.add(content)
        client.receipts[content] = [receipt_of(version)]
    decisions = [Decision(v.position, v.record, v.number, v.thread, v.digest, "accepted") for v in log]
    credit = [decision for decision in decisions if "penalty" in decision.record]
    again = {Key(c.record, c.data_timestamp): receipts[0] for c, receipts in client.receipts.items()}
    followed = [(version.position, version.digest) for version in log]
    cursors = [Cursor("national", 1, position, 1) for position in (0, 4, 9)]
    return Evidence(client, log, {"national": decisions, "credit": credit}, WANTED, again, followed, cursors)


def receipt_of(version: Version, **changes: Any) -> bytes:
    """What the hub answers for a version."""
    names = ("position", "previous", "record", "number", "thread", "digest", "data_timestamp")
    return orjson.dumps({name: getattr(version, name) for name in names} | changes)


def found(evidence: Evidence) -> list[str]:
    """The invariants that the checker sees fallen."""
    return sorted({finding.invariant for finding in check(evidence)})


def test_ledgers_in_order_are_not_complained_about() -> None:
    assert check(ledgers()) == []


def an_acknowledged_version_is_gone(evidence: Evidence) -> None:
    evidence.log = evidence.log[:-1]
    evidence.followed = evidence.followed[:-1]
    for target, decisions in evidence.targets.items():
        evidence.targets = {**evidence.targets, target: decisions[:-1]}


def a_position_is_left_out(evidence: Evidence) -> None:
    evidence.log = [replace(v, position=v.position + (v.position > 5)) for v in evidence.log]


def a_position_is_used_twice(evidence: Evidence) -> None:
    evidence.log = [*evidence.log, evidence.log[-1]]


def two_versions_of_a_record_are_swapped(evidence: Evidence) -> None:
    log = list(evidence.log)
    first, second = log[0], log[6]
    log[0] = replace(second, position=first.position, previous=first.previous)
    log[6] = replace(first, position=second.position, previous=second.previous)
    evidence.log = log


def a_number_is_skipped(evidence: Evidence) -> None:
    evidence.log = [*evidence.log[:-1], replace(evidence.log[-1], number=3)]


def stored_bytes_have_changed(evidence: Evidence) -> None:
    evidence.log = [replace(evidence.log[0], hashed="0" * 64), *evidence.log[1:]]


def a_target_misses_a_version(evidence: Evidence) -> None:
    evidence.targets = {**evidence.targets, "credit": evidence.targets["credit"][:-1]}


def a_target_applied_a_version_twice(evidence: Evidence) -> None:
    decisions = evidence.targets["national"]
    evidence.targets = {**evidence.targets, "national": [*decisions, decisions[-1]]}


def a_target_applied_a_thread_out_of_order(evidence: Evidence) -> None:
    decisions = list(evidence.targets["national"])
    decisions[0], decisions[6] = decisions[6], decisions[0]
    evidence.targets = {**evidence.targets, "national": decisions}


def a_target_got_another_digest(evidence: Evidence) -> None:
    first, *rest = evidence.targets["national"]
    evidence.targets = {**evidence.targets, "national": [replace(first, digest="0" * 64), *rest]}


def a_target_rejected_a_version(evidence: Evidence) -> None:
    first, *rest = evidence.targets["national"]
    evidence.targets = {**evidence.targets, "national": [replace(first, status="rejected"), *rest]}


def a_target_got_what_it_does_not_want(evidence: Evidence) -> None:
    evidence.targets = {**evidence.targets, "credit": evidence.targets["national"]}


def the_follower_missed_a_version(evidence: Evidence) -> None:
    evidence.followed = [*evidence.followed[:3], *evidence.followed[4:]]


def the_follower_saw_a_version_twice(evidence: Evidence) -> None:
    evidence.followed = [*evidence.followed[:3], *evidence.followed[2:]]


def the_follower_stopped_early(evidence: Evidence) -> None:
    evidence.followed = evidence.followed[:-1]


def a_receipt_changed_when_asked_again(evidence: Evidence) -> None:
    key = next(iter(evidence.asked_again))
    evidence.asked_again = {**evidence.asked_again, key: evidence.asked_again[key] + b" "}


def a_repeated_request_got_another_receipt(evidence: Evidence) -> None:
    receipts = next(iter(evidence.client.receipts.values()))
    receipts.append(receipts[0].replace(b'"number":1', b'"number":2'))


def a_receipt_names_another_position(evidence: Evidence) -> None:
    content = next(iter(evidence.client.receipts))
    receipt = receipt_of(evidence.log[0], position=2)
    evidence.client.receipts[content] = [receipt]
    evidence.asked_again = {**evidence.asked_again, Key(content.record, content.data_timestamp): receipt}


def a_request_was_never_resolved(evidence: Evidence) -> None:
    evidence.client.unresolved.append("request 7")


def a_version_is_stored_that_nobody_sent(evidence: Evidence) -> None:
    evidence.client.sent.pop()


def a_version_is_stored_that_was_refused(evidence: Evidence) -> None:
    content, _ = evidence.client.receipts.popitem()
    evidence.client.refused.add(content)


def a_version_was_refused_without_a_reason(evidence: Evidence) -> None:
    content = Content("P/tender_notice/0", "2026-02-01T00:00:00+08:00", "0" * 64)
    evidence.client.sent.add(content)
    evidence.client.refused.add(content)


def a_cursor_moved_back(evidence: Evidence) -> None:
    evidence.cursors = [*evidence.cursors, Cursor("national", 1, 8, 1)]


def a_cursor_is_beyond_the_head(evidence: Evidence) -> None:
    evidence.cursors = [*evidence.cursors, Cursor("national", 1, 13, 1)]


def a_token_fell(evidence: Evidence) -> None:
    evidence.cursors = [*evidence.cursors, Cursor("national", 1, 9, 0)]


def a_cursor_passed_what_is_not_finished(evidence: Evidence) -> None:
    evidence.passed = [Passed("national", 1, 3)]


def a_target_applied_what_is_behind_poison(evidence: Evidence) -> None:
    evidence.poison = {"national": "tender_notice/1"}
    poisoned = {version.position for version in evidence.log if "tender_notice/1" in version.record}
    kept = [d for d in evidence.targets["national"] if d.position not in sorted(poisoned)[:1]]
    evidence.targets = {**evidence.targets, "national": kept}


def poison_held_another_thread(evidence: Evidence) -> None:
    evidence.poison = {"national": "tender_notice/1"}
    kept = [decision for decision in evidence.targets["national"] if "tender_notice" not in decision.record]
    evidence.targets = {**evidence.targets, "national": kept}


FAULTS: dict[Callable[[Evidence], None], str] = {
    an_acknowledged_version_is_gone: "I1",
    stored_bytes_have_changed: "I1",
    a_receipt_names_another_position: "I1",
    a_position_is_left_out: "I2",
    a_position_is_used_twice: "I2",
    two_versions_of_a_record_are_swapped: "I3",
    a_number_is_skipped: "I3",
    a_target_misses_a_version: "I4",
    a_target_applied_a_version_twice: "I4",
    a_target_applied_a_thread_out_of_order: "I4",
    a_target_got_another_digest: "I4",
    a_target_rejected_a_version: "I4",
    a_target_got_what_it_does_not_want: "I4",
    the_follower_missed_a_version: "I5",
    the_follower_saw_a_version_twice: "I5",
    the_follower_stopped_early: "I5",
    a_receipt_changed_when_asked_again: "I6",
    a_repeated_request_got_another_receipt: "I6",
    a_request_was_never_resolved: "I7",
    a_version_is_stored_that_nobody_sent: "I7",
    a_version_is_stored_that_was_refused: "I7",
    a_version_was_refused_without_a_reason: "I7",
    a_cursor_moved_back: "I8",
    a_cursor_is_beyond_the_head: "I8",
    a_token_fell: "I8",
    a_cursor_passed_what_is_not_finished: "I8",
    a_target_applied_what_is_behind_poison: "I9",
    poison_held_another_thread: "I4",
}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_a_seeded_fault_is_found(fault: Callable[[Evidence], None]) -> None:
    evidence = ledgers()

    fault(evidence)

    assert FAULTS[fault] in found(evidence)


def test_what_is_held_behind_poison_is_no_fault() -> None:
    evidence = ledgers()
    evidence.poison = {"national": "tender_notice/1"}
    kept = [decision for decision in evidence.targets["national"] if "tender_notice/1" not in decision.record]
    evidence.targets = {**evidence.targets, "national": kept}

    assert check(evidence) == []


def test_a_log_with_holes_is_looked_at_to_its_end() -> None:
    evidence = ledgers()
    evidence.log = [replace(version, position=10 * version.position) for version in evidence.log]
    last = evidence.log[-1]
    applied = Decision(last.position, last.record, last.number, last.thread, last.digest, "accepted")
    evidence.targets = {"national": [applied]}

    assert {"I2", "I4"} <= set(found(evidence))


def test_a_rival_that_lost_is_no_fault() -> None:
    evidence = ledgers()
    loser = Content("P/tender_notice/0", "2026-01-01T00:00:00+08:00", "0" * 64)
    evidence.client.sent.add(loser)
    evidence.client.refused.add(loser)

    assert check(evidence) == []
