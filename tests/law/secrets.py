"""Submissions of every kind that are full of marks, each in a place that the public may not see."""

from collections.abc import Iterator
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from hub.schemas.kind import Kind, Scope, is_party_code, kinds, scope_of
from hub.schemas.places import field_annotation
from tests.builders import a_submission, a_uscc, an_id_number
from tests.law.marking import Place, fields, hidden
from tests.schemas.judging import taken

FUTURE = "2999-01-01T09:00:00+08:00"
GROUND = {"ground": "commercial_secret", "basis": "政府信息公开条例 第十五条"}


def marked_submissions(name: str) -> Iterator[tuple[dict[str, Any], set[str]]]:
    """Valid submissions of the kind, each with the marks that the public must not meet.

    One has them where only the government sees them, one where a natural person is masked, one where fields are
    withheld, and two, which are disclosed on request or not at all, wherever they take them.
    """
    for made in (_for_the_government, _about_a_person, _withheld, _on_request, _not_disclosed):
        submission = a_submission(name)
        if (opening := kinds()[name].opening) is not None:
            submission["body"][opening] = FUTURE
        if marks := made(kinds()[name], submission):
            yield submission, marks


def _for_the_government(kind: type[Kind], submission: dict[str, Any]) -> set[str]:
    places = _all(kind, submission) if kind.government_only else hidden(kind, submission["body"])
    return _put(submission, list(places))


def _about_a_person(kind: type[Kind], submission: dict[str, Any]) -> set[str]:
    marks = set()
    for place, field, info, _ in list(fields(kind, submission["body"])):
        if is_party_code(info) and scope_of(info) is not Scope.GOVERNMENT:
            marks |= _fill(submission, (place, field, info), (an_id_number(101),))
    if not marks or kind.government_only:
        return marks
    return marks | _put(submission, [place for place in _all(kind, submission) if _masked_beside(place)])


def _masked_beside(place: Place) -> bool:
    """Whether the field is masked in an object that says itself that it is about a natural person."""
    holder, _, info = place
    return scope_of(info) is Scope.MASKED and an_id_number(101) in str(list(holder.values()))


def _withheld(kind: type[Kind], submission: dict[str, Any]) -> set[str]:
    if kind.government_only:
        return set()
    marks = set()
    for field, info in kind.model_fields.items():
        entry = {"field": f"/{field}", **GROUND}
        if field != kind.opening and (found := _put(submission, [(submission["body"], field, info)])):
            marks |= found
            submission["withheld"] = [*submission.get("withheld", ()), entry]
    return marks


def _on_request(kind: type[Kind], submission: dict[str, Any]) -> set[str]:
    submission["disclosure"] = "on_request"
    return _put(submission, list(_all(kind, submission)))


def _not_disclosed(kind: type[Kind], submission: dict[str, Any]) -> set[str]:
    submission |= {"disclosure": "not_disclosed", "withhold_ground": "commercial_secret"}
    return _put(submission, list(_all(kind, submission)))


def _all(kind: type[Kind], submission: dict[str, Any]) -> Iterator[Place]:
    return ((place, field, info) for place, field, info, _ in fields(kind, submission["body"]))


def _put(submission: dict[str, Any], places: list[Place]) -> set[str]:
    """Put marks into those of the places that take one while the submission stays valid and in its thread."""
    marks = set()
    for number, place in enumerate(places, 1):
        proposals = (
            f"暗号{number:03d}不得外泄",
            an_id_number(100 + number),
            a_uscc(700 + number),
            f"98{number:03d}7.43",
        )
        marks |= _fill(submission, place, proposals)
    return marks


def _fill(submission: dict[str, Any], place: Place, proposals: tuple[str, ...]) -> set[str]:
    """The first proposal that the field takes, alone or in a list; the field keeps what it had where it takes none."""
    holder, field, info = place
    had, thread = holder.get(field, ...), _thread(submission)
    for proposed in proposals:
        for value in (proposed, [proposed]):
            if _takes(info, value):
                holder[field] = value
                if _thread(submission) == thread:
                    return {proposed}
    if had is ...:
        holder.pop(field, None)
    else:
        holder[field] = had
    return set()


def _thread(submission: dict[str, Any]) -> str | None:
    """The thread of a valid submission, or None."""
    try:
        return taken(submission).body.thread("")
    except ValidationError:
        return None


def _takes(info: FieldInfo, value: Any) -> bool:
    if id(info) not in _adapters:
        _adapters[id(info)] = TypeAdapter(field_annotation(info))
    try:
        _adapters[id(info)].validate_python(value)
    except ValidationError:
        return False
    return True


_adapters: dict[int, TypeAdapter[Any]] = {}
