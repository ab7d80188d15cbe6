"""Every rule with what it asks, where it applies and an example that breaks it."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from hub.problems import Fault
from hub.reference.judging import RuleExample, rule_examples
from hub.reference.places import rules_of_fields
from hub.schemas.kind import kinds
from hub.schemas.rules import RULES, Rule

ABOUT = {
    "submission": ("报送内容", "Submissions"),
    "versions": ("版本之间", "Between versions"),
    "workbook": ("工作簿表单", "Workbooks"),
    "local_rules": ("地方或行业细化规则文件", "Files of local rules"),
    "calendar": ("工作日历", "Calendars"),
}
"""What rules are about, in the order of an index."""

AFTER = {
    "example": (
        "的示例之后报送第二个版本：一小时后的更正，附变更原因，改动如下。",
        "after the example a second version, a correction of an hour later with its reason, changed:",
    ),
    "withdrawal": (
        "的示例撤回之后报送新版本：一小时后的更正，附变更原因。",
        "after the example and its withdrawal another version, a correction of an hour later with its reason.",
    ),
}
"""What stands before an example of two versions, by what came first."""

GENERAL = "invalid"
"""The rule that stands for whatever no other rule names: nothing is known to break it, so it has no example."""


@dataclass(frozen=True, slots=True)
class Change:
    """One place where an example differs from what is right: a JSON Pointer, a cell, or `merge` and `path`."""

    at: str
    value: Any
    removed: bool = False


@dataclass(frozen=True, slots=True)
class RulePage:
    """Everything about one rule.

    `about` says what breaks it: `submission`, `versions`, `calendar`, `local_rules` or `workbook`. `places` are the
    fields it holds for, by kind; empty for what every submission may break. `fault` is what the hub says to the example.
    """

    id: str
    zh: str
    en: str
    about: str
    warns: bool
    places: Mapping[str, Sequence[str]]
    example: RuleExample | None
    changes: Sequence[Change]
    fault: Fault | None


@cache
def rules() -> Mapping[str, Rule]:
    """Every rule that there is, by its id, in the order of the ids."""
    kinds()  # Kinds are found when they are asked for, and their rules with them.
    return dict(sorted(RULES.items()))


@cache
def rule_page(name: str) -> RulePage:
    """The page of the rule with that id; KeyError where there is none."""
    broken = rule_examples().get(name)
    faults, warnings = ([], []) if broken is None else broken.told()
    told = [fault for fault in (*faults, *warnings) if fault.rule == name]
    zh, en = words(name)
    return RulePage(
        id=name,
        zh=zh,
        en=en,
        about=about(name),
        warns=not any(fault.rule == name for fault in faults) and bool(told),
        places=_places().get(name, {}),
        example=broken,
        changes=[] if broken is None else list(_changes(broken)),
        fault=told[0] if told else None,
    )


def words(name: str) -> tuple[str, str]:
    """The rule's sentence in Chinese and in English; what depends on a document stands as `…`."""
    rule = rules()[name]
    return _dotted(rule.zh), _sentence(_dotted(rule.en))


def about(name: str) -> str:
    """What the rule is about: one of `ABOUT`."""
    broken = rule_examples().get(name)
    return "submission" if broken is None else broken.about()


@cache
def _places() -> Mapping[str, Mapping[str, Sequence[str]]]:
    """The fields that a rule holds for, by rule and kind."""
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for name, kind in kinds().items():
        for rule, path in rules_of_fields(kind):
            if path not in found[rule][name]:
                found[rule][name].append(path)
    return found


def _changes(broken: RuleExample) -> Iterator[Change]:
    for pointer, value in broken.set.items():
        yield Change(pointer, value)
    for pointer in broken.remove:
        yield Change(pointer, None, removed=True)
    for address, value in broken.cells.items():
        yield Change(address, value, removed=value is None)
    for address in broken.merge:
        yield Change(address, "（合并单元格 merged）")
    for kind, values in broken.beside.items():
        yield Change(f"已有 beside it: {kind}", "示例 its example")
        for pointer, value in values.items():
            yield Change(f"已有 beside it: {kind} {pointer}", value)
    for member, value in broken.path.items():
        yield Change(f"PUT …/{{{member}}}", value)


class _Dots(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "…"


def _dotted(sentence: str) -> str:
    return sentence.format_map(_Dots())


def _sentence(text: str) -> str:
    """The English sentence with a capital and a full stop, where it has neither."""
    begun = text if text[:1] in "`…" else text[:1].upper() + text[1:]
    return begun if begun.endswith((".", "?", "…")) else f"{begun}."
