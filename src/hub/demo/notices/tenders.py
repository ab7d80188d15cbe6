"""招标/资审公告 of construction projects become tender notices and prequalification notices."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import chain
from re import search
from typing import Any

from hub.demo.notices.contacts import Contact, contacts
from hub.demo.notices.draft import NOT_SAID, Draft
from hub.demo.notices.results import NotMapped
from hub.demo.notices.wording import CONSTRUCTION, CORRECTED, NO, YES, consortium, nature
from hub.law.text.amounts import Amount, amount_in
from hub.law.text.lines import Line, joined
from hub.law.text.plain import half_width, says_nothing
from hub.law.text.times import Moment, moment, moments, moments_after, rfc3339
from hub.law.text.vocabulary import CEILING, DEADLINE, OPENING

TENDER, PREQUALIFICATION = "1", "2"
"""Codes of `bulletin_type`."""
_DOCUMENTS = (
    "招标文件的获取",
    "资格预审文件的获取",
    "获取招标文件",
    "招标文件获取",
    "文件的获取",
    "获取资格预审文件",
    "文件获取",
)
_SUBMISSION = ("投标文件的递交", "申请文件的递交", "投标文件递交", "递交投标文件", "提交投标文件", "投标截止")
_ESTIMATE = ("最高投标限价", "招标控制价", "最高限价", "估算价", "合同估算价", "投资估算", *CEILING)


def body(draft: Draft) -> dict[str, Any]:
    """The body of a `tender_notice`."""
    return _announced(draft) | {
        "bulletin_type": TENDER,
        "bid_open_method": draft.text("开标方式", _opening_method(draft)),
    }


def prequalification(draft: Draft) -> dict[str, Any]:
    """The body of a `prequalification_notice`."""
    examined = draft.notice.section("资格预审方法", "资格审查方式", "评审办法")
    return _announced(draft) | {
        "bulletin_type": PREQUALIFICATION,
        "qual_type": draft.text("评审办法", joined(examined)),
    }


def _announced(draft: Draft) -> dict[str, Any]:
    """What calls for bids and calls for prequalification both say."""
    notice = draft.notice
    project = draft.tender_project()
    documents, submission = notice.section(*_DOCUMENTS), notice.section(*_SUBMISSION)
    closes, opens = _deadline(draft, submission), _opening(draft)
    start, end = _documents_period(draft, documents, closes or opens)
    if closes is None and opens is None and not any(moments(joined(documents))):
        raise NotMapped(
            "公告未载明获取文件、投标截止或开标的时间",
            "The notice says no time for the documents, the bids or their opening.",
        )
    deadline = draft.time("投标文件递交截止时间", closes, opens or max(end, start))
    opening = draft.time("开标时间", opens, deadline)
    changed = nature(draft.title)
    bodies = contacts(notice)
    overview = notice.section("项目概况", "工程概况", "建设规模")
    draft.note(f"公告发布责任人、交易平台验证责任人：{NOT_SAID}")
    fields: dict[str, Any] = {
        "tender_project_code": project,
        "notice_bid_num": 1,
        "bid_section_codes": [draft.section_code(project)],
        "unified_deal_codes": [draft.deal_code(CONSTRUCTION)],
        "tender_self_code": draft.line("招标编号", notice.project_number or project, 600),
        "notice_name": draft.title,
        "notice_content": draft.content,
        "notice_send_time": draft.published_at,
        "notice_media": draft.medium(),
        "url": draft.url(),
        "notice_nature": changed,
        "doc_get_start_time": rfc3339(start),
        "doc_get_end_time": rfc3339(end),
        "tender_doc_get_method": draft.line("招标文件获取方法", joined(documents, " "), 500),
        "bid_doc_refer_end_time": rfc3339(deadline),
        "bid_open_time": rfc3339(opening),
        "bid_doc_refer_method": draft.line("投标文件递交方法", joined(submission, " "), 500),
        "syndicated_flag": _syndicated(draft),
        **_tenderer(draft, bodies.buyer),
        **(_agency(draft, bodies.agency) if bodies.agency.name else {}),
        "bulletin_duty": NOT_SAID,
        "bulletin_duty_code_type": NOT_SAID,
        "tender_conditions": draft.text("招标条件", joined(notice.section("招标条件"))),
        "funding_source": draft.line("资金来源", _funding(draft), 1000),
        "project_overview": draft.text("项目概况", joined(overview)),
        "tender_scope": draft.text("招标范围", _scope(draft, overview)),
        "bidder_qualification": draft.text(
            "投标人资格要求", joined(notice.section("资格要求", "资格条件", "资质要求"))
        ),
        **_estimate(draft),
    }
    if changed == CORRECTED:
        fields["is_postpone"] = YES if "延期" in draft.title + draft.content else NO
    return fields


def _documents_period(draft: Draft, documents: Sequence[Line], deadline: datetime | None) -> tuple[datetime, datetime]:
    found = list(moments(joined(documents)))[:2]
    otherwise = min(deadline, draft.published) if deadline else None
    start = draft.time("招标文件获取时间", found[0].at() if found else None, otherwise)
    end = draft.end("招标文件获取截止时间", found[1].last() if len(found) > 1 else None, start + timedelta(days=5))
    return start, end


def _deadline(draft: Draft, submission: Sequence[Line]) -> datetime | None:
    said = draft.notice.labelled.find(DEADLINE, limit=200)
    near = moments_after(joined(submission), "截止") or moments_after(
        joined(draft.notice.lines), "投标截止|递交的?截止"
    )
    found = (moment(said.value) if said else None) or next(chain(near, moments(joined(submission))), None)
    return found.at() if found else None


def _opening(draft: Draft) -> datetime | None:
    said = draft.notice.labelled.find(OPENING, limit=200)
    found: Moment | None = moment(said.value) if said else None
    if found is None:
        found = next(moments(joined(draft.notice.section("开标", "开启"))), None)
    return found.at() if found else None


def _opening_method(draft: Draft) -> str:
    said = draft.notice.labelled.value(("开标方式",), limit=100)
    found = search(r"(?:远程)?不见面开标|远程(?:异地)?开标|网上开标|电子开标|现场开标", draft.content)
    return said or (found[0] if found else "")


def _syndicated(draft: Draft) -> str:
    answer = consortium("", draft.content)
    if not answer:
        draft.note("是否允许联合体投标：公告未载明，按“否”填写")
    return answer or NO


def _tenderer(draft: Draft, buyer: Contact) -> dict[str, str]:
    return {
        "tenderer_code": draft.code("招标人", buyer.name or NOT_SAID),
        "tenderer_name": draft.line("招标人名称", buyer.name, 200),
        "tenderer_address": draft.line("招标人地址", buyer.address, 200),
        "tenderer_contactor": draft.line("招标人联系人", buyer.person, 100),
        "tenderer_phone_number": draft.line("招标人联系电话", buyer.phone, 20),
        "tenderer_email": draft.line("招标人电子邮箱", buyer.email, 100),
    }


def _agency(draft: Draft, agency: Contact) -> dict[str, str]:
    return {
        "tender_agency_code": draft.code("招标代理机构", agency.name),
        "tender_agency_name": draft.line("招标代理机构名称", agency.name, 200),
        "tender_agency_address": draft.line("招标代理机构地址", agency.address, 200),
        "tender_agency_contactor": draft.line("招标代理机构联系人", agency.person, 100),
        "tender_agency_phone_number": draft.line("招标代理机构联系电话", agency.phone, 20),
        "tender_agency_email": draft.line("招标代理机构电子邮箱", agency.email, 100),
    }


def _funding(draft: Draft) -> str:
    said = draft.notice.labelled.value(("资金来源",), limit=200)
    found = search(r"(?:建设)?资金来(?:自|源(?:于|为)?)\s*[:：]?\s*([^，。；,;\n]{2,100})", half_width(draft.content))
    return said or (found[1] if found else "")


def _scope(draft: Draft, overview: Sequence[Line]) -> str:
    said = draft.notice.labelled.value(("招标范围", "招标内容"), limit=3_000)
    if said:
        return said
    own = joined(draft.notice.section("招标范围"))
    return (
        own if own and not says_nothing(own) else next((line.text for line in overview if "招标范围" in line.key), "")
    )


def _estimate(draft: Draft) -> dict[str, str]:
    """The ceiling or estimate, only where the notice gives a readable one."""
    said = draft.notice.labelled.find(_ESTIMATE, limit=100)
    found: Amount | None = amount_in(said.value, said.unit) if said else None
    if found is None:
        return {}
    return {
        "estimate_price": found.value,
        "estimate_price_currency": found.currency,
        "estimate_price_unit": found.unit,
    }
