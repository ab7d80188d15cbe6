"""矿业权出让: the rules of its kinds."""

import pytest

from hub.problems import IllegalChange
from hub.schemas.kind import Scope, kinds, scope_of
from tests import builders as a
from tests.schemas.judging import advised, broken, taken

ANNOUNCEMENT, RESULT = "mining_transfer_announcement", "mining_transfer_result"
OTHER, AREA = "mining_other_mode_publicity", "mining_area_delimitation"
REGISTRATION, PROJECT = "mining_registration_result", "mining_project_info"


@pytest.mark.parametrize("kind", [ANNOUNCEMENT, RESULT])
@pytest.mark.parametrize(("right", "mode"), [("mining", "132"), ("exploration", "240"), ("mining", "250")])
def test_a_right_is_tendered_in_a_way_of_its_type(kind: str, right: str, mode: str) -> None:
    wrong = a.a_submission(kind, body__right_type=right, body__transfer_mode=mode)
    assert broken(wrong) == {("/body/transfer_mode", "mining-right-mode")}


def test_an_exploration_right_may_be_auctioned() -> None:
    assert broken(a.a_submission(ANNOUNCEMENT, body__right_type="exploration", body__transfer_mode="132")) == set()


def test_an_announcement_of_twenty_working_days_counts_its_first_day() -> None:
    # 7 April 2026 is a Tuesday; four weeks later 1, 4 and 5 May are off and 9 May is worked.
    exact = a.a_submission(ANNOUNCEMENT, body__notice_start="2026-04-07", body__notice_end="2026-05-07")
    short = a.a_submission(ANNOUNCEMENT, body__notice_start="2026-04-07", body__notice_end="2026-05-06")
    assert advised(exact) == set()
    assert advised(short) == {("/body/notice_end", "mining-period")}


def test_a_result_is_shown_for_ten_working_days() -> None:
    short = a.a_submission(RESULT, body__publicity_start="2026-06-01", body__publicity_end="2026-06-11")
    exact = a.a_submission(RESULT, body__publicity_start="2026-06-01", body__publicity_end="2026-06-12")
    assert advised(short) == {("/body/publicity_end", "mining-period")}
    assert advised(exact) == set()


@pytest.mark.parametrize(
    ("kind", "changes", "field"),
    [
        (ANNOUNCEMENT, {"body__notice_end": "2026-04-06"}, "notice_end"),
        (ANNOUNCEMENT, {"body__apply_end": "2026-04-20T08:59:59+08:00"}, "apply_end"),
        (RESULT, {"body__publicity_end": "2026-05-31"}, "publicity_end"),
        (REGISTRATION, {"body__valid_to": "2026-08-02"}, "valid_to"),
    ],
)
def test_periods_do_not_end_before_they_begin(kind: str, changes: dict[str, str], field: str) -> None:
    assert broken(a.a_submission(kind, **changes)) == {(f"/body/{field}", "period-order")}


def test_applications_begin_with_the_announcement_at_the_earliest() -> None:
    early = a.a_submission(ANNOUNCEMENT, body__apply_start="2026-04-06T23:59:00+08:00")
    assert broken(early) == {("/body/apply_start", "mining-applications")}


@pytest.mark.parametrize(
    ("kind", "field", "rule"),
    [
        (RESULT, "deal_date", "mining-deal-published"),
        (OTHER, "receive_date", "mining-received"),
        (AREA, "receive_date", "mining-received"),
        (REGISTRATION, "decision_date", "mining-decided"),
    ],
)
def test_nothing_is_published_before_it_happened(kind: str, field: str, rule: str) -> None:
    assert broken(a.a_submission(kind, **{f"body__{field}": "2026-12-31"})) == {(f"/body/{field}", rule)}


@pytest.mark.parametrize("field", ["design_scale", "scale_unit", "transfer_mode"])
def test_a_mining_right_without_competition_says_how_much_is_mined_and_how_it_is_gained(field: str) -> None:
    assert broken(a.a_submission(OTHER, **{f"body__{field}": ...})) == {(f"/body/{field}", "mining-right-field")}


