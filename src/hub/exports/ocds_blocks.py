"""What the kinds in OCDS share: how one is declared, and the blocks that several of them make."""

from collections.abc import Callable
from dataclasses import dataclass

from hub.exports.ocds_parts import METHODS, Block, Body, document, filled, named, party


@dataclass(frozen=True, slots=True)
class Mapped:
    """A kind in OCDS: the tags of its first and of later versions, and what makes its part of the release.

    `part` is given the body and the record's data key; its result may have the members parties, buyer, planning,
    tender, awards and contracts.
    """

    tag: str
    later: str
    part: Callable[[Body, str], Block]


PLANNING = ("planning", "planningUpdate")
TENDER = ("tender", "tenderUpdate")
BESIDE = ("tenderUpdate", "tenderUpdate")
"""Kinds that add to a tender which another kind announces."""
CANCELLED = ("tenderCancellation", "tenderCancellation")
AWARD = ("award", "awardUpdate")
CONTRACT = ("contract", "contractUpdate")
DONE = ("implementation", "implementationUpdate")


def tender_of(body: Body, *, mode: str | None = None, **members: object) -> Block:
    """The tender of the body's project; `mode` is the code of 招标方式 or 采购方式."""
    number = body.get("tender_project_code") or body.get("purchase_project_code")
    method = {"procurementMethod": METHODS[mode]} if mode in METHODS else {}
    return filled(id=number, **method, **members)


def award_of(number: str, **members: object) -> Block:
    """An award of a section, or of a project without sections."""
    return {"id": number, "status": "active"} | filled(**members)


def contract_of(number: str, award: str, **members: object) -> Block:
    """A contract that follows from the award with the id `award`."""
    return {"id": number, "awardID": award, "status": "active"} | filled(**members)


def first(references: list[Block]) -> Block | None:
    """The first of the organisations, where there is one."""
    return references[0] if references else None


def opening(body: Body, key: str) -> Block:
    """开标记录: a document of the tender."""
    return {"tender": tender_of(body, documents=document("x_bidOpening", key, body, "notice_name", "bid_opening_time"))}


def bidders(body: Body, _key: str) -> Block:
    """投标人, 供应商: one who bids; before the opening nobody."""
    tenderers = named(body.get("bidder_name"), body.get("bidder_org_code"))
    return filled(parties=party(tenderers, "tenderer"), tender=tender_of(body, tenderers=tenderers))
