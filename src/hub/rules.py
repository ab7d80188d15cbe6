"""A rule: a stable id and its sentence in two languages; and the rules between two versions of whatever kind."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic_core import PydanticCustomError

RULES: dict[str, "Rule"] = {}


@dataclass(frozen=True)
class Rule:
    """A rule with a stable id and its sentence in two languages.

    Calling it makes the error that a validator raises or a check returns; the keyword arguments fill the sentences.
    `repair`, where there is one, turns the value as sent into the value that would be right, or into None.
    """

    id: str
    zh: str
    en: str
    repair: Callable[[Any], Any] | None = None

    def __post_init__(self) -> None:
        if self.id in RULES:
            raise ValueError(f"two rules are named {self.id}")
        RULES[self.id] = self

    def __call__(self, **context: Any) -> PydanticCustomError:
        return PydanticCustomError(self.id, self.en, context or None)


AFTER_WITHDRAWAL = Rule(
    "after-withdrawal",
    "记录已撤回，撤回之后不得再有新版本",
    "The record was withdrawn; nothing can follow a withdrawal.",
)
RECORD_THREAD = Rule(
    "record-thread",
    "记录的后续版本须属于同一项目或同一信用主体",
    "A record stays with its project or credit subject.",
)
NO_CHANGE = Rule(
    "no-change",
    "第二个及以后的版本须说明变更：填写 change 和 changed_at",
    "A second version says why: `change` and `changed_at` are needed.",
)
FIELD_FIXED = Rule("field-fixed", "{field} 自首个版本起不得更改", "`{field}` stays what it was in the first version.")
