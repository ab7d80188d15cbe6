"""Editions of a kind: two live side by side, and what breaks between them is said."""

import pytest
from pydantic import ValidationError

from hub.problems import NotFound
from hub.schemas.editions import changes, edition_named
from hub.schemas.kind import editions, kinds
from hub.schemas.submission import submission_of
from tests.builders import a_submission


def of_both() -> tuple[type, type]:
    return edition_named("win_result_notice"), edition_named("win_result_notice@2.1")


def test_an_edition_has_the_name_of_its_kind_and_is_no_kind_of_its_own() -> None:
    first, later = editions("win_result_notice").values()

    assert (first.name(), later.name()) == ("win_result_notice", "win_result_notice")
    assert kinds()["win_result_notice"] is first
    assert len([name for name in kinds() if "win_result" in name]) == 1


def test_what_the_new_edition_needs_breaks_and_what_it_allows_does_not() -> None:
    found = {change.pointer: change.breaking for change in changes(*of_both())}

    assert found == {
        "/body/bidder_region_code": True,
        "/body/project_lead": True,
        "/body/bidder_property": False,
        "/body/project_lead_id": False,
    }


def test_the_way_back_breaks_for_every_field_that_is_taken_away() -> None:
    before, after = of_both()

    assert {(change.what, change.breaking) for change in changes(after, before)} == {("removed", True)}


def test_an_edition_does_not_differ_from_itself() -> None:
    for name, kind in kinds().items():
        assert changes(kind, kind) == [], name


def test_a_payload_is_held_to_the_edition_that_it_names() -> None:
    model = submission_of(edition_named("win_result_notice@2.1"))
    old = a_submission("win_result_notice", schema_version="2.1")
    new = a_submission(
        "win_result_notice", schema_version="2.1", body__project_lead="陈立", body__bidder_region_code="350100"
    )

    with pytest.raises(ValidationError) as refused:
        model.model_validate(old)
    assert {error["loc"][-1] for error in refused.value.errors()} == {"project_lead", "bidder_region_code"}
    model.model_validate(new)


@pytest.mark.parametrize("name", ["no_such_kind", "win_result_notice@9.9"])
def test_an_edition_that_there_is_not_is_not_found(name: str) -> None:
    with pytest.raises(NotFound):
        edition_named(name)
