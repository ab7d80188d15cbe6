"""Cells: what people and spreadsheets write, and what it stands for."""

from datetime import datetime, time
from typing import Any

import pytest

from hub.forms.cells import value_of
from hub.forms.faults import WrongCell
from tests.forms.workbooks import a_column

KIND = "win_result_notice"


def a_moment(text: str) -> datetime:
    """What a cell of a date format is read as: a time that knows no offset."""
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("name", "written", "value"),
    [
        ("data_timestamp", a_moment("2026-04-23 10:05:00"), "2026-04-23T10:05:00+08:00"),
        ("data_timestamp", a_moment("2026-04-23 10:04:59.999600"), "2026-04-23T10:05:00+08:00"),
        ("data_timestamp", "2026-04-23 10:05", "2026-04-23T10:05:00+08:00"),
        ("data_timestamp", "2026年4月23日 10:05", "2026-04-23T10:05:00+08:00"),
        ("data_timestamp", "2026-04-23T02:05:00Z", "2026-04-23T02:05:00Z"),
        ("data_timestamp", "昨天", "昨天"),
        ("decided_on", a_moment("2026-04-23 00:00:00"), "2026-04-23"),
        ("decided_on", a_moment("2026-04-23 09:00:00"), "2026-04-23 09:00:00"),
        ("decided_on", "2026/4/23", "2026-04-23"),
        ("decided_on", "2026.12", "2026.12"),
        ("decided_on", "202612", "202612"),
        ("body.bid_amount", 79860000, "79860000"),
        ("body.bid_amount", 79860000.1, "79860000.1"),
        ("body.bid_amount", 0.1 + 0.2, "0.3"),
        ("body.bid_amount", 1e-6, "0.000001"),
        ("body.bid_amount", "1,436,000.00", "1436000.00"),
        ("body.bid_amount", "约一千万", "约一千万"),
        ("body.price_unit", "1 万元", "1"),
        ("body.price_unit", "万元", "1"),
        ("body.price_unit", 1, "1"),
        ("body.price_unit", "1", "1"),
        ("body.price_unit", "亿元", "亿元"),
        ("body.bid_currency", 156, "156"),
        ("discloser.role", "implementer 谁实施谁公开", "implementer"),
        ("discloser.role", "谁实施谁公开", "implementer"),
        ("discloser.code", " 12350100M000100225\n", "12350100M000100225"),
        ("region_code", 350100, "350100"),
        ("region_code", 350100.0, "350100"),
        ("body.notice_content", "第一行\r\n第二行", "第一行\n第二行"),
        ("body.notice_content", time(9, 30), "09:30:00"),
        ("body.notice_content", True, "1"),
        ("body.win_bidder_code", "91350100M00010049P", ["91350100M00010049P"]),
    ],
)
def test_a_cell_is_read_as_what_it_stands_for(name: str, written: Any, value: Any) -> None:
    assert value_of(a_column(KIND, name), written) == value


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        ("tender_plan", "body.estimate_price", "50000"),
        ("performance_credit", "body.contract_settlement_amount", "50000"),
        ("administrative_penalty", "body.cf_nr_fk", "50000元"),
        ("win_result_notice", "body.bid_amount", "50000元"),
        ("land_supply_result", "body.area_ha", "50000元"),
    ],
)
def test_an_amount_says_yuan_where_its_column_does(kind: str, name: str, value: str) -> None:
    assert value_of(a_column(kind, name), "50000元") == value


@pytest.mark.parametrize(
    ("written", "value"), [("12", 12), ("１２", 12), (12, 12), (12.0, 12), (12.5, "12.5"), ("多", "多")]
)
def test_whole_numbers_are_numbers(written: Any, value: Any) -> None:
    assert value_of(a_column("change_notice", "body.change_seq"), written) == value


@pytest.mark.parametrize(
    ("written", "rule"),
    [
        ("=A1", "form-formula"),
        (object(), "form-formula"),
        ("#N/A", "form-error-value"),
        (350102199001010010, "form-digits"),
        (3.50102199001010e17, "form-digits"),
        (float("inf"), "form-digits"),
    ],
)
def test_a_cell_that_holds_no_value_is_refused(written: Any, rule: str) -> None:
    with pytest.raises(WrongCell) as wrong:
        value_of(a_column(KIND, "body.examiner_name"), written)

    assert wrong.value.rule.id == rule
