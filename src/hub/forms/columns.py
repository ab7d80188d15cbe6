"""The columns of a workbook: one model, from which templates are made and by which workbooks are read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache
from re import sub
from typing import Any, Literal, get_args, get_origin

from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from hub.schemas.codes import table
from hub.schemas.kind import Kind, Scope, scope_of
from hub.schemas.places import Tokens, field_annotation, sent_name
from hub.schemas.rules import Ruled
from hub.schemas.submission import Submission, submission_of
from hub.schemas.types import Code, Codes
from hub.schemas.units import unit_beside, unit_in_title

KEY = "data_key"
"""The column by which rows of further sheets find their record."""

RESULT = "结果"
"""The column that a checked copy has in addition; readers pass over it."""

GUIDE = "说明"
"""The sheet that explains how to fill in."""

HIDDEN = "hub"
"""The hidden sheet: the kind of the records, and the lists of the drop-downs."""

LONGEST_NAME = 31
"""The most characters of a sheet's name."""

NOT_FILLED_IN = ("kind", "schema_version")
"""What the hidden sheet says for all records of a workbook."""

UNTITLED = {"media_type": "媒体类型"}
"""Titles of fields that have none."""

CHOICES_ZH = {
    "approver": "谁批准谁公开",
    "implementer": "谁实施谁公开",
    "producer": "谁制作谁公开",
    "proactive": "主动公开",
    "on_request": "依申请公开",
    "not_disclosed": "不予公开",
    "cleared": "已审查，可以公开",
    "state_secret": "国家秘密",
    "commercial_secret": "商业秘密",
    "personal_privacy": "个人隐私",
    "internal": "内部事务信息",
    "process": "过程性信息",
}
"""The labels of choices that are no code table."""


class Written(StrEnum):
    """How the cells of a column are written."""

    TEXT = "text"
    TIME = "time"
    DATE = "date"
    AMOUNT = "amount"
    WHOLE = "whole"


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """A column of a sheet: a field, or what joins the sheet to another one.

    `path` leads from the sheet's object to the field, and is empty for a column that joins. `choices` are the codes
    with their labels, `closed` whether there are no others; `separators` are the characters between several values.
    Of an amount `unit` is the name of the column with its unit, empty where there is none, and `in_yuan` whether its
    title says that it is in yuan.
    """

    name: str
    title: str
    path: Tokens
    written: Written = Written.TEXT
    separators: str = ""
    choices: Mapping[str, str] | None = None
    closed: bool = False
    table: str | None = None
    needed: bool = True
    needed_with: str = ""
    scope: Scope = Scope.PUBLIC
    description: str = ""
    schema: Mapping[str, Any] = field(default_factory=dict)
    unit: str = ""
    in_yuan: bool = False
    codes: Mapping[str, str] = field(init=False, default_factory=dict)
    """The codes by what stands for them in a drop-down."""

    def __post_init__(self) -> None:
        shown = {self.shown(code): code for code in self.choices or {}}
        # The labels of a code table are known where the code table is.
        alone = {} if self.table else {label: code for code, label in (self.choices or {}).items()}
        object.__setattr__(self, "codes", shown | alone)

    @property
    def many(self) -> bool:
        """Whether a cell holds several values."""
        return self.separators != ""

    def shown(self, code: str) -> str:
        """A value as it stands in a drop-down: `code 标签`."""
        label = (self.choices or {}).get(code, code)
        return code if label == code else f"{code} {label}"

    @property
    def always(self) -> bool:
        """Whether every row has to have a value."""
        return self.needed and not self.needed_with


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """A sheet: one row per record, or per item of the list at `path` in the objects of `parent`.

    `groups` are the objects that a row always has, even where none of their fields is filled in.
    """

    name: str
    columns: tuple[Column, ...]
    groups: tuple[Tokens, ...] = ()
    path: Tokens = ()
    parent: "Sheet | None" = None
    needed: bool = False

    @property
    def key(self) -> Column:
        """The column of the record's key."""
        return next(column for column in self.columns if column.name == KEY)

    @property
    def ordinal(self) -> Column | None:
        """The column with the number of the parent row among those of the record; None where records are the parents."""
        return self.columns[1] if self.parent and self.parent.parent else None


@cache
def sheets_of(kind: type[Kind]) -> tuple[Sheet, ...]:
    """The sheets of a kind's workbook: the records first, each list after the sheet that its items belong to."""
    found: list[Sheet] = []
    _add(found, submission_of(kind), _free_name(kind.title(), found), (), None, needed=True)
    return tuple(found)


def _add(
    found: list[Sheet], model: type[Ruled], name: str, path: Tokens, parent: Sheet | None, *, needed: bool
) -> None:
    fields = list(_fields(model, (), "", ""))
    columns = [_column(*one) for one in fields if model_in(one[1]) is None]
    sheet = Sheet(name, (*_joining(parent, found), *columns), tuple(_groups(model)), path, parent, needed)
    found.append(sheet)
    # The lists of the body come before those of the envelope, which few records have.
    for inner, info, title, _, _ in sorted(fields, key=lambda one: one[0][0] != "body"):
        if (item := model_in(info)) is not None:
            _add(found, item, _free_name(title, found), inner, sheet, needed=info.is_required())


