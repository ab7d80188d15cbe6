"""行政相对人: the rules that licences and penalties share about whom they concern."""

from typing import Any

from pydantic_core import PydanticCustomError

from hub.schemas.common_rules import needed
from hub.schemas.rules import Check, Rule, rule

COUNTERPART_CODE = Rule(
    "counterpart-code",
    "法人及非法人组织、个体工商户须填写统一社会信用代码",
    "a body or a self-employed business has a unified social credit code",
)
COUNTERPART_CLASS = Rule(
    "counterpart-class",
    "统一社会信用代码以 92 开头的应为“个体工商户”，其余应为“法人及非法人组织”，自然人没有统一社会信用代码",
    "codes that begin with 92 belong to 个体工商户, all others to 法人及非法人组织; a natural person has none",
)
LEGAL_PERSON = Rule(
    "legal-representative",
    "法人及非法人组织、个体工商户须填写法定代表人",
    "a body or a self-employed business names its legal representative",
)
PERSON_DOCUMENT = Rule(
    "person-document",
    "自然人须填写证件类型和证件号码",
    "a natural person is identified by the type and number of a document",
)
BODY_DOCUMENT = Rule(
    "person-document-of-body",
    "行政相对人为法人及非法人组织时不填自然人证件号码，请核对行政相对人类别",
    "a body has no document of a natural person: check the class of whom it concerns, as the name would be public",
)

BODY, PERSON, SELF_EMPLOYED = "法人及非法人组织", "自然人", "个体工商户"
"""Codes of the table `counterpart_class`."""


def counterpart(prefix: str) -> tuple[Check, Check, Check, Check, Check, Check]:
    """The six rules about the person concerned; `prefix` is what the field names begin with, `cf` or `xk`."""
    class_field, code_field, number_field = (f"{prefix}_xdr_{name}" for name in ("lb", "shxym", "zjhm"))
    named = (BODY, SELF_EMPLOYED)

    @rule(at=class_field)
    def class_fits_the_code(payload: Any) -> PydanticCustomError | None:
        code = getattr(payload, code_field)
        if code is None:
            return None
        fitting = SELF_EMPLOYED if code.startswith("92") else BODY
        return None if getattr(payload, class_field) == fitting else COUNTERPART_CLASS()

    @rule(at=number_field)
    def no_document_of_a_body(payload: Any) -> PydanticCustomError | None:
        wrong = getattr(payload, number_field) is not None and getattr(payload, class_field) == BODY
        return BODY_DOCUMENT() if wrong else None

    return (
        class_fits_the_code,
        needed(code_field, COUNTERPART_CODE, where=class_field, is_in=named),
        needed(f"{prefix}_frdb", LEGAL_PERSON, where=class_field, is_in=named),
        needed(f"{prefix}_xdr_zjlx", PERSON_DOCUMENT, where=class_field, is_in=(PERSON,)),
        needed(number_field, PERSON_DOCUMENT, where=class_field, is_in=(PERSON,)),
        no_document_of_a_body,
    )
