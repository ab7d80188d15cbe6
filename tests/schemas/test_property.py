"""国有产权交易: the rules of its kinds."""

from collections.abc import Mapping
from typing import Any

import pytest

from hub.law.projection import projected
from hub.problems import IllegalChange
from hub.schemas.kind import kinds
from hub.schemas.property.base import PropertyKind
from tests import builders as a
from tests.schemas.judging import advised, broken, taken

APPROVAL, AUDIT, PRE = "property_decision_approval", "property_audit_result", "property_pre_disclosure"
ASSETS, EQUITY, PRICE = "property_listing", "equity_listing", "property_transfer_price"
TARGET, HOLDER = "property_target_enterprise", "property_target_shareholder"
SOLD_ASSETS, SOLD_EQUITY = "property_trade_result", "equity_trade_result"


def illegal(first: dict[str, Any], **changes: Any) -> tuple[str, str] | None:
    """The pointer and rule of the problem that a later version meets, or None where it may follow."""
    try:
        taken(a.a_later_version(first, **changes)).body.follow(taken(first).body)
    except IllegalChange as problem:
        return problem.fault.pointer, problem.fault.rule
    return None


def of_body(changes: Mapping[str, object]) -> dict[str, object]:
    return {f"body__{name}": value for name, value in changes.items()}


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        (PRE, "pre_end", "2026-03-24"),
        (EQUITY, "disclosure_end", "2026-05-10"),
        (ASSETS, "disclosure_end", "2026-06-14"),
        (APPROVAL, "approval_date", "2026-02-05"),
        (AUDIT, "report_date", "2025-12-30"),
        (SOLD_ASSETS, "voucher_date", "2026-07-20"),
        (SOLD_EQUITY, "result_notice_end", "2026-06-21"),
        (SOLD_EQUITY, "result_notice_start", "2026-06-16"),
    ],
)
def test_what_comes_later_is_not_dated_earlier(kind: str, field: str, value: str) -> None:
    assert broken(a.a_submission(kind, **{f"body__{field}": value})) == {(f"/body/{field}", "period-order")}


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        (PRE, "percent"),
        (EQUITY, "total_percent"),
        (TARGET, "sell_percent"),
        (HOLDER, "top10_holder_percent"),
        (SOLD_EQUITY, "trade_percent"),
    ],
)
@pytest.mark.parametrize(("percent", "fits"), [("100", True), ("100.01", False), ("0", False)])
def test_a_share_is_more_than_nothing_and_at_most_the_whole(kind: str, field: str, percent: str, fits: bool) -> None:
    wrong = set() if fits else {(f"/body/{field}", "property-percent")}
    assert broken(a.a_submission(kind, **{f"body__{field}": percent})) == wrong


@pytest.mark.parametrize("field", ["transferor_type", "transferor_role"])
def test_every_transferor_has_its_type_and_role(field: str) -> None:
    two = a.a_submission(EQUITY, **{f"body__{field}": ["1", "1"]})
    assert broken(two) == {(f"/body/{field}", "property-party-count")}


def test_an_approval_is_reviewed_for_trade_secrets() -> None:
    assert broken(a.a_submission(APPROVAL, body__trade_secret_review="0")) == {
        ("/body/trade_secret_review", "property-approval-review")
    }


@pytest.mark.parametrize(
    "field",
    [
        "audit_year",
        "opinion_type",
        "total_assets",
        "total_liabilities",
        "net_assets",
        "revenue",
        "total_profit",
        "net_profit",
    ],
)
def test_an_audit_gives_its_year_its_opinion_and_the_figures(field: str) -> None:
    assert broken(a.a_submission(AUDIT, **{f"body__{field}": ...})) == {(f"/body/{field}", "property-audit-content")}


def test_an_appraisal_gives_its_value_and_none_of_the_audit() -> None:
    audit = ("audit_year", "opinion_type", "total_assets", "total_liabilities", "net_assets", "revenue")
    appraisal = {"body__intermediary_type": "2"} | {f"body__{field}": ... for field in audit}
    assert broken(a.a_submission(AUDIT, **appraisal)) == {("/body/evaluate_value", "property-appraisal-content")}
    assert broken(a.a_submission(AUDIT, body__evaluate_value="12706.8", **appraisal)) == set()


def test_the_amounts_of_an_audit_have_a_unit() -> None:
    assert broken(a.a_submission(AUDIT, body__price_unit=...)) == {("/body/price_unit", "property-amounts-unit")}


@pytest.mark.parametrize(("kind", "field"), [(AUDIT, "audit_year"), (TARGET, "last_audit_year")])
def test_no_year_is_audited_before_it_began(kind: str, field: str) -> None:
    assert broken(a.a_submission(kind, **{f"body__{field}": 2027})) == {(f"/body/{field}", "property-audit-year")}


