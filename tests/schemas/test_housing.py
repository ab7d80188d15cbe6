"""住房保障: the rules of its kinds, and what the public must never see of those who need a home."""

from datetime import date
from typing import Any

import pytest

from hub.law.clock import due_of
from hub.schemas.examples import example
from hub.schemas.housing.allocation import Applicant
from hub.schemas.housing.base import HousingKind, repair_month
from hub.schemas.housing.outcome import Allocation, Exit
from hub.schemas.housing.rural import RecognisedHousehold, RenovatedDwelling, SubsidyShare
from hub.schemas.kind import Part, Scope, kinds, scope_of
from tests import builders as a
from tests.schemas.judging import advised, broken, refused, taken

HOUSING = [name for name, kind in kinds().items() if issubclass(kind, HousingKind)]
PEOPLE = (RecognisedHousehold, SubsidyShare, RenovatedDwelling, Applicant, Allocation, Exit)
PLATFORM = a.a_uscc(99, prefix="12350100")


def threads_of(*names: str) -> set[str]:
    return {taken(example(name)).body.thread(PLATFORM) for name in names}


def hidden(model: type[Part], scope: Scope) -> set[str]:
    return {name for name, info in model.model_fields.items() if scope_of(info) is scope}


def limit_of(name: str, **changes: Any) -> tuple[str, str]:
    submission = a.a_submission(name, **changes)
    due = due_of(kinds()[name], submission, date.fromisoformat(submission["publication"]["published_at"][:10]))
    assert due is not None
    return due.id, due.on.isoformat()


def test_the_opinions_phrases_on_housing_have_nineteen_kinds() -> None:
    assert len(HOUSING) == 19


@pytest.mark.parametrize(
    ("name", "first", "second"),
    [
        ("housing_construction_scheme", "period_start", "period_end"),
        ("rural_renovation_policy", "effective_date", "expiry_date"),
        ("housing_allocation_policy", "effective_date", "expiry_date"),
        ("rural_renovation_recognition", "step_start", "step_end"),
        ("rural_renovation_recognition", "publicity_start", "publicity_end"),
        ("housing_allocation_target", "publicity_start", "publicity_end"),
        ("housing_allocation_result", "publicity_start", "publicity_end"),
    ],
)
def test_a_period_does_not_end_before_it_begins(name: str, first: str, second: str) -> None:
    begun = example(name)["body"][first]
    assert broken(a.a_submission(name, **{f"body__{second}": "2020-01-01"})) == {(f"/body/{second}", "period-order")}
    assert broken(a.a_submission(name, **{f"body__{second}": begun})) == set()


@pytest.mark.parametrize(
    ("name", "amount"),
    [
        ("housing_construction_scheme", "investment_amount"),
        ("housing_planned_project", "investment_amount"),
        ("housing_plan_progress", "completed_investment"),
        ("housing_supporting_facility", "investment_amount"),
    ],
)
def test_an_investment_has_its_unit(name: str, amount: str) -> None:
    assert broken(a.a_submission(name, body__price_unit=...)) == {("/body/price_unit", "amount-unit")}
    assert broken(a.a_submission(name, **{"body__price_unit": ..., f"body__{amount}": ...})) == set()


@pytest.mark.parametrize(
    ("name", "part", "whole"),
    [
        ("housing_planned_project", "planned_start_units", "total_units"),
        ("housing_planned_project", "planned_basic_complete_units", "total_units"),
        ("housing_started_project", "planned_start_units", "total_units"),
        ("housing_started_project", "actual_start_units", "total_units"),
        ("housing_started_project", "planned_basic_complete_units", "total_units"),
    ],
)
def test_a_project_starts_and_completes_no_more_homes_than_it_has(name: str, part: str, whole: str) -> None:
    total = example(name)["body"][whole]
    assert broken(a.a_submission(name, **{f"body__{part}": total + 1})) == {(f"/body/{part}", "no-more-than")}
    assert broken(a.a_submission(name, **{f"body__{part}": total})) == set()


@pytest.mark.parametrize("name", ["housing_planned_project", "housing_supporting_facility", "rural_renovation_subsidy"])
def test_an_amount_in_the_wrong_unit_is_noticed(name: str) -> None:
    amount = "total_amount" if name == "rural_renovation_subsidy" else "investment_amount"
    wrong = a.a_submission(name, **{f"body__{amount}": "35000000.00", "body__price_unit": "1"})
    assert (f"/body/{amount}", "amount-large") in advised(wrong)


