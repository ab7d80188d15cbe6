"""工程建设项目招标投标: the rules of projects, their approval and their documents."""

from typing import Any

import pytest

from hub.problems import IllegalChange
from hub.schemas.examples import example
from hub.schemas.kind import Role, kinds
from tests import builders as a
from tests.schemas.judging import advised, broken, taken

PLATFORM = a.a_uscc(99, prefix="12350100")

APPROVAL, PLAN, INVESTMENT = "tender_approval_record", "tender_plan", "tender_investment_project"
PROJECT, SECTION = "tender_project", "tender_section"
DOCUMENT, PREQUALIFICATION = "tender_document", "prequalification_document"


def thread(kind: str) -> str:
    """The thread of the kind's example."""
    return taken(example(kind)).body.thread(PLATFORM)


def test_what_comes_before_a_tender_is_in_the_threads_of_its_project() -> None:
    assert thread(APPROVAL) == thread(PLAN) == f"project:{example(PLAN)['body']['invest_project_code']}"
    assert thread(INVESTMENT) == f"project:{example(INVESTMENT)['body']['project_code']}"
    assert thread(PROJECT) == thread("tender_notice")


def test_only_who_approves_discloses_an_approval() -> None:
    assert kinds()[APPROVAL].discloser == {Role.APPROVER}
    wrong = a.a_submission(APPROVAL, discloser__role="implementer")
    assert broken(wrong) == {("/discloser/role", "discloser-role")}


def test_an_item_that_is_not_tendered_says_why() -> None:
    silent = a.a_submission(APPROVAL, body__tender_items__0__not_tendered_reason=...)
    assert broken(silent) == {("/body/tender_items/0/not_tendered_reason", "not-tendered-why")}


def test_an_item_that_is_tendered_says_how() -> None:
    for missing in ("org_form", "mode"):
        silent = a.a_submission(APPROVAL, **{f"body__tender_items__1__{missing}": ...})
        assert broken(silent) == {(f"/body/tender_items/1/{missing}", "tendered-how")}


def test_no_item_stands_twice_in_an_approval_but_other_ones() -> None:
    twice = a.a_submission(APPROVAL, body__tender_items__1__item="4")
    assert broken(twice) == {("/body/tender_items", "tender-item-twice")}
    others = a.a_submission(APPROVAL, body__tender_items__1__item="9", body__tender_items__3__item="9")
    assert broken(others) == set()


def test_the_items_cost_no_more_than_the_project() -> None:
    most = a.a_submission(APPROVAL, body__total_investment="100400000.00", body__total_investment_unit="0")
    assert broken(most) == set()
    less = a.a_submission(APPROVAL, body__total_investment="100399999.99", body__total_investment_unit="0")
    assert broken(less) == {("/body/tender_items", "items-over-investment")}


def test_items_in_another_currency_are_not_added_up() -> None:
    foreign = a.a_submission(APPROVAL, body__total_investment="1.00", body__total_investment_currency="840")
    assert broken(foreign) == set()


def test_the_estimate_of_an_item_has_its_unit() -> None:
    unclear = a.a_submission(APPROVAL, body__tender_items__2__estimate_unit=...)
    assert ("/body/tender_items/2/estimate_unit", "amount-unit") in broken(unclear)


def test_an_approval_is_valid_from_its_decision_on() -> None:
    wrong = a.a_submission(APPROVAL, body__valid_until="2026-01-22")
    assert broken(wrong) == {("/body/valid_until", "period-order")}


def test_a_plan_of_less_than_thirty_days_is_advised_against() -> None:
    short = a.a_submission(PLAN, body__expected_notice_date="2026-03-10")
    assert advised(short) == {("/body/expected_notice_date", "tender-plan-ahead")}
    assert advised(a.a_submission(PLAN, body__expected_notice_date="2026-03-11")) == set()


def test_a_plan_comes_before_its_notice() -> None:
    late = a.a_submission(PLAN, body__expected_notice_date="2026-02-08")
    assert broken(late) == {("/body/expected_notice_date", "period-order")}


def test_a_fixed_asset_investment_has_its_code() -> None:
    without = a.a_submission(INVESTMENT, body__invest_project_code=...)
    assert broken(without) == {("/body/invest_project_code", "investment-code-needed")}
    other = a.a_submission(INVESTMENT, body__invest_project_code=..., body__relate_code="0")
    assert broken(other) == set()


def test_the_industries_are_those_of_2017() -> None:
    assert broken(a.a_submission(INVESTMENT, body__class_ver_code="1")) == {("/body/class_ver_code", "not-one-of")}


def test_the_code_of_a_project_never_changes() -> None:
    first = a.a_submission(INVESTMENT)
    renamed = a.a_later_version(first, body__project_code="A3501002603001202")
    with pytest.raises(IllegalChange) as illegal:
        taken(renamed).body.follow(taken(first).body)
    assert (illegal.value.fault.pointer, illegal.value.fault.rule) == ("/body/project_code", "field-fixed")


def test_a_tender_project_is_one_of_its_project() -> None:
    stray = a.a_submission(PROJECT, body__project_code="A3501002603001202")
    assert broken(stray) == {("/body/tender_project_code", "project-of-tender")}