@pytest.mark.parametrize(
    ("kind", "field"), [(AUDIT, "net_assets"), (TARGET, "last_audit_equity"), (TARGET, "ownership_interest")]
)
def test_net_assets_that_do_not_balance_are_advised_against(kind: str, field: str) -> None:
    wrong = a.a_submission(kind, **{f"body__{field}": "-1"})
    assert advised(wrong) == {(f"/body/{field}", "property-net-assets")}


def test_an_auditor_is_named_with_the_year() -> None:
    assert broken(a.a_submission(TARGET, body__last_audit_unit=...)) == {("/body/last_audit_year", "all-or-none")}


def test_industries_are_those_of_the_current_classification() -> None:
    old = a.a_submission(TARGET, body__class_ver_code="1")
    assert broken(old) == {("/body/class_ver_code", "property-class-version")}


@pytest.mark.parametrize(
    ("kind", "amount", "other"),
    [
        (ASSETS, "project_price", "other_price"),
        (PRICE, "price", "other_price"),
        (SOLD_ASSETS, "trade_value", "other_bid_price"),
    ],
)
def test_a_price_has_an_amount_or_words_by_its_form(kind: str, amount: str, other: str) -> None:
    for field, rule in ((amount, "amount"), ("currency_code", "currency"), ("price_unit", "unit")):
        without = a.a_submission(kind, **{f"body__{field}": ...})
        assert broken(without) == {(f"/body/{field}", f"price-form-{rule}")}
    in_words = a.a_submission(kind, body__price_form_code="2")
    assert broken(in_words) == {(f"/body/{other}", "price-form-text")}


def test_the_appraisal_has_a_unit_where_the_price_has_none() -> None:
    rate = {"price_form_code": "2", "other_price": "年租金的 8%", "project_price": ..., "price_unit": ...}
    assert broken(a.a_submission(ASSETS, **of_body(rate))) == {("/body/price_unit", "amount-unit")}
    without = rate | {"evaluate_value": ..., "deposit": ...}
    assert broken(a.a_submission(ASSETS, **of_body(without))) == set()


@pytest.mark.parametrize("kind", [ASSETS, EQUITY])
def test_a_disclosure_begins_with_the_listing(kind: str) -> None:
    later = a.a_submission(kind, body__publish_date="2026-05-08")
    assert broken(later) == {("/body/disclosure_start", "property-disclosure-start")}


def test_equity_is_disclosed_for_twenty_working_days() -> None:
    # From 11 May to 5 June 2026 there are four whole weeks, and the first day does not count.
    short, with_the_first, exact = (
        a.a_submission(EQUITY, body__disclosure_end=f"2026-06-{day}") for day in ("04", "05", "08")
    )
    assert broken(short) == {("/body/disclosure_end", "property-period")}
    assert advised(with_the_first) == {("/body/disclosure_end", "first-day-counted")}
    assert advised(exact) == set()


def test_a_period_in_a_year_without_a_calendar_is_not_refused() -> None:
    of_2028 = {"publish_date": "2028-05-10", "disclosure_start": "2028-05-10", "disclosure_end": "2028-05-20"}
    listing = a.a_submission(EQUITY, **of_body(of_2028))
    assert broken(listing) == set()
    assert ("/body/disclosure_end", "first-day-counted") in advised(listing)


def test_a_change_of_control_is_disclosed_ahead_for_twenty_working_days() -> None:
    short = a.a_submission(PRE, body__pre_end="2026-04-20")
    assert advised(short) == {("/body/pre_end", "property-period")}


@pytest.mark.parametrize(
    ("price", "unit", "end", "short"),
    [
        ("1001", "1", "2026-07-10", True),
        ("1001", "1", "2026-07-13", False),
        ("1000", "1", "2026-06-26", True),
        ("1000", "1", "2026-06-29", False),
        ("10000001", "0", "2026-06-30", True),
        ("1000000", "0", "2026-06-16", False),
    ],
)
def test_the_dearer_an_asset_the_longer_it_is_disclosed(price: str, unit: str, end: str, short: bool) -> None:
    listing = {"project_price": price, "price_unit": unit, "disclosure_end": end}
    expected = {("/body/disclosure_end", "property-period")} if short else set()
    assert broken(a.a_submission(ASSETS, **of_body(listing))) == expected


def test_the_price_in_another_currency_asks_for_no_period() -> None:
    listing = {"project_price": "1001", "currency_code": "840", "disclosure_end": "2026-06-16"}
    assert broken(a.a_submission(ASSETS, **of_body(listing))) == set()


