"""开标记录 become bid opening records."""

from typing import Any

from hub.demo.notices.draft import Draft
from hub.demo.notices.wording import CONSTRUCTION
from hub.law.text.plain import says_nothing
from hub.law.text.times import moment, rfc3339
from hub.law.text.vocabulary import OPENING_ACTOR, OPENING_RECORD

_TIME, _PLACE = ("开标时间", "开标日期"), ("开标地点", "开标地址", "地点")


def body(draft: Draft) -> dict[str, Any]:
    """The body of a `bid_opening_record`; the text is the record, in lines as it was shown."""
    notice = draft.notice
    said = notice.labelled
    project = draft.tender_project()
    opened = moment(said.value(_TIME, limit=60))
    record = _record(draft)
    return {
        "tender_project_code": project,
        "bid_section_codes": [draft.section_code(project)],
        "unified_deal_codes": [draft.deal_code(CONSTRUCTION)],
        "notice_name": draft.title,
        "bid_opening_actor": draft.line("开标参与人", said.value(OPENING_ACTOR), 500),
        "bid_opening_content": record,
        "bid_opening_address": draft.line("开标地点", said.value(_PLACE), 200),
        "bid_opening_time": rfc3339(draft.time("开标时间", opened.at() if opened else None)),
        "url": draft.url(),
    }


def _record(draft: Draft) -> str:
    """What follows the label 开标记录内容 in the text; the whole text where nothing does."""
    for label in OPENING_RECORD:
        _, found, after = draft.content.partition(label)
        if found and not says_nothing(after.lstrip("：: \t\r\n")):
            return after.lstrip("：: \t\r\n")
    return draft.content
