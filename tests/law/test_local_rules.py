"""Local rules: what a region or a sector asks for beyond the law, and that it can only be stricter."""

from datetime import date
from pathlib import Path
from typing import Any

import orjson
import pytest

from hub.intake import Intake
from hub.keys import Sender
from hub.law.local_rules import NATIONAL, LocalRules
from hub.law.local_rules_file import local_rules_at
from hub.problems import InvalidLocalRules, InvalidSubmission
from hub.schemas.kind import kinds
from tests.builders import (
    a_procurement_notice,
    a_tender_contract,
    a_tender_notice,
    a_uscc,
    a_winning_candidate_publicity,
    without,
)

BASIS = "榕政办〔2026〕1号"
TODAY = date(2026, 6, 1)


def a_rule(**changes: Any) -> dict[str, Any]:
    rule = {"id": "fz-1", "basis": BASIS, "region": "3501", "domain": "tender", "since": "2020-01-01"}
    asks = changes.keys() & {"limits", "required", "codes", "media"}
    return rule | changes | ({} if asks else {"limits": {"D-PUB20": 10}})


def in_a_file(folder: Path, *rules: Any, name: str = "rules.json") -> str:
    file = folder / name
    file.write_bytes(orjson.dumps({"rules": rules}))
    return str(file)


def local_rules(folder: Path, *rules: dict[str, Any]) -> LocalRules:
    return local_rules_at(in_a_file(folder, *rules))


def faults_in(folder: Path, *rules: Any) -> list[tuple[str, str]]:
    """The pointer and rule of every fault of a file of local rules."""
    with pytest.raises(InvalidLocalRules) as refused:
        local_rules(folder, *rules)
    return [(fault.pointer.removeprefix("rules.json#"), fault.rule) for fault in refused.value.faults]


def refusals(rules: LocalRules, submission: dict[str, Any]) -> list[tuple[str, str]]:
    """The pointer and rule of every fault of a submission under local rules."""
    with pytest.raises(InvalidSubmission) as refused:
        Intake(300, rules).submission(orjson.dumps(submission), Sender(a_uscc()))
    return [(fault.pointer, fault.rule) for fault in refused.value.faults]


def due_on(rules: LocalRules, submission: dict[str, Any]) -> dict[str, Any]:
    entry = Intake(300, rules).submission(orjson.dumps(submission), Sender(a_uscc())).entry
    assert entry.due is not None
    due: dict[str, Any] = orjson.loads(entry.due)
    return due


def test_a_shorter_limit_moves_the_due_date_and_names_its_basis(tmp_path: Path) -> None:
    rules = local_rules(tmp_path, a_rule(limits={"D-PUB20": 2}))
    contract = a_tender_contract(
        region_code="350100",
        body__contract_sign_time="2026-06-01T10:00:00+08:00",
        publication__published_at="2026-06-04T09:00:00+08:00",
    )

    national, local = due_on(LocalRules(), contract), due_on(rules, contract)

    assert (national["on"], national["days_late"]) == ("2026-06-30", 0)
    assert (local["on"], local["days_late"]) == ("2026-06-03", 1)
    assert local["clock"] == "D-PUB20"
    assert local["basis"] == f"{national['basis']}；{BASIS}"


def test_a_rule_is_for_its_region_only(tmp_path: Path) -> None:
    rules = local_rules(tmp_path, a_rule())
    kind = kinds()["tender_notice"]

    assert rules.of(kind, "350100", TODAY).ids == ("fz-1",)
    assert rules.of(kind, "350102", TODAY).ids == ("fz-1",)
    assert rules.of(kind, "350200", TODAY) is NATIONAL


def test_a_rule_is_for_its_domain_only(tmp_path: Path) -> None:
    rules = local_rules(tmp_path, a_rule())

    assert rules.of(kinds()["procurement_notice"], "350100", TODAY) is NATIONAL


def test_a_rule_of_a_sector_is_for_every_region(tmp_path: Path) -> None:
    rules = local_rules(tmp_path, a_rule(region=None, limits={"D-PUB20": 10}))

    assert rules.of(kinds()["tender_notice"], "110000", TODAY).ids == ("fz-1",)


def test_a_rule_names_the_kinds_that_it_is_for(tmp_path: Path) -> None:
    rules = local_rules(tmp_path, a_rule(kinds=["tender_contract"], limits={"D-PUB20": 10}))

    assert rules.of(kinds()["tender_contract"], "350100", TODAY).ids == ("fz-1",)
    assert rules.of(kinds()["tender_notice"], "350100", TODAY) is NATIONAL


def test_a_rule_counts_from_its_day_on(tmp_path: Path) -> None:
    rules = local_rules(tmp_path, a_rule(since="2026-06-02", limits={"D-PUB20": 10}))
    kind = kinds()["tender_notice"]

    assert rules.of(kind, "350100", date(2026, 6, 1)) is NATIONAL
    assert rules.of(kind, "350100", date(2026, 6, 2)).ids == ("fz-1",)


