"""政府采购: the rules of its kinds."""

import pytest

from hub.schemas.kind import Scope, kinds, scope_of
from tests import builders as a
from tests.schemas.judging import advised, broken, taken

PLATFORM = a.a_uscc(99, prefix="12350100")


def test_the_ceiling_price_is_within_the_budget() -> None:
    assert broken(a.a_procurement_notice(body__ceiling_price="2380000.01")) == {
        ("/body/ceiling_price", "ceiling-over-budget")
    }


def test_a_procurement_notice_has_one_deadline() -> None:
    other = a.a_procurement_notice(body__submit_end="2026-06-22T09:00:00+08:00")
    assert broken(other) == {("/body/submit_end", "submit-end")}


def test_the_same_instant_in_another_offset_is_the_same_deadline() -> None:
    assert broken(a.a_procurement_notice(body__submit_end="2026-06-23T01:00:00+00:00")) == set()


@pytest.mark.parametrize(("notice_type", "days"), [("1", 5), ("2", 5), ("3", 3), ("6", 5)])
def test_a_procurement_notice_stands_its_working_days(notice_type: str, days: int) -> None:
    notice = {"body__notice_type": notice_type}
    assert broken(a.a_procurement_notice(**notice, body__notice_period_wd=days)) == set()
    assert broken(a.a_procurement_notice(**notice, body__notice_period_wd=days - 1)) == {
        ("/body/notice_period_wd", "notice-period")
    }


@pytest.mark.parametrize("notice_type", ["1", "2"])
def test_documents_of_a_tender_are_offered_for_five_working_days(notice_type: str) -> None:
    of_type = {"body__notice_type": notice_type}
    short = a.a_procurement_notice(**of_type, body__doc_get_end="2026-06-04T17:00:00+08:00")
    assert broken(short) == {("/body/doc_get_end", "procurement-documents")}
    with_the_first = a.a_procurement_notice(**of_type, body__doc_get_end="2026-06-05T17:00:00+08:00")
    assert ("/body/doc_get_end", "first-day-counted") in advised(with_the_first)


def test_documents_of_a_negotiation_may_be_offered_for_less() -> None:
    short = a.a_procurement_notice(body__notice_type="3", body__doc_get_end="2026-06-04T17:00:00+08:00")
    assert (broken(short), advised(short)) == (set(), set())


def test_a_hurried_procurement_is_advised_against() -> None:
    hurried = a.a_procurement_notice(
        body__bid_closing_time="2026-06-20T09:00:00+08:00",
        body__submit_end="2026-06-20T09:00:00+08:00",
    )
    assert advised(hurried) == {("/body/submit_end", "procurement-preparation")}


def test_the_days_to_bid_in_a_procurement_are_days_and_not_hours() -> None:
    twentieth_day = {f"body__{name}": "2026-06-21T00:30:00+08:00" for name in ("bid_closing_time", "submit_end")}
    assert advised(a.a_procurement_notice(**twentieth_day)) == set()


def test_a_postponed_procurement_says_to_when() -> None:
    assert broken(a.a_procurement_correction(body__post_bid_closing_time=...)) == {
        ("/body/post_bid_closing_time", "postponed-to")
    }
    unmoved = a.a_procurement_correction(body__is_postpone="0", body__post_bid_closing_time=...)
    assert broken(unmoved) == set()


def test_a_procurement_result_stands_one_working_day() -> None:
    assert broken(a.a_procurement_result(body__result_publicity_days_wd=3)) == {
        ("/body/result_publicity_days_wd", "result-period")
    }


def test_a_contract_with_its_secrets_in_it_is_refused() -> None:
    assert broken(a.a_procurement_contract(body__secret_parts_removed="0")) == {
        ("/body/secret_parts_removed", "secrets-removed")
    }


@pytest.mark.parametrize("month", ["202613", "202600", "20260x", "２０２６０６"])
def test_an_expected_month_exists(month: str) -> None:
    intention = a.a_submission("procurement_intention", body__items__1__expected_month=month)
    assert broken(intention) == {("/body/items/1/expected_month", "expected-month")}


def test_the_lines_of_an_intention_are_numbered_once() -> None:
    intention = a.a_submission("procurement_intention", body__items__1__seq=1)
    assert broken(intention) == {("/body/items", "intention-sequence")}


def test_the_first_purchase_begins_in_the_first_expected_month() -> None:
    intention = a.a_submission("procurement_intention", body__earliest_start="2026-09-01")
    assert broken(intention) == {("/body/earliest_start", "earliest-start")}
    assert broken(a.a_submission("procurement_intention", body__earliest_start=...)) == set()


