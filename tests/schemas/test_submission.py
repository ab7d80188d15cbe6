"""The envelope: what every submission says besides its payload."""

import pytest

from hub.schemas.kind import Role, kinds
from tests import builders as a
from tests.schemas.judging import advised, broken


def test_a_change_needs_its_time() -> None:
    later = a.a_later_version(a.a_tender_notice())
    assert broken(later) == set()
    assert broken(a.without(later, "changed_at")) == {("/changed_at", "changed-at-needs-change")}


def test_nothing_is_changed_before_it_is_formed() -> None:
    formed = {"formed_at": "2026-03-16T09:00:00+08:00"}
    before = a.a_later_version(a.a_tender_notice(**formed), changed_at="2020-01-01T00:00:00+08:00")
    assert broken(before) == {("/changed_at", "changed-before-formed")}
    at_once = a.a_later_version(a.a_tender_notice(**formed), changed_at="2026-03-16T01:00:00Z")
    assert broken(at_once) == set()


@pytest.mark.parametrize(
    "field",
    [
        "/candidates/0/win_candidate_name",
        "/candidates/1",
        "/candidates/win_candidate_name",
        "/candidates",
        "/candidates/0/win_candidate_code/0",
    ],
)
def test_a_field_at_any_depth_can_be_withheld(field: str) -> None:
    assert broken(a.a_submission("winning_candidate_publicity", withheld=[withheld(field)])) == set()


@pytest.mark.parametrize(
    "field",
    [
        "/price",
        "/candidates/0/win_candidate_naem",
        "/candidates/win_candidate_naem",
        "/candidates/99/win_candidate_name",
        "/candidates/99",
        "/candidates/candidates",
        "/candidates/0/1",
        "/candidates/0/win_candidate_code/99",
        "/notice_name/0",
        "/0/notice_name",
    ],
)
def test_what_the_body_does_not_have_cannot_be_withheld(field: str) -> None:
    fault = {("/withheld", "withheld-field")}
    assert broken(a.a_submission("winning_candidate_publicity", withheld=[withheld(field)])) == fault


def withheld(field: str) -> dict[str, str]:
    return {"field": field, "ground": "commercial_secret", "basis": "政府信息公开条例 第十五条"}


def test_a_record_says_why_it_is_not_disclosed_and_only_then() -> None:
    fault = {("/withhold_ground", "withhold-ground")}

    assert broken(a.a_tender_notice(disclosure="not_disclosed", withhold_ground="commercial_secret")) == set()
    assert broken(a.a_tender_notice(disclosure="not_disclosed")) == fault
    assert broken(a.a_tender_notice(withhold_ground="process")) == fault
    assert broken(a.a_tender_notice(disclosure="on_request", withhold_ground="process")) == fault


def test_a_state_secret_is_no_ground_to_send_a_record() -> None:
    secret = a.a_tender_notice(disclosure="not_disclosed", withhold_ground="state_secret")

    assert {pointer for pointer, _ in broken(secret)} == {"/withhold_ground"}


def test_who_approves_does_not_disclose_a_contract() -> None:
    assert Role.APPROVER not in kinds()["tender_contract"].discloser
    wrong = a.a_tender_contract(discloser__role="approver")
    assert broken(wrong) == {("/discloser/role", "discloser-role")}


def test_a_submission_whose_secrecy_review_is_open_is_refused() -> None:
    assert {pointer for pointer, _ in broken(a.a_tender_notice(secrecy_review="pending"))} == {"/secrecy_review"}


@pytest.mark.parametrize("kind", ["procurement_document", "procurement_contract"])
def test_a_record_that_is_about_a_file_has_it(kind: str) -> None:
    another = a.a_submission(kind, attachments__0__code="OTHER")

    assert broken(a.a_submission(kind)) == set()
    assert broken(a.a_submission(kind, attachments=[])) == {("/attachments", "attachment-required")}
    assert broken(a.a_submission(kind, attachments=...)) == {("/attachments", "attachment-required")}
    assert broken(another) == {("/attachments", "attachment-required")}


def test_a_procurement_result_comes_with_the_documents_unless_they_are_public() -> None:
    bare = a.a_submission("procurement_result", attachments=[])

    assert advised(bare) == {("/attachments", "attachment-usual")}
    assert advised(a.a_submission("procurement_result")) == set()
