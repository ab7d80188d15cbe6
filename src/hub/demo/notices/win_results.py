"""交易结果公示 that name the winner become notices of the win result."""

from typing import Any

from hub.demo.notices.awards import no_winner
from hub.demo.notices.candidates import BIDDER_ROLE, LEGAL_PERSON
from hub.demo.notices.contacts import contacts
from hub.demo.notices.draft import NOT_SAID, Draft
from hub.demo.notices.winners import together, winners
from hub.demo.notices.wording import CONSTRUCTION, nature
from hub.law.text.times import moment
from hub.law.text.vocabulary import AWARD_LETTER

_OTHER_BULLETIN = "9"


def body(draft: Draft) -> dict[str, Any]:
    """The body of a `win_result_notice`; refuses a notice that names no winner."""
    found = winners(draft.notice)
    if not found:
        raise no_winner(draft.title)
    if len(found) > 1:
        draft.note("多个中标人合为一条记录，各自价格按原文填写")
    winner = together(found)
    names = draft.party_names(winner.name)
    known = {one.name: one.code for one in found if one.code}
    codes = [known.get(name) or draft.code("中标投标人", name) for name in names]
    bodies = contacts(draft.notice)
    agency = bodies.agency.name
    project = draft.tender_project()
    draft.note("中标投标人类别、角色：公告未载明，按法人、投标人填写")
    draft.note(f"公示发布责任人、交易平台数据验证责任人：{NOT_SAID}")
    fields: dict[str, Any] = {
        "tender_project_code": project,
        "bid_section_code": draft.section_code(project),
        "unified_deal_code": draft.deal_code(CONSTRUCTION),
        "region_code": draft.region,
        "tra_place_code": draft.region,
        "tender_agency_code": draft.code("招标代理机构", agency or bodies.buyer.name or NOT_SAID),
        "notice_name": draft.title,
        "notice_content": draft.content,
        "notice_send_time": draft.published_at,
        "notice_media": draft.medium(),
        "url": draft.url(),
        "notice_nature": nature(draft.title),
        "bulletin_type": _OTHER_BULLETIN,
        "win_bidder_name": draft.line("中标投标人名称", winner.name, 200),
        "bidder_code_type": LEGAL_PERSON,
        "win_bidder_code": codes,
        "bidder_role": BIDDER_ROLE,
        **draft.price(
            "中标金额",
            winner.price,
            form="price_form_code",
            amount="bid_amount",
            currency="bid_currency",
            unit="price_unit",
            words="other_bid_price",
        ),
        "bulletin_duty": NOT_SAID,
        "examiner_name": NOT_SAID,
    }
    if agency:
        fields["tender_agency_name"] = draft.line("招标代理机构名称", agency, 200)
    if len(names) > 1 and len(found) == 1:
        fields |= {"union_name": draft.line("联合体名称", winner.name, 1000), "union_code": codes}
    letter = moment(draft.notice.labelled.value(AWARD_LETTER, limit=40))
    return fields | ({"win_notice_date": letter.day.isoformat()} if letter else {})