def test_a_fixed_asset_investment_has_its_code() -> None:
    project = a.a_submission("procurement_project", body__relate_code="1")
    assert broken(project) == {("/body/invest_project_code", "procurement-investment-code")}
    coded = {"body__relate_code": "1", "body__invest_project_code": "2026-350100-78-01-000123"}
    assert broken(a.a_submission("procurement_project", **coded)) == set()


@pytest.mark.parametrize(
    ("kind", "amount", "currency", "unit", "words"),
    [
        ("procurement_project", "budget_amount", "budget_currency", "budget_unit", "other_program_budget"),
        ("procurement_budget", "budget_amount", "budget_currency", "budget_unit", "other_budget"),
        ("procurement_supplier_list", "bid_price", "price_currency", "price_unit", "other_bid_price"),
    ],
)
def test_a_price_has_what_its_form_asks_for(kind: str, amount: str, currency: str, unit: str, words: str) -> None:
    for name, rule in ((amount, "amount"), (currency, "currency"), (unit, "unit")):
        assert broken(a.without(a.a_submission(kind), "body", name)) == {(f"/body/{name}", f"price-form-{rule}")}
    rate = a.a_submission(kind, body__price_form_code="2")
    assert broken(rate) == {(f"/body/{words}", "price-form-text")}


@pytest.mark.parametrize("kind", ["procurement_budget", "procurement_document"])
def test_a_ceiling_stands_below_the_budget_wherever_both_are(kind: str) -> None:
    assert broken(a.a_submission(kind, body__ceiling_price="2380000.01")) == {
        ("/body/ceiling_price", "ceiling-over-budget")
    }


@pytest.mark.parametrize(
    ("kind", "amount"),
    [
        ("procurement_project", "budget_amount"),
        ("procurement_budget", "budget_amount"),
        ("procurement_document", "budget_amount"),
        ("procurement_single_source_publicity", "budget_amount"),
        ("procurement_supplier_list", "bid_price"),
    ],
)
def test_an_implausible_budget_or_price_is_advised_against(kind: str, amount: str) -> None:
    huge = a.a_submission(kind, **{f"body__{amount}": "3000000000.01"})
    assert advised(huge) == {(f"/body/{amount}", "amount-large")}


def test_a_second_version_of_the_documents_says_what_it_clarifies() -> None:
    silent = a.a_submission("procurement_document", body__clarify_content=...)
    assert broken(silent) == {("/body/clarify_content", "clarification-content")}
    first = a.a_submission("procurement_document", body__clarify_content=..., body__doc_version=1)
    assert broken(first) == set()


def test_versions_of_the_documents_are_counted_from_one() -> None:
    zeroth = a.a_submission("procurement_document", body__doc_version=0)
    assert broken(zeroth) == {("/body/doc_version", "out-of-range")}


@pytest.mark.parametrize("result", ["0", "3", "4"])
def test_documents_that_are_not_reviewed_fit_to_publish_are_refused(result: str) -> None:
    document = a.a_submission("procurement_document", body__trade_secret_review=result)
    assert broken(document) == {("/body/trade_secret_review", "document-review")}


def test_a_single_source_stands_five_working_days() -> None:
    kind, start = "procurement_single_source_publicity", "2026-08-03"
    short = a.a_submission(kind, body__publicity_start=start, body__publicity_end="2026-08-06")
    assert broken(short) == {("/body/publicity_end", "single-source-period")}
    over_a_weekend = a.a_submission(kind, body__publicity_start=start, body__publicity_end="2026-08-09")
    assert advised(over_a_weekend) == {("/body/publicity_end", "first-day-counted")}


def test_a_publicity_ends_after_it_begins() -> None:
    backwards = a.a_submission("procurement_single_source_publicity", body__publicity_end="2026-08-02")
    assert broken(backwards) == {("/body/publicity_end", "period-order")}


def test_a_security_arrives_before_the_opening() -> None:
    late = a.a_submission("procurement_supplier_list", body__margin_receive_time="2026-06-30T09:00:01+08:00")
    assert broken(late) == {("/body/bid_open_time", "period-order")}


def test_who_bids_and_for_how_much_is_opened_at_the_opening() -> None:
    kind = kinds()["procurement_supplier_list"]
    opened = {name for name, info in kind.model_fields.items() if scope_of(info) is Scope.OPENED}
    assert opened == {"bidder_name", "bidder_org_code", "bid_price", "other_bid_price"}
    assert kind.opening == "bid_open_time"


