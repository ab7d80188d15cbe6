"""What a kind's records contain: fields and rules, read from the class and its JSON Schema."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from hub.catalogue.words import SCOPES, type_in_words
from hub.law.local_rules import NATIONAL, Tightened
from hub.schemas.codes import table
from hub.schemas.kind import Kind, Scope, kinds
from hub.schemas.places import sent_name
from hub.schemas.rules import Ruled
from hub.schemas.rules_of import Kept, rules_between_versions, rules_of
from hub.schemas.submission import Submission

REGIONS = "region_gbt2260"
"""The table of regions: it is not one of the code tables, because it is large and knows which code took over."""


class FieldItem(BaseModel):
    """公开内容要素: one field of a record."""

    model_config = ConfigDict(frozen=True)

    name: str
    title: str = Field(description="The field's Chinese title")
    element: str | None = Field(description="Element name in the data specification V2.0; None where it has none")
    required: bool
    required_by: str | None = Field(None, description="The local basis that asks for a field which is optional by law")
    scope: Scope = Field(description="Who may see it")
    scope_zh: str
    type_zh: str
    type_en: str
    code_table: str | None = Field(None, description="The code table of its values, at /v1/codes/{table}")
    codes: list[str] | None = Field(None, description="The codes that a local rule leaves of the table")
    description: str | None = None
    fields: list["FieldItem"] = Field(default=[], description="The fields of the object, or of each item of the list")


class RuleItem(BaseModel):
    """A rule between fields or between versions; `…` stands for what depends on the record."""

    model_config = ConfigDict(frozen=True)

    id: str
    at: str = Field(description="The field that a fault points to; `*` stands for every item of a list")
    severity: str = Field(description="`fault` refuses the submission, `warning` is told to the sender")
    between: Literal["fields", "versions"] = Field(
        description="`versions`: it compares a version with the one before it"
    )
    zh: str
    en: str


def fields_of(kind: type[Kind], local: Tightened = NATIONAL) -> list[FieldItem]:
    """The fields of the kind's body in their order, with what local rules add."""
    return _fields(*_schema_of(kind), local, "")


def envelope_fields() -> list[FieldItem]:
    """The fields that every submission has around its body."""
    properties, required, definitions = _schema_of(Submission)
    around = {name: schema for name, schema in properties.items() if name != "body"}
    return _fields(around, required, definitions, NATIONAL, "")


def rules_with(kind: type[Kind]) -> list[RuleItem]:
    """The rules between fields that the kind and the objects inside it keep, then those between two versions."""
    return [*_rules(kind, ""), *(_item(kept, "", "versions") for kept in rules_between_versions(kind))]


@cache
def users_of() -> Mapping[str, Sequence[str]]:
    """The fields that use each code table, as `kind/field/field`."""
    found: dict[str, list[str]] = defaultdict(list)
    for name, kind in kinds().items():
        for path, field in walk(fields_of(kind)):
            if field.code_table is not None:
                found[field.code_table].append(f"{name}/{path}")
    return found


def walk(fields: Sequence[FieldItem], before: str = "") -> Iterator[tuple[str, FieldItem]]:
    """Every field with its path, those inside an object after the object."""
    for field in fields:
        yield before + field.name, field
        yield from walk(field.fields, f"{before}{field.name}/")


@cache
def _schema_of(model: type[Ruled]) -> tuple[Mapping[str, Any], frozenset[str], Mapping[str, Any]]:
    """The properties of a model's JSON Schema, the required ones, and the definitions that they refer to."""
    schema = model.model_json_schema()
    return schema["properties"], frozenset(schema.get("required", ())), schema.get("$defs", {})


def _fields(
    properties: Mapping[str, Any], required: frozenset[str], definitions: Mapping[str, Any], local: Tightened, path: str
) -> list[FieldItem]:
    return [
        _field(name, schema, name in required, definitions, local, path + name) for name, schema in properties.items()
    ]


def _field(
    name: str, schema: Mapping[str, Any], required: bool, definitions: Mapping[str, Any], local: Tightened, path: str
) -> FieldItem:
    plain = _resolved(schema, definitions)
    words = type_in_words(plain)
    scope = Scope(schema.get("x-scope", Scope.PUBLIC.value))
    inner = plain.get("items", plain)
    code_table = REGIONS if inner.get("x-region-code") else inner.get("x-code-table")
    asked_by = local.required.get(path)
    return FieldItem(
        name=name,
        title=schema.get("title", name),
        element=None if schema.get("x-hub-field") else schema.get("x-element") or name.upper(),
        required=required or asked_by is not None,
        required_by=None if required else asked_by,
        scope=scope,
        scope_zh=SCOPES[scope].zh,
        type_zh=words.zh,
        type_en=words.en,
        code_table=code_table,
        codes=sorted(local.codes[code_table].codes) if code_table in local.codes else None,
        description=_description(schema, code_table),
        fields=_fields(
            inner.get("properties", {}), frozenset(inner.get("required", ())), definitions, local, f"{path}/"
        ),
    )


def _resolved(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> dict[str, Any]:
    """The schema without references and without the choice of null, and its items so too."""
    for choice in schema.get("anyOf", ()):
        if choice.get("type") != "null":
            return _resolved(choice, definitions)
    if reference := schema.get("$ref"):
        return _resolved(definitions[reference.rpartition("/")[2]], definitions)
    plain = dict(schema)
    if "items" in plain:
        plain["items"] = _resolved(plain["items"], definitions)
    return plain


def _description(schema: Mapping[str, Any], code_table: str | None) -> str | None:
    """The field's own description; that of a code is a listing of its table, which stands elsewhere."""
    said: str | None = schema.get("description")
    if said is None or code_table is None or code_table == REGIONS:
        return said
    return None if said.startswith(table(code_table).title_zh) else said


def _rules(model: type[Ruled], path: str) -> Iterator[RuleItem]:
    yield from (_item(kept, path, "fields") for kept in rules_of(model))
    for name, info in model.model_fields.items():
        for inner, listed in _models_in(info.annotation, listed=False):
            yield from _rules(inner, f"{path}{sent_name(name, info)}/{'*/' if listed else ''}")


def _item(kept: Kept, path: str, between: Literal["fields", "versions"]) -> RuleItem:
    severity = "warning" if kept.advice else "fault"
    return RuleItem(id=kept.rule.id, at=path + kept.at, severity=severity, between=between, zh=kept.zh, en=kept.en)


def _models_in(annotation: Any, *, listed: bool) -> Iterator[tuple[type[Ruled], bool]]:
    if isinstance(annotation, type) and issubclass(annotation, Ruled):
        yield annotation, listed
    for part in get_args(annotation):
        yield from _models_in(part, listed=listed or getattr(annotation, "__origin__", None) is list)
