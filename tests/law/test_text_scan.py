"""Where personal numbers are masked in what the public is shown, and what the sender is told."""

from typing import Any

import orjson
import pytest

from hub.intake import Intake
from hub.keys import Sender
from hub.law.projection import Projection, projected, withdrawal_member
from hub.problems import InvalidSubmission
from hub.schemas.submission import edition_of
from tests.builders import (
    a_procurement_notice,
    a_submission,
    a_tender_notice,
    a_uscc,
    a_winning_candidate_publicity,
    an_id_number,
)

ID, MOBILE, CARD = an_id_number(5), "13800138000", "6222021234567890128"


def of(submission: dict[str, Any]) -> Projection:
    return projected(edition_of(submission), submission)


def document(projection: Projection) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(b"{%b}" % projection.public)["document"]
    return found


def told(projection: Projection) -> set[tuple[str, str]]:
    return {(fault.pointer, fault.rule) for fault in projection.told}


def test_numbers_in_a_free_text_are_masked_and_the_sender_is_told_where() -> None:
    projection = of(a_tender_notice(body__notice_content=f"联系人张三，身份证{ID}，手机{MOBILE}，账号{CARD}。"))

    assert (
        document(projection)["body"]["notice_content"]
        == f"联系人张三，身份证{'＊' * 18}，手机{'＊' * 11}，账号{'＊' * 19}。"
    )
    assert told(projection) == {
        ("/body/notice_content", rule) for rule in ("text-id-number", "text-mobile", "text-bank-card")
    }


def test_what_the_sender_is_told_has_no_number_in_it() -> None:
    projection = of(a_tender_notice(body__notice_content=f"{ID} {MOBILE} {CARD}"))

    said = orjson.dumps([fault.document() for fault in projection.told]).decode()

    assert not [number for number in (ID, MOBILE, CARD) if number in said]


def test_a_clean_submission_is_shown_as_it_is_and_nothing_is_told() -> None:
    notice = a_tender_notice()

    projection = of(notice)

    assert projection.told == []
    assert document(projection)["body"]["notice_content"] == notice["body"]["notice_content"]


ATTACHMENT = {
    "code": "OTHER",
    "name": f"{ID}的{MOBILE}.pdf",
    "media_type": "application/pdf",
    "size": 1,
    "sha256": "0" * 64,
    "url": "https://ggzy.example.com/1.pdf",
}


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"attachments": [ATTACHMENT]}, "/attachments/0/name"),
        ({"change": {"reason": f"更正{ID}及{MOBILE}"}, "changed_at": "2026-10-01T00:00:00+08:00"}, "/change/reason"),
        ({"legal_basis": [f"本人{ID}同意，电话{MOBILE}"]}, "/legal_basis/0"),
        (
            {"withheld": [{"field": "/url", "ground": "personal_privacy", "basis": f"{ID}，{MOBILE}"}]},
            "/withheld/0/basis",
        ),
    ],
)
def test_the_free_texts_of_the_envelope_are_looked_at(change: dict[str, Any], pointer: str) -> None:
    projection = of(a_tender_notice(**change))

    assert told(projection) == {(pointer, "text-id-number"), (pointer, "text-mobile")}
    assert ID.encode() not in projection.public
    assert MOBILE.encode() not in projection.public


def test_the_basis_of_what_is_withheld_as_a_whole_is_looked_at() -> None:
    projection = of(a_tender_notice(disclosure="on_request", legal_basis=[f"{ID}申请"]))

    assert ID.encode() not in projection.public
    assert told(projection) == {("/legal_basis/0", "text-id-number")}


def test_an_id_number_inside_a_short_field_is_masked() -> None:
    projection = of(a_tender_notice(body__notice_name=f"{ID}号公告"))

    assert document(projection)["body"]["notice_name"] == "＊" * 18 + "号公告"


def test_a_field_that_is_nothing_but_an_id_number_is_left_out() -> None:
    projection = of(a_tender_notice(body__notice_name=f" {ID.lower()}"))

    assert "notice_name" not in document(projection)["body"]
    assert told(projection) == {("/body/notice_name", "text-id-number")}