@pytest.mark.parametrize("missing", ["name", "code_type", "code", "role"])
def test_a_tender_by_an_agency_names_it_whole(missing: str) -> None:
    silent = a.a_submission(PROJECT, **{f"body__tender_agency_{missing}": ...})
    assert broken(silent) == {(f"/body/tender_agency_{missing}", "tender-agency-needed")}


def test_a_tenderer_that_tenders_by_itself_needs_no_agency() -> None:
    agency: dict[str, Any] = {f"body__tender_agency_{name}": ... for name in ("name", "code_type", "code", "role")}
    assert broken(a.a_submission(PROJECT, body__tender_organize_form="1", **agency)) == set()


def test_a_joint_tender_has_two_tenderers() -> None:
    alone = a.a_submission(PROJECT, body__isunion="1")
    assert broken(alone) == {("/body/tenderer_code", "joint-tenderers")}
    two = {"body__tenderer_code": [a.a_uscc(1), a.a_uscc(2)], "body__tenderer_code_type": ["1", "1"]}
    assert broken(a.a_submission(PROJECT, **two)) == {("/body/tenderer_code", "joint-tenderers")}
    assert broken(a.a_submission(PROJECT, body__isunion="1", **two)) == set()


def test_every_tenderer_has_its_type() -> None:
    wrong = a.a_submission(PROJECT, body__tenderer_code_type=["1", "1"])
    assert broken(wrong) == {("/body/tenderer_code_type", "tenderer-types")}


def test_another_mode_than_the_laws_two_is_advised_against() -> None:
    other = a.a_submission(PROJECT, body__tender_mode="9")
    assert advised(other) == {("/body/tender_mode", "tender-lawful-mode")}
    assert advised(a.a_submission(PROJECT, body__tender_mode="9", body__is_to_law="0")) == set()


def test_the_rounds_of_a_section_are_counted_from_one() -> None:
    assert broken(a.a_submission(SECTION, body__bid_section_num=0)) == {("/body/bid_section_num", "out-of-range")}


def test_a_section_is_one_of_its_tender_project() -> None:
    stray = a.a_submission(SECTION, body__bid_section_code=a.a_section_code(7))
    assert broken(stray) == {("/body/bid_section_code", "section-of-project")}


def test_an_estimate_that_is_likely_in_the_wrong_unit_is_pointed_out() -> None:
    large = a.a_submission(SECTION, body__price_unit="1")
    assert advised(large) == {("/body/contract_reckon_price", "amount-large")}


def test_a_postponed_opening_has_its_new_time_and_place() -> None:
    for kind in (DOCUMENT, PREQUALIFICATION):
        postponed = a.a_submission(kind, body__is_postpone="1")
        assert broken(postponed) == {
            ("/body/post_open_time", "postponed-to"),
            ("/body/post_open_address", "tender-postponed-place"),
        }


def test_an_opening_is_postponed_to_a_later_time() -> None:
    for kind, earlier in ((DOCUMENT, "2026-04-15T09:29:59+08:00"), (PREQUALIFICATION, "2026-03-27T09:29:59+08:00")):
        wrong = a.a_submission(
            kind, body__is_postpone="1", body__post_open_time=earlier, body__post_open_address="第三开标室"
        )
        assert broken(wrong) == {("/body/post_open_time", "period-order")}


def test_bids_are_opened_after_they_are_due() -> None:
    early = a.a_submission(DOCUMENT, body__bid_open_time="2026-04-15T09:00:00+08:00")
    assert broken(early) == {("/body/bid_open_time", "period-order")}
    early = a.a_submission(PREQUALIFICATION, body__doc_open_time="2026-03-27T09:00:00+08:00")
    assert broken(early) == {("/body/doc_open_time", "period-order")}


def test_a_late_clarification_is_advised_against_unless_the_opening_is_postponed() -> None:
    late = {"body__clarify_time": "2026-03-31T09:30:01+08:00"}
    assert advised(a.a_submission(DOCUMENT, **late)) == {("/body/bid_doc_refer_end_time", "tender-clarification")}
    postponed = {
        "body__is_postpone": "1",
        "body__post_open_time": "2026-04-20T09:30:00+08:00",
        "body__post_open_address": "第三开标室",
    }
    assert advised(a.a_submission(DOCUMENT, **late, **postponed)) == set()


def test_applicants_have_three_days_to_adapt_to_a_clarification() -> None:
    late = a.a_submission(PREQUALIFICATION, body__tender_submit_time="2026-03-24T09:30:01+08:00")
    assert advised(late) == {("/body/doc_submit_end_time", "tender-clarification")}


def test_a_security_in_words_has_its_words() -> None:
    silent = a.a_submission(DOCUMENT, body__price_form_code="2")
    assert broken(silent) == {("/body/margin_percent", "price-form-text")}


def test_a_security_of_more_than_two_percent_is_advised_against() -> None:
    exact = a.a_submission(DOCUMENT, body__margin_amount="172.00")
    assert advised(exact) == set()
    large = a.a_submission(DOCUMENT, body__margin_amount="172.01")
    assert advised(large) == {("/body/margin_amount", "bid-security-share")}


def test_the_number_of_a_document_is_of_one_of_its_sections() -> None:
    stray = a.a_submission(DOCUMENT, body__doc_no=a.a_section_code(7) + "001")
    assert advised(stray) == {("/body/doc_no", "tender-document-number")}
    assert advised(a.a_submission(DOCUMENT, body__doc_no=...)) == set()
