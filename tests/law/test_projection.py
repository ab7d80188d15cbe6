"""What the public sees of a submission, and what it never sees."""

from collections.abc import Iterator
from typing import Any, get_args

import orjson
import pytest

from hub.intake import Intake
from hub.keys import Sender
from hub.law.projection import projected
from hub.schemas.kind import Kind, Part, Scope, is_party_code, kinds, scope_of
from tests.builders import (
    a_blacklist_entry,
    a_penalty_of_a_person,
    a_procurement_contract,
    a_submission,
    a_tender_notice,
    a_uscc,
    a_win_result_notice,
    a_winning_candidate_publicity,
    an_id_number,
)

every_kind = pytest.mark.parametrize("name", sorted(kinds()))
every_shown_kind = pytest.mark.parametrize("name", sorted(n for n, kind in kinds().items() if not kind.government_only))


def shown(submission: dict[str, Any]) -> dict[str, Any]:
    """The document that the public sees."""
    member: dict[str, Any] = orjson.loads(b"{%b}" % projected(kinds()[submission["kind"]], submission).public)
    document: dict[str, Any] = member["document"]
    return document


def body(submission: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = shown(submission)["body"]
    return found


def withheld(*pointers: str) -> list[dict[str, str]]:
    return [
        {"field": pointer, "ground": "commercial_secret", "basis": "政府信息公开条例 第十五条"} for pointer in pointers
    ]


def _parts(annotation: Any) -> Iterator[type[Part]]:
    """The classes of objects that a field may hold."""
    if isinstance(annotation, type) and issubclass(annotation, Part):
        yield annotation
    for inner in get_args(annotation):
        yield from _parts(inner)


def _fields(model: Any, value: Any, scope: Scope) -> Iterator[tuple[str, Any]]:
    """Every field with that scope that the value has, at any depth."""
    for name, info in model.model_fields.items():
        if name not in value:
            continue
        if scope_of(info) is scope:
            yield name, value[name]
        for part in _parts(info.annotation):
            for inner in value[name] if isinstance(value[name], list) else [value[name]]:
                yield from _fields(part, inner, scope)


@every_shown_kind
def test_fields_for_the_government_are_not_in_the_public_member(name: str) -> None:
    submission = a_submission(name)
    hidden = dict(_fields(kinds()[name], submission["body"], Scope.GOVERNMENT))

    public = orjson.dumps(body(submission)).decode()

    assert not [field for field in hidden if f'"{field}":' in public]


@every_shown_kind
def test_everything_else_is_there_unchanged(name: str) -> None:
    submission = a_submission(name)
    public = {
        field: submission["body"][field]
        for field, info in kinds()[name].model_fields.items()
        if field in submission["body"] and scope_of(info) is Scope.PUBLIC and not list(_parts(info.annotation))
    }

    found = body(submission)

    assert {field: found.get(field) for field in public} == public


@every_shown_kind
def test_the_secrecy_review_is_for_the_government(name: str) -> None:
    assert "secrecy_review" not in shown(a_submission(name))


@every_kind
def test_the_submission_itself_is_not_changed(name: str) -> None:
    submission = a_submission(name)
    before = orjson.dumps(submission)

    projected(kinds()[name], submission)

    assert orjson.dumps(submission) == before


def _party_fields(kind: type[Kind]) -> list[str]:
    return [name for name, info in kind.model_fields.items() if is_party_code(info)]


@every_kind
def test_an_id_number_is_never_shown_as_a_party_code(name: str) -> None:
    number = an_id_number(3)
    submission = a_submission(name)
    for field in _party_fields(kinds()[name]):
        listed = isinstance(submission["body"].get(field), list)
        submission["body"][field] = [a_uscc(5), number] if listed else number

    member = projected(kinds()[name], submission).public

    assert number.encode() not in member


def test_an_id_number_deep_inside_is_not_shown_and_its_neighbours_are() -> None:
    number = an_id_number(3)
    publicity = a_winning_candidate_publicity(
        body__candidates__0__win_candidate_code=[number, a_uscc(5)], body__candidates__0__project_manager_id=number
    )

    first = body(publicity)["candidates"][0]

    assert first["win_candidate_code"] == [a_uscc(5)]
    assert number not in orjson.dumps(shown(publicity)).decode()


def test_the_name_of_a_natural_person_keeps_its_first_character() -> None:
    assert body(a_penalty_of_a_person())["cf_xdr_mc"] == "章＊＊"


def test_the_name_of_a_body_is_not_masked() -> None:
    penalty = a_submission("administrative_penalty")

    assert body(penalty)["cf_xdr_mc"] == penalty["body"]["cf_xdr_mc"]


def test_contact_and_address_of_a_natural_person_are_masked_inside_a_part() -> None:
    contract = a_procurement_contract(body__supplier_code=[an_id_number()])
    contract["body"]["party_b"] |= {"address": "福州市鼓楼区某路1号", "contact": "13900000000"}

    found = body(contract)["party_b"]

    assert (found["address"], found["contact"]) == ("福" + "＊" * 9, "1" + "＊" * 10)


def test_a_withheld_field_is_not_shown_and_the_reason_is() -> None:
    notice = a_tender_notice(withheld=withheld("/notice_content"))

    assert "notice_content" not in body(notice)
    assert shown(notice)["withheld"] == notice["withheld"]


def test_a_field_is_withheld_in_every_item_of_a_list() -> None:
    publicity = a_winning_candidate_publicity(withheld=withheld("/candidates/win_candidate_name"))

    candidates = body(publicity)["candidates"]

    assert len(candidates) > 1
    assert not any("win_candidate_name" in candidate for candidate in candidates)
    assert all("win_candidate_code" in candidate for candidate in candidates)


def test_a_field_is_withheld_in_one_item_of_a_list() -> None:
    publicity = a_winning_candidate_publicity(withheld=withheld("/candidates/1/win_candidate_name"))

    candidates = body(publicity)["candidates"]

    assert ["win_candidate_name" in candidate for candidate in candidates[:2]] == [True, False]


def test_a_whole_item_of_a_list_is_withheld_and_the_others_keep_their_places() -> None:
    publicity = a_winning_candidate_publicity(withheld=withheld("/candidates/0", "/candidates/1/win_candidate_name"))

    candidates = body(publicity)["candidates"]

    assert candidates[0] == {}
    assert "win_candidate_name" not in candidates[1]


@pytest.mark.parametrize("pointer", ["/win_bidder_code/0", "/win_bidder_code/0/x", "/win_bidder_code"])
def test_a_part_of_a_list_of_codes_withholds_the_list(pointer: str) -> None:
    notice = a_win_result_notice(body__win_bidder_code=[an_id_number(), a_uscc()], withheld=withheld(pointer))

    assert "win_bidder_code" not in body(notice)


def test_a_path_that_goes_deeper_than_its_field_withholds_the_field() -> None:
    assert "notice_content" not in body(a_tender_notice(withheld=withheld("/notice_content/amount")))


@pytest.mark.parametrize("pointer", ["/candidates/99", "/candidates/99/x", "/candidates/x/y/z"])
def test_a_path_that_leads_nowhere_withholds_nothing(pointer: str) -> None:
    publicity = a_winning_candidate_publicity()
    expected = body(publicity)

    assert body(publicity | {"withheld": withheld(pointer)}) == expected


def test_withholding_a_code_does_not_unmask_the_person() -> None:
    contract = a_procurement_contract(body__supplier_code=[an_id_number()], withheld=withheld("/supplier_code"))
    contract["body"]["party_b"] |= {"contact": "13900000000"}

    assert body(contract)["party_b"]["contact"] == "1" + "＊" * 10


def test_what_is_disclosed_on_request_shows_only_its_ground() -> None:
    notice = a_tender_notice(disclosure="on_request")

    member = orjson.loads(b"{%b}" % projected(kinds()["tender_notice"], notice).public)

    assert member == {"withheld": {"ground": "on_request", "basis": notice["legal_basis"]}}


def test_a_blacklist_entry_of_public_scope_is_shown() -> None:
    entry = a_blacklist_entry(body__scope="1")

    assert body(entry)["body_name"] == entry["body"]["body_name"]


def test_a_blacklist_entry_of_government_scope_tells_the_public_nothing_of_whom_it_is_about() -> None:
    subject = a_uscc(77)
    document = a_blacklist_entry(subject, body__scope="2", body__body_name="某某有限公司")
    document["attachments"] = [
        {
            "code": "OTHER",
            "name": "关于某某有限公司的决定.pdf",
            "media_type": "application/pdf",
            "size": 1,
            "sha256": "0" * 64,
            "url": "https://ggzy.example.com/1.pdf",
        }
    ]

    entry = Intake(300).submission(orjson.dumps(document), Sender(a_uscc())).entry

    assert entry.state == "withheld"
    assert orjson.loads(b"{%b}" % entry.public) == {
        "withheld": {"ground": "government_only", "basis": document["legal_basis"]}
    }
    assert subject not in entry.thread, "everybody sees which thread a version is in"


@pytest.mark.parametrize(
    ("name", "shown_as"),
    [("陈嘉禾", "陈＊＊"), ("林", "林"), ("陈嘉禾;林一", "陈＊＊;林＊"), ("陈嘉禾；林一", "陈＊＊；林＊")],
)
def test_each_name_of_a_natural_person_keeps_its_first_character(name: str, shown_as: str) -> None:
    assert body(a_penalty_of_a_person(body__cf_xdr_mc=name))["cf_xdr_mc"] == shown_as


def test_each_name_of_a_list_keeps_its_first_character() -> None:
    penalty = a_penalty_of_a_person(body__cf_xdr_mc=["陈嘉禾", "林一"])

    assert body(penalty)["cf_xdr_mc"] == ["陈＊＊", "林＊"]


def test_the_head_of_a_household_is_masked_without_any_code() -> None:
    recognition = a_submission("rural_renovation_recognition", body__households__0__head_name="陈嘉禾")

    first = body(recognition)["households"][0]

    assert first["head_name"] == "陈＊＊"
    assert first.keys() & {"id_no", "phone", "household_category"} == set()


@pytest.mark.parametrize(
    ("kind", "changes", "name"),
    [
        ("administrative_license", {"body__xk_xdr_lb": "自然人"}, "xk_xdr_mc"),
        ("administrative_penalty", {"body__cf_xdr_lb": "自然人"}, "cf_xdr_mc"),
    ],
)
def test_whoever_is_said_to_be_a_natural_person_is_masked(kind: str, changes: dict[str, Any], name: str) -> None:
    submission = a_submission(kind, **changes, **{f"body__{name}": "程望秋"})

    shown = orjson.loads(b"{%b}" % projected(kinds()[kind], submission).public)

    assert shown["document"]["body"][name] == "程＊＊"
