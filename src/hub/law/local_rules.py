"""Local rules: what a region or a sector asks for beyond the national rules; they tighten and never loosen."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from hub.law.clock import day_of
from hub.problems import Fault
from hub.schemas.clocks import AfterMonth, Ahead, Clock, Within
from hub.schemas.field_paths import fields_at, values_at
from hub.schemas.kind import Domain, Kind
from hub.schemas.places import ABSENT, Tokens, pointer_to
from hub.schemas.rules import Rule, Ruled
from hub.schemas.types import Date, ShortText

REQUIRED = Rule("local-required", "按{basis}，此项在本地为必填", "{basis} asks for this field here")
CODE = Rule("local-code", "按{basis}，此处取值应为：{allowed}", "{basis} allows these codes only here: {allowed}")
MEDIUM = Rule(
    "local-medium", "按{basis}，还须在“{medium}”发布", "{basis} asks for publication on “{medium}” besides the others"
)

RegionPrefix = Annotated[str, StringConstraints(pattern=r"^[0-9]{2}([0-9]{2}){0,2}$")]


class LocalRule(Ruled):
    """地方或行业细化规则: for which records it is, and what it asks of them; `region`, `domain` and `kinds` all apply."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,64}$")] = Field(title="规则标识")
    basis: ShortText = Field(title="依据", description="The local document that says so.")
    region: RegionPrefix | None = Field(None, title="行政区划代码前缀", description="E.g. 35 or 3501.")
    domain: Domain | None = Field(None, title="领域")
    kinds: list[str] | None = Field(None, title="记录类别", min_length=1, max_length=200)
    since: Date = Field(
        title="施行日期", description="Versions whose `data_timestamp` lies before it are not judged by the rule."
    )
    limits: dict[str, Annotated[int, Field(strict=True, ge=1, le=1000)]] = Field(
        default_factory=dict, title="时限", description="Days of a clock by its id, stricter than the law's."
    )
    required: list[str] = Field(
        default_factory=list, title="必填项", description="Paths of fields that are optional by the national rules."
    )
    codes: dict[str, Annotated[list[str], Field(min_length=1)]] = Field(
        default_factory=dict, title="代码范围", description="The codes that stay allowed, by code table."
    )
    media: list[ShortText] = Field(default_factory=list, title="增加的发布媒介", max_length=20)

    def selects(self, kind: type[Kind]) -> bool:
        """Whether it is about records of the kind, wherever they are."""
        named = self.kinds is None or kind.name() in self.kinds
        return named and (self.domain is None or self.domain is kind.domain)

    def covers(self, kind: type[Kind], region: str, day: date) -> bool:
        """Whether it is about a version of the kind that the region made on the day."""
        here = self.region is None or region.startswith(self.region)
        return here and self.since <= day and self.selects(kind)


@dataclass(frozen=True, slots=True)
class Allowed:
    """The codes of a table that are left, and which local documents say so."""

    codes: frozenset[str]
    basis: str


@dataclass(frozen=True, slots=True)
class Tightened:
    """What the local rules of one place ask of one kind.

    `clocks` are the kind's clocks in their order with the stricter limits, None where none is stricter. The others
    give the local basis by the path of a field, by a code table and by a medium.
    """

    ids: tuple[str, ...] = ()
    clocks: tuple[Clock, ...] | None = None
    required: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[str, Allowed] = field(default_factory=dict)
    media: Mapping[str, str] = field(default_factory=dict)


NATIONAL = Tightened()
"""No local rule applies."""


class LocalRules:
    """The local rules that a process applies."""

    def __init__(self, rules: Sequence[LocalRule] = ()) -> None:
        self.rules = tuple(rules)
        self._known: dict[tuple[type[Kind], tuple[str, ...]], Tightened] = {}

    def of(self, kind: type[Kind], region: str, day: date) -> Tightened:
        """What they ask of a version of the kind that the region, a code or a prefix of one, made on the day."""
        chosen = [one for one in self.rules if one.covers(kind, region, day)]
        if not chosen:
            return NATIONAL
        key = kind, tuple(one.id for one in chosen)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = tightened(kind, chosen)
        return found

    def on(self, kind: type[Kind], document: Mapping[str, Any]) -> Tightened:
        """What they ask of a submission, valid or not.

        The day that counts is that of its `data_timestamp`: the same version is judged by the same rules for ever.
        """
        if not self.rules:
            return NATIONAL
        region, timestamp = document.get("region_code"), document.get("data_timestamp")
        if not isinstance(region, str):
            return NATIONAL
        try:
            day = date.fromordinal(day_of(timestamp)) if isinstance(timestamp, str) else date.max
        except ValueError:
            day = date.max
        return self.of(kind, region, day)


