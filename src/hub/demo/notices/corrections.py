"""更正事项 become procurement corrections."""

from re import search
from typing import Any

from hub.demo.notices.buying import contact_fields
from hub.demo.notices.draft import NOT_SAID, Draft
from hub.demo.notices.results import NotMapped
from hub.demo.notices.tables import tables
from hub.demo.notices.wording import NO, YES, trade_class
from hub.law.text.lines import joined
from hub.law.text.plain import half_width, says_nothing
from hub.law.text.times import Moment, moment, moments, rfc3339
from hub.law.text.vocabulary import (
    CORRECTION,
    CORRECTION_DATE,
    CORRECTION_TARGET,
    FIRST_NOTICE,
    PROJECT_NAME,
)

NOTICE, DOCUMENTS, RESULT = "1", "2", "3"
"""Codes of `correction_target`."""
_ITEM, _BEFORE, _AFTER = (
    ("更正项", "更正事项", "序号"),
    ("更正前内容", "更正前", "原内容", "原文"),
    ("更正后内容", "更正后"),
)
_CHECKED = r"[√☑■✓✔]\s*(?:采购)?(公告|文件|结果)"


def body(draft: Draft) -> dict[str, Any]:
    """The body of a `procurement_correction`; refuses a notice that does not say what is corrected."""
    said = draft.notice.labelled
    items = _items(draft)
    number = draft.project_number()
    postponed = _postponed_to(draft)
    corrected = draft.day("更正日期", _day(said.value(CORRECTION_DATE, limit=60)))
    first = _day(said.value(FIRST_NOTICE, limit=60))
    first_day = first.day if first else min(corrected, draft.day("首次公告日期", None))
    draft.note("采购项目子包编号：公告未载明，按项目编号生成")
    fields: dict[str, Any] = {
        "purchase_project_code": number,
        "purchase_project_name": draft.line("采购项目名称", said.value(PROJECT_NAME) or draft.title, 600),
        **contact_fields(draft),
        "purchase_section_code": f"{number[:46]}-1",
        "unified_deal_code": draft.deal_code(trade_class(draft.title, draft.content)),
        "termination_bulletin_title": draft.line("公告标题", draft.title, 50),
        "termination_bulletin_content": draft.content,
        "modification_start_time": draft.published_at,
        "is_postpone": YES if postponed else NO,
        "url": draft.url(),
        "first_notice_date": first_day.isoformat(),
        "correction_target": _target(draft),
        "items": items,
        "correction_date": corrected.isoformat(),
    }
    return fields | ({"post_bid_closing_time": rfc3339(postponed.at())} if postponed else {})


def _day(text: str) -> Moment | None:
    return moment(text) if text else None


def _items(draft: Draft) -> list[dict[str, str]]:
    section = draft.notice.section("更正信息", "更正内容", "变更内容", "澄清内容")
    for table in tables(section):
        if table.has(_BEFORE, _AFTER):
            found = [(row.cell(_ITEM), row.cell(_BEFORE), row.cell(_AFTER)) for row in table.rows]
            items = [
                {
                    "item": draft.line("更正项", item, 200),
                    "before": draft.text("更正前内容", before),
                    "after": draft.text("更正后内容", after),
                }
                for item, before, after in found
                if after
            ]
            if items:
                return items[:200]
    said = draft.notice.labelled.value(CORRECTION, limit=20_000)
    after = said or joined(section)
    if says_nothing(after):
        raise NotMapped("公告未载明更正内容", "The notice does not say what is corrected.")
    draft.note("更正前内容：未单独载明，更正内容按原文填写")
    return [{"item": "更正内容", "before": NOT_SAID, "after": after}]


def _target(draft: Draft) -> str:
    said = draft.notice.labelled.value(CORRECTION_TARGET, limit=120)
    checked = search(_CHECKED, half_width(said))
    word = checked[1] if checked else said
    if "结果" in word or (not said and "结果" in draft.title):
        return RESULT
    if "公告" in word:
        return NOTICE
    if "文件" in word:
        return DOCUMENTS
    draft.note("更正事项类别：公告未载明，按“采购公告”填写")
    return NOTICE


def _postponed_to(draft: Draft) -> Moment | None:
    """The new deadline, where the correction names one."""
    lines = draft.notice.section("更正信息", "更正内容", "变更内容") or draft.notice.lines
    text = joined(lines, "")
    found = search(
        r"(?:截止时间|开标时间|开启时间|递交时间|提交时间).{0,80}?(?:延期|延至|延长|推迟|顺延|变更|更正|调整|修改)(?:到|至|为)",
        text,
    )
    found = found or search(r"(?:延期|延长|推迟|顺延)(?:到|至|为)", text)
    new = next(moments(text[found.end() : found.end() + 60]), None) if found else None
    if new is None and any(word in text for word in ("延期", "推迟", "顺延")):
        draft.note("是否延期：提及延期但未读出新的截止时间，按“否”填写")
    return new
