"""`hub push FILE.xlsx`: the rows of a workbook go to the hub, and a checked copy says what became of each."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
from rich.console import Console
from rich.progress import Progress

from hub.forms.columns import KEY
from hub.forms.mark import Marks, fault_from, is_as_written, write_checked
from hub.forms.read import Record, Workbook, read_workbook
from hub.problems import Fault, InvalidSubmission, Problem
from hub.sender import ALL_ACCEPTED, NOT_PUSHED, SOME_REFUSED, push_pieces
from hub.wire.envelope import Piece
from hub.wire.forms import JSON_FORM

SUFFIX = ".xlsx"


async def push_workbook(file: Path, *, url: str, key: str, answers: Path | None) -> int:
    """Push the rows of a workbook, as `hub.sender.push_file` pushes a file; the exit codes are the same.

    `FILE.checked.xlsx` is written beside it, with every fault in its cell. A workbook that differs from its template
    is not pushed at all: what differs is printed, with sheet and cell.
    """
    console = Console(stderr=True)
    try:
        with _progress(console, "读取 reading") as told:
            workbook = read_workbook(file, told)
    except Problem as problem:
        _print(console, f"{problem.zh} {problem.title()}: {problem.detail}", "red")
        for fault in problem.faults if isinstance(problem, InvalidSubmission) else ():
            _print_fault(console, fault)
        return NOT_PUSHED
    except OSError as error:
        _print(console, f"{error.filename}: {error.strerror}", "red")
        return NOT_PUSHED
    _print(console, f"{file}: {workbook.filled.kind.title()} {len(workbook.records)} 条记录 records")
    listener = _Listener(workbook)
    for _, fault in workbook.faults + workbook.warnings:
        _print_fault(console, fault)
    pieces = [Piece(orjson.dumps(one.document), one.row) for one in workbook.records if not one.held]
    code = await push_pieces(
        iter(pieces),
        sum(len(piece.raw) + 1 for piece in pieces),
        JSON_FORM,
        url=url,
        key=key,
        answers=answers,
        console=console,
        listener=listener,
    )
    if code == ALL_ACCEPTED and workbook.faults:
        code = SOME_REFUSED
    return _write_copy(file, workbook, listener, console) or code


def checked_name(file: Path) -> Path:
    """The file of the checked copy: `FILE.checked.xlsx`, or `FILE.checked-2.xlsx` where somebody works in the first one."""
    number = 1
    while (copy := file.with_name(f"{file.stem}.checked{f'-{number}' * (number > 1)}{SUFFIX}")).exists():
        if is_as_written(copy):
            break
        number += 1
    return copy


class _Listener:
    """Hears the answers, and turns them into marks."""

    def __init__(self, workbook: Workbook) -> None:
        self._records: Mapping[int, Record] = {record.row: record for record in workbook.records}
        self.marks = Marks()
        for cell, fault in workbook.faults:
            self.marks.fault(cell, fault)
        for cell, warning in workbook.warnings:
            self.marks.warn(cell, warning)
        for row, record in self._records.items():
            held = "：本行或所属行有单元格无法读取 some of its cells cannot be read" if record.held else ""
            self.marks.refuse(row, f"未报送 not pushed{held}")

    def answered(self, piece: Piece, status: int, answer: bytes) -> None:
        """Keep what the answer says of the cells of its row."""
        record, told = self._records[piece.line], orjson.loads(answer)
        if status in (200, 201):
            self._accepted(record, told["receipt"], "已接收 accepted" if status == 201 else "已有 known")
        else:
            self._refused(record, told.get("problem", {}))

    def place(self, piece: Piece, pointer: str) -> str:
        """The address of the cell."""
        return self._records[piece.line].cell_of(pointer).address

    def _accepted(self, record: Record, receipt: Mapping[str, Any], words: str) -> None:
        self.marks.accept(record.row, f"{words}，position {receipt['position']}，digest {receipt['digest']}")
        for warning in receipt.get("warnings", ()):
            self.marks.warn(record.cell_of(warning["pointer"]), fault_from(warning))

    def _refused(self, record: Record, problem: Mapping[str, Any]) -> None:
        slug = str(problem.get("type", "")).rpartition("/")[2]
        zh, en = problem.get("title_zh", ""), f"{problem.get('title', '')} {problem.get('detail', '')}".strip()
        faults = [fault_from(shown) for shown in problem.get("faults") or ()]
        for fault in faults or [Fault(problem.get("pointer", f"/{KEY}"), slug, zh, en)]:
            self.marks.fault(record.cell_of(fault.pointer), fault)
        places = "、".join(dict.fromkeys(record.cell_of(fault.pointer).address for fault in faults))
        self.marks.refuse(record.row, f"拒绝 refused：{slug} {zh} {places or en}")


def _write_copy(file: Path, workbook: Workbook, listener: _Listener, console: Console) -> int:
    """Write the checked copy; `NOT_PUSHED` where it cannot be written."""
    copy = checked_name(file)
    try:
        with _progress(console, "标记 marking") as told:
            write_checked(copy, workbook.filled, listener.marks, told)
    except OSError as error:
        _print(console, f"{copy}: {error}", "red")
        return NOT_PUSHED
    _print(console, f"核对结果 checked copy: {copy}")
    return ALL_ACCEPTED


@contextmanager
def _progress(console: Console, words: str) -> Iterator[Callable[[int], None]]:
    """A function to tell how many rows are done; they are shown where there is a terminal."""
    with Progress(console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task(words, total=None)
        yield lambda rows: bar.update(task, description=f"{words} {rows} 行 rows")


def _print_fault(console: Console, fault: Fault) -> None:
    repair = "" if fault.repair is None else f"  → {fault.repair}"
    _print(console, f"    {fault.pointer}  [{fault.rule}]  {fault.zh}  {fault.en}{repair}")


def _print(console: Console, words: str, style: str = "") -> None:
    console.print(words, style=style, highlight=False, markup=False, soft_wrap=True)
