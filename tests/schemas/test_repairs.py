"""Repairs: what is suggested for the slips that platforms make, and the document that follows the suggestions."""

from typing import Any

import pytest

from hub.problems import Fault
from hub.schemas.explain import warnings
from hub.schemas.repairs import repaired
from tests.builders import (
    a_deal_code,
    a_procurement_contract,
    a_procurement_result,
    a_submission,
    a_tender_notice,
    a_uscc,
    a_win_result_notice,
    an_id_number,
)
from tests.schemas.judging import broken, refused, taken

PUBLIC_BODY = a_uscc(7, prefix="11350100")


def the_fault(submission: dict[str, Any], rule: str) -> Fault:
    """The one fault of a refused submission that is about the rule."""
    (fault,) = (fault for fault in refused(submission) if fault.rule == rule)
    return fault


def warned(submission: dict[str, Any]) -> dict[str, Fault]:
    """The warnings about a valid submission, by rule."""
    return {fault.rule: fault for fault in warnings(taken(submission))}


# Amounts and their units


@pytest.mark.parametrize(
    ("sent", "unit", "meant"),
    [
        ("143.6万元", "0", "1436000"),
        ("143.6万元", "1", "143.6"),
        ("１,４３６,０００.００元", "1", "143.6"),
        ("1436000元", "0", "1436000"),
        ("1.2亿元", "1", "12000"),
        ("¥1,436,000.00", "0", "1436000.00"),
        ("¥1,436,000.00", "1", None),
        ("143.6公顷", "0", None),
    ],
)
def test_an_amount_that_says_its_unit_is_repaired_into_the_unit_beside_it(sent, unit, meant):
    fault = the_fault(a_win_result_notice(body__bid_amount=sent, body__price_unit=unit), "amount-format")

    assert (fault.repair, fault.repairs) == (meant, None)


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        ("administrative_penalty", "cf_nr_fk"),
        ("administrative_penalty", "cf_nr_wfff"),
        ("land_supply_result", "deal_price_wan"),
        ("mining_transfer_announcement", "start_price_wan"),
        ("mining_transfer_result", "deal_price_wan"),
    ],
)
@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("50000元", "5"),
        ("2860万元", "2860"),
        ("0.5亿元", "5000"),
        ("1,436", "1436"),
        ("¥50000", None),
        (50000, "50000"),
    ],
)
def test_an_amount_is_repaired_into_the_unit_of_its_title(kind, field, sent, meant):
    (fault,) = (one for one in refused(a_submission(kind, **{f"body__{field}": sent})) if one.pointer.endswith(field))

    assert fault.repair == meant


@pytest.mark.parametrize(("unit", "meant"), [("0", "1436000"), ("1", "143.6"), (["1"], None)])
@pytest.mark.parametrize(
    ("kind", "field", "unit_field"),
    [
        ("win_result_notice", "bid_amount", "price_unit"),
        ("procurement_notice", "budget_amount", "price_unit"),
        ("procurement_budget", "ceiling_price", "budget_unit"),
        ("property_transfer_price", "evaluate_value", "price_unit"),
    ],
)
def test_an_amount_is_repaired_into_the_unit_of_all_amounts_beside_it(kind, field, unit_field, unit, meant):
    sent = a_submission(kind, **{f"body__{field}": "1436000元", f"body__{unit_field}": unit})

    (fault,) = (one for one in refused(sent) if one.pointer == f"/body/{field}")

    assert fault.repair == meant


def test_an_amount_below_zero_is_repaired_into_its_unit_too():
    sent = a_submission("equity_listing", body__evaluate_value="-50000元", body__price_unit="1")

    (fault,) = (one for one in refused(sent) if one.pointer == "/body/evaluate_value")

    assert fault.repair == "-5"


@pytest.mark.parametrize(
    ("kind", "field"),
    [("tender_plan", "estimate_price"), ("performance_credit", "contract_settlement_amount")],
)
def test_an_amount_in_yuan_by_its_title_drops_its_yuan(kind, field):
    (fault,) = (
        one for one in refused(a_submission(kind, **{f"body__{field}": "5万元"})) if one.pointer.endswith(field)
    )

    assert fault.repair == "50000"


def test_yuan_where_no_unit_is_known_are_left_to_the_sender():
    assert the_fault(a_submission("land_supply_result", body__area_ha="50000元"), "amount-format").repair is None


def test_an_amount_that_says_its_unit_brings_it_where_there_is_none():
    fault = the_fault(a_win_result_notice(body__bid_amount="143.60万元", body__price_unit=...), "amount-format")

    assert (fault.repair, fault.repairs) == (None, {"/body/bid_amount": "143.6", "/body/price_unit": "1"})


def test_yuan_sent_as_ten_thousand_yuan_is_repaired_as_a_pair():
    warning = warned(a_win_result_notice(body__bid_amount="1436000.00", body__price_unit="1"))["amount-large"]

    assert warning.pointer == "/body/bid_amount"
    assert warning.repairs == {"/body/bid_amount": "1436000.00", "/body/price_unit": "0"}


def test_a_large_amount_of_yuan_is_asked_about_and_not_repaired():
    warning = warned(a_win_result_notice(body__bid_amount="3000000001", body__price_unit="0"))["amount-large"]

    assert (warning.repair, warning.repairs) == (None, None)


# Places that are no more


