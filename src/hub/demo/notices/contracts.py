"""采购合同 become procurement contracts."""

from re import search
from typing import Any

from hub.demo.notices.contacts import contacts
from hub.demo.notices.draft import NOT_SAID, Draft
from hub.demo.notices.results import NotMapped
from hub.demo.notices.wording import YES, purchase_mode, trade_class
from hub.law.text.amounts import OTHER, PriceGiven, price
from hub.law.text.labels import Labelled
from hub.law.text.plain import half_width, says_nothing
from hub.law.text.times import moment, rfc3339
from hub.law.text.vocabulary import (
    CONTRACT_NAME,
    CONTRACT_NO,
    CONTRACT_PERIOD,
    ITEM_NAME,
    MODE,
    PROJECT_NAME,
    QUANTITY,
    SIGNED,
    SPEC,
    UNIT_PRICE,
    WINNER,
    WINNER_ADDRESS,
)

_BUYERS = ("采购人名称", "采购人(甲方)", "甲方", "采购人", "采购单位名称", "采购单位")
_AMOUNT = ("合同金额", "合同总金额", "合同总价", "合同价款", "合同价")
_BUYER_ROLE = "01"


def body(draft: Draft) -> dict[str, Any]:
    """The body of a `procurement_contract`; refuses a notice that names no supplier."""
    said = draft.notice.labelled
    named = said.find(("供应商(乙方)", "乙方", *WINNER), limit=200)
    if named is None:
        raise NotMapped("公告未载明供应商", "The notice names no supplier.")
    supplier = named.value
    # The supplier's address follows its name, the buyer's bears the same label.
    beside = Labelled(draft.notice.lines[named.at + 1 : named.at + 4] if named.at >= 0 else ())
    buyer = said.value(_BUYERS, limit=200) or contacts(draft.notice).buyer.name
    number = draft.project_number()
    amount = said.find(_AMOUNT, limit=200)
    signed = moment(said.value(SIGNED, limit=60))
    day = draft.day("合同签订日期", signed)
    mode = purchase_mode(said.value(MODE, limit=60), draft.title)
    if not mode:
        draft.note("采购方式：公告未载明，按“其他”填写")
    draft.note("采购项目子包编号：公告未载明，按项目编号生成")
    draft.note("涉密、商密内容已处理：已公开的合同公告，按“是”填写")
    names, buyers = draft.party_names(supplier), draft.party_names(buyer or NOT_SAID)
    subject = said.value(ITEM_NAME) or said.value(PROJECT_NAME) or draft.title
    fields: dict[str, Any] = {
        "purchase_project_code": number,
        "purchase_project_name": draft.line("采购项目名称", said.value(PROJECT_NAME) or draft.title, 600),
        "purchase_section_code": f"{number[:46]}-1",
        "unified_deal_code": draft.deal_code(trade_class(draft.title, draft.content)),
        "contract_name": draft.line("合同名称", said.value(CONTRACT_NAME) or draft.title, 600),
        "purchaser_name": draft.line("采购人名称", buyer, 2000),
        "purchaser_code": draft.codes("采购人", buyers),
        "legal_role": _BUYER_ROLE,
        "supplier_name": draft.line("中标（成交）供应商名称", supplier, 2000),
        "supplier_code": draft.codes("中标（成交）供应商", names),
        **draft.price(
            "合同金额",
            price(amount.value, amount.unit) if amount else PriceGiven(OTHER, None, ""),
            form="price_form_code",
            amount="contract_amount",
            currency="currency_code",
            unit="price_unit",
            words="win_bid_rate",
        ),
        "url": draft.url(),
        "contract_no": draft.line("合同编号", said.value(CONTRACT_NO, limit=100) or number, 100),
        "project_no": number,
        "party_a": _party(draft, "采购人（甲方）", buyer, ("采购人地址", "甲方地址")),
        "party_b": {"name": draft.line("供应商（乙方）", supplier, 2000)}
        | _address(said.value(WINNER_ADDRESS) or beside.value(("地址",))),
        "subject_name": draft.text("主要标的名称", subject),
        "spec": draft.text("规格型号（或服务要求）", said.value(SPEC)),
        "quantity": draft.line("主要标的数量", said.value(QUANTITY, limit=100), 200),
        "unit_price": draft.line("主要标的单价", said.value(UNIT_PRICE, limit=100), 500),
        "performance_term_place": draft.text(
            "履约期限、地点等", said.value((*CONTRACT_PERIOD, "履约期限、地点等简要信息"))
        ),
        "purchase_mode": mode or "9",
        "sign_date": day.isoformat(),
        "announce_date": draft.published_on.isoformat(),
        "secret_parts_removed": YES,
    }
    if not said.value(CONTRACT_NO, limit=100):
        draft.note("合同编号：公告未载明，以项目编号代替")
    if signed is not None:
        fields["signing_time"] = rfc3339(signed.at())
    term = search(r"(\d{1,4})\s*(?:个)?(?:日历天|日历日|天|日)", half_width(said.value(CONTRACT_PERIOD)))
    return fields | ({"contract_term": int(term[1])} if term else {})


def _party(draft: Draft, what: str, name: str, addresses: tuple[str, ...]) -> dict[str, str]:
    buyer = contacts(draft.notice).buyer
    address = draft.notice.labelled.value(addresses) or buyer.address
    return {
        "name": draft.line(what, name, 200),
        "address": draft.line(f"{what}地址", address, 300),
        "contact": draft.line(f"{what}联系方式", buyer.phone, 100),
    }


def _address(said: str) -> dict[str, str]:
    return {} if says_nothing(said) or len(said) > 300 else {"address": " ".join(said.split())}
