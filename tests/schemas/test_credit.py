"""信用: the rules of its kinds."""

from typing import Any

import pytest

from hub.schemas.examples import example
from hub.schemas.kind import Domain, Scope, kinds, scope_of
from hub.schemas.threads import crowd
from tests import builders as a
from tests.schemas.judging import advised, broken, taken

PLATFORM = a.a_uscc(99, prefix="12350100")


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


@pytest.mark.parametrize(("kind", "prefix"), [("administrative_penalty", "cf"), ("administrative_license", "xk")])
def test_a_body_has_no_document_of_a_person_whose_name_would_be_public(kind: str, prefix: str) -> None:
    changes: dict[str, Any] = {f"body__{prefix}_xdr_zjhm": "350102199001020011"}
    assert broken(a.a_submission(kind, **changes)) == {(f"/body/{prefix}_xdr_zjhm", "person-document-of-body")}


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


@pytest.mark.parametrize("name", ["market_entity", "entity_qualification", "practitioner", "social_credit"])
def test_what_is_no_verdict_on_a_party_does_not_go_to_the_credit_platform(name: str) -> None:
    assert not kinds()[name].to_credit


def test_a_licensed_body_has_a_code_and_a_representative() -> None:
    assert broken(a.a_submission("administrative_license", body__xk_xdr_shxym=..., body__xk_frdb=...)) == {
        ("/body/xk_xdr_shxym", "counterpart-code"),
        ("/body/xk_frdb", "legal-representative"),
    }


def test_a_licensed_person_has_a_document_and_no_body_code() -> None:
    person: dict[str, Any] = {"body__xk_xdr_lb": "自然人", "body__xk_frdb": ...}
    assert broken(a.a_submission("administrative_license", **person)) == {
        ("/body/xk_xdr_lb", "counterpart-class"),
        ("/body/xk_xdr_zjlx", "person-document"),
        ("/body/xk_xdr_zjhm", "person-document"),
    }


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        ("administrative_license", "xk_yxqzi", "2026-05-19"),
        ("violation_record", "confined_end", "2026-07-02T00:00:00+08:00"),
        ("performance_credit", "performance_submitted_time", "2026-10-02T16:59:59+08:00"),
        ("practitioner_performance", "contract_finish_date", "2026-05-08T09:59:59+08:00"),
        ("practitioner", "work_start_date", "1986-03-11"),
    ],
)
def test_what_ends_does_not_end_before_it_began(kind: str, field: str, value: str) -> None:
    assert broken(a.a_submission(kind, **{f"body__{field}": value})) == {(f"/body/{field}", "period-order")}


def test_a_contract_ends_after_it_was_signed() -> None:
    performance = a.a_submission("performance_credit", body__contract_signing_time="2027-06-12T00:00:00+08:00")
    assert broken(performance) == {("/body/contract_finish_time", "period-order")}


@pytest.mark.parametrize(
    "kind", ["violation_record", "performance_credit", "entity_trade_performance", "practitioner_performance"]
)
def test_a_party_is_judged_for_a_section_of_the_project_named(kind: str) -> None:
    elsewhere = a.a_submission(kind, body__bid_section_code=a.a_section_code(7))
    assert broken(elsewhere) == {("/body/bid_section_code", "section-of-project")}


def test_a_violation_is_published_on_its_day_or_later_by_the_clock_of_beijing() -> None:
    late = a.a_submission("violation_record", body__violating_time="2026-07-08")
    same_day = a.a_submission(
        "violation_record", body__violating_time="2026-07-08", body__operate_date="2026-07-07T16:00:00Z"
    )
    assert broken(late) == {("/body/violating_time", "violation-after-publication")}
    assert broken(same_day) == set()


def test_a_violation_happened_somewhere() -> None:
    assert advised(a.a_submission("violation_record", body__area="999999000")) == {("/body/area", "violation-area")}


def test_a_violation_is_announced_for_half_a_year() -> None:
    short = a.a_submission("bidding_violation_announcement", body__publish_period_months=5)
    assert advised(short) == {("/body/publish_period_months", "announced-six-months")}


