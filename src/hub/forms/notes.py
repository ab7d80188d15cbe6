"""What a template tells those who fill it in: the note of each column and the sheet of explanations."""

from collections.abc import Iterator

from hub.forms.columns import Column, Sheet, Written
from hub.schemas.codes import table
from hub.schemas.kind import Kind, Scope

MOST_LISTED = 40
"""The most codes that a note lists."""

_WRITTEN = {
    Written.TEXT: "文本",
    Written.TIME: "时间，如 2026-11-20 09:30（北京时间）或 2026-11-20T09:30:00+08:00",
    Written.DATE: "日期，如 2026-11-20",
    Written.AMOUNT: "数值，如 1980000.00",
    Written.WHOLE: "整数",
}

_SCOPES = {
    Scope.PUBLIC: "公开",
    Scope.GOVERNMENT: "仅限政府部门共享",
    Scope.MASKED: "公开，自然人的脱敏",
    Scope.PER_RECORD: "按记录的公开范围",
    Scope.OPENED: "开标（开启）后公开",
}


def needed_words(column: Column) -> str:
    """Whether a column is to be filled in: 必填, 选填, or needed together with others."""
    if not column.needed:
        return "选填"
    return f"填“{column.needed_with}”时必填" if column.needed_with else "必填"


def note_of(column: Column) -> str:
    """The note of a column: what it holds, how it is written, from which code table, and who sees it."""
    return "\n".join(_lines(column))


def _lines(column: Column) -> Iterator[str]:
    yield f"{column.title} {column.name}（{needed_words(column)}）"
    if column.description:
        yield column.description
    if column.path:
        yield f"类型：{_WRITTEN[column.written]}{_limits(column)}"
    if column.many:
        also = "" if column.separators == "\n" else "，或用分号、逗号、顿号分隔"
        yield f"可填多个：每行一个（Alt+Enter 换行{also}）"
    if column.table:
        yield f"代码表：{column.table} {table(column.table).title_zh}{'' if column.closed else '（可填表外代码）'}"
    codes = list(column.choices or ())
    if codes:
        listed = "；".join(column.shown(code) for code in codes[:MOST_LISTED])
        yield f"取值：{listed}{'；…' if len(codes) > MOST_LISTED else ''}"
    if column.path:
        yield f"公开范围：{_SCOPES[column.scope]}"


def _limits(column: Column) -> str:
    schema = column.schema
    told = ""
    if (longest := schema.get("maxLength")) is not None:
        told += f"，{longest} 个字符" if schema.get("minLength") == longest else f"，至多 {longest} 个字符"
    if "maximum" in schema:
        told += f"，{schema.get('minimum', 0)} 至 {schema['maximum']}"
    if column.written is Written.TEXT and column.choices is None and (examples := schema.get("examples")):
        told += f"，如 {examples[0]}"
    return told


def explanations(kind: type[Kind], sheets: tuple[Sheet, ...]) -> Iterator[tuple[str, str]]:
    """The rows of the sheet 说明: a word and what there is to say about it."""
    first, *others = sheets
    yield kind.title(), f"{kind.name()}，规范版本 {kind.schema_version}。{kind.summary()}"
    yield "依据", kind.basis
    yield (
        "填写",
        f"在“{first.name}”表中每条记录填一行，从第 4 行起；表头三行依次为名称、字段名、是否必填，请勿修改、合并。",
    )
    yield "必填", "橙色的列必填；黄色的列在填写同组其他列时必填；其余选填，不填即留空。选填列可以删除，列序可以调整。"
    yield (
        "主键",
        "data_key 是本单位系统中该记录的编号，同一工作簿中不得重复；更正时用原编号，并填更晚的 data_timestamp 和变更原因。",
    )
    yield "下拉", "有代码表的列可从下拉列表中选择（“代码 名称”），也可只填代码。"
    yield "时间", "单元格为文本格式，按 2026-11-20 09:30 填写，未写时区的按北京时间；日期格式的单元格同样可以读取。"
    yield "金额", "按文本填写，如 1980000.00；单位填在相应的单位列中。"
    yield "代码", "统一社会信用代码等编号按文本填写；超过 15 位的数字若填成数值，表格软件会丢失末位。"
    yield "公式", "不得填公式，不得合并单元格；空行会被跳过。"
    for sheet in others:
        needed = "至少填一行" if sheet.needed else "没有则不填"
        yield (
            f"“{sheet.name}”表",
            f"每项一行，以 data_key 对应“{first.name}”表中的记录，按行序排列；{needed}。{_ordinal(sheet)}",
        )
    yield (
        "报送",
        "hub push 文件.xlsx；结果写入 文件.checked.xlsx：红色为错误，黄色为提示，批注说明原因和改法，改后可直接再报。",
    )


def _ordinal(sheet: Sheet) -> str:
    if sheet.ordinal is None or sheet.parent is None:
        return ""
    return f"“{sheet.ordinal.title}”填所属记录在“{sheet.parent.name}”表中是第几行，从 1 起。"