def test_a_version_that_was_made_before_a_rule_is_taken_again_as_it_was(tmp_path: Path) -> None:
    rules = local_rules(tmp_path, a_rule(since="2026-06-02", media=["福州市公共资源交易网"]))
    before = a_tender_notice(region_code="350100", data_timestamp="2026-06-01T23:59:00+08:00")
    after = a_tender_notice(region_code="350100", data_timestamp="2026-06-02T00:00:00+08:00")

    Intake(300, rules).submission(orjson.dumps(before), Sender(a_uscc()))

    assert refusals(rules, after) == [("/publication/media", "local-medium")]


def test_the_strictest_limit_of_several_rules_counts(tmp_path: Path) -> None:
    province = a_rule(id="fj", region="35", limits={"D-PUB20": 15})
    city = a_rule(id="fz", limits={"D-PUB20": 10})
    rules = local_rules(tmp_path, city, province)

    clocks = rules.of(kinds()["tender_notice"], "350100", TODAY).clocks

    assert clocks is not None
    assert [clock.days for clock in clocks if clock.id == "D-PUB20"] == [10]  # type: ignore[attr-defined]
    assert [clock.id for clock in clocks] == [clock.id for clock in kinds()["tender_notice"].clocks]


def test_a_field_that_is_required_locally_is_missed(tmp_path: Path) -> None:
    rules = local_rules(
        tmp_path, a_rule(domain=None, kinds=["winning_candidate_publicity"], required=["other_content"])
    )
    submission = a_winning_candidate_publicity(region_code="350100")

    assert ("/body/other_content", "local-required") in refusals(rules, without(submission, "body", "other_content"))


def test_null_does_not_fill_a_field_that_is_required_locally(tmp_path: Path) -> None:
    rules = local_rules(
        tmp_path, a_rule(domain=None, kinds=["winning_candidate_publicity"], required=["other_content"])
    )
    submission = a_winning_candidate_publicity(region_code="350100")
    submission["body"]["other_content"] = None

    assert refusals(rules, submission) == [("/body/other_content", "local-required")]


def test_a_field_in_a_list_is_missed_in_every_item(tmp_path: Path) -> None:
    rules = local_rules(
        tmp_path,
        a_rule(domain=None, kinds=["winning_candidate_publicity"], required=["candidates/bidder_achievements"]),
    )
    submission = a_winning_candidate_publicity(region_code="350100")
    for candidate in submission["body"]["candidates"]:
        candidate.pop("bidder_achievements", None)

    expected = [
        (f"/body/candidates/{index}/bidder_achievements", "local-required")
        for index in range(len(submission["body"]["candidates"]))
    ]
    assert refusals(rules, submission) == expected


def test_a_code_outside_the_local_subset_is_refused_with_the_basis(tmp_path: Path) -> None:
    submission = a_procurement_notice(region_code="350100")
    others = [code for code in ("1", "2", "3", "4") if code != submission["body"]["purchase_mode"]]
    rules = local_rules(tmp_path, a_rule(domain="procurement", codes={"purchase_mode": others}))

    with pytest.raises(InvalidSubmission) as refused:
        Intake(300, rules).submission(orjson.dumps(submission), Sender(a_uscc()))

    (fault,) = refused.value.faults
    assert (fault.pointer, fault.rule) == ("/body/purchase_mode", "local-code")
    assert BASIS in fault.zh
    assert BASIS in fault.en
    assert ", ".join(others) in fault.zh


def test_an_extra_medium_must_be_among_those_of_the_publication(tmp_path: Path) -> None:
    rules = local_rules(tmp_path, a_rule(media=["福州市公共资源交易网"]))
    submission = a_tender_notice(region_code="350100")

    assert refusals(rules, submission) == [("/publication/media", "local-medium")]

    submission["publication"]["media"].append("福州市公共资源交易网")
    Intake(300, rules).submission(orjson.dumps(submission), Sender(a_uscc()))


def test_national_and_local_faults_are_named_together(tmp_path: Path) -> None:
    rules = local_rules(tmp_path, a_rule(media=["福州市公共资源交易网"]))
    submission = without(a_tender_notice(region_code="350100"), "body", "notice_name")

    found = refusals(rules, submission)

    assert ("/publication/media", "local-medium") in found
    assert any(pointer == "/body/notice_name" for pointer, _ in found)


def test_no_path_means_no_local_rules() -> None:
    assert local_rules_at("").rules == ()


def test_a_folder_is_read_file_by_file(tmp_path: Path) -> None:
    in_a_file(tmp_path, a_rule(id="a"), name="a.json")
    in_a_file(tmp_path, a_rule(id="b"), name="b.json")
    (tmp_path / "notes.txt").write_text("not a rule")

    assert [one.id for one in local_rules_at(str(tmp_path)).rules] == ["a", "b"]


def test_a_path_that_leads_nowhere_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidLocalRules) as refused:
        local_rules_at(str(tmp_path / "none.json"))

    assert [fault.rule for fault in refused.value.faults] == ["local-rules-file"]