def test_an_id_number_in_an_address_of_the_web_is_masked() -> None:
    projection = of(a_tender_notice(body__url=f"https://ggzy.example.com/?id={ID}"))

    assert document(projection)["body"]["url"] == "https://ggzy.example.com/?id=" + "＊" * 18


def test_a_mobile_number_in_a_field_for_contacts_stands_wherever_the_text_repeats_it() -> None:
    projection = of(
        a_procurement_notice(body__project_phone=MOBILE, body__bulletin_content="电话138-0013-8000，或13900139000")
    )

    assert document(projection)["body"]["bulletin_content"] == "电话138-0013-8000，或" + "＊" * 11


@pytest.mark.parametrize(
    "change",
    [
        {"publication__url": f"https://ggzy.example.com/notice?tel={MOBILE}"},
        {"publication__media": [f"公告栏{MOBILE}"]},
        {"attachments__0__url": f"https://ggzy.example.com/{MOBILE}.pdf"},
        {"body__tender_agency_address": f"福州市{MOBILE}号"},
    ],
)
def test_a_mobile_number_that_stands_anywhere_else_is_no_contact(change: dict[str, Any]) -> None:
    projection = of(a_submission("prequalification_notice", body__notice_content=f"投诉人手机{MOBILE}。", **change))

    assert document(projection)["body"]["notice_content"] == f"投诉人手机{'＊' * 11}。"
    assert ("/body/notice_content", "text-mobile") in told(projection)


def test_the_texts_of_objects_in_lists_are_looked_at() -> None:
    publicity = a_winning_candidate_publicity(body__candidates__1__evaluation_result=f"见{MOBILE}")

    assert ("/body/candidates/1/evaluation_result", "text-mobile") in told(of(publicity))


def test_the_reason_of_a_withdrawal_is_looked_at() -> None:
    member = withdrawal_member(
        {"kind": "tender_notice", "data_key": ID, "withdrawal": {"reason": f"误发{MOBILE}，{ID}"}}
    )

    shown = orjson.loads(b"{%b}" % member)["document"]
    assert shown["withdrawal"] == {"reason": f"误发{'＊' * 11}，{'＊' * 18}"}
    assert shown["data_key"] == ID, "the record's key is in its header; a push refuses such a one"


def test_the_government_keeps_the_text_and_the_sender_is_warned_in_the_receipt() -> None:
    notice = a_tender_notice(body__notice_content=f"手机{MOBILE}")

    accepted = Intake(300).submission(orjson.dumps(notice), Sender(a_uscc()))

    assert MOBILE.encode() in accepted.entry.document
    assert MOBILE.encode() not in accepted.entry.public
    assert b'"text-mobile"' in accepted.entry.terms


@pytest.mark.parametrize("key", [ID, f"FJ-{ID}", f"{ID}.1"])
def test_an_id_number_is_refused_as_a_data_key(key: str) -> None:
    with pytest.raises(InvalidSubmission) as refused:
        Intake(300).submission(orjson.dumps(a_tender_notice(data_key=key)), Sender(a_uscc()))

    assert [(fault.pointer, fault.rule) for fault in refused.value.faults] == [("/data_key", "data-key-personal")]
    assert ID not in orjson.dumps(refused.value.document()).decode()


def test_a_data_key_of_a_region_a_day_and_a_number_is_taken() -> None:
    # Its last digit happens to be the check digit of an ID number.
    keys = [f"35010220260316{number:04d}" for number in range(11)]

    for key in keys:
        Intake(300).submission(orjson.dumps(a_tender_notice(data_key=key)), Sender(a_uscc()))


def test_a_long_field_for_contacts_is_no_free_text() -> None:
    projection = of(a_submission("procurement_single_source_publicity", body__contact=f"采购人 {MOBILE}；{ID}"))

    assert document(projection)["body"]["contact"] == f"采购人 {MOBILE}；{'＊' * 18}"