def test_a_region_code_that_ended_before_is_told_with_the_one_that_followed():
    warning = warned(a_tender_notice(region_code="110103"))["region-superseded"]

    assert (warning.pointer, warning.repair) == ("/region_code", "110101")
    assert "2010" in warning.en


def test_a_region_code_of_its_own_time_is_not_told():
    then = "2009-03-01T09:00:00+08:00"

    assert "region-superseded" not in warned(a_tender_notice(region_code="110103", formed_at=then))


@pytest.mark.parametrize(("then", "told"), [("2015-12-31T15:59:59Z", False), ("2015-12-31T17:00:00Z", True)])
def test_a_region_code_ends_with_its_year_in_beijing(then, told):
    notice = a_tender_notice(region_code="110228", formed_at=then)

    assert ("region-superseded" in warned(notice)) is told


def test_a_superseded_region_inside_the_body_is_told_too():
    assert warned(a_win_result_notice(body__tra_place_code="110104"))["region-superseded"].repair == "110102"


# Codes of parties


def test_an_old_licence_number_is_explained_and_not_repaired():
    fault = the_fault(a_tender_notice(discloser__code="110108000000016"), "uscc-licence-number")

    assert fault.repair is None
    assert "15" in fault.en


def test_an_old_licence_number_of_a_party_is_explained_too():
    notice = a_tender_notice(body__tenderer_code="110108000000016")

    assert broken(notice) == {("/body/tenderer_code", "uscc-licence-number")}


def test_an_id_number_of_15_digits_is_not_taken_for_a_licence_number():
    assert broken(a_tender_notice(discloser__code="110105491231002")) == {("/discloser/code", "uscc-personal")}


def test_the_code_of_a_public_body_is_not_a_companys():
    warning = warned(a_tender_notice(body__tenderer_name="榕溪建设发展有限公司", body__tenderer_code=PUBLIC_BODY))[
        "party-code-class"
    ]

    assert (warning.pointer, warning.repairs) == ("/body/tenderer_code", None)


def test_codes_of_tenderer_and_agency_the_wrong_way_round_are_swapped():
    notice = a_tender_notice(
        body__tenderer_name="榕溪市水务局",
        body__tenderer_code=a_uscc(3),
        body__tender_agency_name="榕溪招标代理有限公司",
        body__tender_agency_code=PUBLIC_BODY,
        body__tender_agency_address="榕溪市上街1号",
        body__tender_agency_contactor="余工",
        body__tender_agency_phone_number="0591-80000000",
        body__tender_agency_email="a@example.cn",
    )

    warning = warned(notice)["party-codes-swapped"]

    assert warning.repairs == {"/body/tender_agency_code": a_uscc(3), "/body/tenderer_code": PUBLIC_BODY}


def test_codes_that_fit_their_names_are_not_told():
    assert not warned(a_tender_notice(body__tenderer_code=PUBLIC_BODY, body__tenderer_name="榕溪市水务局"))


def test_a_party_that_buys_from_itself_is_told():
    contract = a_procurement_contract()
    contract["body"]["supplier_name"] = contract["body"]["purchaser_name"]

    assert warned(contract)["one-on-both-sides"].pointer == "/body/supplier_name"


def test_a_discloser_who_stands_as_the_seller_shows_that_the_sides_are_swapped():
    contract = a_procurement_contract()
    body = contract["body"]
    right = {name: body[name] for name in ("purchaser_name", "supplier_name", "purchaser_code", "supplier_code")}
    contract["discloser"]["name"] = body["purchaser_name"]
    body |= {"purchaser_name": right["supplier_name"], "supplier_name": right["purchaser_name"]}
    body |= {"purchaser_code": right["supplier_code"], "supplier_code": right["purchaser_code"]}

    warning = warned(contract)["sides-swapped"]

    assert warning.repairs == {f"/body/{name}": value for name, value in right.items()}


def test_sides_are_not_swapped_where_an_id_number_would_be_shown():
    contract = a_procurement_contract(body__supplier_code=[an_id_number()])
    contract["discloser"]["name"] = contract["body"]["supplier_name"]

    assert warned(contract)["sides-swapped"].repairs is None


# The repaired document


def test_the_repaired_document_has_every_repair_and_is_valid():
    sent = a_procurement_result(
        region_code="3501",
        body__unified_deal_code=a_deal_code().replace("-", "").lower(),
        body__winningbidder_code=[a_uscc(4)[:-1] + ("0" if a_uscc(4)[-1] != "0" else "1")],
        body__win_bid_price="1,980,000.00元",
        body__win_bid_bulletin_start_time="2026年7月1日 9时30分",
        body__determined_date="2026/6/30",
    )

    mended = repaired(sent, refused(sent))

    assert mended is not None
    assert not refused(mended)
    assert mended["body"]["winningbidder_code"] == [a_uscc(4)]
    assert mended["body"]["win_bid_bulletin_start_time"] == "2026-07-01T09:30:00+08:00"
    assert sent["region_code"] == "3501"


def test_a_pair_of_repairs_changes_both_fields():
    sent = a_win_result_notice(body__bid_amount="143.6万元", body__price_unit=...)

    mended = repaired(sent, refused(sent))

    assert mended is not None
    assert (mended["body"]["bid_amount"], mended["body"]["price_unit"]) == ("143.6", "1")


def test_a_document_without_any_repair_is_not_repaired():
    sent = a_tender_notice(body__notice_name=" ")

    assert repaired(sent, refused(sent)) is None
