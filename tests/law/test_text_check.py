"""A notice's text against its fields: told where the two clearly contradict each other, silent in every other case."""

from typing import Any

import orjson
import pytest

from hub.intake import Intake
from hub.keys import Sender
from hub.law.text.labels import Labelled
from hub.law.text_check import TEXTS, text_warnings
from hub.problems import Fault
from hub.schemas.examples import example
from hub.schemas.kind import kinds
from tests.builders import (
    a_procurement_notice,
    a_procurement_result,
    a_tender_notice,
    a_uscc,
    a_win_result_notice,
    a_winning_candidate_publicity,
)
from tests.schemas.judging import taken

LINES = """一、项目基本情况
项目编号：{code}
预算金额：{budget}
最高限价：{ceiling}
四、提交投标文件截止时间、开标时间和地点
{time}（北京时间），地点：市公共资源交易中心
"""


def told(submission: dict[str, Any]) -> list[Fault]:
    return text_warnings(taken(submission).body)


def rules(submission: dict[str, Any]) -> list[tuple[str, str]]:
    return [(fault.pointer, fault.rule) for fault in told(submission)]


def a_notice(text: str, **changes: Any) -> dict[str, Any]:
    """采购项目公告 whose fields are those of `saying()`."""
    facts = {
        "body__project_no": "FZCG-2026-0417",
        "body__budget_amount": "2280000.00",
        "body__ceiling_price": "2260000.00",
        "body__price_unit": "0",
        "body__submit_end": "2026-06-23T09:30:00+08:00",
        "body__bid_closing_time": "2026-06-23T09:30:00+08:00",
        "body__open_time": "2026-06-23T09:30:00+08:00",
    }
    return a_procurement_notice(**(facts | {"body__bulletin_content": text} | changes))


def saying(**changes: str) -> str:
    """The text of a notice in the form of 财办库〔2020〕50号."""
    facts = {"code": "FZCG-2026-0417", "budget": "228万元", "ceiling": "2260000.00元", "time": "2026年6月23日 09:30"}
    return LINES.format(**(facts | changes))


def a_result(text: str, **changes: Any) -> dict[str, Any]:
    facts = {
        "body__bid_amount": "1980000.00",
        "body__price_unit": "0",
        "body__win_bidder_name": "福建青屿市政工程有限公司",
    }
    return a_win_result_notice(**(facts | {"body__notice_content": text} | changes))


# What is silent


@pytest.mark.parametrize("kind", sorted(TEXTS))
def test_a_golden_example_says_what_its_fields_say(kind: str) -> None:
    assert told(example(kind)) == []


def test_the_table_names_fields_that_the_kinds_have() -> None:
    for name, (text, stated) in TEXTS.items():
        fields = kinds()[name].model_fields
        assert {text, *(field.partition("/")[0] for one in stated for field in one.fields)} <= fields.keys()


@pytest.mark.parametrize(
    "budget",
    [
        "228万元",
        "2280000元",
        "2,280,000.00元",
        "２２８万元",
        "人民币 228.00 万元",
        "<b>228</b>万元",
        "另行公布",
        "500元/平方米",
    ],
)
@pytest.mark.parametrize(
    "time",
    [
        "2026年06月23日 9点30分",
        "2026-06-23 09:30:00",
        "2026年6月23日上午9：30",
        "2026 年 6 月 23 日 9 时 30 分",
        "2026年6月23日上午9点半",
        "见招标文件",
    ],
)
def test_a_text_that_says_the_same_in_other_words_is_silent(budget: str, time: str) -> None:
    assert told(a_notice(saying(budget=budget, time=time))) == []


def test_a_text_without_labels_is_silent() -> None:
    assert told(a_result("经评审，确定福建海岚建设有限公司为中标人，报价 300 万元。")) == []


def test_a_rounded_amount_is_no_contradiction() -> None:
    assert told(a_result("中标金额：198.3万元", body__bid_amount="1983456.00")) == []


def test_several_amounts_are_left_to_the_reader() -> None:
    assert told(a_result("中标金额：100万元\n中标金额：200万元")) == []


@pytest.mark.parametrize(
    "budget",
    [
        "包一 100万元，包二 128万元",
        "第一年100万元、第二年128万元",
        "包一114万元；包二114万元",
        "包一100万元（1000000元），包二128万元（1280000元）",
        "暂列金10万元，合计228.0万元",
    ],
)
def test_several_amounts_of_a_value_are_silent_where_one_or_their_sum_agrees(budget: str) -> None:
    assert told(a_notice(saying(budget=budget))) == []


def test_another_currency_is_not_compared() -> None:
    assert told(a_result("中标金额：300000美元")) == []


def test_a_project_of_another_numbering_is_no_contradiction() -> None:
    assert told(a_tender_notice(body__notice_content="项目编号：XM-77-20260001")) == []


def test_a_part_of_a_code_is_enough() -> None:
    assert told(a_notice(saying(code="FZCG-2026-0417（二次）"))) == []


def test_brackets_of_any_kind_are_the_same() -> None:
    assert told(a_notice(saying(code="[350100]FZ[GK]2026001"), body__project_no="〔350100〕FZ〔GK〕2026001")) == []


def test_a_value_anywhere_in_the_text_is_enough() -> None:
    assert told(a_result("中标金额：300万元（含暂列金），其中施工费1,980,000.00元")) == []


# What is told


def test_another_budget_is_told_with_what_the_text_says() -> None:
    (fault,) = told(a_notice(saying(budget="328万元")))

    assert (fault.pointer, fault.rule) == ("/body/budget_amount", "text-amount")
    assert "“预算金额”" in fault.zh
    assert "328万元" in fault.zh
    assert fault.repairs is None


