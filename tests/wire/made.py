"""Payloads of every shape that a kind's fields allow, valid or not: nothing that is sent may be lost on the wire."""

from datetime import date, datetime
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from hypothesis import strategies as st
from pydantic import BaseModel

from hub.schemas.kind import kinds

# JSON in UTF-8 has no surrogates; everything else may stand in a text, if only to be refused by a rule.
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    [" 前后 ", "a;b", ";", "<&>]]>\"'", "\r\n\t", "\ufffe\uffff", "\u0085\x7f", "20260316090500", "1", "0", "T"]
)
INSTANTS = st.sampled_from(
    [
        "2026-03-16T09:05:00+08:00",
        "2026-03-16T09:05:31+08:00",
        "2026-03-16T01:05:00Z",
        "2026-03-16T09:05:00.250+08:00",
        "2020-02-29T23:59:59-11:30",
    ]
)
DATES = st.sampled_from(["2026-03-16", "2020-02-29"])


@cache
def bodies(model: type[BaseModel]) -> st.SearchStrategy[dict[str, Any]]:
    """Objects with some of the fields of a payload class."""
    fields = {name: _values(info.annotation) for name, info in model.model_fields.items()}
    required = {name: values for name, values in fields.items() if model.model_fields[name].is_required()}
    optional = {name: values for name, values in fields.items() if name not in required}
    return st.fixed_dictionaries(required, optional=optional)


def documents(kind: str) -> st.SearchStrategy[dict[str, Any]]:
    """Submissions of a kind."""
    attachment = st.fixed_dictionaries(
        {
            "code": TEXTS,
            "name": TEXTS,
            "media_type": TEXTS,
            "size": st.integers(0, 2**40),
            "sha256": TEXTS,
            "url": TEXTS,
        }
    )
    return st.fixed_dictionaries(
        {
            "kind": st.just(kind),
            "schema_version": st.just("2.0"),
            "data_key": st.from_regex(r"[A-Za-z0-9._~-]{1,64}", fullmatch=True),
            "data_timestamp": INSTANTS,
            "legal_basis": st.lists(TEXTS, max_size=2),
            "body": bodies(kinds()[kind]),
        },
        optional={
            "region_code": TEXTS,
            "discloser": st.fixed_dictionaries({"name": TEXTS}),
            "attachments": st.lists(attachment, max_size=2),
            "change": st.none() | st.fixed_dictionaries({"reason": TEXTS}),
            "decided_on": st.none() | DATES,
        },
    )


def _values(annotation: Any) -> st.SearchStrategy[Any]:
    """Values in the JSON form of a field's type."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _values(get_args(annotation)[0])
    if origin in (Union, UnionType):
        return st.one_of(*map(_values, get_args(annotation)))
    if origin is list:
        return st.lists(_values(get_args(annotation)[0]), max_size=3)
    if annotation is NoneType:
        return st.none()
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return bodies(annotation)
    if isinstance(annotation, type) and issubclass(annotation, datetime):
        return INSTANTS
    if isinstance(annotation, type) and issubclass(annotation, date):
        return DATES
    return st.integers(0, 10**9) if annotation is int else TEXTS
