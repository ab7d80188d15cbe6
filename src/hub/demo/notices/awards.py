"""中标公告 of government procurement become procurement results."""

from collections.abc import Sequence
from re import fullmatch, split, sub
from typing import Any

from hub.demo.notices.buying import contact_fields
from hub.demo.notices.contacts import contacts
from hub.demo.notices.draft import NOT_SAID, Draft
from hub.demo.notices.results import NotMapped
from hub.demo.notices.tables import Row, tables
from hub.demo.notices.winners import Winner, together, winners
from hub.demo.notices.wording import trade_class, working_days
from hub.law.text.amounts import SUM, amount_in
from hub.law.text.labels import Labelled
from hub.law.text.lines import joined
from hub.law.text.plain import half_width, one_line, says_nothing
from hub.law.text.times import moment
from hub.law.text.vocabulary import (
    BRAND,
    DETERMINED,
    ITEM_NAME,
    NOTICE_PERIOD,
    PROJECT_CODE,
    PROJECT_NAME,
    QUANTITY,
    SERVICE_SCOPE,
    SERVICE_STANDARD,
    SERVICE_TIME,
    UNIT_PRICE,
)

FAILED = ("流标", "废标", "终止", "失败", "中止", "撤销")
_ITEM_NAMES = (*ITEM_NAME, "名称", "品目名称", "标项名称")
_SPEC = ("规格型号", "规格要求")
_ITEM_COLUMNS = {
    "quantity": (("数量/单位", *QUANTITY), 200),
    "unit_price": (("单价(元)/优惠率", *UNIT_PRICE, "单价/优惠率"), 500),
    "service_scope": (SERVICE_SCOPE, 5_000),
    "service_standard": (SERVICE_STANDARD, 5_000),
    "service_time": (SERVICE_TIME, 500),
}
_NO_REVIEWER = frozenset({"姓名", "单位", "序号", "专家", "名单"})
_REVIEWERS = ("评审专家", "评标委员会成员", "评审小组", "谈判小组", "磋商小组", "询价小组", "评审委员会", "评审人员")


def body(draft: Draft) -> dict[str, Any]:
    """The body of a `procurement_result`; refuses a notice that names no winner."""
    found = winners(draft.notice)
    if not found:
        raise no_winner(draft.title)
    winner = together(found)
    if len(found) > 1:
        draft.note("多个中标（成交）供应商合为一条记录，各自价格按原文填写")
    said = draft.notice.labelled
    number = draft.project_number()
    names = draft.party_names(winner.name)
    bodies = contacts(draft.notice)
    agency = bodies.agency.name or bodies.buyer.name
    if not bodies.agency.name:
        draft.note("采购代理机构：公告未载明，按采购人填写")
    determined = next((moment(one.value) for one in said.all(DETERMINED, limit=60) if moment(one.value)), None)
    draft.note("创建人：公告未载明")
    draft.note("供应商类别：公告未载明，按法人填写")
    draft.note("采购项目子包编号：公告未载明，按项目编号生成")
    return {
        "purchase_project_code": number,
        "purchase_project_name": draft.line("采购项目名称", said.value(PROJECT_NAME) or draft.title, 600),
        **contact_fields(draft),
        "purchase_section_code": f"{number[:46]}-1",
        "unified_deal_code": draft.deal_code(trade_class(draft.title, draft.content)),
        "region_code": draft.region,
        "tra_place_code": draft.region,
        "purchaser_agency_name": draft.line("采购代理机构名称", agency, 200),
        "purchaser_agency_code": draft.code("采购代理机构", agency or NOT_SAID),
        "win_bid_bulletin_title": draft.line("公告标题", draft.title, 200),
        "win_bid_bulletin_content": draft.content,
        "win_bid_bulletin_start_time": draft.published_at,
        "url": draft.url(),
        "winningbidder_name": draft.line("中标（成交）供应商名称", winner.name, 2000),
        "winningbidder_type": "1",
        "winningbidder_code": _codes(draft, found, names),
        **draft.price(
            "中标（成交）价格",
            winner.price,
            form="price_form_code",
            amount="win_bid_price",
            currency="currency_code",
            unit="price_unit",
            words="win_bid_rate",
        ),
        "creator": NOT_SAID,
        "project_no": draft.line("项目编号", said.value(PROJECT_CODE, limit=60) or number, 50),
        "supplier_address": draft.line("中标（成交）供应商地址", winner.address, 300),
        "main_items": _items(draft),
        "reviewers": _reviewers(draft),
        **_fee(draft, winner),
        "result_publicity_days_wd": _period(draft),
        "determined_date": draft.day("供应商确定日期", determined).isoformat(),
    }


