"""Which rules a class of payloads keeps: found in the code of its checks, so that no list can be out of date."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from inspect import getclosurevars, isfunction, unwrap
from typing import Any

from hub.rules import FIELD_FIXED
from hub.schemas.kind import Kind
from hub.schemas.rules import Rule, Ruled

DEEPEST = 2
"""How many functions of the hub deep a rule is looked for: a check may leave its work to a helper."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A rule between fields, or between two versions, that a class keeps.

    `at` is the field that the fault points to, `advice` whether breaking it is a warning only. `zh` and `en` are the
    rule's sentences, as far as the class alone fills them: what depends on a payload stands as `…`.
    """

    rule: Rule
    at: str
    advice: bool
    zh: str
    en: str


@cache
def rules_of(model: type[Ruled]) -> tuple[Kept, ...]:
    """The rules between the fields of `model`, by field and id; those of the objects inside it are their own."""
    advices: tuple[tuple[str, Callable[..., Any]], ...] = (*model.advices, *model.besides)
    checks = [(at, check, False) for at, check in model.rules] + [(at, check, True) for at, check in advices]
    found = [
        Kept(broken, at, advice, _filled(broken.zh, known), _filled(broken.en, known))
        for at, check, advice in checks
        for broken, known in rules_in(check, DEEPEST)
    ]
    return tuple(sorted(set(found), key=lambda kept: (kept.at, kept.rule.id, kept.zh)))


@cache
def rules_between_versions(kind: type[Kind]) -> tuple[Kept, ...]:
    """The rules between two versions of the kind that hold for a field of it, by field and id."""
    fixed = [(name, FIELD_FIXED, {"field": name}) for name in kind.fixed]
    followings = [(at, broken, known) for at, check in kind.followings for broken, known in rules_in(check, DEEPEST)]
    found = {
        Kept(broken, at, False, _filled(broken.zh, known), _filled(broken.en, known))
        for at, broken, known in (*fixed, *followings)
    }
    return tuple(sorted(found, key=lambda kept: (kept.at, kept.rule.id)))


def rules_in(function: Callable[..., Any], deep: int) -> Iterator[tuple[Rule, Mapping[str, Any]]]:
    """The rules that a function names, whose answers may be kept, with the variables that it has closed over."""
    names = getclosurevars(unwrap(function))
    known = dict(names.nonlocals)
    for value in (*names.nonlocals.values(), *names.globals.values()):
        if isinstance(value, Rule):
            yield value, known
        elif deep > 1 and isfunction(unwrap(value)) and value.__module__.startswith("hub."):
            yield from rules_in(value, deep - 1)


class _Dots(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "…"


def _filled(sentence: str, known: Mapping[str, Any]) -> str:
    return sentence.format_map(_Dots(known))