def test_an_exploration_right_without_competition_says_who_explores() -> None:
    exploration = {"body__right_type": "exploration", "body__transfer_mode": ..., "body__design_scale": ...}
    assert broken(a.a_submission(OTHER, **exploration)) == {("/body/exploration_unit", "mining-right-field")}
    assert broken(a.a_submission(OTHER, body__exploration_unit="榕溪地质勘查院", **exploration)) == set()


def test_what_is_gained_without_competition_was_not_tendered() -> None:
    listed = a.a_submission(OTHER, body__transfer_mode="240")
    assert broken(listed) == {("/body/transfer_mode", "mining-right-mode")}


COMMON = {"mineral_code", "approve_org"}
PLACED = {"extent_coordinates", "location"}
MINED = {"design_scale", "scale_unit"}


@pytest.mark.parametrize(
    ("right", "oil", "wanted"),
    [
        ("exploration", "0", COMMON | PLACED | {"exploration_unit"}),
        ("mining", "0", COMMON | MINED),
        ("exploration", "1", PLACED | {"approve_org"}),
        ("mining", "1", PLACED),
    ],
)
def test_a_registration_has_the_fields_of_its_dataset(right: str, oil: str, wanted: set[str]) -> None:
    bare = {f"body__{field}": ... for field in COMMON | PLACED | MINED | {"exploration_unit"}}
    registration = a.a_submission(REGISTRATION, body__right_type=right, body__is_oil_gas=oil, **bare)
    assert broken(registration) == {(f"/body/{field}", "mining-right-field") for field in wanted}


def test_only_an_exploration_right_is_retained() -> None:
    retained = a.a_submission(REGISTRATION, body__item_type="保留")
    assert broken(retained) == {("/body/item_type", "mining-retained")}


@pytest.mark.parametrize(
    ("changes", "at", "rule"),
    [
        ({"mining_elevation": ...}, "mining_elevation", "mining-right-field"),
        ({"scale_unit": ...}, "design_scale", "all-or-none"),
        ({"holder_code": ...}, "holder_name", "all-or-none"),
        ({"licence_no": ...}, "licence_no", "mining-status-licence"),
        ({"status": "3", "unified_deal_code": ...}, "unified_deal_code", "mining-status-deal"),
    ],
)
def test_a_project_says_what_its_right_and_status_ask_for(changes: dict[str, object], at: str, rule: str) -> None:
    project = a.a_submission(PROJECT, **{f"body__{name}": value for name, value in changes.items()})
    assert broken(project) == {(f"/body/{at}", rule)}


def test_a_project_that_is_yet_to_be_transferred_has_neither_licence_nor_deal() -> None:
    planned = {"body__status": "1", "body__licence_no": ..., "body__unified_deal_code": ...}
    assert broken(a.a_submission(PROJECT, **planned)) == set()


def test_a_deal_code_is_not_read_from_a_thread() -> None:
    body = taken(a.a_submission(ANNOUNCEMENT)).body
    assert scope_of(kinds()[ANNOUNCEMENT].model_fields["unified_deal_code"]) is Scope.GOVERNMENT
    assert a.a_submission(ANNOUNCEMENT)["body"]["unified_deal_code"] not in body.thread("P")


def test_an_announcement_and_its_result_are_one_thread() -> None:
    threads = {taken(a.a_submission(kind)).body.thread("P") for kind in (ANNOUNCEMENT, RESULT, REGISTRATION)}
    assert len(threads) == 1


def test_the_type_of_a_right_never_changes() -> None:
    mining = a.a_submission(ANNOUNCEMENT)
    exploration = a.a_later_version(mining, body__right_type="exploration", body__transfer_mode="132")
    with pytest.raises(IllegalChange) as illegal:
        taken(exploration).body.follow(taken(mining).body)
    assert (illegal.value.fault.pointer, illegal.value.fault.rule) == ("/body/right_type", "field-fixed")
