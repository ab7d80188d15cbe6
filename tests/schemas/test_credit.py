"""信用: the rules of its kinds."""

from typing import Any

import pytest

from hub.schemas.kind import kinds
from tests import builders as a
from tests.schemas.judging import advised, broken


@pytest.mark.parametrize(
    ("classes", "field", "rule"),
    [
        (["罚款"], "cf_nr_fk", "penalty-fine"),
        (["警告", "没收违法所得、没收非法财物"], "cf_nr_wfff", "penalty-confiscation"),
        (["暂扣许可证件"], "cf_nr_zkdx", "penalty-licence"),
        (["吊销许可证件"], "cf_nr_zkdx", "penalty-licence"),
    ],
)
def test_a_penalty_says_what_it_takes(classes: list[str], field: str, rule: str) -> None:
    changes: dict[str, Any] = {"body__cf_cflb": classes, f"body__{field}": ...}
    penalty = a.an_administrative_penalty(**changes)
    assert broken(penalty) == {(f"/body/{field}", rule)}


def test_a_self_employed_business_is_told_by_its_code() -> None:
    business = a.a_uscc(prefix="92350100")
    assert broken(a.an_administrative_penalty(business)) == {("/body/cf_xdr_lb", "counterpart-class")}
    assert broken(a.an_administrative_penalty(business, body__cf_xdr_lb="个体工商户")) == set()


def test_a_penalised_body_has_a_code_and_a_representative() -> None:
    assert broken(a.an_administrative_penalty(body__cf_xdr_shxym=..., body__cf_frdb=...)) == {
        ("/body/cf_xdr_shxym", "counterpart-code"),
        ("/body/cf_frdb", "legal-representative"),
    }


def test_a_penalised_person_has_a_document_and_no_body_code() -> None:
    assert broken(a.a_penalty_of_a_person()) == set()
    assert broken(a.a_penalty_of_a_person(body__cf_xdr_zjhm=..., body__cf_xdr_zjlx=...)) == {
        ("/body/cf_xdr_zjhm", "person-document"),
        ("/body/cf_xdr_zjlx", "person-document"),
    }
    assert broken(a.a_penalty_of_a_person(body__cf_xdr_shxym=a.a_uscc())) == {("/body/cf_xdr_lb", "counterpart-class")}


@pytest.mark.parametrize(
    ("end", "well"),
    [("2026-12-14", False), ("2026-12-15", True), ("2029-09-15", True), ("2029-09-16", False)],
)
def test_a_penalty_is_public_for_three_months_to_three_years(end: str, well: bool) -> None:
    warned = advised(a.an_administrative_penalty(body__cf_gsjzq=end))
    assert warned == (set() if well else {("/body/cf_gsjzq", "penalty-publicity")})


def test_credit_records_go_to_the_credit_platform() -> None:
    assert kinds()["administrative_penalty"].to_credit
    assert kinds()["blacklist_entry"].to_credit
    assert not kinds()["tender_notice"].to_credit
