"""Nothing in an item makes the mapping fail, and what is mapped is valid."""

from typing import Any

import orjson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.demo.notices import Mapped, Unmapped, submissions
from hub.schemas.kind import kinds
from hub.schemas.submission import submission_of
from tests.demo.notices import invented
from tests.demo.notices.test_submissions import MAPPED

TYPES = [
    ("工程建设", "招标/资审公告"),
    ("工程建设", "开标记录"),
    ("工程建设", "交易结果公示"),
    ("工程建设", "招标/资审文件澄清"),
    ("工程建设", "资格预审结果"),
    ("政府采购", "采购/资审公告"),
    ("政府采购", "中标公告"),
    ("政府采购", "采购合同"),
    ("政府采购", "更正事项"),
    ("土地使用权", "出让公告"),
    ("土地使用权", "成交宗地"),
    ("矿业权", "出让公告"),
    ("国有产权", "交易结果"),
    ("其他", "交易公告"),
    ("其他", "成交公示"),
]

WORDS = st.sampled_from(
    ["：", "\n", "、", "（元）", "万元", "元每年", "1", "2", "36980000.00", "１２", "/", "无", "序号", "包号", "名称", "地址", "中标人",
     "中标金额（元）", "中标候选人名称", "投标报价", "第一名", "第一中标候选人", "宗地编号", "宗地面积", "起始价", "保证金", "预算金额",
     "采购需求", "更正内容", "更正日期", "首次公告日期", "一、", "二、", "3.", "采购人信息", "福建青屿桥梁工程有限公司", "郑一", "供应商名称",
     "2026年3月10日", "20260310", "20260310093015", "Mar 10, 2026 12:00:00 AM", "9时30分", "2026-03-16 24:00", "公示期", "至", "延期至", "并于", "开标时间", "挂牌时间", "截止时间", "公告期限",
     "3个工作日", "\x00", "\u2028", "\ud800", "&nbsp;", "<p>", "乙方", "合同金额", "评审专家", "资格要求", "特定资格要求", "容积率", "投标有效期", "澄清内容", "是否延期", "延期后开标时间", "成交日期", "标的名称"]
)  # fmt: skip
TEXT = st.one_of(
    st.lists(WORDS, max_size=60).map("".join),
    st.lists(WORDS, max_size=60).map("\n".join),
    st.text(st.characters(exclude_categories=()), max_size=200),
)
JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    TEXT,
    st.lists(TEXT, max_size=2),
    st.dictionaries(TEXT, st.one_of(TEXT, st.none(), st.lists(st.integers(), max_size=2)), max_size=3),
)
GIVEN_FIELDS = sorted(invented.a_contract())


def check(item: object) -> None:
    """The item becomes one result; a submission is valid and can be sent, an unmapped one has its reason."""
    (result,) = submissions([item])
    if isinstance(result, Mapped):
        raw = orjson.dumps(result.submission)
        submission_of(kinds()[result.kind]).model_validate_json(raw)
        assert all(result.notes)
    else:
        assert isinstance(result, Unmapped)
        assert result.reason_zh
        assert result.reason_en


@settings(deadline=None)
@given(JUNK)
def test_no_item_breaks_the_mapping(item: object) -> None:
    check(item)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(TYPES), st.dictionaries(st.sampled_from(GIVEN_FIELDS), JUNK))
def test_no_field_breaks_the_mapping(types: tuple[str, str], junk: dict[str, Any]) -> None:
    check(invented.an_item(*types, "正文") | junk | {"business_type": types[0], "info_type": types[1]})


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(TYPES), TEXT)
def test_no_text_breaks_the_mapping(types: tuple[str, str], text: str) -> None:
    check(invented.an_item(*types, "正文", content_text=text))


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from([notice for notice, _ in MAPPED]), st.data())
def test_a_notice_that_lost_lines_or_fields_does_not_break_the_mapping(notice: Any, data: st.DataObject) -> None:
    item = notice()
    lines = item["content_text"].split("\n")
    first = data.draw(st.integers(0, len(lines)))
    last = data.draw(st.integers(first, len(lines)))
    item["content_text"] = "\n".join([*lines[:first], data.draw(TEXT), *lines[last:]])
    for name in data.draw(st.sets(st.sampled_from(GIVEN_FIELDS), max_size=3)):
        del item[name]
    check(item)
