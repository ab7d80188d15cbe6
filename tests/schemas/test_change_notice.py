"""变更信息: the rules of a change notice."""

from typing import Any

import pytest

from hub.schemas.kind import Kind, kinds
from tests import builders as a
from tests.schemas.judging import broken, taken

PLATFORM = a.a_uscc(99, prefix="12350100")


def changed(kind: str, **changes: Any) -> dict[str, Any]:
    return a.a_submission(
        "change_notice", **{"body__target_kind": kind, "body__target_record_id": f"{PLATFORM}/{kind}/1", **changes}
    )


def test_a_change_is_of_a_record_of_any_field() -> None:
    assert broken(changed("land_transfer_announcement")) == set()
    assert broken(changed("tender_notice")) == set()


@pytest.mark.parametrize("kind", ["tender_notise", "change_notice"])
def test_a_change_is_of_a_kind_that_changes(kind: str) -> None:
    assert broken(changed(kind)) == {("/body/target_kind", "changed-kind")}


def test_a_public_change_tells_nothing_of_a_record_for_the_government(monkeypatch: pytest.MonkeyPatch) -> None:
    kind: type[Kind] = kinds()["tender_contract"]
    monkeypatch.setattr(kind, "government_only", True)
    assert broken(changed("tender_contract")) == {("/body/target_kind", "changed-kind")}


@pytest.mark.parametrize(
    "record",
    [
        f"{PLATFORM}/tender_contract/1",
        f"{PLATFORM}/tender_notice/",
        f"{PLATFORM}/tender_notice/{'1' * 65}",
        "tender_notice/1",
        "1",
    ],
)
def test_a_change_names_its_record_in_full(record: str) -> None:
    notice = changed("tender_notice", body__target_record_id=record)
    assert broken(notice) == {("/body/target_record_id", "changed-record")}


@pytest.mark.parametrize("said", [..., "0"])
def test_a_change_of_the_type_postponement_is_one(said: object) -> None:
    notice = a.a_submission("change_notice", body__is_postpone=said)
    assert broken(notice) == {("/body/is_postpone", "postponement-said")}
    assert broken(a.a_submission("change_notice", body__is_postpone=said, body__change_type="1")) == set()


def test_a_postponement_says_to_when() -> None:
    notice = a.a_submission("change_notice", body__new_deadline=...)
    assert broken(notice) == {("/body/new_deadline", "postponed-to")}


def test_a_deadline_is_not_moved_into_the_past() -> None:
    notice = a.a_submission("change_notice", body__new_deadline="2026-05-28T09:19:59+08:00")
    assert broken(notice) == {("/body/new_deadline", "period-order")}


def test_changes_are_counted_from_one() -> None:
    assert broken(a.a_submission("change_notice", body__change_seq=0)) == {("/body/change_seq", "out-of-range")}


def test_the_changes_of_a_record_are_one_thread() -> None:
    first, second = (taken(changed("tender_notice", body__change_seq=n)).body for n in (1, 2))
    assert first.thread(PLATFORM) == second.thread(a.a_uscc()) == f"change:{PLATFORM}/tender_notice/1"
