"""Amounts and prices as notices write them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.law.text.amounts import OTHER, PER_UNIT, RATE, SUM, Amount, amount_in, amounts_in, price, unit_in
from hub.schemas.types.numbers import AMOUNT


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("1980000.00 元", "1980000.00", "0"),
        ("1,436,000.00元", "1436000.00", "0"),
        ("23.5 万元", "23.5", "1"),
        ("580.0000000（万元）", "580", "1"),
        ("480.000000（万元）", "480.000000", "1"),
        ("１２３，４５６．７８元", "123456.78", "0"),
        ("￥860000元", "860000", "0"),
        ("1.2亿元", "12000.0", "1"),
        ("人民币：35000 元整", "35000", "0"),
        ("本项目预算金额为 480000.0 元，其中：A包 200000.0元", "480000.0", "0"),
        ("447,500.00元\n合计（总价）：447500元", "447500.00", "0"),
    ],
)
def test_an_amount_is_read_with_its_unit(text: str, value: str, unit: str) -> None:
    assert amount_in(text) == Amount(value, unit)


@pytest.mark.parametrize(
    "text", ["0元 人民币", "1元", "0.00万元", "详见公告附件", "/", "", "2026", "1元/份", "伍拾万元整"]
)
def test_what_is_no_amount_is_not_made_one(text: str) -> None:
    assert amount_in(text) is None


def test_a_bare_number_takes_the_unit_of_its_label() -> None:
    assert amount_in("736320.0", "元") == Amount("736320.0", "0")
    assert amount_in("140.000000", "万元") == Amount("140.000000", "1")
    assert amount_in("736320.0") is None


@pytest.mark.parametrize(
    ("header", "unit"),
    [
        ("中标金额(元)", "元"),
        ("预算金额（万元）", "万元"),
        ("投标报价\n（元）", "元"),
        ("单价（元/吨）", ""),
        ("中标金额", ""),
    ],
)
def test_the_unit_of_a_label_stands_in_its_brackets(header: str, unit: str) -> None:
    assert unit_in(header) == unit


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("包一 100万元，包二 138.5万元", ["100", "138.5"]),
        ("238万元，单价100元/平方米", ["238"]),
        ("单价100元/平方米，合计238万元", []),
        ("238", ["238"]),
        ("待定", []),
    ],
)
def test_every_amount_of_a_text_is_read(text: str, values: list[str]) -> None:
    assert [amount.value for amount in amounts_in(text, "万元")] == values


def test_foreign_money_keeps_its_currency() -> None:
    assert amount_in("12.5万美元") == Amount("12.5", "1", "840")


def test_an_amount_that_six_decimals_cannot_hold_in_ten_thousand_yuan_is_given_in_yuan() -> None:
    assert amount_in("83.12345678万元") == Amount("831234.5678", "0")


def test_a_price_for_each_year_is_a_unit_price_in_words() -> None:
    assert price("513360.00元每年").form == PER_UNIT
    assert price("35元/平方米").words == "35元/平方米"


def test_a_rate_is_a_rate_in_words() -> None:
    assert price("下浮 6.5%").form == RATE
    assert price("98.5%").form == RATE


def test_a_placeholder_is_kept_in_its_words() -> None:
    found = price("0元 人民币")
    assert (found.form, found.amount, found.words) == (OTHER, None, "0元 人民币")
    assert price("1", "元").words == "1（元）"


def test_an_amount_is_moved_between_units_exactly() -> None:
    assert Amount("9500.00", "0").in_unit("1") == "0.95"
    assert Amount("0.3525", "1").in_unit("0") == "3525.0000"
    assert Amount("0.01", "0").in_unit("1") == "0.000001"
    assert Amount("0.001", "0").in_unit("1") is None


@given(st.decimals(min_value=2, max_value=Decimal("99999999999999"), places=2), st.sampled_from(["元", "万元"]))
def test_every_written_amount_is_read_back(value: Decimal, unit: str) -> None:
    found = price(f"{value:,f}{unit}")
    assert found.form == SUM
    assert found.amount is not None
    assert found.amount.yuan == value * (10_000 if unit == "万元" else 1)


@given(st.text(max_size=200), st.sampled_from(["", "元", "万元", "亿元"]))
def test_no_text_breaks_the_reading_of_a_price(text: str, unit: str) -> None:
    found = price(text, unit)
    assert (found.amount is not None) == (found.form == SUM)
    if found.amount:
        assert AMOUNT.repair is not None
        assert AMOUNT.repair(found.amount.value) == found.amount.value
