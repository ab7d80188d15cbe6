"""政府采购: the rules of its kinds."""

import pytest

from tests import builders as a
from tests.schemas.judging import advised, broken


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


def test_a_hurried_procurement_is_advised_against() -> None:
    hurried = a.a_procurement_notice(
        body__doc_get_end="2026-06-03T09:00:00+08:00",
        body__bid_closing_time="2026-06-20T09:00:00+08:00",
        body__submit_end="2026-06-20T09:00:00+08:00",
    )
    assert advised(hurried) == {
        ("/body/doc_get_end", "procurement-documents"),
        ("/body/submit_end", "procurement-preparation"),
    }


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
