"""Kind: what a record is about. One class per kind; finding, routing, OpenAPI and the feed filters follow from it."""

import importlib
import pkgutil
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from functools import cache
from re import sub
from typing import Any, ClassVar, Self, cast

from pydantic import Field
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from hub.nearest import LONGEST, meant
from hub.problems import IllegalChange
from hub.rules import FIELD_FIXED, RECORD_THREAD
from hub.schemas.clocks import Clock
from hub.schemas.rules import RULES, Ruled


class Domain(StrEnum):
    """The six fields of the opinion, and what goes across them."""

    HOUSING = "housing"
    LAND = "land"
    MINING = "mining"
    PROCUREMENT = "procurement"
    PROPERTY = "property"
    TENDER = "tender"
    CREDIT = "credit"
    SUPERVISION = "supervision"
    OTHER = "other"
    COMMON = "common"

    @property
    def zh(self) -> str:
        """The field's name in the opinion."""
        return _DOMAIN_ZH[self.value]


_DOMAIN_ZH = {
    "housing": "住房保障",
    "land": "国有土地使用权出让",
    "mining": "矿业权出让",
    "procurement": "政府采购",
    "property": "国有产权交易",
    "tender": "工程建设项目招标投标",
    "credit": "信用",
    "supervision": "监管",
    "other": "其他交易",
    "common": "通用",
}


class Stage(StrEnum):
    """Where in a project's life a record belongs."""

    PLAN = "plan"
    POLICY = "policy"
    APPROVAL = "approval"
    ANNOUNCEMENT = "announcement"
    QUALIFICATION = "qualification"
    PROCESS = "process"
    AWARD = "award"
    CONTRACT = "contract"
    PERFORMANCE = "performance"
    CHANGE = "change"
    SUPERVISION = "supervision"
    CREDIT = "credit"
    PARTY = "party"


class Role(StrEnum):
    """谁批准谁公开、谁实施谁公开、谁制作谁公开: by which principle a body discloses (opinion, part two, (二))."""

    APPROVER = "approver"
    IMPLEMENTER = "implementer"
    PRODUCER = "producer"

    __hash__ = str.__hash__
    """As of what it equals; `Enum` has one of its own, in Python, which each push would ask."""


class Scope(StrEnum):
    """公开范围: who may see a field."""

    PUBLIC = "public"
    GOVERNMENT = "government"
    MASKED = "masked"
    """Public unless the party is a natural person."""
    PER_RECORD = "per_record"
    """The record's own SCOPE element decides."""
    OPENED = "opened"
    """Public from the opening time on, which the kind's field `opening` holds: who bids stays hidden until then."""


def field(
    title: str,
    *,
    scope: Scope = Scope.PUBLIC,
    element: str | None = "",
    party_code: bool = False,
    minutes: bool = False,
    description: str | None = None,
    default: Any = PydanticUndefined,
    **constraints: Any,
) -> Any:
    """A payload field: its Chinese title, who may see it, and its element name in the data specification.

    `element` is the upper-cased field name unless given (the specification's misspellings), None where the
    specification has no such element. `party_code` marks a code that may be a natural person's ID number: it leaves
    the government exchange only when it is not one. `minutes` marks a time that the specification writes without
    seconds.
    """
    extra: dict[str, Any] = {"x-scope": scope.value}
    if element is None:
        extra["x-hub-field"] = True
    elif element:
        extra["x-element"] = element
    if party_code:
        extra["x-party-code"] = True
    if minutes:
        extra["x-minutes"] = True
    return Field(default, title=title, description=description, json_schema_extra=extra, **constraints)


class Part(Ruled):
    """An object inside a payload."""

    natural_person: ClassVar[bool] = False
    """Whether it is about a natural person, so that its masked fields are masked always."""


