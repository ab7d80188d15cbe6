"""Files of envelopes from before the hub, and what is put into them on the way."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from hub.problems import InvalidParameter, MalformedDocument
from hub.wire.envelope import Envelope, Piece, Sent
from hub.wire.files import Defaults, completed, form_of, opened, pieces_of
from hub.wire.forms import JSON_FORM, V2_JSON_FORM, XML_FORM
from hub.wire.xml import write_xml

OFFICE = {"name": "某市住房和城乡建设局", "code": "11350100M000100Y4B", "role": "implementer"}
DEFAULTS = Defaults(OFFICE, ["某媒介"], ["招标投标法"], region="350100", cleared=True)


def an_old_notice(data_type: str = "1", **context: str) -> Envelope:
    title = {"DATA_NO": "503", "DATA_KEY": "0001", "DATA_TYPE": data_type}
    return Envelope({"DATA_TIMESTAMP": "20260316090500", **context}, title)


def sent(envelope: Envelope, defaults: Defaults) -> Sent:
    return XML_FORM.read(completed(Piece(write_xml(envelope)), XML_FORM, defaults))


def said(envelope: Envelope, defaults: Defaults = DEFAULTS) -> dict[str, Any]:
    return sent(envelope, defaults).document


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("a.xml", XML_FORM),
        ("a.v2.json", V2_JSON_FORM),
        ("a.v2.ndjson", V2_JSON_FORM),
        ("a.json", JSON_FORM),
        ("A.XML", XML_FORM),
        ("A.V2.Json", V2_JSON_FORM),
        ("-", JSON_FORM),
    ],
)
def test_the_name_of_a_file_says_its_form(name: str, form: object) -> None:
    assert form_of(Path(name)) is form


def test_a_standard_input_that_is_closed_is_said_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", None)

    with pytest.raises(OSError, match="closed"), opened(Path("-")):
        pass


def test_lines_are_numbered_and_empty_ones_are_passed_over() -> None:
    assert list(pieces_of(BytesIO(b"{}\n\n {1} \n"), JSON_FORM)) == [Piece(b"{}", 1), Piece(b"{1}", 3)]


@pytest.mark.parametrize("name", ["a.xlsx", "a.XLS", "a.txt", "a.json.bak"])
def test_a_name_that_says_no_form_is_refused(name: str) -> None:
    with pytest.raises(InvalidParameter, match=r"is none of .*\.ndjson"):
        form_of(Path(name))


def test_a_document_over_many_lines_becomes_one_line() -> None:
    assert list(pieces_of(BytesIO(b'\n{\r\n "a":\n 1}\n'), JSON_FORM)) == [Piece(b'{\r  "a":  1}', 2)]


def test_a_byte_order_mark_before_lines_or_a_document_is_passed_over() -> None:
    assert list(pieces_of(BytesIO(b"\xef\xbb\xbf{}\n{}"), JSON_FORM)) == [Piece(b"{}", 1), Piece(b"{}", 2)]
    assert list(pieces_of(BytesIO(b"\xef\xbb\xbf{\n}\n"), V2_JSON_FORM)) == [Piece(b"{ }", 1)]


@pytest.mark.parametrize("encoding", ["gbk", "utf-16", "utf-16-be"])
def test_json_in_another_encoding_is_said_to_be_in_one(encoding: str) -> None:
    raw = '\ufeff{\n"名称": 1}\n'.encode(encoding, "ignore")

    with pytest.raises(MalformedDocument, match="UTF-16" if "16" in encoding else "not UTF-8.* line 2, column 2"):
        list(pieces_of(BytesIO(raw), JSON_FORM))


def test_a_first_line_that_is_wrong_is_a_line_where_others_follow() -> None:
    assert list(pieces_of(BytesIO(b'{"a": 1,\n{}\n\n[]'), JSON_FORM)) == [
        Piece(b'{"a": 1,', 1),
        Piece(b"{}", 2),
        Piece(b"[]", 4),
    ]


def test_a_document_over_many_lines_has_its_faults_once() -> None:
    with pytest.raises(MalformedDocument, match="at line 3"):
        list(pieces_of(BytesIO(b'{\n "a": 1\n "b": 2\n}\n'), JSON_FORM))


def test_envelopes_are_cut_out_of_a_file() -> None:
    pieces = list(pieces_of(BytesIO(b"<R>\n<DES></DES>\n<DES>\n</DES></R>"), XML_FORM))

    assert pieces == [Piece(b"<DES></DES>", 2), Piece(b"<DES>\n</DES>", 3)]


def test_the_defaults_say_what_the_envelope_does_not() -> None:
    document = said(an_old_notice(NOTICE_SEND_TIME="20260316083000", URL="https://a.example/1"))

    assert document["discloser"] == OFFICE
    assert document["legal_basis"] == ["招标投标法"]
    assert document["region_code"] == "350100"
    assert document["secrecy_review"] == "cleared"
    assert document["publication"] == {
        "media": ["某媒介"],
        "published_at": "2026-03-16T08:30:00+08:00",
        "url": "https://a.example/1",
    }
    assert document["formed_at"] == "2026-03-16T08:30:00+08:00"


def test_the_region_is_that_of_the_dataset_where_none_is_given() -> None:
    assert said(an_old_notice(REGION_CODE="350200"), Defaults(media=["某媒介"]))["region_code"] == "350200"


def test_a_dataset_without_a_time_of_publication_was_published_at_its_timestamp() -> None:
    assert said(an_old_notice())["publication"]["published_at"] == "2026-03-16T09:05:00+08:00"


def test_a_day_of_publication_begins_at_midnight() -> None:
    published = said(an_old_notice(PUBLISHING_TIME="20260316"))["publication"]["published_at"]

    assert published == "2026-03-16T00:00:00+08:00"


def test_nothing_is_claimed_that_was_not_given() -> None:
    document = said(an_old_notice(), Defaults(region="350100"))

    assert not document.keys() & {"secrecy_review", "discloser", "publication", "legal_basis", "change"}


def test_the_defaults_do_not_change_what_an_envelope_says() -> None:
    envelope = an_old_notice()
    envelope.hub = {"region_code": "350200"}

    assert said(envelope)["region_code"] == "350200"


def test_the_defaults_add_to_what_an_envelope_says_in_part() -> None:
    envelope = an_old_notice()
    envelope.title["DATA_NO"] = "651"
    envelope.hub = {"publication": {"published_at": "2026-03-16T10:00:00+08:00"}, "body": {"apply_start": "x"}}

    document = said(envelope)

    assert document["publication"] == {"media": ["某媒介"], "published_at": "2026-03-16T10:00:00+08:00"}
    assert document["body"] == {"right_type": "mining", "apply_start": "x"}


@pytest.mark.parametrize("data_type", ["2", " 2 "])
def test_a_change_gets_its_reason_and_its_time(data_type: str) -> None:
    document = said(an_old_notice(data_type), Defaults(reason="更正"))

    assert document["change"] == {"reason": "更正"}
    assert document["changed_at"] == "2026-03-16T09:05:00+08:00"


def test_a_withdrawal_gets_its_reason_and_keeps_its_own() -> None:
    assert said(an_old_notice("3"), Defaults(reason="撤回"))["withdrawal"]["reason"] == "撤回"
    assert said(an_old_notice("3", REASON="错误"), Defaults(reason="撤回"))["withdrawal"]["reason"] == "错误"


def test_an_envelope_that_cannot_be_read_goes_to_the_hub_as_it_is() -> None:
    broken = Piece(b"<DES><A></DES>", 3)

    assert completed(broken, XML_FORM, DEFAULTS) is broken


def test_without_defaults_nothing_is_written_anew() -> None:
    piece = Piece(b"<DES ></DES>")

    assert completed(piece, XML_FORM, Defaults()) is piece
