"""监管: the rules of its kinds."""

import pytest

from hub.schemas.kind import Domain, kinds
from tests import builders as a
from tests.schemas.judging import advised, broken, taken

PLATFORM = a.a_uscc(99, prefix="12350100")
OF_A_SECTION = ["admin_supervision_item", "project_alert", "complaint_record"]


@pytest.mark.parametrize("kind", OF_A_SECTION)
def test_supervision_names_a_section_of_its_project(kind: str) -> None:
    elsewhere = a.a_submission(kind, body__bid_section_code=a.a_section_code(7))
    assert broken(elsewhere) == {("/body/bid_section_code", "section-of-project")}


@pytest.mark.parametrize("kind", OF_A_SECTION)
def test_supervision_is_in_the_thread_of_its_tender_project(kind: str) -> None:
    notice = taken(a.a_submission("tender_notice"))
    assert taken(a.a_submission(kind)).body.thread(PLATFORM) == notice.body.thread(PLATFORM)


@pytest.mark.parametrize("kind", ["project_alert", "complaint_record", "expert_credit_record"])
def test_a_restriction_ends_after_it_began(kind: str) -> None:
    ended = a.a_submission(kind, body__end_date="2026-04-01T00:00:00+08:00")
    assert broken(ended) == {("/body/end_date", "period-order")}


def test_an_alert_is_published_after_it_was_raised() -> None:
    early = a.a_submission("project_alert", body__publish_date="2026-04-15T13:00:00+08:00")
    assert broken(early) == {("/body/publish_date", "period-order")}


@pytest.mark.parametrize(
    ("field", "value"),
    [("accept_date", "2026-05-06T09:00:00+08:00"), ("handle_date", "2026-05-08T14:00:00+08:00")],
)
def test_a_complaint_is_made_then_accepted_then_decided(field: str, value: str) -> None:
    assert broken(a.a_submission("complaint_record", **{f"body__{field}": value})) == {
        (f"/body/{field}", "period-order")
    }


@pytest.mark.parametrize(("accepted", "well"), [("2026-05-09", True), ("2026-05-11", False)])
def test_a_complaint_is_accepted_within_three_working_days(accepted: str, well: bool) -> None:
    warned = advised(a.a_submission("complaint_record", body__accept_date=f"{accepted}T10:00:00+08:00"))
    assert warned == (set() if well else {("/body/accept_date", "complaint-accepted-late")})


@pytest.mark.parametrize(("decided", "well"), [("2026-06-18", True), ("2026-06-22", False)])
def test_a_complaint_is_decided_within_thirty_working_days(decided: str, well: bool) -> None:
    # From Friday, 8 May; Saturday, 9 May, is worked in place of a holiday, and Friday, 19 June, is off.
    warned = advised(a.a_submission("complaint_record", body__handle_date=f"{decided}T16:00:00+08:00"))
    assert warned == (set() if well else {("/body/handle_date", "complaint-handled-late")})


def test_an_experts_record_keeps_the_id_number_out_of_its_thread() -> None:
    number = a.an_id_number()
    record = taken(a.a_submission("expert_credit_record", body__id_card=number)).body
    assert number not in record.thread(PLATFORM)
    assert record.thread(PLATFORM) != taken(a.a_submission("expert_credit_record")).body.thread(PLATFORM)


def test_supervision_itself_is_no_credit_information() -> None:
    assert not any(kind.to_credit for kind in kinds().values() if kind.domain is Domain.SUPERVISION)