def test_a_legal_person_is_no_natural_person() -> None:
    number = a.an_id_number()
    entity = a.a_submission("market_entity", body__legal_code=number, body__license_no=number, body__organ_no=...)
    assert broken(entity) == {("/body/legal_code", "legal-code-personal")}


def test_the_organisation_code_is_part_of_the_bodys_code() -> None:
    code = a.a_uscc(1)
    other = a.a_submission("market_entity", body__organ_no=code[8:17])
    assert broken(other) == {("/body/organ_no", "organ-code-in-uscc")}
    old = a.a_submission("market_entity", body__legal_code=code[8:17], body__organ_no=code[8:17])
    assert broken(old) == set()


@pytest.mark.parametrize("number", ["110108000000016", "350100100012349"])
def test_the_fifteen_digits_of_an_old_licence_are_told_what_replaced_them(number: str) -> None:
    # The check digit of the second one is wrong.
    old = a.a_submission("market_entity", body__license_no=number)
    assert broken(old) == {("/body/license_no", "uscc-licence-number")}
    longer = a.a_submission("market_entity", body__license_no=number + "0")
    assert broken(longer) == {("/body/license_no", "party-code-format")}


def test_a_business_licence_bears_the_bodys_code() -> None:
    other = a.a_submission("market_entity", body__license_no=a.a_uscc(1))
    assert advised(other) == {("/body/license_no", "licence-number-is-uscc")}


@pytest.mark.parametrize(
    ("field", "value", "rule"),
    [("birthdate", "1986-03-13", "birthdate-of-id-number"), ("gender", "2", "gender-of-id-number")],
)
def test_what_is_said_of_a_practitioner_agrees_with_the_id_number(field: str, value: str, rule: str) -> None:
    practitioner = a.a_submission("practitioner", **{f"body__{field}": value})
    assert broken(practitioner) == {(f"/body/{field}", rule)}


def test_a_gender_that_is_not_stated_agrees_with_every_id_number() -> None:
    assert broken(a.a_submission("practitioner", body__gender="9")) == set()


def test_a_withdrawal_is_in_the_thread_of_its_entry() -> None:
    for scope in ("1", "2"):
        entry, withdrawal = (
            taken(a.a_submission(kind, body__scope=scope)) for kind in ("blacklist_entry", "blacklist_withdrawal")
        )
        assert entry.body.thread(PLATFORM) == withdrawal.body.thread(PLATFORM)


@pytest.mark.parametrize("kind", ["reward_record", "performance_credit", "social_credit"])
def test_a_record_that_is_not_public_does_not_name_its_party_by_its_thread(kind: str) -> None:
    body = taken(a.a_submission(kind, body__scope="2")).body
    assert body.thread(PLATFORM).startswith(f"credit:{PLATFORM}:crowd-")
    assert taken(a.a_submission(kind)).body.thread(PLATFORM) == f"credit:{example(kind)['body']['body_code']}"


def test_all_that_is_said_of_a_person_is_one_thread_that_others_share() -> None:
    threads = {
        taken(a.a_submission(kind)).body.thread(PLATFORM)
        for kind in ("practitioner", "practitioner_qualification", "practitioner_performance")
    }
    assert len(threads) == 1
    assert len({crowd(a.an_id_number(number)) for number in range(600)}) <= 256


@pytest.mark.parametrize("name", ["natural_person_party", "expert_credit_record", "project_alert"])
def test_records_about_persons_and_alerts_are_for_government_alone(name: str) -> None:
    assert kinds()[name].government_only


@pytest.mark.parametrize(
    "name",
    [
        name
        for name, kind in kinds().items()
        if kind.natural_person and kind.domain in (Domain.CREDIT, Domain.SUPERVISION)
    ],
)
def test_what_identifies_a_person_is_for_government_alone(name: str) -> None:
    fields = kinds()[name].model_fields
    telling = {"id_card", "id_card_no", "birthdate", "contact", "person_phone", "bank_account", "address"}
    assert {scope_of(fields[field]) for field in telling & fields.keys()} == {Scope.GOVERNMENT}
