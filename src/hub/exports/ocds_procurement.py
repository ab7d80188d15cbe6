"""OCDS of 政府采购: which part of a release each kind makes."""

from collections.abc import Mapping

from hub.exports.ocds_blocks import (
    AWARD,
    BESIDE,
    CANCELLED,
    CONTRACT,
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


def _intention(body: Body, _key: str) -> Block:
    buyer = named(body.get("purchaser_name"), body.get("purchaser_code"))
    plans = "; ".join(item["project_name"] for item in body.get("items") or () if item.get("project_name"))
    return filled(parties=party(buyer, "buyer"), buyer=first(buyer), planning=filled(rationale=plans))


def _procurement_project(body: Body, _key: str) -> Block:
    buyer = named(body.get("purchaser_name"), body.get("purchaser_code"))
    agency = named(body.get("purchaser_agency_name"), body.get("purchaser_agency_code"))
    amount = value(
        body.get("budget_amount"), body.get("budget_currency"), body.get("budget_unit"), body.get("price_form_code")
    )
    return filled(
        parties=party(buyer, "buyer", "procuringEntity") + party(agency, "procuringEntity"),
        buyer=first(buyer),
        planning=filled(budget=filled(amount=amount)),
        tender=tender_of(
            body,
            title=body.get("purchase_project_name"),
            description=body.get("purchaser_content"),
            mode=body.get("purchaser_mode"),
        ),
    )


def _budget(body: Body, _key: str) -> Block:
    amount = value(
        body.get("budget_amount"), body.get("budget_currency"), body.get("budget_unit"), body.get("price_form_code")
    )
    return filled(planning=filled(budget=filled(amount=amount, description=body.get("fund_source"))))


def _procurement_notice(body: Body, key: str) -> Block:
    return _of_buyer(body) | {
        "tender": tender_of(
            body,
            title=body.get("bulletin_title"),
            description=body.get("demand") or body.get("bulletin_content"),
            status="active",
            mode=body.get("purchase_mode"),
            value=value(body.get("budget_amount"), body.get("currency_code"), body.get("price_unit")),
            tenderPeriod=period(body.get("doc_get_start"), body.get("submit_end")),
            eligibilityCriteria=body.get("qualification_specific"),
            documents=document("tenderNotice", key, body, "bulletin_title", "bulletin_start_time"),
        )
    }


def _single_source(body: Body, _key: str) -> Block:
    buyer = named(body.get("purchaser_name"), None)
    meant = named(body.get("supplier_name"), None)
    return filled(
        parties=party(buyer, "buyer") + party(meant, "tenderer", address=body.get("supplier_address")),
        buyer=first(buyer),
        tender=tender_of(
            body,
            title=body.get("project_name"),
            description=body.get("goods_or_service"),
            procurementMethod="direct",
            procurementMethodRationale=body.get("single_source_reason"),
            value=value(body.get("budget_amount"), body.get("currency_code"), body.get("price_unit")),
            tenderers=meant,
        ),
    )


def _procurement_document(body: Body, _key: str) -> Block:
    limit = value(body.get("ceiling_price"), body.get("currency_code"), body.get("price_unit"))
    return {"tender": tender_of(body, value=limit, awardCriteriaDetails=body.get("evaluation_method"))}


def _correction(body: Body, key: str) -> Block:
    notice = document("x_correction", key, body, "termination_bulletin_title", "modification_start_time")
    ends = period(end=body.get("post_bid_closing_time"))
    amended = filled(
        id=key, date=instant(body.get("correction_date")), description=body.get("termination_bulletin_content")
    )
    return _of_buyer(body) | {"tender": tender_of(body, tenderPeriod=ends, documents=notice, amendments=[amended])}


def _termination(body: Body, key: str) -> Block:
    # OCDS 1.1 has no place for the reason of a cancellation but the rationale of the change.
    change = filled(id=key, rationale=body.get("termination_reason"))
    return _of_buyer(body) | {"tender": tender_of(body, status="cancelled", amendments=[change])}


def _procurement_result(body: Body, key: str) -> Block:
    winners = named(body.get("winningbidder_name"), body.get("winningbidder_code"))
    award = award_of(
        body.get("purchase_section_code") or body.get("purchase_project_code") or key,
        title=body.get("win_bid_bulletin_title"),
        date=instant(body.get("determined_date") or body.get("win_bid_bulletin_start_time")),
        value=value(
            body.get("win_bid_price"), body.get("currency_code"), body.get("price_unit"), body.get("price_form_code")
        ),
        suppliers=winners,
        documents=document("awardNotice", key, body, "win_bid_bulletin_title", "win_bid_bulletin_start_time"),
    )
    made = _of_buyer(body)
    parties = made.get("parties", []) + party(winners, "supplier", address=body.get("supplier_address"))
    told = tender_of(body, title=body.get("purchase_project_name"))
    return made | filled(parties=parties, tender=told, awards=[award])


def _procurement_contract(body: Body, key: str) -> Block:
    buyer = named(body.get("purchaser_name"), body.get("purchaser_code"))
    supplier = named(body.get("supplier_name"), body.get("supplier_code"))
    contract = contract_of(
        body.get("contract_no") or key,
        body.get("purchase_section_code") or body.get("purchase_project_code") or key,
        title=body.get("contract_name"),
        description=body.get("subject_name"),
        value=value(
            body.get("contract_amount"), body.get("currency_code"), body.get("price_unit"), body.get("price_form_code")
        ),
        dateSigned=instant(body.get("sign_date") or body.get("signing_time")),
        documents=document("contractNotice", key, body, "contract_name", "announce_date"),
    )
    return filled(parties=party(buyer, "buyer") + party(supplier, "supplier"), buyer=first(buyer), contracts=[contract])


def _of_buyer(body: Body) -> Block:
    """What every announcement of 政府采购 says of the purchaser and its agency (财办库〔2020〕50号)."""
    buyer = named(body.get("purchaser_name"), None)
    agency = named(body.get("agency_name"), body.get("purchaser_agency_code"))
    phones = {"telephone": body.get("purchaser_phone")}, {"telephone": body.get("agency_phone")}
    return filled(
        parties=party(buyer, "buyer", "procuringEntity", address=body.get("purchaser_address"), contact=phones[0])
        + party(agency, "procuringEntity", address=body.get("agency_address"), contact=phones[1]),
        buyer=first(buyer),
    )


PROCUREMENT: Mapping[str, Mapped] = {
    "procurement_intention": Mapped(*PLANNING, _intention),
    "procurement_budget": Mapped(*PLANNING, _budget),
    "procurement_project": Mapped(*TENDER, _procurement_project),
    "procurement_notice": Mapped(*TENDER, _procurement_notice),
    "procurement_single_source_publicity": Mapped(*TENDER, _single_source),
    "procurement_document": Mapped(*BESIDE, _procurement_document),
    "procurement_correction": Mapped("tenderAmendment", "tenderAmendment", _correction),
    "procurement_termination": Mapped(*CANCELLED, _termination),
    "procurement_opening_record": Mapped(*BESIDE, opening),
    "procurement_supplier_list": Mapped(*BESIDE, bidders),
    "procurement_result": Mapped(*AWARD, _procurement_result),
    "procurement_contract": Mapped(*CONTRACT, _procurement_contract),
}
