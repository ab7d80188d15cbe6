"""工程建设项目招标投标: the rules of invitations, bids, evaluations and objections."""

from hub.schemas.kind import Scope, kinds, scope_of
from tests import builders as a
from tests.schemas.judging import advised, broken

INVITATION, BIDDER, EXPERT = "tender_invitation", "bidder_list", "evaluation_expert"
GUARANTEE, OBJECTION = "bid_guarantee", "tender_objection"


def test_who_is_invited_is_secret_until_the_bids_are_due() -> None:
    kind = kinds()[INVITATION]
    secret = {name for name, info in kind.model_fields.items() if scope_of(info) is Scope.OPENED}
    assert kind.opening == "bid_doc_refer_end_time"
    assert secret >= {"bidder_name", "bidder_code", "bid_invite_issue_content"}


def test_who_bids_at_what_price_is_secret_until_the_opening() -> None:
    kind = kinds()[BIDDER]
    secret = {name for name, info in kind.model_fields.items() if scope_of(info) is Scope.OPENED}
    assert kind.opening == "bid_open_time"
    assert secret >= {"bidder_name", "bidder_org_code", "union_enterprise_name", "bid_manager", "bid_price"}


def test_the_id_numbers_of_managers_and_experts_are_for_the_government_only() -> None:
    assert scope_of(kinds()[BIDDER].model_fields["pm_code"]) is Scope.GOVERNMENT
    assert scope_of(kinds()[EXPERT].model_fields["id_card"]) is Scope.GOVERNMENT


def test_applications_experts_and_guarantees_are_withheld_as_a_whole() -> None:
    hidden = {name for name, kind in kinds().items() if kind.domain == "tender" and kind.government_only}
    assert hidden == {"prequalification_application", EXPERT, GUARANTEE}


def test_an_invitee_answers_between_the_invitation_and_the_deadline() -> None:
    early = a.a_submission(INVITATION, body__bid_invite_end_time="2026-03-20T14:00:00+08:00")
    assert broken(early) == {("/body/bid_invite_end_time", "period-order")}
    late = a.a_submission(INVITATION, body__bid_invite_end_time="2026-04-15T15:00:00+08:00")
    assert broken(late) == {("/body/bid_doc_refer_end_time", "period-order")}


def test_an_invitee_has_twenty_days_too() -> None:
    short = a.a_submission(INVITATION, body__bid_doc_refer_end_time="2026-04-08T17:00:00+08:00")
    assert advised(short) == {("/body/bid_doc_refer_end_time", "bid-preparation")}


def test_documents_for_invitees_are_on_offer_for_five_days() -> None:
    short = a.a_submission(INVITATION, body__doc_get_end_time="2026-03-23T15:00:00+08:00")
    assert broken(short) == {("/body/doc_get_end_time", "document-sale")}


def test_a_bidder_that_gave_a_security_says_how() -> None:
    silent = a.a_submission(BIDDER, body__margin_pay_form=...)
    assert broken(silent) == {("/body/margin_pay_form", "bid-security-form")}
    assert broken(a.a_submission(BIDDER, body__margin_pay_form=..., body__is_commit_margin="0")) == set()


def test_a_bid_is_priced_in_yuan() -> None:
    wrong = a.a_submission(BIDDER, body__price_unit="1", body__bid_price="7986.00")
    assert broken(wrong) == {("/body/price_unit", "bid-in-yuan")}


def test_a_bid_by_rate_needs_no_amount_but_its_words() -> None:
    amount = {"body__bid_price": ..., "body__price_currency": ..., "body__price_unit": ...}
    rate = a.a_submission(BIDDER, body__price_form_code="2", body__other_bid_price="下浮 4.6%", **amount)
    assert broken(rate) == set()
    silent = a.a_submission(BIDDER, body__price_form_code="2", **amount)
    assert broken(silent) == {("/body/other_bid_price", "price-form-text")}


def test_a_bid_that_came_after_the_opening_is_refused() -> None:
    late = a.a_submission(BIDDER, body__checkin_time="2026-04-15T09:30:01+08:00")
    assert broken(late) == {("/body/bid_open_time", "period-order")}


def test_a_consortium_of_bidders_has_both_codes_and_name() -> None:
    for kind in (BIDDER, GUARANTEE):
        union = a.a_submission(kind, body__union_enterprise_name="青屿—鹭汀联合体")
        assert broken(union) == {("/body/union_enterprise_name", "all-or-none")}


def test_an_expert_with_a_resident_card_has_an_id_number() -> None:
    wrong = a.a_submission(EXPERT, body__id_card="110105194912310021")
    assert broken(wrong) == {("/body/id_card", "expert-id-number")}
    passport = a.a_submission(EXPERT, body__id_card="E00000001", body__id_card_type="02")
    assert broken(passport) == set()


def test_a_guarantee_begins_before_it_ends() -> None:
    wrong = a.a_submission(GUARANTEE, body__end_time="2026-04-14T23:59:59+08:00")
    assert broken(wrong) == {("/body/end_time", "period-order")}


def test_a_guarantee_is_not_issued_before_it_was_made() -> None:
    wrong = a.a_submission(GUARANTEE, body__letter_time="2026-04-10T09:59:59+08:00")
    assert broken(wrong) == {("/body/letter_time", "period-order")}


def test_a_guarantee_that_costs_what_it_guarantees_is_pointed_out() -> None:
    swapped = a.a_submission(GUARANTEE, body__guarantee_cost="800000.00")
    assert advised(swapped) == {("/body/guarantee_cost", "bid-guarantee-cost")}


def test_a_reply_has_its_time() -> None:
    undated = a.a_submission(OBJECTION, body__reply_time=...)
    assert broken(undated) == {("/body/reply_content", "all-or-none")}
    assert broken(a.a_submission(OBJECTION, body__reply_time=..., body__reply_content=...)) == set()


def test_a_reply_follows_its_objection() -> None:
    early = a.a_submission(OBJECTION, body__reply_time="2026-03-25T15:00:00+08:00")
    assert broken(early) == {("/body/reply_time", "period-order")}


def test_a_reply_after_more_than_three_days_is_advised_against() -> None:
    third = a.a_submission(OBJECTION, body__reply_time="2026-03-28T18:00:00+08:00")
    assert advised(third) == set()
    fourth = a.a_submission(OBJECTION, body__reply_time="2026-03-29T08:00:00+08:00")
    assert advised(fourth) == {("/body/reply_time", "tender-objection-reply")}


def test_sections_of_another_project_are_refused() -> None:
    for kind in (OBJECTION, "prequalification_application"):
        stray = a.a_submission(kind, body__bid_section_codes=[a.a_section_code(7)])
        assert broken(stray) == {("/body/bid_section_codes", "section-of-project")}
