"""Fields under the element names of the data specification, and elements under the names of fields."""

from typing import Any

import pytest

from hub.schemas.examples import example
from hub.schemas.kind import kinds
from hub.wire.elements import from_elements, to_elements

NOTICE = kinds()["tender_notice"]
PUBLICITY = kinds()["winning_candidate_publicity"]
RESULT = kinds()["win_result_notice"]
LAND = kinds()["land_transfer_announcement"]


def test_times_are_written_in_beijing_time_without_marks() -> None:
    assert to_elements(NOTICE, {"bid_open_time": "2026-03-16T01:05:31Z"}) == {"BID_OPEN_TIME": "20260316090531"}


def test_a_time_of_minutes_is_written_without_seconds() -> None:
    assert to_elements(LAND, {"listing_start_time": "2026-03-16T09:05:00+08:00"}) == {
        "LISTING_START_TIME": "202603160905"
    }


@pytest.mark.parametrize("digits", ["20260316090500", "202603160905", " 20260316090500\n"])
def test_compact_times_are_read_as_beijing_time(digits: str) -> None:
    assert from_elements(NOTICE, {"BID_OPEN_TIME": digits}) == {"bid_open_time": "2026-03-16T09:05:00+08:00"}


@pytest.mark.parametrize("text", ["2026-03-16 09:05", "2026031609", "明天上午", "２０２６０３１６０９０５００"])
def test_a_time_that_cannot_be_read_stays_for_the_field_to_judge(text: str) -> None:
    assert from_elements(NOTICE, {"BID_OPEN_TIME": text}) == {"bid_open_time": text}


def test_eight_digits_are_a_date() -> None:
    assert from_elements(LAND, {"CREATE_TIME": "20260316"}) == {"create_time": "2026-03-16"}
    assert to_elements(LAND, {"create_time": "2026-03-16"}) == {"CREATE_TIME": "20260316"}


def test_lists_are_joined_and_taken_apart_at_semicolons() -> None:
    codes = ["A3501002603001201001001", "A3501002603001201001002"]

    assert to_elements(NOTICE, {"bid_section_codes": codes}) == {"BID_SECTION_CODES": ";".join(codes)}
    assert from_elements(NOTICE, {"BID_SECTION_CODES": "; ".join(codes) + ";"}) == {"bid_section_codes": codes}


def test_digits_are_a_number_where_the_field_is_one() -> None:
    assert from_elements(NOTICE, {"NOTICE_BID_NUM": "02"}) == {"notice_bid_num": 2}
    assert from_elements(NOTICE, {"NOTICE_BID_NUM": "两个"}) == {"notice_bid_num": "两个"}


@pytest.mark.parametrize(("text", "code"), [("T", "1"), ("F", "0"), ("1", "1"), ("是", "是")])
def test_the_letters_of_older_datasets_are_yes_and_no(text: str, code: str) -> None:
    assert from_elements(NOTICE, {"SYNDICATED_FLAG": text}) == {"syndicated_flag": code}


def test_an_empty_element_counts_as_left_out() -> None:
    assert from_elements(NOTICE, {"DOC_PRICE": "", "OTHER_CONTENT": None}) == {}


def test_rows_are_objects_of_their_own_elements() -> None:
    body = {"candidates": [{"price_unit": "0", "win_candidate_order": 1}, {"price_unit": "1"}]}

    rows = to_elements(PUBLICITY, body)

    assert rows == {"CANDIDATES": [{"WIN_CANDIDATE_ORDER": "1", "PRICE_UINT": "0"}, {"PRICE_UINT": "1"}]}
    assert from_elements(PUBLICITY, rows) == body


def test_one_row_is_a_list_of_one() -> None:
    assert from_elements(PUBLICITY, {"CANDIDATES": {"QUALITY": "合格"}}) == {"candidates": [{"quality": "合格"}]}


@pytest.mark.parametrize("name", ["PRICE_UINT", "PRICE_UNIT"])
def test_the_specifications_misspelling_and_the_right_spelling_are_both_read(name: str) -> None:
    assert from_elements(PUBLICITY, {"CANDIDATES": [{name: "0"}]}) == {"candidates": [{"price_unit": "0"}]}


def test_a_misspelling_of_one_sheet_is_read() -> None:
    assert from_elements(RESULT, {"TENDER_AGENCY_NAM": "某代理"}) == {"tender_agency_name": "某代理"}


def test_spaces_inside_an_element_name_are_passed_over() -> None:
    correction = kinds()["procurement_correction"]

    read = from_elements(correction, {"POST_ BID_CLOSING_TIME": "20260316090500"})

    assert read == {"post_bid_closing_time": "2026-03-16T09:05:00+08:00"}


def test_a_field_that_is_sent_under_two_names_is_not_guessed_at() -> None:
    sent: dict[str, Any] = {"TENDER_AGENCY_NAME": "甲", "TENDER_AGENCY_NAM": "乙"}

    assert from_elements(RESULT, sent) == {"tender_agency_name": "甲", "TENDER_AGENCY_NAM": "乙"}


def test_an_element_that_the_dataset_lacks_keeps_its_name() -> None:
    assert from_elements(NOTICE, {"OPERATION_NAME": "张三"}) == {"OPERATION_NAME": "张三"}


@pytest.mark.parametrize("name", kinds())
def test_no_element_of_a_kind_stands_for_two_fields(name: str) -> None:
    written = to_elements(kinds()[name], example(name)["body"])

    assert len(written) == len(example(name)["body"])


@pytest.mark.parametrize(
    ("misspelt", "right", "kind"),
    [
        ("EXCEPITON_NAME", "EXCEPTION_NAME", "tender_abnormality"),
        ("APPLICANTION_CODE", "APPLICANT_CODE", "prequalification_application"),
        ("LIMITE_TIME", "TIME_LIMIT_DAYS", "tender_contract"),
        ("REVOCATIONEASONS", "REVOCATION_REASONS", "blacklist_withdrawal"),
        ("PULISH_DATE", "PUBLISH_DATE", "expert_credit_record"),
        ("ROPOSER", "PROPOSER", "blacklist_withdrawal"),
    ],
)
def test_misspellings_of_the_specification_are_written_and_both_spellings_read(
    misspelt: str, right: str, kind: str
) -> None:
    body = example(kind)["body"]
    written = to_elements(kinds()[kind], body)
    assert misspelt in written
    assert right not in written

    spelt_right = {right if name == misspelt else name: value for name, value in written.items()}

    assert from_elements(kinds()[kind], spelt_right) == from_elements(kinds()[kind], written)