def tightened(kind: type[Kind], rules: Sequence[LocalRule]) -> Tightened:
    """The rules put together: the strictest limit of each clock, and the codes that every one of them allows."""
    clocks = kind.clocks
    required: dict[str, str] = {}
    codes: dict[str, Allowed] = {}
    media: dict[str, str] = {}
    known, tables = fields_at(kind), _tables(kind)
    for one in rules:
        clocks = tuple(_stricter(clock, one) for clock in clocks)
        required |= {path: one.basis for path in one.required if path in known and path not in required}
        media |= {medium: one.basis for medium in one.media if medium not in media}
        for name, listed in one.codes.items():
            if name in tables:
                before = codes.get(name)
                left = frozenset(listed) if before is None else before.codes & frozenset(listed)
                codes[name] = Allowed(left, one.basis if before is None else f"{before.basis}；{one.basis}")
    return Tightened(
        ids=tuple(one.id for one in rules),
        clocks=None if clocks == kind.clocks else clocks,
        required=required,
        codes=codes,
        media=media,
    )


def stricter(clock: Clock, days: int) -> bool:
    """Whether the number of days is a stricter limit than the clock's: fewer after an event, more before one."""
    match clock:
        case Within(days=national) | AfterMonth(days=national):
            return days < national
        case Ahead(days=national):
            return days > national
    return False


def local_faults(local: Tightened, kind: type[Kind], document: Mapping[str, Any]) -> list[Fault]:
    """What of a submission, valid or not, the local rules of its place refuse."""
    body = document.get("body")
    found = list(_body_faults(local, kind, body)) if isinstance(body, Mapping) else []
    publication = document.get("publication")
    named = publication.get("media") if isinstance(publication, Mapping) else None
    if isinstance(named, list):
        lacking = {medium: basis for medium, basis in local.media.items() if medium not in named}
        found += [
            _fault(("publication", "media"), MEDIUM, basis=basis, medium=medium) for medium, basis in lacking.items()
        ]
    return found


def _body_faults(local: Tightened, kind: type[Kind], body: Mapping[str, Any]) -> Iterator[Fault]:
    for path, basis in local.required.items():
        for tokens, value in values_at(body, path):
            if value is ABSENT or value is None:
                yield _fault(("body", *tokens), REQUIRED, basis=basis)
    for name, allowed in local.codes.items():
        for path in _tables(kind)[name]:
            for tokens, value in values_at(body, path):
                if isinstance(value, str) and value not in allowed.codes:
                    listed = ", ".join(sorted(allowed.codes))
                    yield _fault(("body", *tokens), CODE, basis=allowed.basis, allowed=listed)


def _fault(tokens: Tokens, broken: Rule, **context: str) -> Fault:
    return Fault(pointer_to(tokens), broken.id, broken.zh.format_map(context), broken.en.format_map(context))


@cache
def _tables(kind: type[Kind]) -> Mapping[str, tuple[str, ...]]:
    """The paths of the fields that use a code table."""
    found: dict[str, tuple[str, ...]] = {}
    for path, at in fields_at(kind).items():
        if at.table is not None:
            found[at.table] = (*found.get(at.table, ()), path)
    return found


def _stricter(clock: Clock, one: LocalRule) -> Clock:
    days = one.limits.get(clock.id)
    if days is None or not stricter(clock, days):
        return clock
    # Only clocks with a number of days have stricter ones.
    return replace(clock, days=days, basis=f"{clock.basis}；{one.basis}")  # type: ignore[call-arg]
