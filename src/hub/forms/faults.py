"""What can be wrong with a workbook itself, and where: the rules of the form and the addresses of cells."""

from typing import Any, NamedTuple

from hub.problems import Fault, InvalidSubmission
from hub.schemas.rules import Rule

KIND = Rule(
    "form-kind",
    "工作簿未说明记录类别，或没有该类别：{told}",
    "The workbook names no kind, or none that there is: {told}",
)
SHEET = Rule("form-sheet", "缺少工作表“{sheet}”", "The sheet “{sheet}” is missing.")
COLUMN = Rule("form-column", "缺少必填列 {name}（{title}）", "The needed column `{name}` is missing.")
COLUMN_UNKNOWN = Rule("form-column-unknown", "没有名为 {name} 的列", "There is no column named `{name}`.")
COLUMN_TWICE = Rule("form-column-twice", "列 {name} 出现了两次", "The column `{name}` is there twice.")
COLUMN_UNNAMED = Rule(
    "form-column-unnamed",
    "该列有内容，但第 2 行没有字段名（表头可能被合并或删除）",
    "The column has values but no field name in row 2; the header may have been merged or deleted.",
)
TOO_MANY_ROWS = Rule("form-rows", "一张工作表至多 {most} 行", "A sheet has at most {most} rows.")
HEADER_ROW = Rule(
    "form-header",
    "第 3 行应为“是否必填”，现为内容；表头须有三行，否则该行会被当作表头而不报送",
    "Row 3 says of each column whether it is needed, and here it has values: a header of three rows comes first.",
)
MERGED_HEADER = Rule("form-merged-header", "表头不得合并单元格", "Cells of the header may not be merged.")
MERGED = Rule("form-merged", "不得合并单元格，请逐格填写", "Cells may not be merged; fill in each of them.")
FORMULA = Rule("form-formula", "不得填公式，请填写值", "Fill in a value, not a formula.")
ERROR_VALUE = Rule("form-error-value", "单元格是错误值", "The cell holds an error value.")
DIGITS = Rule(
    "form-digits",
    "数字超过 15 位，表格软件已丢失末位数字；请将单元格设为文本后重新填写",
    "A number of more than 15 digits: the spreadsheet has lost its last ones; make the cell text and fill it in again.",
)
KEY_MISSING = Rule("form-key", "未填来源系统主键（data_key）", "The row has no `data_key`.")
KEY_TWICE = Rule("form-key-twice", "来源系统主键在本表中重复", "The sheet has this `data_key` more than once.")
ORPHAN = Rule("form-orphan", "“{sheet}”表中没有该来源系统主键", "The sheet “{sheet}” has no such `data_key`.")
ORDINAL = Rule(
    "form-ordinal",
    "须为所属记录在“{sheet}”表中的序号，从 1 起",
    "The number, from 1, of a row of “{sheet}” belongs here.",
)
EMPTY_ROW = Rule("form-empty-row", "空行，已跳过", "The row is empty and was passed over.")


class Cell(NamedTuple):
    """A cell of a sheet; row and column count from 1."""

    sheet: str
    row: int
    column: int

    @property
    def address(self) -> str:
        """The cell as spreadsheets write it, e.g. `招标公告!C5`."""
        letters, left = "", self.column
        while left:
            left, digit = divmod(left - 1, 26)
            letters = chr(ord("A") + digit) + letters
        return f"{self.sheet}!{letters}{self.row}"


class DamagedWorkbook(InvalidSubmission):
    """The workbook is not as its template was; nothing of it was pushed."""

    zh = "工作簿与模板不符，未报送"


class WrongCell(Exception):
    """A cell cannot be read; `rule` says why."""

    def __init__(self, rule: Rule) -> None:
        super().__init__(rule.id)
        self.rule = rule


def fault_at(cell: Cell, rule: Rule, **context: Any) -> Fault:
    """The fault of a cell; its pointer is the cell's address."""
    return Fault(cell.address, rule.id, rule.zh.format_map(context), rule.en.format_map(context))
