"""采购/资审公告 become procurement notices."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from re import search
from typing import Any

from hub.demo.notices.buying import contact_fields
from hub.demo.notices.draft import Draft
from hub.demo.notices.results import NotMapped
from hub.demo.notices.wording import NO, consortium, purchase_mode, trade_class, working_days
from hub.law.text.amounts import Amount, amount_in
from hub.law.text.labels import Labelled
from hub.law.text.lines import Line, joined
from hub.law.text.times import moment, moments, moments_after, rfc3339
from hub.law.text.vocabulary import (
    BUDGET,
    CEILING,
    CONSORTIUM,
    CONTRACT_PERIOD,
    DEADLINE,
    METHOD,
    MODE,
    NEED,
    NOTICE_PERIOD,
    OPENING,
    PACKAGE,
    PACKAGE_BUDGET,
    PACKAGE_CEILING,
    PLACE,
    PROJECT_CODE,
    PROJECT_NAME,
    SALE,
    TIME,
)
from hub.schemas.workdays import add_working_days

_TYPE_OF_MODE = {"1": "1", "2": "1", "3": "3", "4": "5", "5": "6", "6": "4"}
_LONG = frozenset({"1", "2", "6"})
"""Types of notice that stand for five working days at least, the others for three."""
_DOCUMENTS = (
    "获取采购文件", "获取招标文件", "获取竞争性磋商文件", "获取竞争性谈判文件", "获取磋商文件", "获取询价", "获取资格预审文件",
    "采购文件的获取", "招标文件的获取", "文件获取", "文件的获取"
)  # fmt: skip
_SUBMISSION = (
    "响应文件提交",
    "提交投标文件",
    "投标截止时间",
    "响应文件递交",
    "提交响应文件",
    "投标文件的递交",
    "递交响应文件",
    "投标文件递交",
)
_AFTER_NEED = (*CONTRACT_PERIOD, *CONSORTIUM, "本项目接受", "本项目不接受", "本项目(")
_OPENING = ("开启", "开标", "评审信息")


@dataclass(frozen=True, slots=True)
class _Money:
    budget: Amount
    ceiling: Amount | None


def body(draft: Draft) -> dict[str, Any]:
    """The body of a `procurement_notice`; refuses a notice without a budget, which is never made up."""
    notice = draft.notice
    said = notice.labelled
    money = _money(draft)
    number = draft.project_number()
    mode = purchase_mode(said.value(MODE, limit=60), draft.title, draft.content[:500])
    kind = "2" if "资格预审" in draft.title else "7" if "框架协议" in draft.title else _TYPE_OF_MODE.get(mode, "1")
    if not mode:
        draft.note("采购方式：公告未载明，按“其他”填写")
    packages = _packages(draft, number)
    trade = trade_class(draft.title, draft.content)
    documents = notice.section(*_DOCUMENTS)
    start, end = _documents_period(draft, documents)
    opening = notice.section(*_OPENING)
    where = Labelled(documents)
    basics = Labelled(notice.section("项目基本情况") or notice.lines, notice.fields)
    price = {
        "budget_amount": money.budget.value,
        "currency_code": money.budget.currency,
        "price_unit": money.budget.unit,
    }
    if money.ceiling:
        price["ceiling_price"] = money.ceiling.value
    opened = Labelled(opening).find((*OPENING, *TIME), limit=120)
    found = (moment(opened.value) if opened else None) or next(moments(joined(opening[:6])), None)
    opens = found.at() if found else None
    deadline = draft.time("投标（提交响应文件）截止时间", _deadline(draft), opens)
    return {
        "purchase_project_code": number,
        "purchase_project_name": draft.line("采购项目名称", basics.value(PROJECT_NAME) or draft.title, 600),
        **contact_fields(draft),
        "bulletin_bid_num": len(packages),
        "purchase_section_code": packages,
        "unified_deal_code": [draft.deal_code(trade, section) for section in range(len(packages))],
        "bulletin_title": draft.line("公告标题", draft.title, 200),
        "bulletin_content": draft.content,
        "bulletin_start_time": draft.published_at,
        "bulletin_media": draft.medium(),
        "url": draft.url(),
        "bid_closing_time": rfc3339(deadline),
        "notice_type": kind,
        "project_no": draft.line("项目编号", said.value(PROJECT_CODE, limit=60) or number, 50),
        "purchase_mode": mode or "9",
        **price,
        "demand": draft.text("采购需求", basics.block(NEED, _AFTER_NEED)),
        "contract_period": draft.line("合同履行期限", _contract_period(draft, basics), 500),
        "accept_consortium": _consortium(draft, basics),
        **_qualifications(draft),
        "doc_get_start": rfc3339(start),
        "doc_get_end": rfc3339(end),
        "doc_get_place": draft.line("获取采购文件地点", where.value(PLACE), 500),
        "doc_get_method": draft.line("获取采购文件方式", where.value(METHOD), 500),
        **_sale(where, money.budget),
        "submit_end": rfc3339(deadline),
        "open_time": rfc3339(draft.time("开标（开启）时间", opens, deadline)),
        "open_place": draft.line("开标（开启）地点", Labelled(opening).value(PLACE), 500),
        "notice_period_wd": _period(draft, kind),
    }


def _money(draft: Draft) -> _Money:
    notice = draft.notice
    stated = notice.labelled.find(BUDGET, limit=200)
    budget = amount_in(notice.budget, "元") or (amount_in(stated.value, stated.unit) if stated else None)
    budget = budget or _sum_of_packages(draft)
    if budget is None:
        raise NotMapped("公告未载明可读的预算金额，不编造", "The notice has no readable budget, and none is made up.")
    return _Money(budget, _ceiling(draft, budget))


def _sum_of_packages(draft: Draft) -> Amount | None:
    for table in draft.notice.tables:
        if table.has(PACKAGE_BUDGET, PACKAGE):
            found = [amount_in(row.cell(PACKAGE_BUDGET), row.unit(PACKAGE_BUDGET)) for row in table.rows]
            amounts = [amount for amount in found if amount is not None]
            if not amounts or len(amounts) < len(found):
                return None
            if len(amounts) == 1:
                return amounts[0]
            draft.note("预算金额：各包预算之和")
            total = sum((amount.yuan for amount in amounts), Decimal())
            return amount_in(f"{total:f}元")
    return None


def _ceiling(draft: Draft, budget: Amount) -> Amount | None:
    notice = draft.notice
    said = Labelled(notice.section("项目基本情况") or notice.lines, notice.fields).find(CEILING, limit=60)
    found = amount_in(said.value, said.unit) if said else None
    if found is None:
        rows = [row for table in notice.tables if table.has(PACKAGE, PACKAGE_CEILING) for row in table.rows]
        found = amount_in(rows[0].cell(PACKAGE_CEILING), rows[0].unit(PACKAGE_CEILING)) if len(rows) == 1 else None
    value = found.in_unit(budget.unit) if found and found.currency == budget.currency else None
    if found is None or value is None:
        return None
    if found.yuan > budget.yuan:
        draft.note(f"最高限价：公告所载 {found.value} 高于预算金额，未报送")
        return None
    return Amount(value, budget.unit, budget.currency)


def _sale(where: Labelled, budget: Amount) -> dict[str, str]:
    """The price of the documents; free ones have none."""
    said = where.find(SALE, limit=60)
    found = amount_in(said.value, said.unit) if said else None
    value = found.in_unit(budget.unit) if found and found.currency == budget.currency else None
    return {"doc_price": value} if value else {}


def _packages(draft: Draft, number: str) -> list[str]:
    cells = [row.cell(PACKAGE) for table in draft.notice.tables if table.has(PACKAGE) for row in table.rows]
    found = list(dict.fromkeys(cell for cell in cells if 0 < len(cell) <= 30))[:99]
    if found:
        # A bare letter or number names a package within its project only.
        return [cell if len(cell) > 4 else f"{number[:40]}-{cell}" for cell in found]
    draft.note("采购项目子包编号：公告未载明，按项目编号生成")
    return [f"{number[:46]}-1"]


def _deadline(draft: Draft) -> datetime | None:
    """The time in the invitation (…并于 … 前提交), under a label, or in the section on the submission of bids."""
    submission = joined(draft.notice.section(*_SUBMISSION))
    said = draft.notice.labelled.find(DEADLINE, limit=200)
    labelled = moment(said.value) if said else None
    found = (
        *moments_after(joined(draft.notice.lines[:60], ""), "并于"),
        *filter(None, (labelled,)),
        *moments_after(submission, "截止"),
        *moments(submission),
    )
    return found[0].at() if found else None


def _documents_period(draft: Draft, documents: Sequence[Line]) -> tuple[datetime, datetime]:
    said = Labelled(documents).value(TIME, limit=300)
    found = list(moments(said or joined(documents)))[:2]
    start = draft.time("获取采购文件开始时间", found[0].at() if found else None)
    shortest = start + (add_working_days(start.date(), 5) - start.date())
    end = draft.end("获取采购文件截止时间", found[1].last() if len(found) > 1 else None, shortest)
    return start, end


def _cell(draft: Draft, names: Sequence[str]) -> str:
    """The cell under one of the headers in the first row that has one."""
    cells = (row.cell(names) for table in draft.notice.tables if table.has(names) for row in table.rows)
    return next(filter(None, cells), "")


def _contract_period(draft: Draft, basics: Labelled) -> str:
    said = basics.value(CONTRACT_PERIOD)
    return _cell(draft, CONTRACT_PERIOD) if not said or said.startswith("本项目(") else said


def _consortium(draft: Draft, basics: Labelled) -> str:
    answer = consortium(_cell(draft, CONSORTIUM) or basics.value(CONSORTIUM, limit=30), draft.content)
    if not answer:
        draft.note("是否接受联合体投标：公告未载明，按“否”填写")
    return answer or NO


def _qualifications(draft: Draft) -> dict[str, str]:
    """The three requirements of the section 申请人的资格要求, cut where the second and the third begin."""
    text = joined(draft.notice.section("资格要求", "资格条件", "资格预审条件"))
    policy = search(r"(?:\d\s*[.、．]?\s*)?落实政府采购政策[^:：；。\n]{0,20}资格要求\s*[:：]?", text)
    own = search(r"(?:\d\s*[.、．]?\s*)?(?:本项目的?|项目)?(?:其它|其他)?特定(?:的)?资格要求\s*[:：]?", text)
    first_end = min([place.start() for place in (policy, own) if place] or [len(text)])
    policy_end = own.start() if own and policy and own.start() > policy.end() else len(text)
    return {
        "qualification_22": draft.text("满足政府采购法第二十二条规定", text[:first_end].strip()),
        "qualification_policy": draft.text(
            "落实政府采购政策需满足的资格要求", text[policy.end() : policy_end].strip() if policy else ""
        ),
        "qualification_specific": draft.text("本项目的特定资格要求", text[own.end() :].strip() if own else ""),
    }


def _period(draft: Draft, kind: str) -> int:
    notice = draft.notice
    said = joined(notice.section("公告期限", "公示期限")) or notice.labelled.value(NOTICE_PERIOD)
    found = search(r"公告期限[^。\n]{0,20}工作日", joined(notice.lines, ""))
    days = working_days(said) or (working_days(found[0]) if found else None)
    if days is None:
        days = 5 if kind in _LONG else 3
        draft.note(f"公告期限：公告未载明，按法定最短 {days} 个工作日填写")
    return days
