"""Text against fields: a warning where a notice's text clearly says something else behind a known label than its fields."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from re import compile as pattern
from typing import Any

from hub.law.text.stated import (
    TEXT_AMOUNT,
    TEXT_CODE,
    TEXT_TIME,
    TEXT_WINNER,
    Stated,
    amount_unit,
    yuan_of,
)
from hub.problems import Fault
from hub.schemas.kind import Kind
from hub.schemas.types import beijing_time

BUDGET = ("预算金额", "采购预算", "项目预算", "采购预算金额", "预算总金额", "项目预算金额")
CEILING = ("最高限价", "最高投标限价", "招标控制价", "控制价")
AWARDED = (
    "中标(成交)金额", "中标金额", "成交金额", "总中标金额", "总成交金额", "中标价", "成交价", "中标价格", "成交价格",
    "中标(成交)价格", "中标(成交)总价"
)  # fmt: skip
CONTRACTED = ("合同金额", "合同总金额", "合同总价")
OPENING = ("开标时间", "开启时间", "开标(开启)时间", "响应文件开启时间", "磋商开始时间", "谈判开始时间")
DEADLINE = (
    "投标截止时间", "提交投标文件截止时间", "投标文件递交截止时间", "递交投标文件截止时间", "投标文件递交的截止时间",
    "投标文件截止时间", "响应文件提交截止时间", "提交响应文件截止时间"
)  # fmt: skip
OPENING_SECTIONS = ("提交投标文件截止时间、开标时间和地点", "开启")
DEADLINE_SECTIONS = ("提交投标文件截止时间、开标时间和地点", "响应文件提交")
"""Headings of 财办库〔2020〕50号, with the time under them."""
TENDER_CODE = ("招标编号", "招标项目编号")
PROJECT_CODE = ("项目编号", "采购项目编号")
WINNER = (
    "中标(成交)供应商名称", "中标供应商名称", "成交供应商名称", "中标(成交)供应商", "中标供应商", "成交供应商", "中标人名称",
    "中标人", "中标单位名称", "中标单位", "成交人", "成交单位", "中选人"
)  # fmt: skip
FIRST = ("第一中标候选人", "中标候选人第一名")
LAND_WINNER = ("受让人", "竞得人", "受让单位", "竞得单位")

_NOTICE = (
    Stated(TEXT_CODE, TENDER_CODE, ("tender_self_code", "tender_project_code", "bid_section_codes")),
    Stated(TEXT_CODE, PROJECT_CODE, ("tender_self_code", "tender_project_code", "bid_section_codes"), alike=True),
    Stated(TEXT_TIME, OPENING, ("bid_open_time",)),
    Stated(TEXT_TIME, DEADLINE, ("bid_doc_refer_end_time",)),
    Stated(TEXT_AMOUNT, CEILING, ("estimate_price",)),
)
_TENDER_CODES = Stated(
    TEXT_CODE, (*TENDER_CODE, *PROJECT_CODE), ("tender_project_code", "bid_section_code"), alike=True
)
_PURCHASE_CODES = Stated(TEXT_CODE, PROJECT_CODE, ("project_no", "purchase_project_code"))

TEXTS: Mapping[str, tuple[str, tuple[Stated, ...]]] = {
    "tender_notice": ("notice_content", _NOTICE),
    "prequalification_notice": ("notice_content", _NOTICE),
    "winning_candidate_publicity": (
        "publicity_content",
        (Stated(TEXT_WINNER, FIRST, ("candidates/win_candidate_name",)),),
    ),
    "win_result_notice": (
        "notice_content",
        (
            _TENDER_CODES,
            Stated(TEXT_WINNER, WINNER, ("win_bidder_name", "union_name")),
            Stated(TEXT_AMOUNT, AWARDED, ("bid_amount",)),
        ),
    ),
    "tender_contract": (
        "contract_content",
        (
            _TENDER_CODES,
            Stated(TEXT_WINNER, WINNER, ("bidder_name",)),
            Stated(TEXT_AMOUNT, CONTRACTED, ("contract_price",)),
        ),
    ),
    "procurement_notice": (
        "bulletin_content",
        (
            _PURCHASE_CODES,
            Stated(TEXT_AMOUNT, BUDGET, ("budget_amount",)),
            Stated(TEXT_AMOUNT, CEILING, ("ceiling_price",)),
            Stated(TEXT_TIME, OPENING, ("open_time",), sections=OPENING_SECTIONS),
            Stated(TEXT_TIME, DEADLINE, ("submit_end",), sections=DEADLINE_SECTIONS),
        ),
    ),
    "procurement_correction": (
        "termination_bulletin_content",
        (Stated(TEXT_CODE, PROJECT_CODE, ("purchase_project_code", "purchase_section_code"), alike=True),),
    ),
    "procurement_result": (
        "win_bid_bulletin_content",
        (
            _PURCHASE_CODES,
            Stated(TEXT_WINNER, (*WINNER, "供应商名称"), ("winningbidder_name",)),
            Stated(TEXT_AMOUNT, AWARDED, ("win_bid_price",)),
        ),
    ),
    "land_deal_publicity": (
        "announcement_content",
        (
            Stated(TEXT_WINNER, LAND_WINNER, ("lending_name",)),
            Stated(TEXT_AMOUNT, AWARDED, ("deal_price",)),
        ),
    ),
}
"""The text of a kind, and what it states of the kind's fields."""

