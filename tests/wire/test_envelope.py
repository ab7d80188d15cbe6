"""What an envelope means: its kind, its parts, and where in it a member of the submission stands."""

from typing import Any

import pytest

from hub.problems import MalformedDocument
from hub.schemas.examples import example
from hub.schemas.kind import kinds
from hub.wire.datasets import BRANCHES
from hub.wire.envelope import Envelope, enveloped, submitted
from tests.builders import a_later_version, a_tender_notice

NOTICE = {"DATA_NO": "503", "DATA_KEY": "0001", "DATA_TYPE": "1"}


def an_envelope(**parts: Any) -> Envelope:
    return Envelope(**({"context": {"DATA_TIMESTAMP": "20260316090500"}, "title": NOTICE} | parts))


def test_the_title_says_the_dataset_the_key_and_the_operation() -> None:
    notice = a_tender_notice()
    later = a_later_version(notice)

    assert enveloped(notice).title == {
        "DATA_NO": "503",
        "DATA_EN": "TENDER_ANN_QUA_INQUERY_ANN",
        "DATA_CN": "招标公告",
        "DATA_KEY": notice["data_key"],
        "DATA_TYPE": "1",
        "ROUTE_WAY": "",
        "CA_KEY": "",
    }
    assert enveloped(later).title["DATA_TYPE"] == "2"


def test_only_what_the_specification_lacks_stands_in_hub() -> None:
    hub = enveloped(example("tender_notice")).hub

    assert not hub.keys() & {"kind", "schema_version", "data_key", "data_timestamp", "attachments"}
    assert hub["secrecy_review"] == "cleared"


def test_a_spelling_that_the_compact_form_loses_stands_in_hub_too() -> None:
    envelope = enveloped(a_tender_notice(body__bid_open_time="2026-04-15T01:30:00Z", body__other_content=None))

    assert envelope.context["BID_OPEN_TIME"] == "20260415093000"
    assert "OTHER_CONTENT" not in envelope.context
    assert envelope.hub["body"]["bid_open_time"] == "2026-04-15T01:30:00Z"
    assert envelope.hub["body"]["other_content"] is None


def test_what_hub_says_wins() -> None:
    sent = submitted(an_envelope(context={"NOTICE_NAME": "甲"}, hub={"body": {"notice_name": "乙"}, "data_key": "2"}))

    assert sent.document["body"] == {"notice_name": "乙"}
    assert sent.document["data_key"] == "2"


@pytest.mark.parametrize(
    ("title", "context", "hint", "kind"),
    [
        ({"DATA_NO": "503"}, {}, None, "tender_notice"),
        ({"DATA_NO": "503"}, {"BULLETIN_TYPE": "2"}, None, "prequalification_notice"),
        ({"DATA_NO": "503"}, {"BULLETIN_TYPE": "2"}, "tender_notice", "tender_notice"),
        ({"DATA_NO": "511"}, {}, "tender_notice", "winning_candidate_publicity"),
        ({"DATA_NO": "", "DATA_EN": "BLACK_LIST"}, {}, None, "blacklist_entry"),
        ({"DATA_EN": "ADMINISTRATIVE_PENALTY"}, {}, None, "administrative_penalty"),
        ({"DATA_NO": "9999"}, {}, None, "9999"),
    ],
)
def test_the_dataset_says_the_kind(title: dict[str, str], context: dict[str, str], hint: str | None, kind: str) -> None:
    assert submitted(Envelope(context, title), hint).document["kind"] == kind


def test_the_senders_identifiers_are_no_fields() -> None:
    sent = submitted(an_envelope(context={"PLATFORM_CODE": "1" * 18, "TRADE_PLAT": "2" * 11, "NOTICE_NAME": "甲"}))

    assert sent.document["body"] == {"notice_name": "甲"}


def test_attachments_are_read_under_old_and_new_names() -> None:
    new = {"ATTACHMENT_CODE": "TENDER_NOTICE", "FILE_NAME": "a", "URL": "https://a.example", "SIZE": "12"}
    old = {"FILE_EN_NAME": "CONTRACT", "FILE_NAME": "b", "BINARY_CONTENT": "https://b.example"}
    gone = {"FILE_NAME": "c", "IS_DELETE": "1"}

    sent = submitted(an_envelope(sources=[new, gone, old]))

    assert sent.document["attachments"] == [
        {"code": "TENDER_NOTICE", "name": "a", "url": "https://a.example", "size": 12},
        {"code": "CONTRACT", "name": "b", "url": "https://b.example"},
    ]


@pytest.mark.parametrize("data_type", ["4", "D", 0.5, ["3", "3"], {"A": "3"}])
def test_no_other_data_type_is_taken_for_one_of_the_three(data_type: object) -> None:
    envelope = enveloped(example("tender_notice"))
    envelope.title["DATA_TYPE"] = data_type

    with pytest.raises(MalformedDocument, match="DATA_TYPE"):
        submitted(envelope)


