"""Which numbers in running text are masked, and which are let stand."""

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.law.personal_numbers import MASK, Number, masked, mobiles, suspicious
from tests.builders import an_id_number

ID = an_id_number(6)  # It ends with an X.
CARD = "6222021234567890128"
CARDS = ("6222021234567894", CARD, "4111111111111111", "5555555555554444")
MOBILE = "13800138000"

HIDDEN = [
    (ID, Number.ID),
    (ID.lower(), Number.ID),
    (f"{ID[:6]} {ID[6:14]} {ID[14:]}", Number.ID),
    (f"{ID[:6]}-{ID[6:14]}-{ID[14:]}", Number.ID),
    (MOBILE, Number.MOBILE),
    ("138-0013-8000", Number.MOBILE),
    ("138 0013 8000", Number.MOBILE),
    ("+8613800138000", Number.MOBILE),
    ("+86 13800138000", Number.MOBILE),
    ("86-138-0013-8000", Number.MOBILE),
    ("008613800138000", Number.MOBILE),
    ("013800138000", Number.MOBILE),
    ("１３８００１３８０００", Number.MOBILE),
    ("138　0013　8000", Number.MOBILE),
    ("138－0013－8000", Number.MOBILE),
    (f"{ID[:6]}　{ID[6:14]}－{ID[14:]}", Number.ID),
    ("6222－0212－3456　7890　128", Number.BANK_CARD),
    ("138－0013－8000".translate(str.maketrans("0138", "０１３８")), Number.MOBILE),
    *((card, Number.BANK_CARD) for card in CARDS),
    ("6222 0212 3456 7890 128", Number.BANK_CARD),
    ("6222-0212-3456-7890-128", Number.BANK_CARD),
]
AROUND = ["{}", "联系人{}。", "电话：{}，邮箱", "第一行\n{}\n第三行", "表\t{}\t元", "（{}）", '"{}"', "、{} 2026-03-16"]


@pytest.mark.parametrize("around", AROUND)
@pytest.mark.parametrize(("number", "what"), HIDDEN)
def test_a_number_is_masked_at_its_length_and_the_text_around_it_stays(number: str, what: Number, around: str) -> None:
    text, found = masked(around.format(number))

    assert (text, found) == (around.format(MASK * len(number)), {what})


@pytest.mark.parametrize("around", AROUND)
@pytest.mark.parametrize("number", [number for number, _ in HIDDEN])
def test_json_with_such_a_number_is_suspicious(number: str, around: str) -> None:
    assert suspicious(orjson.dumps({"text": around.format(number)}))


LET_STAND = [
    "0591-87551234",
    "0591-8755-1234",
    "总投资13800000000元",
    "总投资13800000000.00 元",
    "A3501002603001201001",
    "FJ13800138000",
    "项目编号：3501002603160012",
    "投资项目代码2026-350100-78-01-000123",
    "2026-03-16 09:30:00",
    "0001503000000000120101",
    "12345678901",
    "6222021234567890129",
    ID[:17] + ("0" if ID[17] != "0" else "1"),
    "91350100MT0000014G",
]


@pytest.mark.parametrize("text", LET_STAND)
def test_other_numbers_stand(text: str) -> None:
    assert masked(text) == (text, set())


def test_several_numbers_of_a_text_are_all_masked_and_all_named() -> None:
    text, found = masked(f"{ID}，{MOBILE}；{CARD}")

    assert text == f"{MASK * 18}，{MASK * 11}；{MASK * 19}"
    assert found == set(Number)


def test_what_is_not_masked_keeps_its_width() -> None:
    assert masked(f"第１２号　{MOBILE}")[0] == "第１２号　" + MASK * 11


def test_a_text_that_is_searched_for_id_numbers_alone_keeps_the_others() -> None:
    assert masked(f"{ID} {MOBILE} {CARD}", only_id=True)[0] == f"{MASK * 18} {MOBILE} {CARD}"


@pytest.mark.parametrize("written", [MOBILE, "138-0013-8000", "+86 13800138000"])
def test_a_mobile_number_that_is_known_as_a_business_contact_stands(written: str) -> None:
    assert masked(f"联系电话 {written}", contacts=mobiles("13800138000")) == (f"联系电话 {written}", set())


def test_clean_json_is_not_suspicious() -> None:
    document = {
        "text": LET_STAND[0],
        "code": "A3501002603001201001",
        "key": "0001503000000000120101",
        "n": 20260316001201,
    }

    assert not suspicious(orjson.dumps(document))


pieces = st.sampled_from([*(number for number, _ in HIDDEN), *LET_STAND, *" -　－，1A\n\\中０甕"])


@settings(max_examples=300, deadline=None)
@given(st.lists(pieces, max_size=8).map("".join))
def test_whatever_would_be_masked_is_suspicious(text: str) -> None:
    if masked(text)[1]:
        assert suspicious(orjson.dumps({"text": text}))
