"""What became of the notices of a file, as tables for a terminal."""

from collections import Counter
from collections.abc import Iterable

from rich.console import Group
from rich.table import Table

from hub.demo.notices.results import Mapped, Unmapped
from hub.schemas.kind import kinds


def report(results: Iterable[Mapped | Unmapped]) -> Group:
    """The notices mapped, by kind, with their number of notes; and those not mapped, by reason."""
    mapped: Counter[str] = Counter()
    notes: Counter[str] = Counter()
    reasons: Counter[tuple[str, str, str]] = Counter()
    for result in results:
        if isinstance(result, Mapped):
            mapped[result.kind] += 1
            notes[result.kind] += len(result.notes)
        else:
            reasons[f"{result.business_type}·{result.info_type}", result.reason_zh, result.reason_en] += 1
    return Group(_mapped(mapped, notes), _unmapped(reasons))


def _mapped(mapped: Counter[str], notes: Counter[str]) -> Table:
    table = Table(title=f"已转换 mapped: {mapped.total()}", title_justify="left")
    table.add_column("记录类别 kind")
    table.add_column("名称")
    table.add_column("条数 notices", justify="right")
    table.add_column("备注 notes", justify="right")
    for kind, count in mapped.most_common():
        table.add_row(kind, kinds()[kind].title(), str(count), str(notes[kind]))
    return table


def _unmapped(reasons: Counter[tuple[str, str, str]]) -> Table:
    table = Table(title=f"未转换 not mapped: {reasons.total()}", title_justify="left")
    table.add_column("业务·信息类型")
    table.add_column("条数 notices", justify="right")
    table.add_column("原因 reason", overflow="fold")
    for (types, zh, en), count in reasons.most_common():
        table.add_row(types, str(count), f"{zh}\n{en}")
    return table
