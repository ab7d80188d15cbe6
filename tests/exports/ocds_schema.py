"""The part of the OCDS 1.1 release schema that the mapping uses, written from the standard's reference, for checks.

`omitWhenMerged` and `wholeListMerge` are the standard's words for how releases are merged.
"""

from typing import Any

Schema = dict[str, Any]

TAGS = [
    *("planning", "planningUpdate", "tender", "tenderAmendment", "tenderUpdate", "tenderCancellation"),
    *("award", "awardUpdate", "awardCancellation", "contract", "contractUpdate", "contractAmendment"),
    *("implementation", "implementationUpdate", "contractTermination", "compiled"),
]
ROLES = [
    *("buyer", "procuringEntity", "supplier", "tenderer", "funder", "enquirer"),
    *("payer", "payee", "reviewBody", "interestedParty"),
]
TEXT: Schema = {"type": "string", "minLength": 1}
MOMENT: Schema = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$"}


def an_object(*required: str, **properties: Schema) -> Schema:
    return {"type": "object", "required": list(required), "properties": properties, "additionalProperties": False}


def a_list(items: Schema, **more: Any) -> Schema:
    return {"type": "array", "minItems": 1, "items": items, "uniqueItems": True, **more}


VALUE = an_object("amount", amount={"type": "number"}, currency={"type": "string", "pattern": "^[A-Z]{3}$"})
PERIOD = an_object(startDate=MOMENT, endDate=MOMENT)
REFERENCE = an_object("id", "name", id=TEXT, name=TEXT)
DOCUMENTS = a_list(
    an_object(
        "id",
        id=TEXT,
        documentType=TEXT,
        title=TEXT,
        url={"type": "string", "format": "uri"},
        datePublished=MOMENT,
        language=TEXT,
    )
)
PARTY = an_object(
    "id",
    "name",
    "roles",
    id=TEXT,
    name=TEXT,
    roles=a_list({"enum": ROLES}),
    identifier=an_object("scheme", "id", scheme=TEXT, id=TEXT, legalName=TEXT),
    address=an_object(streetAddress=TEXT),
    contactPoint=an_object(name=TEXT, telephone=TEXT, email=TEXT),
)
TENDER = an_object(
    "id",
    id=TEXT,
    title=TEXT,
    description=TEXT,
    status={"enum": ["planning", "planned", "active", "cancelled", "unsuccessful", "complete", "withdrawn"]},
    procuringEntity=REFERENCE,
    items=a_list(an_object("id", id=TEXT, description=TEXT, quantity={"type": "number"})),
    value=VALUE,
    procurementMethod={"enum": ["open", "selective", "limited", "direct"]},
    procurementMethodRationale=TEXT,
    awardCriteriaDetails=TEXT,
    submissionMethodDetails=TEXT,
    eligibilityCriteria=TEXT,
    tenderPeriod=PERIOD,
    tenderers=a_list(REFERENCE),
    documents=DOCUMENTS,
    amendments=a_list(an_object("id", id=TEXT, date=MOMENT, description=TEXT, rationale=TEXT)),
)
AWARD = an_object(
    "id",
    id=TEXT,
    title=TEXT,
    status={"enum": ["pending", "active", "cancelled", "unsuccessful"]},
    date=MOMENT,
    value=VALUE,
    suppliers=a_list(REFERENCE),
    documents=DOCUMENTS,
)
IMPLEMENTATION = an_object(
    milestones=a_list(
        an_object(
            "id",
            id=TEXT,
            title=TEXT,
            description=TEXT,
            status={"enum": ["scheduled", "met", "notMet", "partiallyMet"]},
            dateMet=MOMENT,
        )
    ),
    transactions=a_list(an_object("id", id=TEXT, date=MOMENT, value=VALUE)),
)
CONTRACT = an_object(
    "id",
    "awardID",
    id=TEXT,
    awardID=TEXT,
    title=TEXT,
    description=TEXT,
    status={"enum": ["pending", "active", "cancelled", "terminated"]},
    value=VALUE,
    dateSigned=MOMENT,
    documents=DOCUMENTS,
    implementation=IMPLEMENTATION,
)
RELEASE = an_object(
    "ocid",
    "id",
    "date",
    "tag",
    "initiationType",
    ocid={"type": "string", "pattern": "^ocds-[a-z0-9]{6}-.+$"},
    id={"type": "string", "pattern": "^[^#]+$", "omitWhenMerged": True},
    date={**MOMENT, "omitWhenMerged": True},
    tag=a_list({"enum": TAGS}, omitWhenMerged=True),
    initiationType={"enum": ["tender"]},
    language=TEXT,
    parties=a_list(PARTY),
    buyer=REFERENCE,
    planning=an_object(
        rationale=TEXT, budget=an_object(amount=VALUE, project=TEXT, description=TEXT), documents=DOCUMENTS
    ),
    tender=TENDER,
    awards=a_list(AWARD),
    contracts=a_list(CONTRACT),
    hub={"type": "object", "omitWhenMerged": True},
)
PACKAGE = an_object(
    "uri",
    "publisher",
    "publishedDate",
    "version",
    "releases",
    uri=TEXT,
    publisher=an_object("name", name=TEXT, uri=TEXT),
    publishedDate=MOMENT,
    version={"const": "1.1"},
    links={"type": "object"},
    releases={"type": "array", "items": RELEASE},
)
