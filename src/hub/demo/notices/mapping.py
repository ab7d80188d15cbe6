"""From a public notice to a valid submission, or to the reason why there is none."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import sha256
from typing import Any

import orjson
from pydantic import ValidationError

from hub.demo.notices import (
    awards,
    candidates,
    clarifications,
    contracts,
    corrections,
    land,
    openings,
    others,
    prequalification,
    purchases,
    tenders,
    win_results,
)
from hub.demo.notices.draft import Draft
from hub.demo.notices.envelope import submission
from hub.demo.notices.notice import Notice, read
from hub.demo.notices.results import Mapped, NotMapped, Unmapped
from hub.moments import micros, now
from hub.schemas.explain import faults
from hub.schemas.kind import kinds
from hub.schemas.submission import submission_of
from hub.settings import Settings

Body = Callable[[Draft], dict[str, Any]]

BODIES: Mapping[str, Body] = {
    "tender_notice": tenders.body,
    "prequalification_notice": tenders.prequalification,
    "bid_opening_record": openings.body,
    "winning_candidate_publicity": candidates.body,
    "win_result_notice": win_results.body,
    "prequalification_result": prequalification.body,
    "procurement_notice": purchases.body,
    "procurement_result": awards.body,
    "procurement_contract": contracts.body,
    "procurement_correction": corrections.body,
    "land_transfer_announcement": land.body,
    "tender_document": clarifications.tender,
    "prequalification_document": clarifications.prequalification,
    "other_trade_notice": others.announcement,
    "other_trade_result": others.result,
}
"""How the body of each kind is made of a notice."""

_CONSTRUCTION, _PROCUREMENT, _LAND, _OTHER = "工程建设", "政府采购", "土地", "其他"
_RESULT, _CLARIFICATION = "交易结果公示", "招标/资审文件澄清"
_ROUTES: tuple[tuple[str, str, str], ...] = (
    (_CONSTRUCTION, "招标/资审公告", ""),
    (_CONSTRUCTION, "招标公告", ""),
    (_CONSTRUCTION, "资审公告", "prequalification_notice"),
    (_CONSTRUCTION, "开标记录", "bid_opening_record"),
    (_CONSTRUCTION, "资格预审结果", "prequalification_result"),
    (_CONSTRUCTION, "中标候选人公示", "winning_candidate_publicity"),
    (_CONSTRUCTION, "中标结果", "win_result_notice"),
    (_CONSTRUCTION, _RESULT, ""),
    (_CONSTRUCTION, _CLARIFICATION, ""),
    (_PROCUREMENT, "采购/资审公告", "procurement_notice"),
    (_PROCUREMENT, "采购公告", "procurement_notice"),
    (_PROCUREMENT, "中标公告", "procurement_result"),
    (_PROCUREMENT, "采购合同", "procurement_contract"),
    (_PROCUREMENT, "更正事项", "procurement_correction"),
    (_LAND, "出让公示", "land_transfer_announcement"),
    (_LAND, "出让公告", "land_transfer_announcement"),
    (_OTHER, "交易公告", "other_trade_notice"),
    (_OTHER, "成交公示", "other_trade_result"),
)
"""Business type, information type and kind; an empty kind where title and text decide."""


def submissions(items: Iterable[object]) -> Iterator[Mapped | Unmapped]:
    """What becomes of each item, in the order of the items.

    Nothing in an item makes this fail. A notice that bears the identifier of an earlier one of the same platform and
    kind is mapped again only if it says the same.
    """
    seen: dict[tuple[str, str, str], bytes] = {}
    for item in items:
        notice = read(item if isinstance(item, Mapping) else {})
        try:
            mapped = mapped_from(notice)
            key = (mapped.platform.code, mapped.kind, mapped.submission["data_key"])
            digest = sha256(orjson.dumps(mapped.submission)).digest()
            if seen.setdefault(key, digest) != digest:
                raise NotMapped(
                    "同一记录号在文件中已有内容不同的公告",
                    "An earlier notice of the file has this identifier and says something else.",
                )
        except NotMapped as why:
            yield Unmapped(
                notice.title,
                notice.record_id,
                notice.business_type,
                notice.info_type,
                reason_zh=why.zh,
                reason_en=why.en,
            )
        else:
            yield mapped


def mapped_from(notice: Notice) -> Mapped:
    """The notice as a valid submission; raises `NotMapped` where it cannot become one."""
    kind = kind_of(notice)
    if not notice.content.strip():
        raise NotMapped("公告正文为空", "The text of the notice is empty.")
    if notice.published is None:
        raise NotMapped("公告没有可读的发布时间", "The notice has no readable time of publication.")
    published = notice.published.at()
    if micros(published) > now():
        raise NotMapped("发布时间晚于当前时间", "The time of publication lies in the future.")
    if notice.region is None:
        raise NotMapped("无法确定行政区划", "The region cannot be told.")
    draft = Draft(notice, published, notice.region)
    body = BODIES[kind](draft)
    document = submission(draft, kinds()[kind], body)
    _check(kind, document)
    return Mapped(kind, document, notice.platform, draft.notes)


def kind_of(notice: Notice) -> str:
    """The name of the kind that business type and information type mean; raises `NotMapped` where there is none yet."""
    business, info = notice.business_type, notice.info_type
    for of, stage, kind in _ROUTES:
        if business.startswith(of) and info == stage:
            return kind or _TOLD_APART.get(stage, _announcement_kind)(notice)
    if not business or not info:
        raise NotMapped("公告没有业务类型或信息类型", "The notice has no business type or no information type.")
    raise NotMapped(f"尚无对应的记录类别：{business}·{info}", f"There is no kind yet for {business}·{info}.")


def _announcement_kind(notice: Notice) -> str:
    """A call for bids or for prequalification: the title decides."""
    return "prequalification_notice" if "预审" in notice.title else "tender_notice"


def _result_kind(notice: Notice) -> str:
    """Candidates or the result: the title decides, the text where the title names neither."""
    title = notice.title
    if "候选" in title:
        return "winning_candidate_publicity"
    names_result = any(word in title for word in ("结果", "中标公告", "中标公示", "中标人", "成交"))
    return "win_result_notice" if names_result or "候选人" not in notice.content else "winning_candidate_publicity"


def _clarified_kind(notice: Notice) -> str:
    """Which documents are clarified: the title decides."""
    return "prequalification_document" if "预审" in notice.title else "tender_document"


_TOLD_APART: Mapping[str, Callable[[Notice], str]] = {_RESULT: _result_kind, _CLARIFICATION: _clarified_kind}
"""How the kind is told where title and text decide, by information type; else as that of a call."""


def _check(kind: str, document: dict[str, Any]) -> None:
    """Refuse a submission that the hub would refuse, with the rules that the notice breaks."""
    model = submission_of(kinds()[kind])
    raw = orjson.dumps(document)
    if len(raw) > Settings.model_fields["max_submission_bytes"].default:
        raise NotMapped("公告过大，超过一次报送的上限", "The notice is larger than a submission may be.")
    try:
        model.model_validate_json(raw)
    except ValidationError as error:
        found = faults(model, document, error)
        zh = "；".join(f"{fault.pointer} {fault.zh}" for fault in found)
        en = "; ".join(f"{fault.pointer} {fault.en}" for fault in found)
        raise NotMapped(f"公告所载内容不符合规则：{zh}", f"What the notice says breaks rules: {en}") from None
