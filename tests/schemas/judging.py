"""What the hub says to a submission, for tests of kinds and rules."""

from typing import Any

import orjson
from pydantic import ValidationError

from hub.problems import Fault
from hub.schemas.explain import TABLE_UNCONFIRMED, faults, warnings
from hub.schemas.kind import kinds
from hub.schemas.submission import Submission, submission_of


def taken(submission: dict[str, Any]) -> Submission:
    """The submission as the hub reads it; fails the test where it breaks a rule."""
    return submission_of(kinds()[submission["kind"]]).model_validate_json(orjson.dumps(submission))


def refused(submission: dict[str, Any]) -> list[Fault]:
    """Every fault of the submission; none where it is valid."""
    model = submission_of(kinds()[submission["kind"]])
    try:
        model.model_validate_json(orjson.dumps(submission))
    except ValidationError as error:
        return faults(model, submission, error)
    return []


def broken(submission: dict[str, Any]) -> set[tuple[str, str]]:
    """The pointer and rule of every fault."""
    return {(fault.pointer, fault.rule) for fault in refused(submission)}


def advised(submission: dict[str, Any]) -> set[tuple[str, str]]:
    """The pointer and rule of every warning about a valid submission, but for those that `unconfirmed` has."""
    return {(fault.pointer, fault.rule) for fault in warnings(taken(submission)) if fault.rule != TABLE_UNCONFIRMED.id}


def unconfirmed(submission: dict[str, Any]) -> set[str]:
    """The pointers of the codes of tables without confirmed values, which no submission can get right."""
    return {fault.pointer for fault in warnings(taken(submission)) if fault.rule == TABLE_UNCONFIRMED.id}
