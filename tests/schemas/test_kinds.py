"""Every kind: its metadata, its example, its fields, its thread and what may follow it."""

from importlib.resources import files
from typing import Any

import orjson
import pytest
from pydantic import TypeAdapter

from hub.problems import IllegalChange
from hub.schemas.examples import example, example_bytes
from hub.schemas.kind import Kind, Scope, is_party_code, kinds, scope_of
from hub.schemas.procurement.base import ProcurementKind
from hub.schemas.submission import Submission, any_submission, submission_of
from hub.schemas.tender.base import TenderKind
from hub.schemas.tender.candidates import Candidate
from hub.schemas.tender.qualification import PassedApplicant
from hub.schemas.threads import short_digest
from hub.schemas.types import PartyCode
from tests import builders as a
from tests.schemas.judging import advised, broken, taken

KINDS = list(kinds())
PLATFORM = a.a_uscc(99, prefix="12350100")

every_kind = pytest.mark.parametrize("name", KINDS)


def test_the_kinds_are_found_by_being_there() -> None:
    one_of_each_package = {"tender_notice", "procurement_notice", "land_transfer_announcement", "blacklist_entry"}
    assert one_of_each_package <= set(KINDS)
    assert sorted(KINDS) == KINDS


def test_every_kind_has_one_example() -> None:
    there = {file.name for file in files("hub.schemas.examples").iterdir() if file.name.endswith(".json")}
    assert there == {f"{name}.json" for name in KINDS}


@every_kind
def test_a_kind_says_what_it_is(name: str) -> None:
    kind = kinds()[name]
    assert any("一" <= character <= "鿿" for character in kind.title())
    assert kind.summary().endswith(".")
    assert kind.basis
    assert kind.discloser
    assert kind.clocks
    assert all(clock.basis and clock.id.startswith("D-") for clock in kind.clocks)
    assert kind.dataset is None or kind.dataset_name


@every_kind
def test_metadata_names_fields_that_exist(name: str) -> None:
    kind = kinds()[name]
    assert {*kind.natural_key, kind.label, *kind.fixed} <= kind.model_fields.keys()
    assert kind.opening is None or kind.opening in kind.model_fields
    for clock in kind.clocks:
        known = set(Submission.model_fields) if clock.of.startswith("/") else set(kind.model_fields)
        assert clock.of.strip("/").split("/")[0] in known


@every_kind
def test_the_title_of_a_record_is_public(name: str) -> None:
    kind = kinds()[name]
    assert scope_of(kind.model_fields[kind.label]) in (Scope.PUBLIC, Scope.PER_RECORD)


@every_kind
def test_every_field_has_a_chinese_title_of_its_own(name: str) -> None:
    titles = [info.title for info in kinds()[name].model_fields.values()]
    assert all(titles)
    assert len(set(titles)) == len(titles)


@every_kind
def test_the_example_is_valid_and_follows_all_advice(name: str) -> None:
    assert broken(example(name)) == set()
    assert advised(example(name)) == set()


@every_kind
def test_example_bytes_are_the_example(name: str) -> None:
    assert orjson.loads(example_bytes(name)) == example(name)
    assert example_bytes(name) == orjson.dumps(example(name), option=orjson.OPT_SORT_KEYS)


def test_an_example_is_a_fresh_object() -> None:
    example("tender_notice")["body"].clear()
    assert example("tender_notice")["body"]


def test_the_tender_notice_is_as_large_as_a_real_one() -> None:
    assert 2_800 <= len(example_bytes("tender_notice")) <= 3_600


@pytest.mark.parametrize("field", [TenderKind, ProcurementKind])
def test_the_examples_of_a_field_are_one_chain(field: type[Kind]) -> None:
    chain = [name for name, kind in kinds().items() if issubclass(kind, field)]
    assert len(chain) > 1
    assert len({taken(example(name)).body.thread(PLATFORM) for name in chain}) == 1


@every_kind
def test_a_required_field_that_is_missing_is_the_only_fault(name: str) -> None:
    required = [field for field, info in kinds()[name].model_fields.items() if info.is_required()]
    assert required
    for field in required:
        assert broken(a.without(example(name), "body", field)) == {(f"/body/{field}", "required")}


@every_kind
def test_a_field_that_the_kind_does_not_have_is_refused(name: str) -> None:
    assert broken(a.a_submission(name, body__surprise="1")) == {("/body/surprise", "unknown-field")}


@every_kind
def test_a_kind_has_a_json_schema(name: str) -> None:
    schema = submission_of(kinds()[name]).model_json_schema()
    assert set(schema["required"]) >= {"kind", "data_key", "body"}
    assert schema["$defs"][kinds()[name].__name__]["additionalProperties"] is False