@pytest.mark.parametrize("data_type", ["3", 3, " 3 "])
def test_data_type_3_withdraws(data_type: object) -> None:
    context = {"DATA_TIMESTAMP": "20260501000000", "REASON": "重复报送"}

    sent = submitted(an_envelope(title=NOTICE | {"DATA_TYPE": data_type}, context=context))

    assert sent.withdraws
    assert sent.document["withdrawal"] == {"data_timestamp": "2026-05-01T00:00:00+08:00", "reason": "重复报送"}


@pytest.mark.parametrize(
    ("pointer", "path"),
    [
        ("/kind", "/TITLE/DATA_NO"),
        ("/data_key", "/TITLE/DATA_KEY"),
        ("/data_timestamp", "/CONTEXT/DATA_TIMESTAMP"),
        ("/body", "/CONTEXT"),
        ("/body/publicity_name", "/CONTEXT/PUBLICITY_NAME"),
        ("/body/bid_section_codes/1", "/CONTEXT/BID_SECTION_CODES"),
        ("/body/candidates/1/price_unit", "/CONTEXT/CANDIDATES[2]/PRICE_UINT"),
        ("/body/report_received_date", "/HUB/body/report_received_date"),
        ("/body/url", "/HUB/body/url"),
        ("/body/OPERATION_NAME", "/CONTEXT/OPERATION_NAME"),
        ("/attachments/1/sha256", "/SOURCE[2]/SHA256"),
        ("/discloser/code", "/HUB/discloser/code"),
        ("/legal_basis", "/HUB/legal_basis"),
        ("", "/HUB"),
    ],
)
def test_every_place_in_a_submission_has_its_element(pointer: str, path: str) -> None:
    envelope = an_envelope(
        title=NOTICE | {"DATA_NO": "511"},
        context={"CANDIDATES": [{}, {}], "OPERATION_NAME": "某"},
        sources=[{}, {}],
        hub={"body": {"url": "x"}},
    )
    element_at = submitted(envelope).element_at
    assert element_at is not None

    assert element_at(pointer) == path


@pytest.mark.parametrize(
    ("pointer", "path"),
    [
        ("/data_timestamp", "/CONTEXT/DATA_TIMESTAMP"),
        ("/reason", "/CONTEXT/REASON"),
        ("/data_key", "/TITLE/DATA_KEY"),
        ("/legal_basis/0", "/HUB/withdrawal/legal_basis/0"),
    ],
)
def test_every_place_in_a_withdrawal_has_its_element(pointer: str, path: str) -> None:
    element_at = submitted(an_envelope(title=NOTICE | {"DATA_TYPE": "3"})).element_at
    assert element_at is not None

    assert element_at(pointer) == path


@pytest.mark.parametrize("name", kinds())
def test_every_kind_is_found_again_by_its_title(name: str) -> None:
    envelope = enveloped(example(name))

    assert submitted(envelope).document["kind"] == name


OIL, NO_OIL = {"is_oil_gas": "1"}, {"is_oil_gas": "0"}


@pytest.mark.parametrize(
    ("name", "fields", "number", "element"),
    [
        ("mining_transfer_announcement", {"right_type": "exploration"}, "650", "QT_TOTAL_AREA"),
        ("mining_transfer_announcement", {"right_type": "mining"}, "651", "QT_TOTAL_AREA"),
        ("mining_registration_result", {"right_type": "exploration", **NO_OIL}, "657", "QT_TOTAL_AREA"),
        ("mining_registration_result", {"right_type": "mining", **NO_OIL}, "658", "QT_DIGINGS_AREA"),
        ("mining_registration_result", {"right_type": "exploration", **OIL}, "659", "QT_TOTAL_AREA"),
        ("mining_registration_result", {"right_type": "mining", **OIL}, "660", "QT_TOTAL_AREA"),
    ],
)
def test_a_kind_of_several_datasets_says_which_one_a_record_belongs_to(
    name: str, fields: dict[str, str], number: str, element: str
) -> None:
    document = example(name)
    document["body"] |= fields
    envelope = enveloped(document)
    assert envelope.title["DATA_NO"] == number
    assert envelope.context[element] == document["body"]["area_km2"]
    assert submitted(envelope).document == document

    envelope.hub = {}
    old = submitted(envelope).document["body"]
    assert {one: old[one] for one in (*fields, "area_km2")} == fields | {"area_km2": document["body"]["area_km2"]}


@pytest.mark.parametrize("name", BRANCHES)
def test_the_branches_of_a_kind_are_its_datasets(name: str) -> None:
    kind = kinds()[name]

    assert tuple(branch.number for branch in BRANCHES[name]) == (kind.dataset, *kind.other_datasets)
    assert BRANCHES[name][0].name == kind.dataset_name
