"""Files of local rules: read them, and name everything that is wrong with them at once."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
from pydantic import Field, ValidationError

from hub.law.local_rules import LocalRule, LocalRules, stricter, tightened
from hub.problems import Fault, InvalidLocalRules
from hub.schemas.codes import regions, table, tables
from hub.schemas.explain import faults
from hub.schemas.field_paths import FieldAt, fields_at
from hub.schemas.kind import Kind, editions, kinds
from hub.schemas.rules import Rule, Ruled

NOT_JSON = Rule("local-rules-json", "不是合法的 JSON 文件：{why}", "this is not a JSON document: {why}")
NO_FILE = Rule(
    "local-rules-file",
    "没有这个文件，或文件夹中没有 .json 文件",
    "there is no such file, or no .json file in the folder",
)
ID_TWICE = Rule("local-rule-id", "规则标识重复：{id}", "two rules have the id {id}")
NO_PLACE = Rule(
    "local-rule-place",
    "须填写 region 或 domain：规则只针对一个地区或一个领域",
    "a rule is about a region or a domain: give one",
)
NOTHING = Rule(
    "local-rule-empty",
    "规则没有任何要求：limits、required、codes、media 至少填一项",
    "the rule asks for nothing: give limits, required, codes or media",
)
NO_REGION = Rule("local-rule-region", "没有以此开头的行政区划代码", "no region code begins like this")
NO_KIND = Rule(
    "local-rule-kind", "没有这种记录类别，或不属于该领域：{kind}", "there is no kind {kind} in the rule's domain"
)
NO_CLOCK = Rule(
    "local-rule-clock", "所选记录类别没有时限 {clock}：{kinds}", "these kinds have no clock {clock}: {kinds}"
)
LONGER = Rule(
    "local-rule-longer",
    "地方时限须严于国家时限，{kind} 的 {clock} 为：{national}",
    "a local limit is stricter than the national one; {clock} of {kind} is: {national}",
)
NO_FIELD = Rule("local-rule-field", "所选记录类别没有字段 {path}：{kinds}", "these kinds have no field {path}: {kinds}")
REQUIRED_ANYWAY = Rule(
    "local-rule-required", "字段 {path} 在 {kinds} 中已是必填", "the field {path} of {kinds} is required anyway"
)
NO_TABLE = Rule(
    "local-rule-table", "没有代码表 {table}，或所选记录类别不使用", "no kind of the rule uses a code table {table}"
)
NO_CODE = Rule("local-rule-code", "代码表 {table} 中没有代码：{codes}", "the code table {table} does not have: {codes}")
NONE_LEFT = Rule(
    "local-rule-none-left",
    "与规则 {others} 合并后，代码表 {table} 没有可用的代码",
    "together with {others} no code of {table} is left",
)

MOST_NAMED = 5


class LocalRuleFile(Ruled):
    """地方或行业细化规则文件."""

    title: str | None = Field(None, title="名称")
    listed: list[LocalRule] = Field(alias="rules", title="规则", min_length=1, max_length=1000)


def local_rules_at(path: str) -> LocalRules:
    """The rules of a file, or of all `*.json` files of a folder; none for an empty path.

    Raises `InvalidLocalRules` with every fault; its pointers lead into the file that they name first.
    """
    if not path:
        return LocalRules()
    place = Path(path)
    files = sorted(place.glob("*.json")) if place.is_dir() else [place] if place.is_file() else []
    if not files:
        raise InvalidLocalRules([_fault(place.name, NO_FILE)])
    found: list[Fault] = []
    rules: list[tuple[str, LocalRule]] = []
    for file in files:
        rules += _read(file, found)
    found += _contradictions(rules)
    if found:
        raise InvalidLocalRules(found)
    return LocalRules([one for _, one in rules])


def _read(file: Path, found: list[Fault]) -> list[tuple[str, LocalRule]]:
    """The rules of a file that are well-formed, each with its pointer; what is wrong with it is added to `found`."""
    raw = file.read_bytes()
    try:
        document = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        found.append(_fault(file.name, NOT_JSON, why=str(error)))
        return []
    try:
        LocalRuleFile.model_validate_json(raw)
    except ValidationError as error:
        broken = faults(LocalRuleFile, document, error)
        found += [replace(fault, pointer=f"{file.name}#{fault.pointer}") for fault in broken]
    listed = document.get("rules") if isinstance(document, dict) else None
    read: list[tuple[str, LocalRule]] = []
    for index, row in enumerate(listed if isinstance(listed, list) else ()):
        pointer = f"{file.name}#/rules/{index}"
        if (one := _rule_of(row)) is not None:
            found += _faults_of(one, pointer)
            read.append((pointer, one))
    return read


def _rule_of(row: Any) -> LocalRule | None:
    try:
        return LocalRule.model_validate_json(orjson.dumps(row))
    except ValidationError:
        return None


def _faults_of(one: LocalRule, pointer: str) -> Iterator[Fault]:
    if one.region is None and one.domain is None:
        yield _fault(pointer, NO_PLACE)
    if not (one.limits or one.required or one.codes or one.media):
        yield _fault(pointer, NOTHING)
    if one.region is not None and one.region.ljust(6, "0") not in regions():
        yield _fault(f"{pointer}/region", NO_REGION)
    selected = [kind for kind in kinds().values() if one.selects(kind)]
    for index, name in enumerate(one.kinds or ()):
        if name not in {kind.name() for kind in selected}:
            yield _fault(f"{pointer}/kinds/{index}", NO_KIND, kind=name)
    if selected:
        # A rule for some kinds means each of them; one for a whole field those that have what it is about.
        yield from _limit_faults(one, pointer, selected)
        yield from _required_faults(one, pointer, selected)
        yield from _code_faults(one, pointer, selected)


def _limit_faults(one: LocalRule, pointer: str, selected: Sequence[type[Kind]]) -> Iterator[Fault]:
    for name, days in one.limits.items():
        here = f"{pointer}/limits/{name}"
        having = {kind.name(): clock for kind in selected for clock in kind.clocks if clock.id == name}
        lacking = [kind.name() for kind in selected if kind.name() not in having]
        if lacking and (one.kinds is not None or not having):
            yield _fault(here, NO_CLOCK, clock=name, kinds=_named(lacking))
        for kind, clock in having.items():
            if not stricter(clock, days):
                national = getattr(clock, "days", None)
                said = "当日" if national is None else f"{national} 日"
                yield _fault(here, LONGER, kind=kind, clock=name, national=said)


def _required_faults(one: LocalRule, pointer: str, selected: Sequence[type[Kind]]) -> Iterator[Fault]:
    for index, path in enumerate(one.required):
        here = f"{pointer}/required/{index}"
        found = {kind.name(): _optional(kind, path) for kind in selected}
        lacking = [kind for kind, optional in found.items() if optional is None]
        anyway = [kind for kind, optional in found.items() if optional is False]
        if lacking and (one.kinds is not None or len(lacking) == len(found)):
            yield _fault(here, NO_FIELD, path=path, kinds=_named(lacking))
        if anyway and (one.kinds is not None or True not in found.values()):
            yield _fault(here, REQUIRED_ANYWAY, path=path, kinds=_named(anyway))


def _optional(kind: type[Kind], path: str) -> bool | None:
    """Whether any edition of the kind has the field as an optional one; None where none has it."""
    found: list[FieldAt] = [at for edition in editions(kind.name()).values() if (at := fields_at(edition).get(path))]
    return any(not at.required for at in found) if found else None


def _code_faults(one: LocalRule, pointer: str, selected: Sequence[type[Kind]]) -> Iterator[Fault]:
    for name, listed in one.codes.items():
        here = f"{pointer}/codes/{name}"
        used = [any(at.table == name for at in fields_at(kind).values()) for kind in selected]
        if name not in tables() or not any(used) or (one.kinds is not None and not all(used)):
            yield _fault(here, NO_TABLE, table=name)
            continue
        known = table(name)
        unknown = [code for code in listed if not known.has(code)]
        if unknown and not known.lenient:
            yield _fault(here, NO_CODE, table=name, codes=", ".join(unknown))


def _contradictions(rules: Sequence[tuple[str, LocalRule]]) -> Iterator[Fault]:
    """Ids that two rules have, and rules that leave no code together with others that apply in the same place."""
    seen: set[str] = set()
    for pointer, one in rules:
        if one.id in seen:
            yield _fault(f"{pointer}/id", ID_TWICE, id=one.id)
        seen.add(one.id)
    for number, (pointer, one) in enumerate(rules):
        around = [other for _, other in rules[:number] if _near(one, other)]
        for name in one.codes:
            others = [other for other in around if name in other.codes]
            if blocked := _blocking(one, others, name):
                named = ", ".join(other.id for other in blocked)
                yield _fault(f"{pointer}/codes/{name}", NONE_LEFT, others=named, table=name)


def _blocking(one: LocalRule, others: Sequence[LocalRule], name: str) -> list[LocalRule]:
    """Those of the others that leave no code of the table together with the one, for a kind that all are about."""
    for kind in kinds().values():
        meeting = [other for other in others if other.selects(kind)]
        if meeting and one.selects(kind):
            allowed = tightened(kind, [*meeting, one]).codes.get(name)
            if allowed is not None and not allowed.codes:
                return meeting
    return []


def _near(one: LocalRule, other: LocalRule) -> bool:
    """Whether one of the two is about a region that the other is about too."""
    a, b = one.region or "", other.region or ""
    return a.startswith(b) or b.startswith(a)


def _named(names: Sequence[str]) -> str:
    shown = ", ".join(names[:MOST_NAMED])
    return shown if len(names) <= MOST_NAMED else f"{shown}, …"


def _fault(pointer: str, broken: Rule, **context: str) -> Fault:
    return Fault(pointer, broken.id, broken.zh.format_map(context), broken.en.format_map(context))
