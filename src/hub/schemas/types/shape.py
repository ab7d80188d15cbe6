"""Shape: a string type that is one regular expression in Rust, and a Python check only where arithmetic is needed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from hub.schemas.rules import Rule

Why = Rule | Callable[[str], PydanticCustomError]

_WHY: dict[str, Why] = {}


@dataclass(frozen=True, eq=False)
class Shape:
    """Annotates a string type: `Annotated[str, Shape(pattern, why)]`.

    `why` is the rule that a string breaks which does not match `pattern`, or a function that tells which one. `check` sees
    strings that match: it returns the value or raises a rule's error. `into` is a core schema that turns the checked
    string into another type, `as_text` whether the value is written as its `str`, `not_text` the rule that a value of another JSON type breaks. `shown` is added to the
    JSON schema.
    """

    pattern: str
    why: Why
    max_length: int | None = None
    check: Callable[[str], Any] | None = None
    into: CoreSchema | None = None
    as_text: bool = False
    not_text: Rule | None = None
    shown: Mapping[str, Any] = field(default_factory=dict)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        if _WHY.setdefault(self.pattern, self.why) != self.why:
            raise TypeError(f"two shapes explain one pattern each in its way: {self.pattern}")
        schema: CoreSchema = core_schema.str_schema(pattern=self.pattern, max_length=self.max_length, strict=True)
        if self.not_text:
            text = core_schema.custom_error_schema(
                core_schema.str_schema(strict=True),
                custom_error_type=self.not_text.id,
                custom_error_message=self.not_text.en,
            )
            schema = core_schema.chain_schema([text, schema])
        if self.check:
            written = core_schema.to_string_ser_schema() if self.as_text else None
            schema = core_schema.no_info_after_validator_function(self.check, schema, serialization=written)
        if self.into:
            schema = core_schema.chain_schema([schema, self.into])
        return schema

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        text = {"type": "string", "pattern": self.pattern}
        if self.max_length is not None:
            text["maxLength"] = self.max_length  # type: ignore[assignment]
        return text | dict(self.shown)


def why(pattern: str, text: str) -> PydanticCustomError | None:
    """The error of a string that does not match the pattern of a shape; None where no shape has that pattern."""
    asked = _WHY.get(pattern)
    if asked is None:
        return None
    return asked() if isinstance(asked, Rule) else asked(text)


def shown_as(length: int, *examples: str) -> dict[str, Any]:
    """JSON schema members of a string of exactly that length."""
    return {"minLength": length, "maxLength": length, "examples": list(examples)}