def test_several_amounts_that_do_not_make_the_sum_are_told_by_the_first() -> None:
    (fault,) = told(a_notice(saying(budget="包一 100万元，包二 138万元")))

    assert (fault.pointer, fault.rule) == ("/body/budget_amount", "text-amount")
    assert "100万元" in fault.zh


@pytest.mark.parametrize(
    ("text", "amount", "unit", "other"),
    [("中标金额：198万元", "1980000.00", "1", "0"), ("中标金额（元）：1980000.00", "198", "0", "1")],
)
def test_a_slip_of_the_unit_is_told_with_the_other_unit(text: str, amount: str, unit: str, other: str) -> None:
    (fault,) = told(a_result(text, body__bid_amount=amount, body__price_unit=unit))

    assert (fault.pointer, fault.rule) == ("/body/bid_amount", "text-amount")
    assert fault.repairs == {"/body/bid_amount": amount, "/body/price_unit": other}


def test_a_number_inside_a_longer_one_is_not_the_amount() -> None:
    assert rules(a_result("中标金额：21980000元")) == [("/body/bid_amount", "text-amount")]


def test_another_opening_time_is_told() -> None:
    assert rules(a_notice(saying() + "开标时间：2026年6月24日 09:30", body__open_time="2026-06-25T09:30:00+08:00")) == [
        ("/body/open_time", "text-time")
    ]


def test_the_time_under_the_standard_heading_is_read() -> None:
    assert rules(a_notice(saying(time="2026年6月30日 09点30分"))) == [
        ("/body/open_time", "text-time"),
        ("/body/submit_end", "text-time"),
    ]


def test_another_time_of_the_same_day_is_told() -> None:
    notice = a_tender_notice(
        body__notice_content="开标时间：2026年4月24日 15:00", body__bid_open_time="2026-04-24T14:30:00+08:00"
    )

    assert rules(notice) == [("/body/bid_open_time", "text-time")]


def test_half_past_is_another_time_than_the_hour() -> None:
    text = saying(time="2026年6月23日上午9点半")
    nine = {f"body__{name}": "2026-06-23T09:00:00+08:00" for name in ("submit_end", "bid_closing_time", "open_time")}

    assert {rule for _, rule in rules(a_notice(text, **nine))} == {"text-time"}


def test_a_day_alone_is_compared_as_a_day() -> None:
    at = "2026-06-23T09:30:00+08:00"

    assert told(a_tender_notice(body__notice_content="开标时间：2026年6月23日", body__bid_open_time=at)) == []
    assert rules(a_tender_notice(body__notice_content="开标时间：2026年6月24日", body__bid_open_time=at)) == [
        ("/body/bid_open_time", "text-time")
    ]


def test_an_instant_of_another_offset_is_the_same_time() -> None:
    same = "2026-06-23T01:30:00Z"

    assert told(a_notice(saying(), body__open_time=same)) == []


def test_another_project_code_is_told() -> None:
    assert rules(a_notice(saying(code="FZCG-2026-0418"))) == [("/body/project_no", "text-code")]


def test_a_slip_in_a_tender_code_is_told_at_the_field_that_it_looks_like() -> None:
    notice = a_tender_notice()
    code = notice["body"]["tender_project_code"]
    notice["body"]["notice_content"] = f"项目编号：{code[:-4]}9{code[-3:]}"

    assert rules(notice) == [("/body/tender_project_code", "text-code")]


def test_another_winner_is_told() -> None:
    (fault,) = told(a_result("中标人：福建海岚建设有限公司\n中标金额：198万元"))

    assert (fault.pointer, fault.rule) == ("/body/win_bidder_name", "text-winner")
    assert "福建海岚建设有限公司" in fault.zh


def test_another_winner_of_a_procurement_is_told() -> None:
    result = a_procurement_result(body__win_bid_bulletin_content="三、中标信息\n供应商名称：福州启真实验设备有限公司")

    assert rules(result) == [("/body/winningbidder_name", "text-winner")]


def test_another_first_candidate_is_told_at_the_first_one() -> None:
    publicity = a_winning_candidate_publicity()
    first, second = publicity["body"]["candidates"][:2]
    publicity["body"]["publicity_content"] = f"第一中标候选人：{second['win_candidate_name']}"

    assert rules(publicity) == [("/body/candidates/0/win_candidate_name", "text-winner")]
    publicity["body"]["publicity_content"] = f"第一中标候选人：{first['win_candidate_name']}"
    assert told(publicity) == []


def test_markup_hides_nothing() -> None:
    text = "<p><span>中标人</span>：<b>福建海岚建设有限公司</b></p><p>中标金额&#65306;<i>300</i>&nbsp;万元</p>"

    assert {rule for _, rule in rules(a_result(text))} == {"text-amount", "text-winner"}


# What becomes of it


def test_a_contradiction_is_stored_with_the_version_and_refuses_nothing() -> None:
    result = a_result("中标金额：300万元")

    accepted = Intake(300).submission(orjson.dumps(result), Sender(a_uscc()))

    assert {fault.rule for fault in accepted.warnings} == {"text-amount", "code-table-unconfirmed"}
    assert b'"rule":"text-amount"' in accepted.entry.terms


def test_a_text_that_says_what_the_fields_say_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError("the text was read")

    monkeypatch.setattr(Labelled, "__init__", never)

    assert told(a_notice(saying())) == []


def test_the_last_moment_that_there_is_is_compared_too() -> None:
    last = "9999-12-31T23:59:59-12:00"
    text = "开标时间：2026年4月15日 9:30"
    notice = a_tender_notice(body__notice_content=text, body__bid_open_time=last, body__bid_doc_refer_end_time=last)

    assert rules(notice) == [("/body/bid_open_time", "text-time")]
