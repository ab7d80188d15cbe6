"""Field types with their checks; the words of architecture and payloads meet the wire here."""

from hub.schemas.types.check_characters import deal_code_check, id_check, org_check, uscc_check
from hub.schemas.types.coded import Code, Codes, YesNo
from hub.schemas.types.numbers import Amount, Count, SignedAmount
from hub.schemas.types.parties import LicenceNumber, OrgCode, PartyCode, PartyCodes, Uscc, check_uscc
from hub.schemas.types.personal import IdNumber, is_id_number
from hub.schemas.types.projects import (
    DealCode,
    DealCodes,
    InvestmentProjectCode,
    ProjectCode,
    RegionCode,
    SectionCode,
    SectionCodes,
    TenderProjectCode,
)
from hub.schemas.types.text import ExactStr, Guid, ShortText, Str, Text, Url
from hub.schemas.types.times import Date, Instant, beijing_day, beijing_time

__all__ = [
    "Amount",
    "Code",
    "Codes",
    "Count",
    "Date",
    "DealCode",
    "DealCodes",
    "ExactStr",
    "Guid",
    "IdNumber",
    "Instant",
    "InvestmentProjectCode",
    "LicenceNumber",
    "OrgCode",
    "PartyCode",
    "PartyCodes",
    "ProjectCode",
    "RegionCode",
    "SectionCode",
    "SectionCodes",
    "ShortText",
    "SignedAmount",
    "Str",
    "TenderProjectCode",
    "Text",
    "Url",
    "Uscc",
    "YesNo",
    "beijing_day",
    "beijing_time",
    "check_uscc",
    "deal_code_check",
    "id_check",
    "is_id_number",
    "org_check",
    "uscc_check",
]
