"""国有土地使用权出让: the rules of its kinds."""

import pytest

from tests import builders as a
from tests.schemas.judging import advised, broken


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


def test_a_hurried_listing_is_advised_against() -> None:
    hurried = a.a_land_transfer_announcement(
        body__listing_start_time="2026-07-25T09:00:00+08:00", body__listing_deadline="2026-08-03T09:00:00+08:00"
    )
    assert advised(hurried) == {
        ("/body/listing_start_time", "land-notice"),
        ("/body/listing_deadline", "listing-period"),
    }
