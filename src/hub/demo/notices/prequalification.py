"""资格预审结果 become prequalification results."""

from typing import Any

from hub.demo.notices.draft import Draft
from hub.demo.notices.results import NotMapped
from hub.demo.notices.wording import CONSTRUCTION
from hub.law.text.lines import joined
from hub.law.text.parties import is_organisation, valid_codes
from hub.law.text.vocabulary import ORGANISATION

_PASSED = ("通过资格预审的申请人", "资格预审合格", "通过资格审查", "合格申请人", "资格预审结果", "通过名单")
_FAILED = ("未通过", "不合格", "不通过", "未入围", "联系方式", "招标人", "代理机构", "监督")


def body(draft: Draft) -> dict[str, Any]:
    """The body of a `prequalification_result`; refuses a notice in which no applicant can be read."""
    names = _applicants(draft)
    if not names:
        raise NotMapped("公示中没有读出通过资格预审的申请人", "No applicant that passed could be read in the notice.")
    project = draft.tender_project()
    codes = valid_codes(draft.content)
    own = codes if len(codes) == len(names) else [""] * len(names)
    return {
        "tender_project_code": project,
        "bid_section_code": draft.section_code(project),
        "unified_deal_code": draft.deal_code(CONSTRUCTION),
        "notice_name": draft.title,
        "passed_applicant_list": "；".join(names),
        "result_create_time": draft.published_at,
        "url": draft.url(),
        "passed_applicants": [
            {"name": draft.line("申请人名称", name, 200), "code": code or draft.code("申请人", name)}
            for name, code in zip(names, own, strict=True)
        ],
    }


def _applicants(draft: Draft) -> list[str]:
    """The organisations of the table or the section that lists who passed, until the text turns to others."""
    for table in draft.notice.tables:
        if table.has(ORGANISATION) and not any(word in header for word in _FAILED for header in table.headers):
            found = [row.cell(ORGANISATION) for row in table.rows if _passed("".join(row.texts))]
            names = list(dict.fromkeys(name for name in found if is_organisation(name)))
            if names:
                return names[:999]
    lines = draft.notice.section(*_PASSED)
    end = next((at for at, line in enumerate(lines) if any(word in line.key for word in _FAILED)), len(lines))
    parts = joined(lines[:end]).replace("、", "\n").replace("；", "\n").replace(";", "\n").splitlines()
    cleaned = (part.strip().lstrip("0123456789.、．()（） ").rstrip("。，,") for part in parts)
    return list(dict.fromkeys(part for part in cleaned if is_organisation(part)))[:999]


def _passed(row: str) -> bool:
    return not any(word in row for word in _FAILED[:4])
