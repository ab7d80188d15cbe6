"""Over all kinds: what the public may not see is not in what it is shown."""

from copy import deepcopy
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.law.projection import Projection, projected
from hub.schemas.kind import Kind, Scope, is_party_code, kinds, scope_of
from tests.builders import a_submission, an_id_number
from tests.law.marking import fields, hidden

every_kind = pytest.mark.parametrize("name", sorted(kinds()))
every_opened_kind = pytest.mark.parametrize("name", sorted(n for n, kind in kinds().items() if kind.opening))
markers = st.text("0123456789abcdef", min_size=8, max_size=8).map(lambda drawn: f"暗号{drawn}")
lists = st.sampled_from([lambda m: m, lambda m: [m], lambda m: [f"{m};{m}", m]])
objects = st.sampled_from([lambda m: {"inner": [m]}, lambda m: [{"inner": m}]])

FUTURE = "2999-01-01T09:00:00+08:00"
AT = 1_780_000_000_000_000


def sealed(name: str) -> dict[str, Any]:
    """The kind's example, to be opened in a far future."""
    submission = a_submission(name)
    if (opening := kinds()[name].opening) is not None:
        submission["body"][opening] = FUTURE
    return submission


def view(submission: dict[str, Any]) -> Projection:
    return projected(kinds()[submission["kind"]], submission, AT)


@every_kind
@settings(max_examples=8, deadline=None)
@given(marker=markers, one=lists, other=lists | objects)
def test_no_hidden_value_is_shown_whatever_it_is(name: str, marker: str, one: Any, other: Any) -> None:
    submission = sealed(name)
    for place, field, info in list(hidden(kinds()[name], submission["body"])):
        place[field] = (one if is_party_code(info) else other)(marker)

    assert marker.encode() not in view(submission).public


@every_kind
@settings(max_examples=4, deadline=None)
@given(marker=markers)
def test_what_is_masked_for_persons_is_not_shown_of_one_who_is_known_by_an_id_number(name: str, marker: str) -> None:
    kind, submission = kinds()[name], sealed(name)
    codes = _party_codes(kind, submission["body"])
    for place, field, info, _ in list(fields(kind, submission["body"])):
        if scope_of(info) is Scope.MASKED:
            place[field] = marker
    for place, field in codes:
        place[field] = [an_id_number(9)] if isinstance(place.get(field), list) else an_id_number(9)

    public = view(submission).public

    assert an_id_number(9).encode() not in public
    if codes:
        assert marker.encode() not in public


def _party_codes(kind: type[Kind], body: dict[str, Any]) -> list[tuple[dict[str, Any], str]]:
    """The codes of parties that make their record that of a person."""
    return [
        (body, name)
        for name, info in kind.model_fields.items()
        if is_party_code(info) and scope_of(info) is not Scope.GOVERNMENT
    ]


@every_kind
@settings(max_examples=4, deadline=None)
@given(data=st.data(), marker=markers)
def test_no_withheld_value_is_shown(name: str, data: st.DataObject, marker: str) -> None:
    submission = sealed(name)
    names = sorted(set(submission["body"]) - {kinds()[name].opening})
    drawn = data.draw(st.lists(st.sampled_from(names), min_size=1, unique=True))
    submission["withheld"] = [{"field": f"/{field}", "ground": "commercial_secret", "basis": "条"} for field in drawn]
    for field in drawn:
        submission["body"][field] = _filled(submission["body"][field], marker)

    assert marker.encode() not in view(submission).public


def _filled(value: Any, marker: str) -> Any:
    """The value with the marker instead of every text in it."""
    if isinstance(value, list):
        return [_filled(item, marker) for item in value]
    if isinstance(value, dict):
        return {name: _filled(item, marker) for name, item in value.items()}
    return marker


@every_kind
def test_an_id_number_is_not_shown_wherever_it_stands(name: str) -> None:
    submission, number = sealed(name), an_id_number(11)
    document = {
        member: value if member in ("kind", "data_key", "discloser", "withheld") else _with(value, number)
        for member, value in submission.items()
    }
    if (opening := kinds()[name].opening) is not None:
        document["body"][opening] = FUTURE

    projection = projected(kinds()[name], document | {"disclosure": submission.get("disclosure", "proactive")}, AT)

    assert number.encode() not in projection.public
    assert number.encode() not in (projection.opened or b"")


def _with(value: Any, number: str) -> Any:
    """The value with the number in every text that says more than a code."""
    if isinstance(value, list):
        return [_with(item, number) for item in value]
    if isinstance(value, dict):
        return {name: _with(item, number) for name, item in value.items()}
    return f"{value}，{number}" if isinstance(value, str) else value


@every_kind
def test_what_is_for_the_government_alone_says_only_that_it_is_there(name: str) -> None:
    kind, submission = kinds()[name], sealed(name)

    found = view(submission)

    withheld = {"withheld": {"ground": "government_only", "basis": submission["legal_basis"]}}
    assert kind.government_only == (found.state == "withheld")
    if kind.government_only:
        assert orjson.loads(b"{%b}" % found.public) == withheld
        assert found.opened is None


@every_opened_kind
def test_before_the_opening_the_public_learns_when_it_will_be_and_not_who_bids(name: str) -> None:
    kind, submission = kinds()[name], sealed(name)
    submission |= {"attachments": [{"name": "甲公司投标文件.pdf"}], "change": {"reason": "更正甲公司报价"}}

    found = view(submission)

    shown = orjson.loads(b"{%b}" % found.public)
    assert shown["opens_at"] == "2999-01-01T01:00:00.000000Z"
    assert found.opens_at is not None
    assert not {n for n, i in kind.model_fields.items() if scope_of(i) is Scope.OPENED} & set(shown["document"]["body"])
    assert "甲公司" not in found.public.decode()


@every_opened_kind
def test_from_the_opening_on_the_public_sees_what_was_sealed(name: str) -> None:
    kind, submission = kinds()[name], sealed(name)
    expected = {n for n, i in kind.model_fields.items() if scope_of(i) is Scope.OPENED and n in submission["body"]}

    opened = view(submission).opened

    assert opened is not None
    assert expected <= set(orjson.loads(b"{%b}" % opened)["document"]["body"])


@every_opened_kind
def test_what_was_opened_before_it_was_appended_is_shown_at_once(name: str) -> None:
    submission = sealed(name)
    submission["body"][kinds()[name].opening or ""] = "2020-01-01T09:00:00+08:00"
    later = deepcopy(submission)
    later["body"][kinds()[name].opening or ""] = FUTURE

    found = view(submission)

    assert (found.opened, found.opens_at) == (None, None)
    assert b'"opens_at"' not in found.public
    assert len(found.public) > len(view(later).public)


@every_opened_kind
def test_what_does_not_say_when_it_is_opened_stays_sealed(name: str) -> None:
    submission = sealed(name)
    del submission["body"][kinds()[name].opening or ""]
    marker = "暗号不得外泄"
    for place, field, _ in list(hidden(kinds()[name], submission["body"])):
        place[field] = marker

    found = view(submission)

    assert marker.encode() not in found.public
    assert (found.opened, found.opens_at) == (None, None)