class Kind(Ruled):
    """A payload class. The docstring's first line is `中文名称: one sentence`; the class attributes are its metadata."""

    schema_version: ClassVar[str] = "2.0"
    """The edition of the kind; a further edition is a subclass that names its own."""
    domain: ClassVar[Domain]
    stage: ClassVar[Stage]
    discloser: ClassVar[frozenset[Role]]
    clocks: ClassVar[tuple[Clock, ...]]
    """The legal clocks, the limit of disclosure first."""
    dataset: ClassVar[int | None] = None
    """DATA_NO of the data specification V2.0; None where it has no dataset."""
    other_datasets: ClassVar[tuple[int, ...]] = ()
    """Further DATA_NOs of the specification that the kind covers: the same fields for another branch of the trade."""
    dataset_name: ClassVar[str] = ""
    """DATA_EN, the dataset's element name."""
    ggzy_stage: ClassVar[str | None] = None
    """信息类型 of the national platform."""
    natural_key: ClassVar[tuple[str, ...]]
    """The fields that name the same thing in the world, whatever the sender's `data_key`."""
    label: ClassVar[str]
    """The field that holds the record's title."""
    basis: ClassVar[str]
    """The law or standard that asks for this kind."""
    to_credit: ClassVar[bool] = False
    """Whether the national credit-information platform takes it (opinion, part two, (三))."""
    natural_person: ClassVar[bool] = False
    """Whether it is about a natural person, so that its masked fields are masked always."""
    government_only: ClassVar[bool] = False
    """Whether records are for the government exchange alone; the public sees that they exist."""
    media: ClassVar[tuple[str, ...]] = ("全国公共资源交易平台",)
    """指定媒介: where the information is published first, by law."""
    supervision: ClassVar[str] = "公共资源交易监督管理部门"
    """监督渠道: to whom a citizen turns."""
    opening: ClassVar[str | None] = None
    """The field with the time from which the public sees the fields of scope `opened`."""
    fixed: ClassVar[tuple[str, ...]] = ()
    """The fields that no later version may change, besides those that make the thread."""

    attached: ClassVar[tuple[str, ...]] = ()
    """The codes of the attachments that every record has."""
    usually_attached: ClassVar[tuple[str, ...]] = ()
    """The codes of the attachments that a record has unless the law excuses it."""

    @classmethod
    @cache
    def name(cls) -> str:
        """The kind's name in URLs and documents: the class name in snake_case, of the first edition."""
        if "schema_version" in cls.__dict__ and "stage" not in cls.__dict__:
            for parent in cls.__mro__[1:]:
                if issubclass(parent, Kind) and parent is not Kind:
                    return parent.name()
        return sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", cls.__name__).lower()

    @classmethod
    def title(cls) -> str:
        """The kind's Chinese name."""
        return (cls.__doc__ or "").split(":", 1)[0].strip()

    @classmethod
    def summary(cls) -> str:
        """The English sentence of the docstring's first line."""
        return (cls.__doc__ or "").split("\n", 1)[0].split(":", 1)[-1].strip()

    @abstractmethod
    def thread(self, platform: str) -> str:
        """The project or credit subject that the record belongs to, e.g. `tender:A3501…`.

        `platform` is the sender's USCC, for codes that are unique per platform only.
        """

    def follow(self, previous: Self) -> None:
        """Raise `hub.problems.IllegalChange` for the first rule between two versions that this one breaks after `previous`.

        Every kind's records keep their thread and their fixed fields; a kind has more such rules under `@following`.
        """
        for name in self.fixed:
            if getattr(self, name) != getattr(previous, name):
                raise IllegalChange(FIELD_FIXED, pointer=f"/body/{name}", field=name)
        if self.thread("") != previous.thread(""):
            raise IllegalChange(RECORD_THREAD)
        for at, check in self.followings:
            if (error := check(self, previous)) is not None:
                raise IllegalChange(RULES[error.type], pointer=f"/body/{at}", **(error.context or {}))


def kinds() -> Mapping[str, type[Kind]]:
    """Every kind by name, in the order of their names; found in the packages named for a domain, not registered.

    It is the first edition of each; `editions` has all of them.
    """
    return _kinds()


def no_such(names: Sequence[str]) -> str:
    """A sentence about names that are no kinds: the first of them, and the kind that was probably meant."""
    return f"There is no kind {names[0][:LONGEST]!r}{meant(names[0], kinds())}"


@cache
def editions(name: str) -> Mapping[str, type[Kind]]:
    """The editions of a kind by their `schema_version`, the first one first; KeyError where there is no such kind."""
    first = kinds()[name]
    return {first.schema_version: first} | {later.schema_version: later for later in _later(first)}


@cache
def _kinds() -> Mapping[str, type[Kind]]:
    import hub.schemas as package

    fields = {domain.value for domain in Domain}
    for field_package in pkgutil.iter_modules(package.__path__, package.__name__ + "."):
        if field_package.name.rpartition(".")[2] in fields:
            found = importlib.import_module(field_package.name)
            for module in pkgutil.iter_modules(found.__path__, found.__name__ + "."):
                importlib.import_module(module.name)
    return {kind.name(): kind for kind in sorted(_leaves(Kind), key=lambda kind: kind.name())}


def _leaves(cls: type[Any]) -> Iterator[type[Kind]]:
    for child in cls.__subclasses__():
        if "stage" in child.__dict__:
            yield child
        yield from _leaves(child)


def _later(cls: type[Kind]) -> Iterator[type[Kind]]:
    for child in cls.__subclasses__():
        if child.name() == cls.name():
            yield child
            yield from _later(child)


def scope_of(info: FieldInfo) -> Scope:
    """Who may see the field."""
    return Scope(_extra(info).get("x-scope", Scope.PUBLIC.value))


def element_of(name: str, info: FieldInfo) -> str:
    """The field's element name on the wire of the data specification; hub fields keep their upper-cased name."""
    return str(_extra(info).get("x-element") or name.upper())


def is_hub_field(info: FieldInfo) -> bool:
    """Whether the specification's dataset has no element for the field."""
    return bool(_extra(info).get("x-hub-field"))


def is_party_code(info: FieldInfo) -> bool:
    """Whether the field may hold a natural person's ID number."""
    return bool(_extra(info).get("x-party-code"))


def _extra(info: FieldInfo) -> dict[str, Any]:
    return cast(dict[str, Any], info.json_schema_extra or {})
