"""OCDS of 招标投标: which part of a release each kind makes."""

from collections.abc import Mapping

from hub.exports.ocds_blocks import (
    AWARD,
    BESIDE,
    CONTRACT,
    DONE,
    PLANNING,
    TENDER,
    Mapped,
    award_of,
    bidders,
    contract_of,
    first,
    opening,
    tender_of,
)
from hub.exports.ocds_parts import Block, Body, document, filled, instant, named, party, period, value


def _tender_project(body: Body, _key: str) -> Block:
    tenderer = named(body.get("tenderer_name"), body.get("tenderer_code"))
    agency = named(body.get("tender_agency_name"), body.get("tender_agency_code"))
    return filled(
        parties=party(tenderer, "buyer", "procuringEntity") + party(agency, "procuringEntity"),
        buyer=first(tenderer),
        tender=tender_of(
            body,
            title=body.get("tender_project_name"),
            description=body.get("tender_content"),
            mode=body.get("tender_mode"),
            procuringEntity=first(tenderer),
        ),
    )


def _tender_section(body: Body, key: str) -> Block:
    item = filled(id=body.get("bid_section_code") or key, description=body.get("bid_section_name"), quantity=1)
    return {"tender": tender_of(body, mode=body.get("bid_tender_mode"), items=[item])}


def _tender_notice(body: Body, key: str) -> Block:
    tenderer = named(body.get("tenderer_name"), body.get("tenderer_code"))
    agency = named(body.get("tender_agency_name"), body.get("tender_agency_code"))
    return filled(
        parties=party(
            tenderer,
            "buyer",
            "procuringEntity",
            address=body.get("tenderer_address"),
            contact=_contact(body, "tenderer"),
        )
        + party(
            agency,
            "procuringEntity",
            address=body.get("tender_agency_address"),
            contact=_contact(body, "tender_agency"),
        ),
        buyer=first(tenderer),
        tender=tender_of(
            body,
            title=body.get("notice_name"),
            description=body.get("tender_scope") or body.get("notice_content"),
            status="active",
            value=_price(body, "estimate_price"),
            tenderPeriod=period(body.get("doc_get_start_time"), body.get("bid_doc_refer_end_time")),
            eligibilityCriteria=body.get("bidder_qualification"),
            submissionMethodDetails=body.get("bid_doc_refer_method"),
            documents=document("tenderNotice", key, body, "notice_name", "notice_send_time"),
        ),
    )


def _tender_document(body: Body, key: str) -> Block:
    limit = value(body.get("control_price"), body.get("control_price_currency"), body.get("control_price_unit"))
    ends = body.get("bid_doc_refer_end_time") or body.get("doc_submit_end_time")
    return {
        "tender": tender_of(
            body,
            value=limit,
            tenderPeriod=period(end=ends),
            awardCriteriaDetails=body.get("evaluating_method") or body.get("evaluation_method"),
            documents=document("biddingDocuments", key, body, "doc_name", "submit_time"),
        )
    }


def _candidates(body: Body, key: str) -> Block:
    found = [
        one
        for candidate in body.get("candidates") or ()
        for one in named(candidate.get("win_candidate_name"), candidate.get("win_candidate_code"))
    ]
    notice = document("evaluationReports", key, body, "publicity_name", "publicity_start_time")
    once = list({one["id"]: one for one in found}.values())
    return filled(parties=party(once, "tenderer"), tender=tender_of(body, tenderers=once, documents=notice))


def _win_result(body: Body, key: str) -> Block:
    winners = named(body.get("win_bidder_name"), body.get("win_bidder_code"))
    award = award_of(
        body.get("bid_section_code") or key,
        title=body.get("notice_name"),
        date=instant(body.get("notice_send_time")),
        value=value(
            body.get("bid_amount"), body.get("bid_currency"), body.get("price_unit"), body.get("price_form_code")
        ),
        suppliers=winners,
        documents=document("awardNotice", key, body, "notice_name", "notice_send_time"),
    )
    return filled(parties=party(winners, "supplier"), tender=tender_of(body), awards=[award])


def _tender_contract(body: Body, key: str) -> Block:
    buyer = named(body.get("tenderer_name"), body.get("tender_code"))
    supplier = named(body.get("bidder_name"), body.get("bidder_code"))
    section = body.get("bid_section_code") or key
    contract = contract_of(
        section,
        section,
        title=body.get("contract_name"),
        description=body.get("contract_content"),
        value=value(
            body.get("contract_price"), body.get("price_currency"), body.get("price_unit"), body.get("price_form_code")
        ),
        dateSigned=instant(body.get("contract_sign_time")),
    )
    return filled(parties=party(buyer, "buyer") + party(supplier, "supplier"), buyer=first(buyer), contracts=[contract])


def _performance(body: Body, key: str) -> Block:
    told = filled(
        id=key,
        title=body.get("performance_report_name"),
        description=body.get("performance_content"),
        status="met" if body.get("finish_time") else "scheduled",
        dateMet=instant(body.get("finish_time")),
    )
    paid = value(body.get("settle_price"), body.get("settle_currency"), body.get("settle_unit"))
    settled = [filled(id=key, date=instant(body.get("report_issue_time")), value=paid)] if paid else None
    section = body.get("bid_section_code") or key
    done = filled(milestones=[told], transactions=settled)
    return {"contracts": [{"id": section, "awardID": section, "implementation": done}]}


def _plan(body: Body, _key: str) -> Block:
    owner = named(body.get("tenderer_name"), None)
    return filled(
        parties=party(owner, "buyer"),
        buyer=first(owner),
        planning=filled(rationale=body.get("overview"), budget=filled(project=body.get("invest_project_name"))),
    )


def _price(body: Body, name: str) -> Block | None:
    return value(body.get(name), body.get(f"{name}_currency"), body.get(f"{name}_unit"))


def _contact(body: Body, who: str) -> Block:
    names = {"name": "contactor", "telephone": "phone_number", "email": "email"}
    return {name: body.get(f"{who}_{field}") for name, field in names.items()}


TENDERING: Mapping[str, Mapped] = {
    "tender_plan": Mapped(*PLANNING, _plan),
    "tender_project": Mapped(*TENDER, _tender_project),
    "tender_section": Mapped(*TENDER, _tender_section),
    "tender_notice": Mapped(*TENDER, _tender_notice),
    "prequalification_notice": Mapped(*TENDER, _tender_notice),
    "tender_document": Mapped(*BESIDE, _tender_document),
    "prequalification_document": Mapped(*BESIDE, _tender_document),
    "bid_opening_record": Mapped(*BESIDE, opening),
    "bidder_list": Mapped(*BESIDE, bidders),
    "winning_candidate_publicity": Mapped(*BESIDE, _candidates),
    "win_result_notice": Mapped(*AWARD, _win_result),
    "tender_contract": Mapped(*CONTRACT, _tender_contract),
    "tender_performance": Mapped(*DONE, _performance),
}
