"""交易结果公示 that rank candidates become publicities of winning candidates."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import takewhile
from re import fullmatch
from typing import Any

from hub.demo.notices.draft import NOT_SAID, Draft
from hub.demo.notices.results import NotMapped
from hub.demo.notices.tables import Row
from hub.demo.notices.wording import CONSTRUCTION, NO, YES, nature
from hub.law.text.amounts import OTHER, PriceGiven, price
from hub.law.text.labels import Labelled
from hub.law.text.lines import joined
from hub.law.text.parties import is_organisation, valid_codes
from hub.law.text.plain import half_width, says_nothing
from hub.law.text.times import Moment, moment, moments, rfc3339
from hub.law.text.vocabulary import (
    NUMBERING,
    OBJECTION,
    ORGANISATION,
    PUBLICITY,
    PUBLICITY_END,
    PUBLICITY_START,
    QUALITY,
    SCORE,
    TIME_LIMIT,
    WINNER_PRICE,
)

BIDDER_ROLE, LEGAL_PERSON = "03", "1"
MOST_CANDIDATES = 3
"""招标投标法实施条例 第五十三条."""
_PRICES = ("投标报价", "投标总价", "报价", "投标价", "投标价格", *WINNER_PRICE)
_RANKED = ("第一中标候选人", "第二中标候选人", "第三中标候选人")
_MANAGER = ("项目负责人", "项目经理", "拟任项目经理", "总监理工程师")
_NO_PRICE = PriceGiven(OTHER, None, "")


def body(draft: Draft) -> dict[str, Any]:
    """The body of a `winning_candidate_publicity`; refuses a notice in which no candidate can be read."""
    project = draft.tender_project()
    candidates = list(_candidates(draft, project)) or list(_labelled(draft, project))
    if not candidates:
        raise NotMapped("公示中没有读出中标候选人", "No candidate could be read in the notice.")
    sections = sorted({candidate["bid_section_code"] for candidate in candidates})
    start, end = _period(draft)
    said = draft.notice.labelled
    unsealed = takewhile(lambda line: "盖章" not in line.key, draft.notice.section(*OBJECTION))
    objection = joined(list(unsealed)) or said.value(OBJECTION, limit=1_000)
    draft.note("中标候选人类别、角色：公告未载明，按法人、投标人填写")
    draft.note(f"公示发布责任人、交易平台数据验证责任人：{NOT_SAID}")
    return {
        "tender_project_code": project,
        "bid_section_codes": sections,
        "unified_deal_code": [draft.deal_code(CONSTRUCTION, number) for number in range(len(sections))],
        "publicity_name": draft.title,
        "publicity_content": draft.content,
        "publicity_refer_time": draft.published_at,
        "notice_media": draft.medium(),
        "url": draft.url(),
        "publicity_type": nature(draft.title),
        "publicity_start_time": start,
        "publicity_end_time": end,
        "objection_method": draft.text("提出异议的渠道和方式", objection),
        "bulletin_duty": NOT_SAID,
        "examiner_name": NOT_SAID,
        "candidates": candidates,
    }


def _period(draft: Draft) -> tuple[str, str]:
    """When the publicity begins and ends; a bare last day counts to its end."""
    said = draft.notice.labelled
    start, end = (_moment(said.value(names, limit=60)) for names in (PUBLICITY_START, PUBLICITY_END))
    if start is None or end is None:
        both = list(moments(said.value(PUBLICITY, limit=120) or _bracketed(draft)))
        start, end = start or next(iter(both), None), end or (both[1] if len(both) > 1 else None)
    begins = draft.time("公示开始时间", start.at() if start else None)
    if end is None:
        draft.note(f"公示结束时间：{NOT_SAID}，按法定最短 3 日填写")
    ends = end.day_end() if end else begins + timedelta(days=3)
    return rfc3339(begins), rfc3339(ends)


def _bracketed(draft: Draft) -> str:
    """What follows the words 公示期 anywhere in the text."""
    text = joined(draft.notice.lines, "")
    return next((text[at : at + 80] for word in PUBLICITY if (at := text.find(word)) >= 0), "")


def _moment(text: str) -> Moment | None:
    return moment(text) if text else None


def _candidates(draft: Draft, project: str) -> Iterator[dict[str, Any]]:
    """The candidates of the first table that ranks any; where the ranks begin anew, the next section begins."""
    for table in draft.notice.tables:
        if table.headers[0] not in NUMBERING or not table.has(ORGANISATION, _PRICES):
            continue
        section, found = 0, 0
        for row in table.rows:
            name = row.cell(ORGANISATION)
            if not is_organisation(name):
                continue
            section += row.number == 1 or not section
            if row.number > MOST_CANDIDATES:
                draft.note("中标候选人：公示所列超过 3 名，报送前 3 名")
                continue
            found += 1
            yield _candidate(draft, row, name, draft.section_code(project, section))
        if found:
            return


def _candidate(draft: Draft, row: Row, name: str, section: str) -> dict[str, Any]:
    said = row.cell(_PRICES)
    manager, certificate, number = _manager(draft, row, name)
    given = price(said, row.unit(_PRICES)) if said else _NO_PRICE
    return _fields(
        draft,
        section=section,
        name=name,
        order=row.number,
        given=given,
        codes=valid_codes("\n".join(row.texts)),
        score=row.cell(SCORE),
        quality=row.cell(QUALITY),
        time_limit=row.cell(TIME_LIMIT),
        manager=manager,
        certificate=certificate,
        certificate_number=number,
        qualification=_qualification(draft, name),
    )


def _labelled(draft: Draft, project: str) -> Iterator[dict[str, Any]]:
    """Candidates that are named by label, as in 第一中标候选人：…."""
    lines = draft.notice.lines
    section = draft.section_code(project) if lines else ""
    for order, label in enumerate(_RANKED, 1):
        found = next(
            (one for one in draft.notice.labelled.all((label,), limit=120) if is_organisation(one.value)), None
        )
        if found is None:
            return
        following = lines[found.at + 1 :]
        end = next((at for at, line in enumerate(following) if line.key.startswith(_RANKED)), len(following))
        said = Labelled(following[:end])
        amount = said.find(_PRICES, limit=60)
        yield _fields(
            draft,
            section=section,
            name=found.value,
            order=order,
            given=price(amount.value, amount.unit) if amount else _NO_PRICE,
            codes=[],
            score=said.value(SCORE, limit=60),
            quality=said.value(QUALITY),
            time_limit=said.value(TIME_LIMIT, limit=100),
            manager=said.value(_MANAGER, limit=20),
            certificate="",
            certificate_number="",
            qualification="",
        )


def _fields(
    draft: Draft,
    *,
    section: str,
    name: str,
    order: int,
    given: PriceGiven,
    codes: list[str],
    score: str,
    quality: str,
    time_limit: str,
    manager: str,
    certificate: str,
    certificate_number: str,
    qualification: str,
) -> dict[str, Any]:
    names = draft.party_names(name)
    floats = "下浮" in given.words
    return {
        "bid_section_code": section,
        "win_candidate_name": draft.line("中标候选人名称", name, 200),
        "bidder_code_type": LEGAL_PERSON,
        "win_candidate_code": codes if len(codes) == len(names) else draft.codes("中标候选人", names),
        "bidder_role": BIDDER_ROLE,
        "win_candidate_order": order,
        "is_float_rate": YES if floats else NO,
        "evaluation_result": draft.text("评分结果", score),
        **draft.price(
            "投标价格",
            given,
            form="price_form_code",
            amount="bid_price",
            currency="price_currency",
            unit="price_unit",
            words="other_bid_price",
        ),
        "quality": draft.text("质量", quality),
        "evaluation_status": draft.text("评标情况", _said_of(draft, "评标情况")),
        "win_candidate_qualification": draft.text("资格能力条件", qualification),
        "time_limit": draft.line("工期(交货期)", time_limit, 100),
        "project_manager_name": draft.line("项目负责人姓名", manager, 100),
        "project_manager_certs": [
            {
                "cert_name": draft.line("项目负责人证书名称", certificate, 200),
                "cert_no": draft.line("项目负责人证书编号", certificate_number, 200),
            }
        ],
        "personal_achievements": [],
    }


def _said_of(draft: Draft, what: str) -> str:
    return next(
        (
            joined(draft.notice.lines[at + 1 : at + 2])
            for at, line in enumerate(draft.notice.lines)
            if line.key == f"中标候选人{what}"
        ),
        "",
    )


def _manager(draft: Draft, row: Row, name: str) -> tuple[str, str, str]:
    """The project manager's name, certificate and its number: from the row, or from another table's row of the candidate."""
    if found := _manager_in(row, name):
        return found
    for table in draft.notice.tables:
        if any(header.startswith(_MANAGER) for header in table.headers):
            for other in table.rows:
                if other.cell(ORGANISATION) == name and (found := _manager_in(other, name)):
                    return found
    return "", "", ""


def _manager_in(row: Row, name: str) -> tuple[str, str, str] | None:
    if not any(header.startswith(_MANAGER) or header == "拟任" for header in row.headers):
        return None
    texts = row.texts[row.texts.index(name) + 1 :] if name in row.texts else row.texts
    at = next((at for at, text in enumerate(texts) if _is_person(text)), None)
    if at is None:
        return None
    rest = [text for text in texts[at + 1 : at + 4] if not says_nothing(text)]
    if not rest:
        return texts[at], "", ""
    if len(rest) == 1:
        return texts[at], *_parted(rest[0])
    return texts[at], rest[0], "".join(rest[1:])


def _parted(text: str) -> tuple[str, str]:
    """A certificate's name and number that stand in one cell."""
    for mark in ("、", "；", ";", "：", ":", "，", ",", " "):
        name, _, number = text.partition(mark)
        if number and any(character.isdigit() for character in number):
            return name.strip(), number.strip()
    return text, ""


def _is_person(text: str) -> bool:
    plain = half_width(text)
    return bool(fullmatch(r"[\u4e00-\u9fff·]{2,4}", plain)) and plain not in (
        "合格",
        "优良",
        "优秀",
        "响应",
        "满足",
        "通过",
    )


def _qualification(draft: Draft, name: str) -> str:
    """What another table or a label says of the candidate's qualification."""
    for table in draft.notice.tables:
        if table.has(("响应情况",)):
            said = next((row.cell(("响应情况",)) for row in table.rows if row.cell(ORGANISATION) == name), "")
            if said:
                return said
    lines = draft.notice.lines
    for at, line in enumerate(lines[:-1]):
        if line.key.startswith(_RANKED) and line.text.rstrip().endswith(name) and lines[at + 1].key.startswith("资质"):
            return lines[at + 1].text
    return ""