def test_a_supplier_that_failed_did_not_pass() -> None:
    result = a.a_submission("procurement_prequalification_result")
    result["body"]["failed_suppliers"][0]["name"] = result["body"]["passed_suppliers"][0]["name"]
    assert broken(result) == {("/body/failed_suppliers", "passed-and-failed")}


def test_a_supplier_passes_once() -> None:
    result = a.a_submission("procurement_prequalification_result")
    result["body"]["passed_suppliers"][1]["code"] = result["body"]["passed_suppliers"][0]["code"]
    assert broken(result) == {("/body/passed_suppliers", "supplier-listed-twice")}


def test_all_suppliers_may_fail() -> None:
    none_passed = a.a_submission("procurement_prequalification_result", body__passed_suppliers=[])
    assert broken(none_passed) == set()


def test_a_complaint_goes_through_its_days_in_order() -> None:
    def decision(**days: str) -> set[tuple[str, str]]:
        return broken(a.a_submission("procurement_complaint_decision", **days))

    assert decision(body__complaint_date="2026-08-04") == {("/body/accept_date", "period-order")}
    assert decision(body__decision_date="2026-08-02") == {("/body/decision_date", "period-order")}


def test_a_complaint_is_decided_in_thirty_working_days() -> None:
    last_day = a.a_submission("procurement_complaint_decision", body__decision_date="2026-09-09")
    assert advised(last_day) == set()
    late = a.a_submission("procurement_complaint_decision", body__decision_date="2026-09-10")
    assert advised(late) == {("/body/decision_date", "complaint-decision-period")}
    unknown = a.a_submission(
        "procurement_complaint_decision", body__complaint_date=..., body__decision_date="2026-12-31"
    )
    assert advised(unknown) == set()


def test_a_complainant_without_a_code_is_advised_against() -> None:
    unknown = a.a_submission("procurement_complaint_decision", body__complainant_code=...)
    assert advised(unknown) == {("/body/complainant_code", "complainant-code")}


def test_a_decision_names_its_project_whole_or_not_at_all() -> None:
    half = a.a_submission("procurement_supervision_decision", body__project_name=...)
    assert broken(half) == {("/body/project_no", "all-or-none")}


def test_a_decision_about_no_project_is_a_thread_of_its_own() -> None:
    decision = a.a_submission("procurement_supervision_decision", body__project_no=..., body__project_name=...)
    assert taken(decision).body.thread(PLATFORM) == f"procurement:{PLATFORM}:鼓财购监〔2026〕第6号"


def test_what_comes_after_a_contract_stays_in_the_thread_of_its_project() -> None:
    after = ("procurement_acceptance", "procurement_complaint_decision", "procurement_supervision_decision")
    threads = {taken(a.a_submission(kind)).body.thread(PLATFORM) for kind in ("procurement_contract", *after)}
    assert threads == {f"procurement:{PLATFORM}:FZCG-2026-0099"}


@pytest.mark.parametrize(
    ("kind", "field"), [("procurement_intention", "purchaser_name"), ("procurement_agency_assessment", "agency_name")]
)
def test_the_thread_of_a_body_that_may_have_no_code_is_short(kind: str, field: str) -> None:
    first, second = (
        taken(a.a_submission(kind, **{f"body__{field}": name})).body.thread(PLATFORM)
        for name in ("局" * 199 + "甲", "局" * 199 + "乙")
    )
    assert first != second
    assert len(first) == len(second) < 200


def test_a_dishonesty_record_is_published_after_the_penalty_and_for_a_time() -> None:
    def record(**days: str) -> set[tuple[str, str]]:
        return broken(a.a_submission("procurement_dishonest_record", **days))

    assert record(body__publish_date="2026-10-14") == {("/body/publish_date", "period-order")}
    assert record(body__publish_end_date="2026-10-19") == {("/body/publish_end_date", "period-order")}


def test_a_dishonesty_record_is_about_a_body() -> None:
    person = a.a_submission("procurement_dishonest_record", body__subject_code=a.an_id_number())
    assert broken(person) == {("/body/subject_code", "dishonest-body")}


def test_a_dishonesty_record_is_credit_information_about_its_subject() -> None:
    subject = a.a_uscc(7)
    record = taken(a.a_submission("procurement_dishonest_record", body__subject_code=subject)).body
    assert record.to_credit
    assert record.thread(PLATFORM) == taken(a.a_blacklist_entry(subject)).body.thread(PLATFORM)