def test_a_file_that_is_not_json_is_refused(tmp_path: Path) -> None:
    (tmp_path / "rules.json").write_text("{")

    with pytest.raises(InvalidLocalRules) as refused:
        local_rules_at(str(tmp_path / "rules.json"))

    assert [(fault.pointer, fault.rule) for fault in refused.value.faults] == [("rules.json", "local-rules-json")]


@pytest.mark.parametrize("days", [20, 21])
def test_a_limit_that_is_not_shorter_than_the_laws_is_refused(tmp_path: Path, days: int) -> None:
    found = faults_in(tmp_path, a_rule(kinds=["tender_notice"], limits={"D-PUB20": days}))

    assert found == [("/rules/0/limits/D-PUB20", "local-rule-longer")]


def test_a_limit_before_an_event_is_stricter_when_it_is_longer(tmp_path: Path) -> None:
    stricter = a_rule(domain=None, kinds=["procurement_intention"], limits={"D-INTENT30": 40})

    assert local_rules(tmp_path, stricter).rules
    assert faults_in(tmp_path, stricter | {"limits": {"D-INTENT30": 20}}) == [
        ("/rules/0/limits/D-INTENT30", "local-rule-longer")
    ]


def test_a_limit_of_the_same_day_cannot_be_shortened(tmp_path: Path) -> None:
    found = faults_in(tmp_path, a_rule(kinds=["tender_notice"], limits={"D-RT": 1}))

    assert found == [("/rules/0/limits/D-RT", "local-rule-longer")]


def test_every_fault_of_every_rule_is_named_at_once(tmp_path: Path) -> None:
    found = faults_in(
        tmp_path,
        a_rule(kinds=["tender_notices", "procurement_notice"], limits={"D-PUB20": 10}),
        a_rule(id="fz-2", kinds=["tender_notice"], limits={"D-NONE": 3}, required=["no_such_field", "notice_name"]),
        a_rule(id="fz-3", kinds=["tender_contract"], codes={"no_such_table": ["1"], "price_unit": ["7"]}),
        a_rule(id="fz-3", region=None, domain=None, kinds=["tender_notice"], limits={"D-PUB20": 10}),
        {"id": "fz-5", "basis": BASIS, "region": "9999", "since": "2020-01-01"},
        a_rule(id="FZ 6", since="2026-13-01"),
    )

    assert set(found) == {
        ("/rules/0/kinds/0", "local-rule-kind"),
        ("/rules/0/kinds/1", "local-rule-kind"),
        ("/rules/1/limits/D-NONE", "local-rule-clock"),
        ("/rules/1/required/0", "local-rule-field"),
        ("/rules/1/required/1", "local-rule-required"),
        ("/rules/2/codes/no_such_table", "local-rule-table"),
        ("/rules/2/codes/price_unit", "local-rule-code"),
        ("/rules/3", "local-rule-place"),
        ("/rules/3/id", "local-rule-id"),
        ("/rules/4", "local-rule-empty"),
        ("/rules/4/region", "local-rule-region"),
        *((pointer, rule) for pointer, rule in found if pointer.startswith("/rules/5/")),
    }
    assert {pointer for pointer, _ in found if pointer.startswith("/rules/5/")} == {"/rules/5/id", "/rules/5/since"}


def test_rules_that_leave_no_code_together_are_refused(tmp_path: Path) -> None:
    found = faults_in(
        tmp_path,
        a_rule(id="fj", region="35", domain="procurement", codes={"purchase_mode": ["1"]}),
        a_rule(id="fz", region="3501", domain="procurement", codes={"purchase_mode": ["2"]}),
    )

    assert found == [("/rules/1/codes/purchase_mode", "local-rule-none-left")]


def test_rules_of_regions_apart_do_not_meet(tmp_path: Path) -> None:
    rules = local_rules(
        tmp_path,
        a_rule(id="fz", region="3501", domain="procurement", codes={"purchase_mode": ["1"]}),
        a_rule(id="xm", region="3502", domain="procurement", codes={"purchase_mode": ["2"]}),
    )

    assert len(rules.rules) == 2


def test_a_misspelt_member_of_a_rule_is_named(tmp_path: Path) -> None:
    found = faults_in(tmp_path, a_rule(limits={"D-PUB20": 10}) | {"limit": {"D-PUB20": 10}})

    assert [pointer for pointer, _ in found] == ["/rules/0/limit"]


def test_withdrawals_are_not_judged_by_local_rules(tmp_path: Path) -> None:
    rules = local_rules(tmp_path, a_rule(media=["福州市公共资源交易网"]))
    withdrawal = orjson.dumps({"data_timestamp": "2026-06-02T00:00:00+08:00", "reason": "重复发布"})

    entry = Intake(300, rules).withdrawal(withdrawal, Sender(a_uscc()), "tender_notice", "first")

    assert entry.state == "withdrawn"


def test_a_contract_outside_the_region_keeps_the_national_limit(tmp_path: Path) -> None:
    rules = local_rules(tmp_path, a_rule())
    contract = a_tender_contract(region_code="350200")

    assert due_on(rules, contract) == due_on(LocalRules(), contract)