def test_the_union_of_all_submissions_tells_them_apart_by_kind() -> None:
    assert set(any_submission().json_schema()["discriminator"]["mapping"]) == set(KINDS)
    assert type(any_submission().validate_json(example_bytes("tender_notice")).body) is kinds()["tender_notice"]


@every_kind
def test_a_thread_fits_its_column(name: str) -> None:
    longest = {"cf_wsh": "文" * 128, "purchase_project_code": "P" * 50, "announcement_guid": "g" * 100}
    body: Kind = taken(example(name)).body
    thread = body.model_copy(update={k: v for k, v in longest.items() if k in type(body).model_fields})
    assert 0 < len(thread.thread(PLATFORM)) <= 200


@every_kind
def test_a_code_that_may_be_an_id_number_is_marked(name: str) -> None:
    pattern = TypeAdapter(PartyCode).json_schema()["pattern"]
    for model in (kinds()[name], PassedApplicant, Candidate):
        shapes = model.model_json_schema()["properties"]
        may_be = {field for field, shape in shapes.items() if pattern in str(shape)}
        assert {field for field in may_be if not is_party_code(model.model_fields[field])} == set()


def test_the_records_of_a_tender_project_are_one_thread_on_every_platform() -> None:
    body = taken(a.a_tender_notice(project="P")).body
    assert body.thread(PLATFORM) == body.thread(a.a_uscc()) == f"tender:{a.a_tender_project_code('P')}"


def test_procurement_codes_are_told_apart_by_platform() -> None:
    body = taken(a.a_procurement_notice(project="P-1")).body
    assert body.thread(PLATFORM) == f"procurement:{PLATFORM}:P-1"


def test_land_announcements_are_told_apart_by_platform() -> None:
    body = taken(a.a_land_transfer_announcement("G-1")).body
    assert body.thread(PLATFORM) == f"land:{PLATFORM}:{short_digest('G-1')}"


def test_a_bodys_credit_records_are_one_thread() -> None:
    subject = a.a_uscc(7)
    threads = {
        taken(s).body.thread(PLATFORM) for s in (a.an_administrative_penalty(subject), a.a_blacklist_entry(subject))
    }
    assert threads == {f"credit:{subject}"}


def test_an_id_number_never_gets_into_a_thread() -> None:
    number = a.an_id_number()
    penalty, entry = taken(a.a_penalty_of_a_person(number)), taken(a.a_blacklist_entry(number))
    assert penalty.body.thread(PLATFORM) == f"credit:{PLATFORM}:榕溪建罚决字〔2026〕第0099号"
    assert number not in entry.body.thread(PLATFORM)
    assert entry.body.thread(PLATFORM).startswith(f"credit:{PLATFORM}:")


@every_kind
def test_a_correction_may_follow(name: str) -> None:
    first = a.a_submission(name)
    taken(a.a_later_version(first)).body.follow(taken(first).body)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (a.a_tender_notice(project=1), a.a_tender_notice(project=2)),
        (a.a_procurement_notice(project="1"), a.a_procurement_notice(project="2")),
        (a.a_land_transfer_announcement("1"), a.a_land_transfer_announcement("2")),
        (a.an_administrative_penalty(a.a_uscc(1)), a.an_administrative_penalty(a.a_uscc(2))),
    ],
    ids=["tender", "procurement", "land", "credit"],
)
def test_a_record_stays_in_its_thread(first: dict[str, Any], second: dict[str, Any]) -> None:
    with pytest.raises(IllegalChange) as illegal:
        taken(second).body.follow(taken(first).body)
    assert illegal.value.fault.rule == "record-thread"


@pytest.mark.parametrize(
    ("name", "field", "value"),
    [
        ("tender_contract", "bid_section_code", f"{example('tender_contract')['body']['tender_project_code']}002"),
        ("administrative_penalty", "cf_wsh", "榕溪建罚决字〔2026〕第0100号"),
        ("blacklist_entry", "blacklist_code", "0d9f3a7c-6b1e-4f52-8a34-7c2e9d105202"),
    ],
)
def test_what_names_a_record_never_changes(name: str, field: str, value: str) -> None:
    first, second = a.a_submission(name), a.a_submission(name, **{f"body__{field}": value})
    with pytest.raises(IllegalChange) as illegal:
        taken(second).body.follow(taken(first).body)
    assert (illegal.value.fault.pointer, illegal.value.fault.rule) == (f"/body/{field}", "field-fixed")
