"""Examples of broken rules: a document, a calendar, a file of local rules or a workbook, and what the hub says to it."""

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import orjson

from hub.forms.read import read_workbook
from hub.forms.template import write_template
from hub.intake import Accepted, Intake, follows
from hub.keys import Sender
from hub.law.calendars import calendar_in
from hub.law.duplicates import content_of, same_content
from hub.law.local_rules import LocalRule, LocalRules
from hub.law.local_rules_file import local_rules_at
from hub.ledger.append import illegal_after
from hub.problems import Fault, IllegalChange, InvalidSubmission
from hub.schemas.examples import example
from hub.schemas.kind import kinds
from hub.schemas.places import ABSENT, tokens_of
from hub.schemas.repairs import put
from hub.schemas.workdays import shipped
from hub.wire.envelope import Sent

FILE = "rule_examples.json"
PLATFORM = "91350100M000100Y43"
"""The platform that sends the examples."""


@dataclass(frozen=True, slots=True)
class RuleExample:
    """How a rule is broken.

    `set` puts values at JSON Pointers of what is right otherwise, `remove` takes members out: of the golden example of
    `kind`, of the shipped `calendar` of a year, or of nothing, which makes a file of `local_rules`. A submission may
    also be sent to a `path` that says something else, to a hub with the local rules `under`, `twice`, or where records
    stand `beside` it in its thread: examples by kind, with values put at JSON Pointers of them; or as a second
    version that comes `after` the example, or after its withdrawal: a correction with its reason. A `workbook`
    is the form of a kind with its golden example in so many `rows`; `cells` are filled in and `merge` merged.
    """

    kind: str | None = None
    set: Mapping[str, Any] = field(default_factory=dict)
    remove: Sequence[str] = ()
    path: Mapping[str, str] = field(default_factory=dict)
    under: Sequence[Mapping[str, Any]] = ()
    twice: str | None = None
    beside: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    after: Literal["example", "withdrawal"] | None = None
    calendar: int | None = None
    local_rules: str | None = None
    workbook: str | None = None
    rows: int = 1
    cells: Mapping[str, Any] = field(default_factory=dict)
    merge: Sequence[str] = ()

    def about(self) -> str:
        """What is wrong in it: `submission`, `versions`, `calendar`, `local_rules` or `workbook`."""
        if self.after is not None:
            return "versions"
        names = ("calendar", "local_rules", "workbook")
        return next((name for name in names if getattr(self, name) is not None), "submission")

    def original(self) -> Any:
        """What is right before it is changed, as JSON."""
        if self.kind is not None:
            right = example(self.kind)
            return right if self.after is None else _corrected(right)
        if self.calendar is not None:
            return shipped()[self.calendar].model_dump(mode="json")
        return {"rules": []}

    def document(self) -> Any:
        """The document that breaks the rule, as JSON; a workbook has none."""
        changed = _with(self.original(), self.set)
        for pointer in self.remove:
            put(changed, tokens_of(pointer), ABSENT)
        return changed

    def told(self) -> tuple[list[Fault], list[Fault]]:
        """The faults and the warnings that the hub finds."""
        return _JUDGES[self.about()](self)


@cache
def rule_examples() -> Mapping[str, RuleExample]:
    """The example of every rule that has one, by the rule's id."""
    rows: dict[str, dict[str, Any]] = orjson.loads(files("hub.schemas").joinpath(FILE).read_bytes())
    return {rule: RuleExample(**row) for rule, row in rows.items()}


def _submission(broken: RuleExample) -> tuple[list[Fault], list[Fault]]:
    document = broken.document()
    rules = LocalRules([LocalRule.model_validate_json(orjson.dumps(row)) for row in broken.under])
    try:
        accepted = _accepted(document, rules, **broken.path)
    except InvalidSubmission as problem:
        return list(problem.faults), []
    return [], [*accepted.warnings, *_twin(broken, document), *_beside(broken, accepted)]


def _corrected(document: Mapping[str, Any]) -> dict[str, Any]:
    """The same as a second version, an hour later."""
    later = (datetime.fromisoformat(document["data_timestamp"]) + timedelta(hours=1)).isoformat()
    return {**document, "data_timestamp": later, "changed_at": later, "change": {"reason": "更正笔误"}}


