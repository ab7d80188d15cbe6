"""其他·交易公告 and 其他·成交公示 become notices and results of other trades."""

from typing import Any

from hub.demo.notices.draft import NOT_SAID, Draft
from hub.demo.notices.wording import OTHER_TRADE
from hub.law.text.times import moment
from hub.law.text.vocabulary import DETERMINED, PROJECT_NAME

_NAME = (*PROJECT_NAME, "标的名称", "转让标的名称")
_UNCLASSED = "9"


def announcement(draft: Draft) -> dict[str, Any]:
    """The body of an `other_trade_notice`."""
    return _traded(draft)


def result(draft: Draft) -> dict[str, Any]:
    """The body of an `other_trade_result`."""
    day = draft.day("成交日期", moment(draft.notice.labelled.value(DETERMINED, limit=60)))
    return _traded(draft) | {
        "announcement_title": draft.line("公告标题", draft.title, 500),
        "trade_date": day.isoformat(),
    }


def _traded(draft: Draft) -> dict[str, Any]:
    """What both say of the trade; the exchange is the agency that the notice names, else the platform."""
    notice = draft.notice
    exchange = notice.agency or notice.platform.name
    code = draft.code("交易机构", notice.agency) if notice.agency else notice.platform.code
    draft.note(f"交易业务类型：{NOT_SAID}，按“其他”填写")
    return {
        "project_name": draft.line("项目名称", notice.labelled.value(_NAME).rstrip("。") or draft.title, 300),
        "project_code": draft.project_number(limit=20),
        "publishing_time": draft.published_at,
        "unified_deal_code": draft.deal_code(OTHER_TRADE),
        "region_code": draft.region,
        "tra_place_code": draft.region,
        "tra_agency_name": draft.line("交易机构名称", exchange, 200),
        "tra_agency_code": code,
        "announcement_content": draft.content,
        "url": draft.url(),
        "classify_code": _UNCLASSED,
    }