def _joining(parent: Sheet | None, found: list[Sheet]) -> Iterator[Column]:
    if parent is None:
        return
    key = found[0].key
    yield Column(KEY, key.title, (), description=f"与“{found[0].name}”表中的来源系统主键相同")
    if parent.parent is not None:
        name = f"{parent.path[-1]}.no"
        told = f"所属记录在“{parent.name}”表中的第几行，从 1 起"
        yield Column(name, f"所属{parent.name}序号", (), Written.WHOLE, description=told)


def _fields(
    model: type[Ruled], path: Tokens, title: str, optional: str
) -> Iterator[tuple[Tokens, FieldInfo, str, str, str]]:
    """The fields of a model and of the single objects in it: path, field, title, the optional group, the unit's column."""
    for name, info in model.model_fields.items():
        if issubclass(model, Submission) and name in NOT_FILLED_IN:
            continue
        sent, group = sent_name(name, info), model_in(info)
        own = info.title or ("" if group else UNTITLED.get(sent, sent))
        whole = own if own.startswith(title) else f"{title}·{own}"
        if group is None or _is_list(info):
            unit = unit_beside(model, sent)
            yield (*path, sent), info, whole, optional, ".".join((*path, unit)) if unit else ""
        else:
            yield from _fields(group, (*path, sent), whole, optional or ("" if info.is_required() else whole))


def _groups(model: type[Ruled], path: Tokens = ()) -> Iterator[Tokens]:
    for name, info in model.model_fields.items():
        group = model_in(info)
        if group is not None and not _is_list(info) and info.is_required():
            inner = (*path, sent_name(name, info))
            yield inner
            yield from _groups(group, inner)


def _column(path: Tokens, info: FieldInfo, title: str, optional: str, unit: str) -> Column:
    annotation = field_annotation(info)
    mark = next((leaf for leaf in _leaves(annotation) if isinstance(leaf, Code | Codes)), None)
    choices, closed = _choices(annotation, mark)
    schema = _plain(TypeAdapter(annotation).json_schema())
    in_title = unit_in_title(info)
    return Column(
        name=".".join(path),
        title=title,
        path=path,
        written=_written(annotation),
        separators=_separators(annotation) if _is_list(info) else "",
        choices=choices,
        closed=closed,
        table=mark.table if mark else None,
        needed=info.is_required(),
        needed_with=optional,
        scope=scope_of(info),
        description=info.description or "",
        schema=schema.get("items", schema),
        unit=unit if in_title is None else "",
        in_yuan=in_title == 1,
    )


def _choices(annotation: Any, mark: Code | Codes | None) -> tuple[Mapping[str, str] | None, bool]:
    if mark is not None:
        known = table(mark.table)
        return {value.code: value.zh for value in known.values.values()} or None, not known.lenient
    told: list[str] = []
    leaves = list(_leaves(annotation))
    for leaf in leaves:
        if isinstance(leaf, type) and issubclass(leaf, StrEnum):
            told.extend(leaf)
    if Literal in leaves:
        told.extend(leaf for leaf in leaves if isinstance(leaf, str))
    return {str(code): CHOICES_ZH.get(code, str(code)) for code in told} or None, True


def _written(annotation: Any) -> Written:
    inside = set(filter(lambda leaf: isinstance(leaf, type), _leaves(annotation)))
    of_type = {datetime: Written.TIME, date: Written.DATE, Decimal: Written.AMOUNT, int: Written.WHOLE}
    return next((written for found, written in of_type.items() if found in inside), Written.TEXT)


def _separators(annotation: Any) -> str:
    """Line breaks, and where no value of the list could have such in it, punctuation too."""
    try:
        TypeAdapter(annotation).validate_python(["甲;乙"])
    except ValidationError:
        return "\n;；,，、"
    return "\n"


def _plain(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema without the alternative of null."""
    for choice in schema.get("anyOf", ()):
        if choice.get("type") != "null":
            return _plain(choice)
    return schema


def model_in(info: FieldInfo) -> type[Ruled] | None:
    """The model of a field that is an object or a list of objects."""
    leaves = _leaves(field_annotation(info))
    return next((leaf for leaf in leaves if isinstance(leaf, type) and issubclass(leaf, Ruled)), None)


def _is_list(info: FieldInfo) -> bool:
    return list in _leaves(field_annotation(info))


def _leaves(annotation: Any) -> Iterator[Any]:
    """The types, generic types, marks and literals that an annotation is made of."""
    origin = get_origin(annotation)
    yield annotation if origin is None else origin
    for inner in get_args(annotation):
        yield from _leaves(inner)


def _free_name(title: str, found: list[Sheet]) -> str:
    """A sheet name of the title, without the characters that names may not have and unlike those there are."""
    plain = sub(r"[\[\]:*?/\\']", "／", title)[:LONGEST_NAME]
    taken = {sheet.name for sheet in found} | {GUIDE}
    tries = (plain, *(f"{plain[: LONGEST_NAME - 3]}({number})" for number in range(2, 100)))
    return next(name for name in tries if name not in taken)
