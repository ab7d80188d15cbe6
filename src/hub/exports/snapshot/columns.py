"""The columns of a kind in tables: what the hub says, the envelope, and the body's fields, by their paths."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import orjson

from hub.catalogue.fields import FieldItem, fields_of
from hub.schemas.kind import editions


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name is the path in the entry with points, `body.notice_name` for a field of the body."""

    name: str
    title: str
    path: tuple[str, ...]
    type: str = "文本"
    code_table: str = ""
    scope: str = ""
    description: str = ""

    def value(self, entry: Mapping[str, Any]) -> str | int | None:
        """The cell: text and numbers as they are, lists and objects as JSON, None where there is nothing."""
        found: Any = entry
        for step in self.path:
            found = found.get(step) if isinstance(found, Mapping) else None
        if found is None or isinstance(found, str) or (isinstance(found, int) and not isinstance(found, bool)):
            return found
        return orjson.dumps(found).decode()


HUB = (
    Column("position", "账本位置", ("position",), "整数"),
    Column("record", "记录号", ("record",)),
    Column("number", "版本号", ("number",), "整数"),
    Column("state", "状态", ("state",), description="published | withheld | withdrawn"),
    Column("thread", "所属项目", ("thread",)),
    Column("region_code", "行政区划代码", ("region_code",)),
    Column("data_timestamp", "数据时间戳", ("data_timestamp",)),
    Column("received_at", "接收时间", ("received_at",)),
    Column("digest", "摘要 SHA-256", ("digest",)),
    Column("due.on", "公开期限", ("due", "on")),
    Column("due.days_late", "逾期天数", ("due", "days_late"), "整数"),
    Column("withheld.ground", "不公开理由", ("withheld", "ground")),
    Column("withdrawal.reason", "撤回原因", ("document", "withdrawal", "reason")),
    Column("schema_version", "规范版本", ("document", "schema_version")),
    Column("discloser.name", "公开主体名称", ("document", "discloser", "name")),
    Column("discloser.code", "公开主体统一社会信用代码", ("document", "discloser", "code")),
    Column("discloser.role", "公开主体类别", ("document", "discloser", "role")),
    Column("formed_at", "信息形成时间", ("document", "formed_at")),
    Column("changed_at", "信息变更时间", ("document", "changed_at")),
    Column("decided_on", "行政决定日期", ("document", "decided_on")),
    Column("publication.media", "发布媒介", ("document", "publication", "media"), "JSON"),
    Column("publication.published_at", "发布时间", ("document", "publication", "published_at")),
    Column("publication.url", "发布源URL", ("document", "publication", "url")),
    Column("legal_basis", "公开依据", ("document", "legal_basis"), "JSON"),
    Column("change.reason", "变更原因", ("document", "change", "reason")),
    Column("attachments", "附件", ("document", "attachments"), "JSON"),
)
"""The columns that every kind has."""


@cache
def columns_of(kind: str) -> tuple[Column, ...]:
    """The columns of a kind: those of all, then the body's fields of its editions, each once."""
    fields: dict[str, FieldItem] = {}
    for edition in editions(kind).values():
        for field in fields_of(edition):
            fields.setdefault(field.name, field)
    return HUB + tuple(
        Column(
            name=f"body.{name}",
            title=field.title,
            path=("document", "body", name),
            type="JSON" if field.fields else field.type_zh,
            code_table=field.code_table or "",
            scope=field.scope_zh,
            description=field.description or "",
        )
        for name, field in fields.items()
    )
