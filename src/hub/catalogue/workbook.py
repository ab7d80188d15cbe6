"""主动公开目录清单 as a workbook: a sheet per field of the opinion, one with all fields, one with all codes."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from io import BytesIO
from typing import Any

from xlsxwriter import Workbook  # type: ignore[import-untyped]
from xlsxwriter.format import Format  # type: ignore[import-untyped]

from hub.catalogue.fields import FieldItem, envelope_fields, fields_of, walk
from hub.catalogue.items import Item, Place, catalogue
from hub.law.local_rules import NATIONAL
from hub.schemas.codes import table, tables
from hub.schemas.kind import Domain, kinds

Column = tuple[str, int]
"""A heading and the column's width in characters."""

ITEMS: tuple[Column, ...] = (
    ("序号", 6),
    ("阶段", 12),
    ("公开事项", 24),
    ("公开主体", 30),
    ("公开原则", 16),
    ("公开时限", 36),
    ("公开渠道和载体", 30),
    ("公开方式", 10),
    ("监督渠道", 22),
    ("公开依据", 44),
    ("交换目标", 26),
    ("数据集", 16),
    ("记录类别", 32),
)
FIELDS: tuple[Column, ...] = (
    ("领域", 16),
    ("公开事项", 24),
    ("要素", 28),
    ("字段", 34),
    ("元素名", 34),
    ("必填", 8),
    ("公开范围", 22),
    ("类型", 34),
    ("代码表", 22),
    ("说明", 60),
)
CODES: tuple[Column, ...] = (
    ("代码表", 24),
    ("名称", 28),
    ("代码", 16),
    ("中文", 36),
    ("English", 48),
    ("来源", 40),
)

# A workbook with the time in it would be another file each time, and readers could not tell that nothing changed.
_MADE = datetime(2017, 12, 19)  # noqa: DTZ001 - a document property without an offset


def workbook(place: Place | None = None) -> bytes:
    """The catalogue as XLSX, the same bytes for the same kinds and local rules."""
    written = BytesIO()
    book = Workbook(written, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": "公共资源配置领域主动公开目录清单", "created": _MADE})
    sheets = _Sheets(book)
    items = catalogue(place)
    for domain in Domain:
        if rows := [item for item in items if item.domain.code == domain]:
            sheets.add(domain.zh, ITEMS, (_item_row(number, item) for number, item in enumerate(rows, start=1)))
    sheets.add("公开内容（字段）", FIELDS, _field_rows(items, place))
    sheets.add("代码表", CODES, _code_rows())
    book.close()
    return written.getvalue()


class _Sheets:
    """Adds sheets of one look: a frozen heading, wrapped cells, a filter."""

    def __init__(self, book: Workbook) -> None:
        self._book = book
        look: dict[str, Any] = {"text_wrap": True, "valign": "top", "border": 1, "border_color": "#D0D0D0"}
        self._cell: Format = book.add_format(look)
        self._head: Format = book.add_format(look | {"bold": True, "bg_color": "#E8EEF7", "valign": "vcenter"})

    def add(self, name: str, columns: Sequence[Column], rows: Iterable[Sequence[str | int]]) -> None:
        """A sheet with a heading and rows."""
        sheet = self._book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
        last = 0
        for column, (title, width) in enumerate(columns):
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, title, self._head)
        for last, row in enumerate(rows, start=1):
            for column, value in enumerate(row):
                (sheet.write_number if isinstance(value, int) else sheet.write_string)(last, column, value, self._cell)
        sheet.autofilter(0, 0, last, len(columns) - 1)


def _item_row(number: int, item: Item) -> list[str | int]:
    return [
        number,
        item.stage.zh,
        item.title,
        "；".join(discloser.zh for discloser in item.disclosers),
        "\n".join(discloser.principle_zh for discloser in item.disclosers),
        "\n".join(f"{limit.zh}（{limit.basis}）" for limit in item.limits),
        "；".join(item.media),
        "主动公开" if item.disclosure == "proactive" else "政务公开",
        item.supervision,
        item.basis,
        "；".join(target.title for target in item.targets),
        " ".join(map(str, item.datasets)) or "—",
        item.name,
    ]


def _field_rows(items: Sequence[Item], place: Place | None) -> Iterable[list[str | int]]:
    yield from (_field_row("各领域", "报送信封", path, field) for path, field in walk(envelope_fields()))
    for item in items:
        kind = kinds()[item.name]
        local = NATIONAL if place is None else place.tightened(kind)
        yield from (_field_row(item.domain.zh, item.title, path, field) for path, field in walk(fields_of(kind, local)))


def _field_row(domain: str, title: str, path: str, field: FieldItem) -> list[str | int]:
    needed = f"是（{field.required_by}）" if field.required_by else "是" if field.required else "否"
    said = [field.description or "", f"限于：{'、'.join(field.codes)}" if field.codes else ""]
    return [
        domain,
        title,
        field.title,
        path,
        field.element or "—",
        needed,
        field.scope_zh,
        field.type_zh,
        field.code_table or "",
        "；".join(part for part in said if part),
    ]


def _code_rows() -> Iterable[list[str | int]]:
    for known in (table(name) for name in tables()):
        for value in known.values.values():
            yield [known.name, known.title_zh, value.code, value.zh, value.en, known.source]
