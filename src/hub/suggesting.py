"""Suggestions: the document that a sender may have meant, validated like the one that was sent; nothing is stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from hub.intake import Accepted, Intake
from hub.keys import Sender
from hub.problems import Fault, InvalidSubmission
from hub.schemas.repairs import repaired
from hub.wire.envelope import Sent


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A document with its repairs made.

    `repaired` is None where nothing could be repaired, `valid` says whether it would be stored, `remaining` are its
    faults, or its warnings where it has no faults.
    """

    repaired: dict[str, Any] | None
    valid: bool
    remaining: Sequence[Fault]

    def members(self) -> dict[str, Any]:
        """What an answer shows of it, as JSON members."""
        remaining = [fault.document() for fault in self.remaining]
        return {"repaired": self.repaired, "repaired_valid": self.valid, "remaining": remaining}


def suggestion(intake: Intake, sent: Sent, sender: Sender, found: InvalidSubmission | Accepted) -> Suggestion:
    """What becomes of a submission when all repairs of its faults are made, or of its warnings where it is valid.

    A withdrawal, which has nothing to repair, stays as it is. Raises any problem but `InvalidSubmission` that a push of
    the repaired document would meet.
    """
    valid = isinstance(found, Accepted)
    told = found.warnings if isinstance(found, Accepted) else found.faults
    mended = None if sent.withdraws else repaired(sent.document, told)
    if mended is None:
        return Suggestion(None, valid, told)
    try:
        accepted = intake.accepted(Sent(mended, orjson.dumps(mended)), sender)
    except InvalidSubmission as problem:
        return Suggestion(mended, valid=False, remaining=problem.faults)
    return Suggestion(mended, valid=True, remaining=accepted.warnings)
