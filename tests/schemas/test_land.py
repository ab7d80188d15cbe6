"""国有土地使用权出让: the rules of its kinds."""

import pytest

from hub.law.projection import projected
from hub.problems import IllegalChange
from hub.schemas.land.supply import LandSupplyResult
from tests import builders as a
from tests.schemas.judging import advised, broken, taken


def test_the_number_of_parcels_is_that_of_the_parcels_listed() -> None:
    assert broken(a.a_land_transfer_announcement(body__field_num=3)) == {("/body/field_num", "parcel-count")}


def test_no_parcel_is_listed_twice() -> None:
    twice = a.a_land_transfer_announcement(body__parcels__1__land_code="榕溪 2026-09")
    assert broken(twice) == {("/body/parcels", "parcel-twice")}


def test_the_highest_plot_ratio_is_not_below_the_lowest() -> None:
    assert broken(a.a_land_transfer_announcement(body__parcels__0__plot_ratio_max="1.19")) == {
        ("/body/parcels/0/plot_ratio_max", "plot-ratio")
    }


def test_a_withdrawn_announcement_gives_its_reason() -> None:
    withdrawn = a.a_land_transfer_announcement(body__retreat_time="2026-07-20")
    assert broken(withdrawn) == {("/body/cancel_reason", "cancel-reason")}


@pytest.mark.parametrize(
    ("district", "rule"), [("350104001", None), ("35010400", "district-format"), ("999999", "region-unknown")]
)
def test_a_parcels_district_may_be_a_township(district: str, rule: str | None) -> None:
    announcement = a.a_land_transfer_announcement(body__land_district=district)
    assert broken(announcement) == ({("/body/land_district", rule)} if rule else set())


def test_a_hurried_listing_is_refused() -> None:
    hurried = a.a_land_transfer_announcement(
        body__listing_start_time="2026-07-25T09:00:00+08:00", body__listing_deadline="2026-08-02T09:00:00+08:00"
    )
    assert broken(hurried) == {
        ("/body/listing_start_time", "land-notice"),
        ("/body/listing_deadline", "listing-period"),
    }


def test_the_tenth_day_of_a_listing_counts_without_its_first() -> None:
    listing = a.a_land_transfer_announcement(
        body__listing_start_time="2026-07-26T09:00:00+08:00", body__listing_deadline="2026-08-04T17:00:00+08:00"
    )
    assert advised(listing) == {("/body/listing_deadline", "first-day-counted")}


def test_a_later_announcement_may_come_later() -> None:
    later = a.a_land_transfer_announcement(
        body__announcement_type="2", body__listing_start_time="2026-07-25T09:00:00+08:00"
    )
    assert advised(later) == {("/body/listing_start_time", "land-notice-later")}


def test_the_areas_of_a_plan_make_its_total() -> None:
    for field in ("by_use", "by_mode"):
        other = a.a_submission("land_supply_plan", **{f"body__{field}__0__area_ha": "1"})
        assert advised(other) == {(f"/body/{field}", "land-plan-total")}


@pytest.mark.parametrize(("field", "of"), [("by_use", "use"), ("by_mode", "mode")])
def test_a_plan_lists_no_use_and_no_mode_twice(field: str, of: str) -> None:
    plan = a.a_submission("land_supply_plan")
    plan["body"][field][1][of] = plan["body"][field][0][of]
    assert broken(plan) == {(f"/body/{field}", "land-plan-twice")}


def test_what_a_plan_lists_is_within_its_total() -> None:
    parcels = a.a_submission("land_supply_plan", body__parcels__0__area_ha="186")
    assert broken(parcels) == {("/body/parcels", "land-plan-exceeded")}
    housing = a.a_submission("land_supply_plan", body__housing_land_share="186.6")
    assert broken(housing) == {("/body/housing_land_share", "land-plan-exceeded")}


def test_a_plan_for_a_quarter_lists_parcels_of_that_quarter() -> None:
    assert broken(a.a_submission("land_supply_plan", body__period="Q2")) == {("/body/parcels", "land-plan-quarter")}
    assert broken(a.a_submission("land_supply_plan", body__period="Q3")) == set()


