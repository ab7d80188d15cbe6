"""Codes made from what a notice carries."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from hub.demo.notices.identifiers import data_key, deal_code, party_code, tender_project_code
from hub.schemas.submission import DataKey
from hub.schemas.types import DealCode, TenderProjectCode, Uscc, org_check


@given(st.text())
def test_every_party_gets_a_valid_code(name: str) -> None:
    code = party_code(name)
    assert TypeAdapter(Uscc).validate_python(code) == code
    assert org_check(code[8:16]) == code[16]


def test_spaces_and_widths_make_no_other_party() -> None:
    assert party_code("福州（云溪）公司") == party_code("福州(云溪) 公司")
    assert party_code("福州公司") != party_code("莆田公司")


@given(st.text(), st.dates(min_value=date(1990, 1, 1), max_value=date(2099, 12, 31)), st.integers(0, 999))
def test_every_deal_code_is_valid(record: str, day: date, section: int) -> None:
    code = deal_code("A99", party_code("平台"), day, record, section)
    assert TypeAdapter(DealCode).validate_python(code) == code


def test_a_tender_project_code_of_the_notice_is_kept() -> None:
    assert tender_project_code("E3501210002603001001", "350100", "r") == ("E3501210002603001001", True)
    assert tender_project_code("E3501210002603001001002", "350100", "r") == ("E3501210002603001001", True)


@given(st.text())
def test_any_other_number_stands_for_a_made_code(found: str) -> None:
    code, _ = tender_project_code(found, "350100", "r")
    assert TypeAdapter(TenderProjectCode).validate_python(code) == code


@given(st.text())
def test_every_record_has_a_key(record: str) -> None:
    assert TypeAdapter(DataKey).validate_python(data_key(record, "0" * 64))
