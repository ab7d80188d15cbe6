"""The rules between fields that several kinds share."""

from typing import Any

import pytest

from hub.schemas.examples import example
from hub.schemas.kind import kinds
from hub.schemas.tender.base import TenderKind
from tests import builders as a
from tests.schemas.judging import advised, broken, refused

SECTIONS = ("bid_section_codes", "bid_section_code")
TENDER_KINDS = [
    name
    for name, kind in kinds().items()
    if issubclass(kind, TenderKind) and not kind.model_fields.keys().isdisjoint(SECTIONS)
]


def of_another_project(name: str) -> tuple[dict[str, Any], str]:
    body = example(name)["body"]
    field = next(field for field in SECTIONS if field in body)
    code = a.a_section_code("other")
    return a.a_submission(
        name, **{f"body__{field}": [code] if isinstance(body[field], list) else code}
    ), f"/body/{field}"


@pytest.mark.parametrize("name", TENDER_KINDS)
def test_a_section_belongs_to_its_tender_project(name: str) -> None:
    submission, pointer = of_another_project(name)
    assert (pointer, "section-of-project") in broken(submission)


PRICES = [
    ("winning_candidate_publicity", "candidates__0__", "bid_price", "price_currency", "price_unit", "other_bid_price"),
    ("win_result_notice", "", "bid_amount", "bid_currency", "price_unit", "other_bid_price"),
    ("tender_contract", "", "contract_price", "price_currency", None, "other_contract_price"),
    ("procurement_contract", "", "contract_amount", "currency_code", "price_unit", "win_bid_rate"),
]


@pytest.mark.parametrize(("name", "part", "amount", "currency", "unit", "other"), PRICES)
def test_a_price_form_of_amount_needs_amount_currency_and_unit(
    name: str, part: str, amount: str, currency: str, unit: str | None, other: str
) -> None:
    wanted = {amount: "price-form-amount", currency: "price-form-currency"} | (
        {unit: "price-form-unit"} if unit else {}
    )
    for field, rule in wanted.items():
        pointer = f"/body/{part}{field}".replace("__", "/")
        assert broken(a.a_submission(name, **{f"body__{part}{field}": ...})) == {(pointer, rule)}


@pytest.mark.parametrize(("name", "part", "amount", "currency", "unit", "other"), PRICES)
@pytest.mark.parametrize("form", ["2", "3", "9"])
def test_any_other_price_form_needs_the_price_in_words(
    name: str, part: str, amount: str, currency: str, unit: str | None, other: str, form: str
) -> None:
    rated = a.a_submission(
        name, **{f"body__{part}price_form_code": form, f"body__{part}{amount}": ..., f"body__{part}{currency}": ...}
    )
    assert broken(rated) == {(f"/body/{part}{other}".replace("__", "/"), "price-form-text")}
    place = rated["body"] if not part else rated["body"]["candidates"][0]
    place[other] = "下浮率 8.5%"
    assert broken(rated) == set()


def test_a_procurement_result_in_words_still_gives_its_fee_a_unit() -> None:
    rated: dict[str, Any] = {
        "body__price_form_code": "2",
        "body__win_bid_price": ...,
        "body__win_bid_rate": "优惠率 5%",
    }
    assert broken(a.a_procurement_result(**rated)) == set()
    assert broken(a.a_procurement_result(**rated, body__price_unit=..., body__currency_code=...)) == {
        ("/body/price_unit", "amount-unit"),
        ("/body/currency_code", "amount-currency"),
    }


@pytest.mark.parametrize(
    ("name", "unit", "currency"),
    [
        ("tender_notice", "estimate_price_unit", "estimate_price_currency"),
        ("tender_performance", "settle_unit", "settle_currency"),
    ],
)
def test_an_optional_amount_comes_with_unit_and_currency(name: str, unit: str, currency: str) -> None:
    assert broken(a.a_submission(name, **{f"body__{unit}": ..., f"body__{currency}": ...})) == {
        (f"/body/{unit}", "amount-unit"),
        (f"/body/{currency}", "amount-currency"),
    }


def test_an_amount_that_looks_like_a_slip_of_unit_is_warned_about() -> None:
    slip = a.a_tender_contract(body__contract_price="7986000.00", body__price_unit="1")
    assert advised(slip) == {("/body/contract_price", "amount-large")}
    assert advised(a.a_tender_contract(body__contract_price="3000000000")) == set()


TENDER_AGENCY = tuple(
    f"tender_agency_{one}" for one in ("code", "name", "address", "contactor", "phone_number", "email")
)
AGENCY = ("agency_name", "agency_address", "agency_phone")

with_an_agency = pytest.mark.parametrize(
    ("name", "agency"),
    [
        ("tender_notice", TENDER_AGENCY),
        ("procurement_notice", AGENCY),
        ("procurement_correction", AGENCY),
        ("procurement_result", AGENCY),
    ],
)


@with_an_agency
def test_half_an_agency_is_refused_with_what_is_missing(name: str, agency: tuple[str, ...]) -> None:
    for field in agency:
        [fault] = refused(a.a_submission(name, **{f"body__{field}": ...}))
        assert (fault.pointer, fault.rule) == (f"/body/{agency[0]}", "all-or-none")
        assert fault.zh.endswith(f"缺少：{field}")
        assert fault.en.endswith(f"missing: {field}")


@with_an_agency
def test_a_tender_without_an_agency_is_taken(name: str, agency: tuple[str, ...]) -> None:
    assert broken(a.a_submission(name, **{f"body__{field}": ... for field in agency})) == set()


@pytest.mark.parametrize(
    ("name", "later", "value"),
    [
        ("tender_notice", "doc_get_end_time", "2026-03-15T09:00:00+08:00"),
        ("tender_notice", "bid_open_time", "2026-04-15T09:29:59+08:00"),
        ("winning_candidate_publicity", "publicity_end_time", "2026-04-16T09:00:00+08:00"),
        ("procurement_notice", "doc_get_end", "2026-05-31T09:00:00+08:00"),
        ("procurement_notice", "open_time", "2026-06-22T09:00:00+08:00"),
        ("procurement_correction", "correction_date", "2026-05-31"),
        ("procurement_contract", "announce_date", "2026-07-13"),
        ("land_transfer_announcement", "announcement_deadline", "2026-07-05"),
        ("land_transfer_announcement", "listing_deadline", "2026-07-30T09:00:00+08:00"),
        ("administrative_penalty", "cf_yxq", "2026-09-14"),
        ("administrative_penalty", "cf_gsjzq", "2026-09-14"),
        ("blacklist_entry", "confined_end", "2026-10-11"),
    ],
)
def test_nothing_ends_before_it_begins(name: str, later: str, value: str) -> None:
    assert broken(a.a_submission(name, **{f"body__{later}": value})) == {(f"/body/{later}", "period-order")}