def test_an_annual_plan_that_was_fixed_in_another_time_is_asked_about() -> None:
    early = a.a_submission("housing_annual_plan", body__plan_fixed_date="2024-12-31")
    assert advised(early) == {("/body/plan_fixed_date", "plan-year")}
    assert advised(a.a_submission("housing_annual_plan", body__plan_fixed_date="2025-12-31")) == set()


def test_the_largest_floor_area_is_not_below_the_smallest() -> None:
    small = a.a_submission("housing_planned_unit_type", body__building_area_max="51.99")
    assert broken(small) == {("/body/building_area_max", "area-range")}
    assert broken(a.a_submission("housing_planned_unit_type", body__building_area_max="52.00")) == set()


def test_a_month_is_six_digits_and_is_repaired_from_what_people_write() -> None:
    (fault,) = refused(a.a_submission("housing_plan_progress", body__stat_month="2026年5月"))
    assert (fault.pointer, fault.rule, fault.repair) == ("/body/stat_month", "month-format", "202605")
    assert repair_month(202611) == repair_month("2026-11") == "202611"
    assert repair_month("2026-13") is None
    assert repair_month(True) is None


@pytest.mark.parametrize("name", ["housing_plan_progress", "housing_exit"])
def test_a_monthly_report_is_counted_in_its_month(name: str) -> None:
    stray = a.a_submission(name, body__stat_date="2026-07-01")
    assert broken(stray) == {("/body/stat_date", "month-of-date")}


def test_progress_in_another_year_than_the_plans_is_asked_about() -> None:
    assert advised(a.a_submission("housing_plan_progress", body__plan_year=2025)) == {
        ("/body/stat_month", "month-of-plan")
    }


@pytest.mark.parametrize("status", ["2", "3"])
def test_a_facility_that_is_completed_says_when(status: str) -> None:
    silent = a.a_submission("housing_supporting_facility", body__status=status, body__actual_complete_date=...)
    assert broken(silent) == {("/body/actual_complete_date", "facility-completed")}


@pytest.mark.parametrize("status", ["0", "1", "9"])
def test_a_facility_that_is_not_completed_has_no_day_of_completion(status: str) -> None:
    early = a.a_submission("housing_supporting_facility", body__status=status)
    assert broken(early) == {("/body/actual_complete_date", "facility-unfinished")}
    under_way = a.a_submission("housing_supporting_facility", body__status=status, body__actual_complete_date=...)
    assert broken(under_way) == set()


@pytest.mark.parametrize(
    ("name", "field", "document", "guide"),
    [
        ("rural_renovation_policy", "doc_class", "4", "2"),
        ("housing_allocation_policy", "policy_class", "1", "2"),
    ],
)
def test_a_document_has_a_number_unless_it_is_a_guide(name: str, field: str, document: str, guide: str) -> None:
    unnumbered = a.a_submission(name, **{"body__doc_no": ..., f"body__{field}": document})
    assert broken(unnumbered) == {("/body/doc_no", "document-number")}
    assert broken(a.a_submission(name, **{"body__doc_no": ..., f"body__{field}": guide})) == set()


def test_a_policy_that_is_over_says_since_when() -> None:
    over = a.a_submission("housing_allocation_policy", body__validity="3", body__expiry_date=...)
    assert advised(over) == {("/body/expiry_date", "expiry-date")}
    assert advised(a.a_submission("housing_allocation_policy", body__expiry_date=...)) == set()


def test_guides_without_a_number_are_told_apart_by_title_and_day() -> None:
    def guide(title: str) -> str:
        changed = {"body__doc_no": ..., "body__policy_class": "2", "body__doc_title": title}
        return taken(a.a_submission("housing_allocation_policy", **changed)).body.thread(PLATFORM)

    assert guide("公共租赁住房申请指南") != guide("公共租赁住房腾退指南")


def test_no_household_is_twice_in_a_list() -> None:
    twice = a.a_submission("rural_renovation_recognition", body__households__1__seq=1)
    assert broken(twice) == {("/body/households", "household-twice")}


def test_recognising_a_safe_dwelling_is_advised_against() -> None:
    safe = a.a_submission("rural_renovation_recognition", body__households__0__danger_level="B")
    assert advised(safe) == {("/body/households/0/danger_level", "danger-eligible")}
    refused_one = a.a_submission(
        "rural_renovation_recognition", body__households__0__danger_level="B", body__households__0__result="2"
    )
    assert advised(refused_one) == set()