def _versions(broken: RuleExample) -> tuple[list[Fault], list[Fault]]:
    """As the ledger decides on two versions, one after the other."""
    assert broken.kind is not None
    first, second = (
        _accepted(document, LocalRules([])).entry for document in (example(broken.kind), broken.document())
    )
    state = "withdrawn" if broken.after == "withdrawal" else first.state
    illegal = illegal_after(state, first.thread, second) or follows(broken.kind, first.document, second.document)
    return [illegal.fault] if isinstance(illegal, IllegalChange) else [], []


def _accepted(document: Any, rules: LocalRules, **path: str) -> Accepted:
    return Intake(300, rules).accepted(Sent(document, orjson.dumps(document)), Sender(PLATFORM), **path)


def _twin(broken: RuleExample, document: Mapping[str, Any]) -> list[Fault]:
    """The warning that the same is there under the key `twice`, as the ledger gives it."""
    if broken.twice is None:
        return []
    kind = kinds()[document["kind"]]
    one, other = (
        orjson.dumps(body, option=orjson.OPT_SORT_KEYS) for body in (document["body"], broken.original()["body"])
    )
    if content_of(kind, PLATFORM, document["body"], one) != content_of(
        kind, PLATFORM, broken.original()["body"], other
    ):
        return []
    shown = orjson.loads(same_content(broken.twice))
    return [Fault(shown["pointer"], shown["rule"], shown["zh"], shown["en"])]


def _beside(broken: RuleExample, accepted: Accepted) -> list[Fault]:
    """The warnings that the ledger finds among the records of a thread."""
    if accepted.entry.advise is None:
        return []
    others = [_accepted(_with(example(kind), values), LocalRules([])).entry for kind, values in broken.beside.items()]
    standing = [
        one.public for one in others if one.thread == accepted.entry.thread and one.kind in accepted.entry.beside
    ]
    told = map(orjson.loads, accepted.entry.advise(standing))
    return [Fault(one["pointer"], one["rule"], one["zh"], one["en"]) for one in told]


def _with(document: Any, values: Mapping[str, Any]) -> Any:
    """The document with values put at JSON Pointers of it."""
    changed = deepcopy(document)
    for pointer, value in values.items():
        put(changed, tokens_of(pointer), value)
    return changed


def _calendar(broken: RuleExample) -> tuple[list[Fault], list[Fault]]:
    return _refused(lambda: calendar_in(orjson.dumps(broken.document())))


def _local_rules(broken: RuleExample) -> tuple[list[Fault], list[Fault]]:
    with TemporaryDirectory() as folder:
        file = Path(folder, "rules.json")
        if broken.local_rules:
            file.write_text(broken.local_rules)
        elif broken.set:
            file.write_bytes(orjson.dumps(broken.document()))
        return _refused(lambda: local_rules_at(str(file)))


def _refused(work: Callable[[], object]) -> tuple[list[Fault], list[Fault]]:
    try:
        work()
    except InvalidSubmission as problem:
        return list(problem.faults), []
    return [], []


def _workbook(broken: RuleExample) -> tuple[list[Fault], list[Fault]]:
    # Imported here: only this one judge opens workbooks to change them.
    from openpyxl import load_workbook

    assert broken.workbook is not None
    with TemporaryDirectory() as folder:
        file = Path(folder, "form.xlsx")
        documents = [example(broken.workbook) | {"data_key": f"ROW-{row}"} for row in range(1, broken.rows + 1)]
        write_template(file, kinds()[broken.workbook], documents)
        book = load_workbook(file)
        for address, value in broken.cells.items():
            sheet, _, cell = address.partition("!")
            book[sheet][cell].value = value
        for address in broken.merge:
            sheet, _, cells = address.partition("!")
            book[sheet].merge_cells(cells)
        book.save(file)
        try:
            read = read_workbook(file)
        except InvalidSubmission as problem:
            return list(problem.faults), []
    return [fault for _, fault in read.faults], [fault for _, fault in read.warnings]


_JUDGES: Mapping[str, Callable[[RuleExample], tuple[list[Fault], list[Fault]]]] = {
    "submission": _submission,
    "versions": _versions,
    "calendar": _calendar,
    "local_rules": _local_rules,
    "workbook": _workbook,
}
