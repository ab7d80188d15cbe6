"""Codes of the code tables: strict tables refuse what they do not list, lenient ones take it."""

from dataclasses import dataclass
from typing import Annotated, Any
from unicodedata import normalize

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from hub.schemas.codes import CodeTable, table
from hub.schemas.rules import Rule
from hub.schemas.types.text import Str

CODE_UNKNOWN = Rule(
    "code-unknown", "不在“{title_zh}”代码表中，应为：{listed_zh}", "`{table}` has these codes only: {listed_en}."
)

_LENIENT = Str(50)


@dataclass(frozen=True)
class Code:
    """A code of the table: `Annotated[str, Code("price_unit")]`."""

    table: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        known = table(self.table)
        if known.lenient:
            return _LENIENT.__get_pydantic_core_schema__(source, handler)
        values = known.values.values()
        context = {
            "table": self.table,
            "title_zh": known.title_zh,
            "listed_zh": _labels(known, "、"),
            "listed_en": ", ".join(f"{v.code} {v.en}" for v in values),
        }
        listed = core_schema.literal_schema([value.code for value in values])
        return core_schema.custom_error_schema(
            listed,
            custom_error_type=CODE_UNKNOWN.id,
            custom_error_message=CODE_UNKNOWN.en,
            custom_error_context=context,
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        known = table(self.table)
        described = f"{known.title_zh}: {_labels(known, '; ')}" if known.values else known.title_zh
        shown = {"type": "string", "x-code-table": self.table, "description": described}
        if known.lenient:
            return shown | {
                "minLength": 1,
                "maxLength": 50,
                "pattern": _LENIENT.pattern,
                "examples": list(known.values)[:3],
            }
        return shown | {"enum": list(known.values)}


@dataclass(frozen=True)
class Codes:
    """One to a hundred codes of the table: `Annotated[list[str], Codes("penalty_class")]`."""

    table: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        items = handler.generate_schema(Annotated[str, Code(self.table)])
        return core_schema.list_schema(items, min_length=1, max_length=100, strict=True)


def _labels(known: CodeTable, separator: str) -> str:
    return separator.join(v.code if v.code == v.zh else f"{v.code} {v.zh}" for v in known.values.values())


def repair_code(name: str, value: Any) -> str | None:
    """The code of the table that the value, a number, a full-width code or a label, stands for."""
    if isinstance(value, bool):
        value = str(int(value)) if name == "yes_no" else None
    if not isinstance(value, str | int):
        return None
    plain = normalize("NFKC", str(value)).strip()
    known = table(name)
    if known.has(plain):
        return plain
    named = [v.code for v in known.values.values() if plain in (v.zh, v.en)]
    return named[0] if len(named) == 1 else None


YesNo = Annotated[str, Code("yes_no")]
"""是否代码: "1" or "0"."""