def test_shares_that_do_not_add_up_to_the_subsidy_are_asked_about() -> None:
    less = a.a_submission("rural_renovation_subsidy", body__total_amount="50000.00")
    assert advised(less) == {("/body/total_amount", "subsidy-sum")}


def test_the_households_of_a_subsidy_are_those_listed() -> None:
    more = a.a_submission("rural_renovation_subsidy", body__total_households=3)
    assert advised(more) == {("/body/total_households", "subsidy-households")}
    by_village = a.a_submission("rural_renovation_subsidy", body__total_households=3, body__details__0__head_name=...)
    assert advised(by_village) == set()


@pytest.mark.parametrize("field", ["completed_households", "accepted_households"])
def test_no_more_dwellings_are_accepted_than_completed_nor_completed_than_started(field: str) -> None:
    more = a.a_submission("rural_renovation_result", **{f"body__{field}": 3})
    assert broken(more) == {(f"/body/{field}", "no-more-than")}


def test_more_dwellings_started_than_planned_are_asked_about() -> None:
    more = a.a_submission("rural_renovation_result", body__started_households=3)
    assert advised(more) == {("/body/started_households", "more-than-planned")}


@pytest.mark.parametrize(
    ("name", "field", "other"),
    [("housing_allocation_target", "list_type", "3"), ("housing_allocation_source", "source_type", "1")],
)
def test_the_list_of_a_batch_names_the_batch(name: str, field: str, other: str) -> None:
    assert broken(a.a_submission(name, body__batch_no=...)) == {("/body/batch_no", "batch-needed")}
    assert broken(a.a_submission(name, **{"body__batch_no": ..., f"body__{field}": other})) == set()


@pytest.mark.parametrize(
    ("name", "at"),
    [("housing_allocation_target", "applicants"), ("housing_allocation_result", "results"), ("housing_exit", "exits")],
)
def test_no_applicant_is_twice_in_a_list(name: str, at: str) -> None:
    submission = a.a_submission(name)
    listed = submission["body"][at]
    listed[1]["applicant_no"] = listed[0]["applicant_no"]
    assert broken(submission) == {(f"/body/{at}", "applicant-twice")}


def test_a_waiting_list_gives_every_place_in_the_queue() -> None:
    queue = a.a_submission("housing_allocation_target", body__list_type="4", body__applicants__2__queue_no=...)
    assert advised(queue) == {("/body/applicants", "queue-number")}
    register = a.a_submission("housing_allocation_target", body__list_type="1", body__applicants__2__queue_no=...)
    assert advised(register) == set()


def test_a_household_has_at_least_one_member() -> None:
    empty = a.a_submission("housing_allocation_target", body__applicants__0__household_size=0)
    assert broken(empty) == {("/body/applicants/0/household_size", "out-of-range")}


def test_homes_that_do_not_add_up_are_asked_about() -> None:
    assert advised(a.a_submission("housing_allocation_source", body__total_units=119)) == {
        ("/body/total_units", "homes-sum")
    }


def test_a_home_with_a_room_number_is_one_home() -> None:
    several = a.a_submission("housing_allocation_source", body__units__2__count=2, body__total_units=121)
    assert broken(several) == {("/body/units/2/count", "room-is-one")}


def test_no_home_is_listed_twice() -> None:
    submission = a.a_submission("housing_allocation_source")
    submission["body"]["units"].append(dict(submission["body"]["units"][2]))
    assert broken(submission) == {("/body/units", "home-twice")}
    submission["body"]["units"][3]["building_no"] = "3号楼"
    assert broken(submission) == set()


def test_the_steps_of_a_procedure_are_numbered_from_one() -> None:
    gap = a.a_submission("housing_allocation_procedure", body__steps__2__no=4)
    assert broken(gap) == {("/body/steps", "step-order")}


def test_a_step_does_not_end_before_it_begins() -> None:
    turned = a.a_submission("housing_allocation_procedure", body__steps__1__end="2026-08-18T09:00:00+08:00")
    assert broken(turned) == {("/body/steps/1/end", "period-order")}


def test_no_round_is_listed_twice_for_a_group() -> None:
    twice = a.a_submission("housing_allocation_process", body__rounds__1__group="优抚家庭组")
    assert broken(twice) == {("/body/rounds", "round-twice")}