_AFTER_LABEL = "：:\n<&"
"""A label ends with a colon or its line, either of which may be markup."""
_INSIDE = frozenset("0123456789０１２３４５６７８９.,，")
_EIGHT_HOURS = timedelta(hours=8)
_TIME_OF_DAY = pattern(r"[ T]{0,2}(?:上午)? ?(\d{1,2}) ?[:：时点](?! ?半) ?(?:(\d{2}) ?(?:[:：分]|(?=\D)|$))?")


def text_warnings(body: Kind) -> list[Fault]:
    """A warning for each field that the text of the same payload contradicts; none where the text says it anywhere.

    Amounts, times, codes and winners are compared as the table `TEXTS` pairs them. A field whose value stands literally
    in the text, in a usual spelling, is taken as said, so that a text in order costs next to nothing.
    """
    paired = TEXTS.get(body.name())
    if paired is None:
        return []
    field, stated = paired
    text: str = getattr(body, field)
    if not any(mark in text for mark in _AFTER_LABEL):
        return []
    said: set[object] = set()

    def says(one: Stated, value: object) -> bool:
        # Budget and ceiling, deadline and opening are often the same.
        if value not in said and _SAYS[one.rule.id](text, value):
            said.add(value)
        return value in said

    doubted = [
        (one, values)
        for one in stated
        if (values := list(_values(body, one)))
        and not any(says(one, value) for _, value in values)
        and any(hint in text for hint in one.hints)
    ]
    if not doubted:
        return []
    # Imported here: what reads a text is large, and most texts need not be read.
    from hub.law.text.contradicting import Reading

    reading = Reading(text)
    return [fault for one, values in doubted for fault in reading.against(body, one, values)]


def _values(body: Kind, stated: Stated) -> Iterator[tuple[str, Any]]:
    """The fields that have a value, each with it; amounts in yuan."""
    for field in stated.fields:
        name, _, member = field.partition("/")
        value = getattr(body, name)
        if member:
            # Of candidates, the first of a section is the one who is to win.
            first = [(at, item) for at, item in enumerate(value) if item.win_candidate_order == 1]
            yield from ((f"{name}/{at}/{member}", getattr(item, member)) for at, item in first)
        elif isinstance(value, list):
            yield from ((f"{name}/{at}", item) for at, item in enumerate(value))
        elif value is not None:
            yield name, yuan_of(value, amount_unit(body, name)[1]) if stated.rule is TEXT_AMOUNT else value


def _says_amount(text: str, yuan: Decimal) -> bool:
    whole = int(yuan)
    # A short number without its unit may be anything.
    if whole >= 10_000 and (_stands(text, str(whole)) or _stands(text, f"{whole:,}")):
        return True
    return _stands(text, f"{_plain(yuan / 10_000)}万") or _stands(text, f"{yuan / 10_000:.6f}")


def _says_time(text: str, value: datetime) -> bool:
    local = value if value.utcoffset() == _EIGHT_HOURS else beijing_time(value)
    year, month, day = local.year, local.month, local.day
    for spelled in (f"{year}年{month:02}月{day:02}日", f"{year}-{month:02}-{day:02}", f"{year}年{month}月{day}日"):
        at = text.find(spelled)
        while at >= 0:
            at += len(spelled)
            if _clock(text[at : at + 20]) == (local.hour, local.minute):
                return True
            at = text.find(spelled, at)
    return False


def _clock(behind: str) -> tuple[int, int] | None:
    """The time of day that stands behind a date; None where it is not written as 09:30 or 9时30分."""
    found = _TIME_OF_DAY.match(behind)
    return (int(found[1]), int(found[2] or 0)) if found else None


def _says_word(text: str, value: str) -> bool:
    return value in text


_SAYS: Mapping[str, Callable[[str, Any], bool]] = {
    TEXT_AMOUNT.id: _says_amount,
    TEXT_TIME.id: _says_time,
    TEXT_CODE.id: _says_word,
    TEXT_WINNER.id: _says_word,
}


def _stands(text: str, number: str) -> bool:
    """Whether the number stands in the text on its own, not inside a longer one and not before 万 or 亿."""
    at = text.find(number)
    while at >= 0:
        end = at + len(number)
        if (at == 0 or text[at - 1] not in _INSIDE) and (end == len(text) or text[end] not in "0123456789万亿"):
            return True
        at = text.find(number, end)
    return False


def _plain(value: Decimal) -> str:
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
