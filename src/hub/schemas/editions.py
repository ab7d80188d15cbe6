"""What breaks for a sender between two editions of a kind."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from hub.nearest import meant
from hub.problems import NotFound
from hub.schemas.kind import Kind, editions, kinds
from hub.schemas.submission import submission_of

CONSTRAINTS = ("type", "pattern", "maxLength", "minLength", "enum", "const", "format", "maximum", "minimum", "maxItems")
"""What a JSON Schema says of a value; any other value of these can refuse what was taken before."""


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two editions; a breaking one refuses documents that were valid before."""

    pointer: str
    title: str
    what: Literal["added", "required", "removed", "optional", "constraint"]
    breaking: bool
    en: str
    zh: str


def kind_named(name: str) -> type[Kind]:
    """The kind of this name; raises `NotFound`, with the nearest one where there is such."""
    if name not in kinds():
        raise NotFound(f"There is no kind {name!r}{meant(name, kinds())} `hub example` lists them.")
    return kinds()[name]


def edition_named(name: str) -> type[Kind]:
    """The payload class that `kind@version` names, e.g. `win_result_notice@2.1`; a kind alone is its first edition."""
    kind, _, version = name.partition("@")
    known = editions(kind_named(kind).name())
    if not version:
        return next(iter(known.values()))
    if version not in known:
        raise NotFound(f"{kind} has no edition {version!r}; it has {', '.join(known)}.")
    return known[version]


def changes(before: type[Kind], after: type[Kind]) -> list[Change]:
    """Every difference between two payload classes, the breaking ones first, each by its JSON Pointer."""
    old, new = (submission_of(kind).model_json_schema() for kind in (before, after))
    bodies = (schema["$defs"][kind.__name__] for schema, kind in ((old, before), (new, after)))
    found = _objects("/body", next(bodies), next(bodies), old.get("$defs", {}), new.get("$defs", {}))
    return sorted(found, key=lambda change: (not change.breaking, change.pointer))


def _objects(
    pointer: str, old: dict[str, Any], new: dict[str, Any], olds: dict[str, Any], news: dict[str, Any]
) -> Iterator[Change]:
    before, after = old.get("properties", {}), new.get("properties", {})
    must_before, must_after = set(old.get("required", ())), set(new.get("required", ()))
    for name in sorted(before.keys() | after.keys()):
        here, title = f"{pointer}/{name}", (after.get(name) or before[name]).get("title", name)
        if name not in before:
            needed = name in must_after
            yield Change(here, title, "added", needed, *_added(needed))
        elif name not in after:
            yield Change(here, title, "removed", True, "is not taken any more", "不再接收该字段")
        else:
            if name in must_after - must_before:
                yield Change(here, title, "required", True, "is needed now", "改为必填")
            elif name in must_before - must_after:
                yield Change(here, title, "optional", False, "may be left out now", "改为选填")
            yield from _values(here, title, before[name], after[name], olds, news)


def _added(needed: bool) -> tuple[str, str]:
    return ("is new and needed", "新增必填字段") if needed else ("is new", "新增选填字段")


def _values(
    pointer: str, title: str, old: dict[str, Any], new: dict[str, Any], olds: dict[str, Any], news: dict[str, Any]
) -> Iterator[Change]:
    old, new = _resolved(old, olds), _resolved(new, news)
    for name in CONSTRAINTS:
        if old.get(name) != new.get(name):
            breaking = not _wider(name, old.get(name), new.get(name))
            said = f"{name}: {_shown(old.get(name))} → {_shown(new.get(name))}"
            yield Change(pointer, title, "constraint", breaking, said, said)
    if "properties" in old and "properties" in new:
        yield from _objects(pointer, old, new, olds, news)
    if "items" in old and "items" in new:
        yield from _values(pointer + "/*", title, old["items"], new["items"], olds, news)


def _resolved(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """The schema behind a reference, and of `X | None` that of X."""
    for choice in schema.get("anyOf", ()):
        if choice.get("type") != "null":
            return _resolved(choice, definitions)
    reference = schema.get("$ref")
    return definitions[reference.rpartition("/")[2]] if reference else schema


def _wider(name: str, old: Any, new: Any) -> bool:
    """Whether everything that the old constraint let through passes the new one too."""
    if new is None:
        return True
    if old is None:
        return False
    match name:
        case "maxLength" | "maxItems" | "maximum":
            return bool(new >= old)
        case "minLength" | "minimum":
            return bool(new <= old)
        case "enum":
            return set(old) <= set(new)
    return False


def _shown(value: Any) -> str:
    return "–" if value is None else str(value)