def test_a_plan_keeps_its_period() -> None:
    year = a.a_submission("land_supply_plan")
    with pytest.raises(IllegalChange):
        taken(a.a_later_version(year, body__period="Q3")).body.follow(taken(year).body)


def test_a_deal_is_in_the_thread_of_its_announcement() -> None:
    kinds = ("land_transfer_announcement", "land_deal_publicity")
    assert len({taken(a.a_submission(kind)).body.thread("P") for kind in kinds}) == 1


def test_land_for_an_investment_has_the_investments_code() -> None:
    investment = a.a_submission("land_deal_publicity", body__relate_code="1")
    assert broken(investment) == {("/body/invest_project_code", "land-investment-code")}


def test_every_party_that_takes_land_has_its_type() -> None:
    two = a.a_submission("land_deal_publicity", body__lending_code=[a.a_uscc(1), a.a_uscc(2)])
    assert broken(two) == {("/body/lending_type", "land-buyers")}


@pytest.mark.parametrize(
    ("changes", "at", "rule"),
    [
        ({"deal_time": "2026-08-18T09:00:00+08:00"}, "publishing_time", "period-order"),
        ({"publicity_end": "2026-08-16"}, "publicity_end", "period-order"),
        ({"publicity_end": ...}, "publicity_start", "all-or-none"),
    ],
)
def test_a_deal_is_published_after_it_was_struck_and_for_a_whole_period(
    changes: dict[str, object], at: str, rule: str
) -> None:
    deal = a.a_submission("land_deal_publicity", **{f"body__{name}": value for name, value in changes.items()})
    assert broken(deal) == {(f"/body/{at}", rule)}


@pytest.mark.parametrize(
    ("field", "rule"), [("deal_price_wan", "supply-price"), ("contract_sign_date", "supply-contract")]
)
def test_land_that_is_not_allocated_has_a_price_and_a_contract(field: str, rule: str) -> None:
    change = {f"body__{field}": ...}
    assert broken(a.a_submission("land_supply_result", **change)) == {(f"/body/{field}", rule)}
    assert broken(a.a_submission("land_supply_result", body__supply_type="5", **change)) == set()


def test_instalments_are_numbered_and_dated_in_order() -> None:
    for changed in ({"period_no": 3}, {"due_date": "2026-09-29"}):
        supply = a.a_submission("land_supply_result")
        supply["body"]["instalments"][1] |= changed
        assert broken(supply) == {("/body/instalments", "instalment-order")}


def test_instalments_that_do_not_make_the_price_are_advised_against() -> None:
    supply = a.a_submission("land_supply_result", body__instalments__0__amount_wan="25599")
    assert advised(supply) == {("/body/instalments", "instalment-sum")}


@pytest.mark.parametrize(
    ("changes", "at", "rule"),
    [
        ({"plot_ratio_max": "1.1"}, "plot_ratio_max", "plot-ratio"),
        ({"agreed_start_date": "2026-10-29"}, "agreed_start_date", "period-order"),
        ({"agreed_finish_date": "2027-04-29"}, "agreed_finish_date", "period-order"),
        (
            {"actual_start_date": "2027-05-06", "actual_finish_date": "2027-05-05"},
            "actual_finish_date",
            "period-order",
        ),
    ],
)
def test_the_terms_of_a_supply_do_not_contradict_each_other(changes: dict[str, str], at: str, rule: str) -> None:
    supply = a.a_submission("land_supply_result", **{f"body__{name}": value for name, value in changes.items()})
    assert broken(supply) == {(f"/body/{at}", rule)}


def test_a_natural_land_users_name_is_masked() -> None:
    number = a.an_id_number()
    person = a.a_submission("land_supply_result", body__land_user="陈某某", body__land_user_code=number)
    shown = projected(LandSupplyResult, person).public.decode()
    assert "陈＊＊" in shown
    assert number not in shown
