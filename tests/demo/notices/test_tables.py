"""Tables that were flattened into lines."""

from hub.demo.notices.tables import Table, tables
from hub.law.text.lines import lines_of
from hub.law.text.vocabulary import ORGANISATION, PACKAGE, PACKAGE_BUDGET, WINNER, WINNER_PRICE


def the_table(text: str) -> Table:
    """The first table of the text."""
    return next(tables(lines_of(text)))


def test_a_numbered_table_may_have_headers_that_nobody_knows() -> None:
    table = the_table(
        "序号\n中标供应商名称\n中标金额(元)\n奇怪的列\n1\n甲有限公司\n120\n是\n2\n乙有限公司\n130\n否\n二、其他"
    )
    assert [row.cell(WINNER) for row in table.rows] == ["甲有限公司", "乙有限公司"]
    assert [row.cell(WINNER_PRICE) for row in table.rows] == ["120", "130"]
    assert table.rows[0].unit(WINNER_PRICE) == "元"


def test_a_table_without_numbers_is_read_by_its_width() -> None:
    table = the_table("包号\n预算金额(万元)\n最高限价(万元)\nA\n140.0\n139.0\nB\n20.0\n19.5\n采购需求：\n见附件")
    assert [(row.cell(PACKAGE), row.cell(PACKAGE_BUDGET)) for row in table.rows] == [("A", "140.0"), ("B", "20.0")]


def test_a_price_of_one_is_no_row_number() -> None:
    table = the_table(
        "排序\n中标候选人名称\n投标报价（元）\n质量标准\n工期/交货期\n"
        "1\n甲有限公司\n1\n合格\n12个月\n2\n乙有限公司\n1\n合格\n12个月"
    )
    assert [(row.number, row.cell(ORGANISATION)) for row in table.rows] == [(1, "甲有限公司"), (2, "乙有限公司")]


def test_ranks_begin_anew_for_the_next_section() -> None:
    table = the_table("排名\n中标候选人名称\n投标报价（元）\n1\n甲有限公司\n100\n2\n乙有限公司\n110\n1\n丙有限公司\n90")
    assert [row.number for row in table.rows] == [1, 2, 1]


def test_cells_whose_neighbours_were_lost_are_known_by_their_type() -> None:
    table = the_table("供应商名称\n供应商地址\n统一信用代码\n中标金额\n甲有限公司\n91350100M00010022B\n23.5 万元")
    assert table.rows[0].cell(WINNER) == "甲有限公司"
    assert table.rows[0].cell(WINNER_PRICE) == "23.5 万元"


def test_text_without_headers_has_no_table() -> None:
    assert list(tables(lines_of("今天\n天气\n很好"))) == []