@pytest.mark.parametrize("kind", [SOLD_ASSETS, SOLD_EQUITY])
def test_a_result_is_announced_for_five_working_days(kind: str) -> None:
    start = "2026-07-22"
    changes = {"result_notice_start": start, "result_notice_end": "2026-07-27"}
    assert broken(a.a_submission(kind, **of_body(changes))) == {("/body/result_notice_end", "property-period")}
    changes["result_notice_end"] = "2026-07-28"
    assert advised(a.a_submission(kind, **of_body(changes))) == {("/body/result_notice_end", "first-day-counted")}
    changes["result_notice_end"] = "2026-07-29"
    assert advised(a.a_submission(kind, **of_body(changes))) == set()


def test_a_result_gives_its_whole_notice_period_or_none() -> None:
    half = a.a_submission(SOLD_ASSETS, body__result_notice_end=...)
    assert broken(half) == {("/body/result_notice_start", "all-or-none")}


@pytest.mark.parametrize(
    ("kind", "field", "value", "rule"),
    [
        (EQUITY, "project_price", "6480", "property-below-appraisal"),
        (SOLD_ASSETS, "trade_value", "1585", "property-sold-below-appraisal"),
        (SOLD_EQUITY, "trade_value", "6480", "property-sold-below-appraisal"),
    ],
)
def test_a_price_below_the_appraisal_is_advised_against(kind: str, field: str, value: str, rule: str) -> None:
    assert advised(a.a_submission(kind, **{f"body__{field}": value})) == {(f"/body/{field}", rule)}


def test_a_price_below_nine_tenths_of_the_appraisal_was_approved() -> None:
    below = a.a_submission(PRICE, body__price="5832.44")
    assert broken(below) == {("/body/below_90pct_approval", "property-below-90-percent")}
    assert broken(a.a_submission(PRICE, body__price="5832.45")) == set()
    assert broken(below | {"body": below["body"] | {"below_90pct_approval": "榕溪国资〔2026〕98号"}}) == set()


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [(EQUITY, "project_price", "6490"), (EQUITY, "total_percent", "50"), (ASSETS, "payment_terms", "分期付清。")],
)
def test_other_contents_are_disclosed_anew(kind: str, field: str, value: str) -> None:
    first, change = a.a_submission(kind), {f"body__{field}": value}
    assert illegal(first, **change) == ("/body/disclosure_end", "property-disclosed-anew")
    assert illegal(first, **change, body__disclosure_end="2026-08-31") is None


def test_a_disclosure_is_extended_by_five_working_days_at_least() -> None:
    first = a.a_submission(EQUITY, body__disclosure_end="2026-06-09")
    assert illegal(first, body__disclosure_end="2026-06-15") == (
        "/body/disclosure_end",
        "property-disclosure-extension",
    )
    assert illegal(first, body__disclosure_end="2026-06-16") is None


def test_another_price_begins_on_a_later_day() -> None:
    first = a.a_submission(PRICE)
    assert illegal(first, body__price="6490") == ("/body/effective_date", "property-price-later-day")
    assert illegal(first, body__price="6490", body__effective_date="2026-06-10") is None


@pytest.mark.parametrize("kind", [ASSETS, EQUITY, PRICE, SOLD_ASSETS, SOLD_EQUITY, TARGET])
def test_a_record_stays_with_its_lot(kind: str) -> None:
    assert illegal(a.a_submission(kind), body__bid_code="OTHER") == ("/body/bid_code", "field-fixed")


def test_a_project_is_told_apart_by_platform() -> None:
    of_project = [name for name, kind in kinds().items() if issubclass(kind, PropertyKind)]
    threads = {taken(a.a_submission(name, body__project_code="P")).body.thread("S") for name in of_project}
    assert threads == {"property:S:P"}


def test_an_approval_may_get_its_project_code_later() -> None:
    assert illegal(a.a_submission(APPROVAL), body__project_code="RH2026GQ0031") is None
    assert illegal(a.a_submission(APPROVAL), body__approval_doc_no="榕溪国资〔2026〕98号") == ("", "record-thread")


def test_a_shareholder_without_a_code_is_advised_against() -> None:
    assert advised(a.a_submission(HOLDER, body__top10_holder_code=...)) == {
        ("/body/top10_holder_code", "property-holder-code")
    }


def test_a_natural_shareholders_name_is_masked() -> None:
    number = a.an_id_number()
    person = a.a_submission(HOLDER, body__top10_holder_name="陈某某", body__top10_holder_code=number)
    shown = projected(kinds()[HOLDER], person).public.decode()
    assert "陈＊＊" in shown
    assert number not in shown
