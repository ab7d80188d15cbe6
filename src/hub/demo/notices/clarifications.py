"""招标/资审文件澄清 become tender documents and prequalification documents."""

from datetime import datetime
from re import search
from typing import Any

from hub.demo.notices.draft import NOT_SAID, Draft
from hub.demo.notices.results import NotMapped
from hub.demo.notices.wording import CONSTRUCTION, NO, YES
from hub.law.text.amounts import OTHER, PriceGiven, amount_in, price
from hub.law.text.plain import half_width, says_nothing
from hub.law.text.times import moment, rfc3339
from hub.law.text.vocabulary import CEILING, CORRECTION, DEADLINE, OPENING, PLACE

_CHANGED = ("对文件澄清与修改的主要内容", "对资格预审澄清与修改的主要内容", *CORRECTION)
_QUALIFICATION = ("投标资格", "申请资格")
_SECURITY = ("投标保证金金额", "投标保证金")
_POSTPONED = ("延期后开标时间",)
_BEFORE, _AFTER = "1", "2"
"""Codes of `qual_method`."""
_PAYMENTS = (
    ("现金", "1"), ("转账", "1"), ("电汇", "1"), ("支票", "2"), ("汇票", "3"), ("本票", "4"), ("银行保函", "5"),
    ("担保公司", "6"), ("担保保函", "6"), ("保险", "7")
)  # fmt: skip
_OTHER_PAYMENT = "9"
_FIRST = 1


def tender(draft: Draft) -> dict[str, Any]:
    """The body of a `tender_document`; refuses a notice that does not say what changes or how long bids stay valid."""
    said = draft.notice.labelled
    changed = _changed(draft)
    project = draft.tender_project()
    closes, opens = _said_at(draft, DEADLINE), _said_at(draft, OPENING)
    deadline = draft.time("投标文件递交截止时间", closes, opens)
    opening = draft.time("开标时间", opens, deadline)
    place = draft.line("开标地点", said.value(("开标地点", *PLACE)), 200)
    draft.note(f"文件版本：{NOT_SAID}，按首次澄清填写")
    return {
        "tender_project_code": project,
        "bid_section_code": [draft.section_code(project)],
        "unified_deal_codes": [draft.deal_code(CONSTRUCTION)],
        "doc_name": draft.title,
        "bid_qualification": draft.text("投标资格", said.value(_QUALIFICATION, limit=20_000)),
        "bid_doc_refer_end_time": rfc3339(deadline),
        "valid_period": _valid_days(draft),
        "bid_doc_refer_method": draft.text("投标文件递交方法", said.value(("投标文件递交方法",))),
        "margin_pay_type": _payments(draft),
        **_security(draft),
        **_control_price(draft),
        "evaluating_method": draft.text("评标办法", said.value(("评标办法",), limit=20_000)),
        "bid_open_time": rfc3339(opening),
        "bid_open_place": place,
        "bid_open_type": draft.text("开标方式", said.value(("开标方式",))),
        "qual_type": _qualified(draft),
        "clarify_time": rfc3339(draft.time("答疑澄清时间", _said_at(draft, ("答疑澄清时间",)))),
        "clarify_content": changed,
        "submit_time": rfc3339(draft.time("递交时间", _said_at(draft, ("递交时间",)))),
        "url": draft.url(),
        "doc_version": _FIRST,
        **_postponed(draft, place),
    }


