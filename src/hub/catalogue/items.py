"""The items of the catalogue: one per kind, with the local rules of a place where one asks for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from hub.catalogue.fields import FieldItem, RuleItem, fields_of, rules_with
from hub.catalogue.words import DISCLOSERS, PRINCIPLES, limit_in_words
from hub.law.local_rules import NATIONAL, LocalRules, Tightened
from hub.schemas.codes import CodeValue, table
from hub.schemas.examples import example
from hub.schemas.kind import Domain, Kind, Role, Stage, editions, kinds
from hub.schemas.submission import submission_of
from hub.sync.target import targets, wanted_by


class Coded(BaseModel):
    """A value of a small list, with its names."""

    code: str
    zh: str
    en: str


class DisclosingRole(BaseModel):
    """公开主体: who discloses, and by which principle of the opinion."""

    role: Role
    zh: str
    en: str
    principle_zh: str
    principle_en: str


class Limit(BaseModel):
    """公开时限: one legal clock in words."""

    id: str = Field(examples=["D-PUB20"])
    zh: str
    en: str
    basis: str = Field(description="The law, and the local rule that makes the limit shorter")
    national_zh: str | None = Field(None, description="The limit of the law where a local rule is stricter")
    national_en: str | None = None


class TargetItem(BaseModel):
    """Where the hub delivers the records to."""

    name: str
    title: str


class Item(BaseModel):
    """公开事项: one line of the catalogue."""

    model_config = ConfigDict(frozen=True)

    name: str = Field(description="The kind's name in URLs and documents")
    title: str = Field(description="事项: its Chinese name")
    summary: str
    domain: Coded
    stage: Coded
    disclosers: list[DisclosingRole]
    limits: list[Limit] = Field(description="时限, the limit of disclosure first")
    media: list[str] = Field(description="公开渠道和载体: where it is published first")
    supervision: str = Field(description="监督渠道: to whom a citizen turns")
    basis: str = Field(description="公开依据")
    disclosure: str = Field(description="公开方式: `proactive`, or `government` for the government exchange only")
    datasets: list[int] = Field(description="DATA_NO of the data specification V2.0")
    dataset_name: str | None = Field(description="DATA_EN of the data specification V2.0")
    ggzy_stage: Coded | None = Field(description="信息类型 of the national platform")
    targets: list[TargetItem]
    local: list[str] = Field(default=[], description="The local rules that apply, by their ids")


class Details(Item):
    """公开事项 with its content: everything that a discloser and a platform need to know of a kind."""

    fields: list[FieldItem] = Field(description="公开内容: the fields of the body")
    rules: list[RuleItem] = Field(description="The rules between fields and between versions")
    code_tables: list[str]
    editions: list[str]
    natural_key: list[str] = Field(description="The fields that name the same thing in the world")
    region: str | None = Field(None, description="The region whose local rules are applied; None without such rules")
    example: dict[str, Any] = Field(description="A complete, valid and fictional submission")
    json_schema: dict[str, Any] = Field(description="The JSON Schema of a submission")


@dataclass(frozen=True, slots=True)
class Place:
    """A region, given by its code or a prefix of it, and the local rules that are in force on a day."""

    rules: LocalRules
    region: str
    day: date

    def tightened(self, kind: type[Kind]) -> Tightened:
        """What the local rules ask of the kind there."""
        return self.rules.of(kind, self.region, self.day)


def catalogue(place: Place | None = None) -> list[Item]:
    """Every kind's item, by domain and stage in the order of the opinion; with the local rules of a place."""
    domains = {domain: number for number, domain in enumerate(Domain)}
    stages = {stage: number for number, stage in enumerate(Stage)}
    known = sorted(kinds().values(), key=lambda kind: (domains[kind.domain], stages[kind.stage], kind.name()))
    return [Item(**_line(kind, _at(place, kind))) for kind in known]


def details_of(kind: type[Kind], place: Place | None = None) -> Details:
    """Everything about one kind, with the local rules of a place."""
    local = _at(place, kind)
    fields = fields_of(kind, local)
    return Details(
        **_line(kind, local),
        fields=fields,
        rules=rules_with(kind),
        code_tables=sorted(_tables(fields)),
        editions=list(editions(kind.name())),
        natural_key=list(kind.natural_key),
        region=None if place is None else place.region,
        example=example(kind.name()),
        json_schema=submission_of(kind).model_json_schema(),
    )


def _at(place: Place | None, kind: type[Kind]) -> Tightened:
    return NATIONAL if place is None else place.tightened(kind)


def _line(kind: type[Kind], local: Tightened) -> dict[str, Any]:
    return {
        "name": kind.name(),
        "title": kind.title(),
        "summary": kind.summary(),
        "domain": _coded("domain", kind.domain),
        "stage": _coded("stage", kind.stage),
        "disclosers": [_discloser(role) for role in Role if role in kind.discloser],
        "limits": _limits(kind, local),
        "media": [*kind.media, *(medium for medium in local.media if medium not in kind.media)],
        "supervision": kind.supervision,
        "basis": kind.basis,
        "disclosure": "government" if kind.government_only else "proactive",
        "datasets": [number for number in (kind.dataset, *kind.other_datasets) if number is not None],
        "dataset_name": kind.dataset_name or None,
        "ggzy_stage": _coded("ggzy_stage", kind.ggzy_stage) if kind.ggzy_stage else None,
        "targets": [TargetItem(name=name, title=targets()[name].title) for name in wanted_by(kind)],
        "local": list(local.ids),
    }


def _discloser(role: Role) -> DisclosingRole:
    who, principle = DISCLOSERS[role], PRINCIPLES[role]
    return DisclosingRole(role=role, zh=who.zh, en=who.en, principle_zh=principle.zh, principle_en=principle.en)


def _limits(kind: type[Kind], local: Tightened) -> list[Limit]:
    limits = []
    for clock, stricter in zip(kind.clocks, local.clocks or kind.clocks, strict=True):
        words, national = limit_in_words(kind, stricter), limit_in_words(kind, clock)
        changed = words != national
        limits.append(
            Limit(
                id=clock.id,
                zh=words.zh,
                en=words.en,
                basis=stricter.basis,
                national_zh=national.zh if changed else None,
                national_en=national.en if changed else None,
            )
        )
    return limits


def _coded(name: str, code: str) -> Coded:
    value = table(name).values.get(code) or CodeValue(code, code, code)
    return Coded(code=code, zh=value.zh, en=value.en)


def _tables(fields: Sequence[FieldItem]) -> set[str]:
    return {name for field in fields for name in ({field.code_table} - {None}) | _tables(field.fields) if name}
