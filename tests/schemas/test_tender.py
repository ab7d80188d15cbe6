"""工程建设项目招标投标: the rules of its kinds."""

import pytest

from hub.problems import IllegalChange
from hub.schemas.kind import Scope, Stage, kinds, scope_of
from hub.schemas.tender.base import TenderKind
from hub.schemas.tender.candidates import Candidate
from tests import builders as a
from tests.schemas.judging import advised, broken, taken


def test_the_number_of_sections_is_that_of_the_sections_listed() -> None:
    assert broken(a.a_tender_notice(body__notice_bid_num=3)) == {("/body/notice_bid_num", "section-count")}
    assert broken(a.a_tender_notice(body__notice_bid_num=3, body__bid_section_codes=...)) == set()
    assert broken(a.a_procurement_notice(body__bulletin_bid_num=2)) == {("/body/bulletin_bid_num", "section-count")}


def test_a_correction_says_whether_the_opening_is_postponed() -> None:
    correction = a.a_tender_notice(body__notice_nature="2", body__is_postpone=...)
    assert broken(correction) == {("/body/is_postpone", "correction-says-postponed")}


def test_a_tender_notice_says_how_the_bids_are_opened() -> None:
    assert broken(a.a_tender_notice(body__bid_open_method=...)) == {("/body/bid_open_method", "opening-method")}


def test_less_than_twenty_days_to_bid_is_advised_against_but_taken() -> None:
    short = a.a_tender_notice(
        body__bid_doc_refer_end_time="2026-04-04T17:00:00+08:00", body__bid_open_time="2026-04-05T09:00:00+08:00"
    )
    assert advised(short) == {("/body/bid_doc_refer_end_time", "bid-preparation")}


def test_the_days_to_bid_are_days_in_beijing_and_not_hours() -> None:
    # The twentieth day after that of 16 March is 5 April; by UTC the last of these is 4 April.
    for deadline in ("2026-04-05T09:30:00+08:00", "2026-04-05T00:30:00+08:00", "2026-04-04T16:30:00Z"):
        issued = {"body__doc_get_start_time": "2026-03-16T17:00:00+08:00", "body__bid_doc_refer_end_time": deadline}
        assert advised(a.a_tender_notice(**issued)) == set()


@pytest.mark.parametrize("kind", ["tender_notice", "prequalification_notice"])
def test_less_than_five_days_of_documents_are_refused(kind: str) -> None:
    # On sale from 16 March on: five days are over on the 21st, and only with the first one on the 20th.
    four, with_the_first, five = (
        a.a_submission(kind, body__doc_get_end_time=f"2026-03-{day}T08:00:00+08:00") for day in (19, 20, 21)
    )
    assert broken(four) == {("/body/doc_get_end_time", "document-sale")}
    assert advised(with_the_first) == {("/body/doc_get_end_time", "first-day-counted")}
    assert ("/body/doc_get_end_time", "first-day-counted") not in advised(five)


def test_candidates_are_public_for_three_days_at_least() -> None:
    short = a.a_winning_candidate_publicity(body__publicity_end_time="2026-04-20T08:59:59+08:00")
    assert broken(short) == {("/body/publicity_end_time", "publicity-period")}
    exact = a.a_winning_candidate_publicity(body__publicity_end_time="2026-04-20T09:00:00+08:00")
    assert broken(exact) == set()


def test_a_section_has_three_candidates_at_most() -> None:
    publicity = a.a_winning_candidate_publicity()
    publicity["body"]["candidates"].append(publicity["body"]["candidates"][0] | {"win_candidate_order": 4})
    assert broken(publicity) == {("/body/candidates", "candidate-count")}


def test_a_section_without_a_candidate_is_not_published() -> None:
    publicity = a.a_winning_candidate_publicity(project="P")
    publicity["body"]["bid_section_codes"].append(a.a_section_code("P", 2))
    assert broken(publicity) == {("/body/candidates", "candidate-count")}


def test_no_two_candidates_of_a_section_have_the_same_rank() -> None:
    twice = a.a_winning_candidate_publicity(body__candidates__1__win_candidate_order=1)
    assert broken(twice) == {("/body/candidates", "candidate-order")}


def test_a_candidate_is_of_a_section_that_is_listed() -> None:
    stray = a.a_winning_candidate_publicity("P", body__candidates__2__bid_section_code=a.a_section_code("P", 9))
    assert broken(stray) == {("/body/candidates", "candidate-section")}


