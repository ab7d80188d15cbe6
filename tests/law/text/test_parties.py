"""Parties and their codes."""

import pytest

from hub.law.text.parties import is_organisation, names_of, valid_codes
from hub.schemas.types import uscc_check

RIGHT = "91350100M00010022" + uscc_check("91350100M00010022")


@pytest.mark.parametrize(
    "name",
    [
        "福建青屿桥梁工程有限公司",
        "北京某某律师事务所",
        "云溪大学",
        "甲工程有限公司;乙设计有限公司",
        "云溪中心（云溪学校）",
    ],
)
def test_organisations_are_known_by_their_last_words(name: str) -> None:
    assert is_organisation(name)


@pytest.mark.parametrize("text", ["", "/", "合格", "详见附件", "3698.00", "2026年3月10日", "0591-87654321"])
def test_other_texts_are_no_organisations(text: str) -> None:
    assert not is_organisation(text)


def test_a_consortium_is_several_parties() -> None:
    said = "（联合体牵头人）甲工程有限公司；乙设计有限公司（联合体成员）"
    assert names_of(said) == ["甲工程有限公司", "乙设计有限公司"]


def test_a_name_with_brackets_stays_as_found() -> None:
    assert names_of("福州（云溪）建设有限公司") == ["福州（云溪）建设有限公司"]


def test_only_codes_with_the_right_check_character_are_taken() -> None:
    wrong = RIGHT[:17] + ("0" if RIGHT[17] != "0" else "1")
    assert valid_codes(f"甲 {RIGHT}、乙 {wrong}、甲 {RIGHT.lower()}") == [RIGHT]
