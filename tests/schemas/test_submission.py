"""The envelope: what every submission says besides its payload."""

from typing import Any

import pytest

from hub.schemas.kind import Role, kinds
from tests import builders as a
from tests.schemas.judging import advised, broken


def test_a_change_needs_its_time() -> None:
    later = a.a_later_version(a.a_tender_notice())
    assert broken(later) == set()
    assert broken(a.without(later, "changed_at")) == {("/changed_at", "changed-at-needs-change")}


def test_only_fields_that_exist_can_be_withheld() -> None:
    def withholding(field: str) -> dict[str, Any]:
        withheld = [{"field": field, "ground": "commercial_secret", "basis": "政府信息公开条例 第十五条"}]
        return a.a_tender_notice(withheld=withheld)

    assert broken(withholding("/estimate_price")) == set()
    assert broken(withholding("/price")) == {("/withheld", "withheld-field")}


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