@pytest.mark.parametrize("field", ["households", "units"])
def test_no_round_exceeds_what_takes_part_in_all(field: str) -> None:
    much = a.a_submission("housing_allocation_process", **{f"body__rounds__0__{field}": 184})
    assert broken(much) == {("/body/rounds", "round-whole")}


def test_a_rent_says_what_it_is_for() -> None:
    unclear = a.a_submission("housing_allocation_result", body__price_basis=...)
    assert broken(unclear) == {("/body/price_basis", "result-price-basis")}


def test_a_publicity_of_results_has_both_ends() -> None:
    open_ended = a.a_submission("housing_allocation_result", body__publicity_end=...)
    assert broken(open_ended) == {("/body/publicity_start", "all-or-none")}


def test_households_that_are_not_those_listed_are_asked_about() -> None:
    assert advised(a.a_submission("housing_allocation_result", body__total_households=4)) == {
        ("/body/total_households", "result-count")
    }


def test_a_home_is_given_back_in_the_month_reported() -> None:
    stray = a.a_submission("housing_exit", body__exits__0__exit_date="2026-08-31")
    assert broken(stray) == {("/body/exits", "exit-month")}


def test_a_month_without_exits_is_reported_too() -> None:
    assert broken(a.a_submission("housing_exit", body__exits=[])) == set()


@pytest.mark.parametrize("person", PEOPLE)
def test_the_people_of_a_list_are_masked_always(person: type[Part]) -> None:
    assert person.natural_person
    assert hidden(person, Scope.MASKED) == {"name", "head_name"} & set(person.model_fields) != set()


def test_what_tells_of_a_private_life_is_for_the_government_only() -> None:
    assert hidden(RecognisedHousehold, Scope.GOVERNMENT) == {"id_no", "phone", "household_category"}
    assert hidden(SubsidyShare, Scope.GOVERNMENT) == {"bank_account"}
    assert hidden(Applicant, Scope.GOVERNMENT) == {"id_no", "category", "current_area", "income"}
    assert hidden(Allocation, Scope.GOVERNMENT) == {"id_no", "room_no"}
    assert hidden(Exit, Scope.GOVERNMENT) == {"reason"}


def test_the_records_of_a_project_are_one_thread() -> None:
    planned = threads_of("housing_planned_project", "housing_planned_unit_type", "housing_started_project")
    completed = threads_of("housing_completed_project", "housing_supporting_facility")
    assert len(planned) == len(completed) == 1
    assert planned != completed


def test_the_records_of_a_batch_are_one_thread_on_every_platform() -> None:
    batch = ("target", "source", "procedure", "process", "result")
    assert threads_of(*(f"housing_allocation_{name}" for name in batch)) == {
        "housing:350104:batch:榕溪公租〔2026〕第1批"
    }


def test_homes_of_no_batch_belong_to_their_project_and_registers_to_their_class() -> None:
    project = example("housing_completed_project")["body"]["project_name"]
    waiting = a.a_submission(
        "housing_allocation_source", body__source_type="1", body__batch_no=..., body__project_name=project
    )
    register = a.a_submission("housing_allocation_target", body__list_type="1", body__batch_no=...)
    assert {taken(waiting).body.thread(PLATFORM)} == threads_of("housing_completed_project")
    assert {taken(register).body.thread(PLATFORM)} == threads_of("housing_exit")


def test_a_countys_year_of_renovation_is_one_thread() -> None:
    steps = ("recognition", "subsidy", "result")
    assert threads_of(*(f"rural_renovation_{step}" for step in steps)) == {"housing:350124:rural:2026"}


@pytest.mark.parametrize("name", HOUSING)
def test_the_examples_are_published_in_time(name: str) -> None:
    submission = example(name)
    due = due_of(kinds()[name], submission, date.fromisoformat(submission["publication"]["published_at"][:10]))
    assert due is not None
    assert due.days_late == 0


def test_a_started_project_is_published_twenty_working_days_after_its_start() -> None:
    late = {"publication__published_at": "2026-06-30T09:00:00+08:00"}
    assert limit_of("housing_started_project", **late) == ("D-HOUS-START20", "2026-05-15")


def test_a_months_progress_is_published_ten_working_days_after_its_end() -> None:
    late = {"publication__published_at": "2026-06-30T09:00:00+08:00"}
    assert limit_of("housing_plan_progress", **late) == ("D-HOUS-MON10", "2026-06-12")