def test_the_amount_of_an_achievement_has_its_unit() -> None:
    unclear = a.a_winning_candidate_publicity(body__candidates__0__personal_achievements__0__price_unit=...)
    assert broken(unclear) == {("/body/candidates/0/personal_achievements/0/price_unit", "amount-unit")}


def test_a_consortium_has_both_codes_and_name() -> None:
    union = a.a_win_result_notice(body__union_name="青屿—鹭汀联合体")
    assert broken(union) == {("/body/union_code", "all-or-none")}
    assert broken(a.a_win_result_notice(body__union_name="青屿—鹭汀联合体", body__union_code=[a.a_uscc()])) == set()


def test_the_project_managers_id_number_is_for_the_government_only() -> None:
    assert scope_of(Candidate.model_fields["project_manager_id"]) is Scope.GOVERNMENT


def test_a_call_for_prequalification_is_no_tender_notice() -> None:
    wrong = a.a_tender_notice(body__bulletin_type="2")
    assert broken(wrong) == {("/body/bulletin_type", "tender-notice-type")}


def test_a_call_for_bids_is_no_prequalification_notice() -> None:
    wrong = a.a_submission("prequalification_notice", body__bulletin_type="1")
    assert broken(wrong) == {("/body/bulletin_type", "prequalification-notice-type")}


def test_less_than_five_days_to_apply_is_advised_against() -> None:
    short = a.a_submission("prequalification_notice", body__bid_doc_refer_end_time="2026-03-25T17:00:00+08:00")
    assert advised(short) == {("/body/bid_doc_refer_end_time", "application-preparation")}
    fifth_day = a.a_submission("prequalification_notice", body__bid_doc_refer_end_time="2026-03-26T09:00:00+08:00")
    assert advised(fifth_day) == set()


def test_both_calls_are_one_dataset_and_share_its_rules() -> None:
    notice, call = kinds()["tender_notice"], kinds()["prequalification_notice"]
    assert notice.dataset == call.dataset == 503
    assert notice.model_fields.keys() ^ call.model_fields.keys() == {"bid_open_method", "qual_type"}
    assert broken(a.a_submission("prequalification_notice", body__notice_bid_num=3)) == {
        ("/body/notice_bid_num", "section-count")
    }


def test_a_candidate_by_itself_is_ranked_first_second_or_third() -> None:
    for rank in (0, 4):
        wrong = a.a_submission("winning_candidate", body__win_candidate_order=rank)
        assert broken(wrong) == {("/body/win_candidate_order", "candidate-rank")}
    assert broken(a.a_submission("winning_candidate", body__win_candidate_order=3)) == set()


def test_a_candidate_by_itself_says_what_a_listed_one_says() -> None:
    assert Candidate.model_fields.keys() <= kinds()["winning_candidate"].model_fields.keys()
    priceless = a.a_submission("winning_candidate", body__bid_price=...)
    assert broken(priceless) == {("/body/bid_price", "price-form-amount")}


def test_other_candidates_are_published_for_a_period_of_their_own() -> None:
    first = a.a_winning_candidate_publicity()
    other = a.a_later_version(first, body__candidates__0__bid_price="79000000.00")
    with pytest.raises(IllegalChange) as illegal:
        taken(other).body.follow(taken(first).body)
    assert (illegal.value.fault.pointer, illegal.value.fault.rule) == ("/body/publicity_end_time", "publicity-anew")


def test_other_candidates_may_follow_with_a_later_end() -> None:
    first = a.a_winning_candidate_publicity()
    later = {"body__candidates__0__bid_price": "79000000.00", "body__publicity_end_time": "2026-04-24T09:00:00+08:00"}
    taken(a.a_later_version(first, **later)).body.follow(taken(first).body)


def test_a_slip_in_a_publicity_is_corrected_without_a_new_period() -> None:
    first = a.a_winning_candidate_publicity()
    corrected = a.a_later_version(first, body__candidates__0__time_limit="400 日历天（含节假日）")
    taken(corrected).body.follow(taken(first).body)


def test_every_stage_of_a_tender_has_its_kind() -> None:
    stages = {kind.stage for kind in kinds().values() if issubclass(kind, TenderKind)}
    assert stages >= {
        Stage.ANNOUNCEMENT,
        Stage.QUALIFICATION,
        Stage.PROCESS,
        Stage.AWARD,
        Stage.CONTRACT,
        Stage.PERFORMANCE,
        Stage.CHANGE,
    }