def no_winner(title: str) -> NotMapped:
    """Why a notice of results without a winner is not mapped."""
    if any(word in title for word in FAILED):
        return NotMapped(
            "流标、废标或终止的公告，没有中标（成交）人", "The procedure failed or was ended: there is no winner."
        )
    return NotMapped("公告中没有读出中标（成交）人", "No winner could be read in the notice.")


def _codes(draft: Draft, found: Sequence[Winner], names: Sequence[str]) -> list[str]:
    known = {winner.name: winner.code for winner in found if winner.code}
    return [known.get(name) or draft.code("中标（成交）供应商", name) for name in names]


def _items(draft: Draft) -> list[dict[str, str]]:
    section = draft.notice.section("主要标的信息", "主要中标", "主要标的")
    for table in (*tables(section), *draft.notice.tables):
        if table.has(_ITEM_NAMES) and table.has((*QUANTITY, *UNIT_PRICE, *SERVICE_SCOPE, "数量/单位", "施工范围")):
            items = [_item(row) for row in table.rows if row.cell(_ITEM_NAMES)]
            if items:
                return items[:500]
    draft.note("主要标的信息：未能逐项读出，全文见公告内容")
    name = one_line(draft.notice.labelled.value(PROJECT_NAME) or draft.title, 200)
    whole = joined(section)
    return [{"name": name} | ({"service_scope": whole} if not says_nothing(whole) else {})]


def _item(row: Row) -> dict[str, str]:
    item = {"name": one_line(row.cell(_ITEM_NAMES), 200)}
    spec = " ".join(cell for cell in (row.cell(BRAND), row.cell(_SPEC)) if cell)
    if spec and not says_nothing(spec):
        item["brand_spec"] = one_line(spec, 1000)
    for field, (names, limit) in _ITEM_COLUMNS.items():
        cell = row.cell(names)
        if cell and not says_nothing(cell):
            item[field] = one_line(cell, limit)
    return item


def _reviewers(draft: Draft) -> list[str]:
    found: dict[str, None] = {}
    for line in draft.notice.section(*_REVIEWERS)[:40]:
        plain = sub(r"[(（][^()（）]*[)）]|^[^:]{0,20}:", "", half_width(line.text))
        names = [name for name in split(r"[、,;。\s]+", plain) if not says_nothing(name)]
        if not all(fullmatch(r"[\u4e00-\u9fff*]{2,4}|[\u4e00-\u9fff]+(?:·[\u4e00-\u9fff]+)+", name) for name in names):
            break
        found |= dict.fromkeys(name for name in names if name not in _NO_REVIEWER)
    if not found:
        draft.note(f"评审专家名单：{NOT_SAID}")
    return list(found)[:99] or [NOT_SAID]


def _fee(draft: Draft, winner: Winner) -> dict[str, str]:
    """What the agency charges; its amount only where the price has a unit to share with it."""
    lines = draft.notice.section("代理服务收费", "代理服务费", "招标代理费")
    text = joined(lines)
    if says_nothing(text):
        return {}
    fields = {"agency_fee_standard": one_line(text, 1000)}
    said = Labelled(lines).find(("代理服务收费金额", "收费金额"), limit=60)
    fee = (amount_in(said.value, said.unit) if said else None) or amount_in(text.rpartition("金额")[2])
    price = winner.price.amount
    value = (
        fee.in_unit(price.unit)
        if fee and price and winner.price.form == SUM and fee.currency == price.currency
        else None
    )
    return fields | ({"agency_fee_amount": value} if value else {})


def _period(draft: Draft) -> int:
    notice = draft.notice
    days = working_days(joined(notice.section("公告期限"), "")) or working_days(notice.labelled.value(NOTICE_PERIOD))
    if days is None:
        draft.note("公告期限：公告未载明，按 1 个工作日填写")
    return days or 1