def prequalification(draft: Draft) -> dict[str, Any]:
    """The body of a `prequalification_document`; refuses a notice that does not say what changes."""
    said = draft.notice.labelled
    changed = _changed(draft)
    project = draft.tender_project()
    closes, opens = _said_at(draft, ("申请文件递交截止时间", *DEADLINE)), _said_at(draft, ("文件开启时间", *OPENING))
    deadline = draft.time("申请文件递交截止时间", closes, opens)
    opening = draft.time("文件开启时间", opens, deadline)
    issued = rfc3339(draft.time("递交时间", _said_at(draft, ("递交时间",))))
    return {
        "tender_project_code": project,
        "bid_section_codes": [draft.section_code(project)],
        "unified_deal_codes": [draft.deal_code(CONSTRUCTION)],
        "doc_code": draft.line("文件编号", said.value(("文件编号",)), 50),
        "doc_name": draft.title,
        "applicant_qualifications": draft.text("申请资格", said.value(_QUALIFICATION, limit=20_000)),
        "application_valid_time": draft.line("申请有效期", said.value(("申请有效期",)), 200),
        "doc_submit_end_time": rfc3339(deadline),
        "doc_submit_method": draft.line("申请文件递交方法", said.value(("申请文件递交方法",)), 50),
        "doc_open_time": rfc3339(opening),
        "doc_open_method": draft.line("文件开启方式", said.value(("文件开启方式", "开标方式")), 50),
        "evaluation_method": draft.text("评审办法", said.value(("评审办法", "评标办法"), limit=20_000)),
        "clarify_content": changed,
        "submit_time": issued,
        "tender_clarify_content": changed,
        "tender_submit_time": issued,
        "url": draft.url(),
        **_postponed(draft, draft.line("文件开启地点", said.value(PLACE), 200)),
    }


def _changed(draft: Draft) -> str:
    said = draft.notice.labelled.value(_CHANGED, limit=20_000)
    if says_nothing(said):
        raise NotMapped("公告未载明澄清与修改的内容", "The notice does not say what is clarified or changed.")
    return said


def _said_at(draft: Draft, names: tuple[str, ...]) -> datetime | None:
    found = moment(draft.notice.labelled.value(names, limit=200))
    return found.at() if found else None


def _valid_days(draft: Draft) -> int:
    found = search(r"[1-9]\d{0,4}", half_width(draft.notice.labelled.value(("投标有效期",), limit=60)))
    if found is None:
        raise NotMapped(
            "公告未载明投标有效期，不编造", "The notice does not say how long bids stay valid, and no term is made up."
        )
    return int(found[0])


def _payments(draft: Draft) -> list[str]:
    said = draft.notice.labelled.value(("投标保证金缴纳方式",))
    found = list(dict.fromkeys(code for word, code in _PAYMENTS if word in said))
    if not found:
        draft.note(f"投标保证金缴纳方式：{NOT_SAID}，按“其他”填写")
    return found or [_OTHER_PAYMENT]


def _security(draft: Draft) -> dict[str, str]:
    said = draft.notice.labelled.find(_SECURITY, limit=200)
    return draft.price(
        "投标保证金金额",
        price(said.value, said.unit) if said else PriceGiven(OTHER, None, ""),
        form="price_form_code",
        amount="margin_amount",
        currency="margin_currency",
        unit="margin_amount_unit",
        words="margin_percent",
    )


def _control_price(draft: Draft) -> dict[str, str]:
    """The ceiling, only where the notice gives a readable one."""
    said = draft.notice.labelled.find(CEILING, limit=100)
    found = amount_in(said.value, said.unit) if said else None
    if found is None:
        return {}
    return {
        "control_price": found.value,
        "control_price_currency": found.currency,
        "control_price_unit": found.unit,
    }


def _qualified(draft: Draft) -> str:
    said = draft.notice.labelled.value(("资格审查方式",), limit=60) or draft.content
    if "后审" not in said and "预审" in said:
        return _BEFORE
    if "后审" not in said:
        draft.note(f"资格审查方式：{NOT_SAID}，按“资格后审”填写")
    return _AFTER


def _postponed(draft: Draft, place: str) -> dict[str, str]:
    """Whether the opening is postponed, and to when and where; the place stays unless the notice names another."""
    later = _said_at(draft, _POSTPONED)
    said = draft.notice.labelled
    if later is None:
        if said.value(("是否延期",), limit=20).startswith("是"):
            draft.note("是否延期：提及延期但未读出延期后的开标时间，按“否”填写")
        return {"is_postpone": NO}
    elsewhere = said.value(("延期后开标地点",))
    return {
        "is_postpone": YES,
        "post_open_time": rfc3339(later),
        "post_open_address": draft.line("延期后开标地点", elsewhere, 200) if elsewhere else place,
    }
