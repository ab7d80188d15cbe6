"""Labelled values, torn lines and sections."""

from hub.demo.notices.sections import section
from hub.law.text.labels import Labelled
from hub.law.text.lines import joined, lines_of


def test_a_value_stands_behind_its_label_or_on_the_next_line() -> None:
    said = Labelled(lines_of("1、项目编号：RX-1\n项目名称：\n云溪大桥\n采购方式:询价"))
    assert said.value(("项目编号",)) == "RX-1"
    assert said.value(("项目名称",)) == "云溪大桥"
    assert said.value(("采购方式",)) == "询价"


def test_spaces_and_widths_do_not_hide_a_label() -> None:
    said = Labelled(lines_of("名　 称 ：闽侯县云溪中学\n中标（成交）金额（元）：\n98000"))
    assert said.value(("名称",)) == "闽侯县云溪中学"
    found = said.find(("中标(成交)金额",))
    assert found is not None
    assert (found.value, found.unit) == ("98000", "元")


def test_several_labels_on_one_line_are_told_apart() -> None:
    said = Labelled(lines_of("项目编号：R3 项目名称：云溪大桥 交易价格：48.0（万元） 成交日期：2026-03-16"))
    assert said.value(("项目编号",)) == "R3"
    assert said.value(("项目名称",)) == "云溪大桥"
    assert said.value(("成交日期",)) == "2026-03-16"


def test_an_empty_value_is_not_the_next_label() -> None:
    said = Labelled(lines_of("投标有效期\n90\n开标时间\n开标地点\n开标方式\n网上"))
    assert said.value(("开标时间",)) == ""
    assert said.value(("投标有效期",)) == "90"


def test_values_that_say_nothing_are_passed_over() -> None:
    said = Labelled(lines_of("中标人：/\n中标人：无\n中标人：福建青屿桥梁工程有限公司"))
    assert said.value(("中标人",)) == "福建青屿桥梁工程有限公司"


def test_structured_fields_come_first() -> None:
    said = Labelled(lines_of("合同金额：12元"), {"合同金额（万元）": "34"})
    found = said.find(("合同金额",))
    assert found is not None
    assert (found.value, found.unit) == ("34", "万元")


def test_lines_that_the_markup_tore_are_mended() -> None:
    text = (
        "一、项目编号\n：\nRX-1\n2026\n年\n03\n月\n16\n日至\n2026\n年\n03\n月\n18\n日\n1\n.采购人\n信息\n286000\n元每年"
    )
    assert [line.text for line in lines_of(text)] == [
        "一、项目编号：",
        "RX-1",
        "2026年03月16日至2026年03月18日",
        "1.采购人信息",
        "286000元每年",
    ]


def test_a_torn_value_goes_on_in_a_block_of_contacts() -> None:
    lines = lines_of("地址：云溪路\n9号\n联系方式：0591-1、\n0591-2\n福建榕行招标代理有限公司\n2026年03月10日")
    said = Labelled(lines, torn=True)
    assert said.value(("地址",)) == "云溪路9号"
    assert said.value(("联系方式",)) == "0591-1、0591-2"


def test_markup_is_no_text() -> None:
    assert [line.text for line in lines_of("<p>项目编号：RX&amp;1</p><br/>完")] == ["项目编号：RX&1", "完"]


def test_a_section_ends_at_the_next_heading_of_its_rank() -> None:
    lines = lines_of("一、项目概况\n甲\n1.采购人信息\n名称：乙\n2.代理机构信息\n名称：丙\n二、公告期限\n3个工作日")
    assert joined(section(lines, "采购人信息")) == "名称：乙"
    assert joined(section(lines, "项目概况")).startswith("甲\n1.采购人信息")
    assert joined(section(lines, "公告期限")) == "3个工作日"
    assert section(lines, "没有的标题") == []
