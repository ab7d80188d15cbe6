"""What a person sees: the live display, plain lines where there is no terminal, and the tables at the end."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from rich import box
from rich.console import Console, Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from hub.demo.checking import Check
from hub.demo.pushing import Refused, Tally, answer_of
from hub.demo.reader import Reader
from hub.demo.watching import TargetView, Watch
from hub.schemas.kind import kinds

TITLE = "公共资源交易数据交换中心"
TARGETS_ZH = {"national": "全国", "credit": "信用"}
STATES_ZH = {"withdrawn": "已撤回", "withheld": "依申请公开"}
READER_ZH = {
    "starting": "启动",
    "reading": "读取",
    "killed": "被杀",
    "resumed": "续读",
    "complete": "完整",
    "not complete": "不完整",
}
READER_STYLES = {"killed": "bold red", "not complete": "bold red", "resumed": "yellow", "complete": "green"}
FAULTS_SHOWN = 20


@dataclass(slots=True)
class Screen:
    """The live display; rich asks it for its picture several times a second."""

    tally: Tally
    watch: Watch
    reader: Reader
    total: int
    began: float

    def __rich__(self) -> RenderableType:
        return Group(self._head(), self._progress(), self._targets(), self._reader(), self._newest())

    def _head(self) -> RenderableType:
        grid = Table.grid(expand=True)
        grid.add_column()
        grid.add_column(justify="right")
        seconds = f"{time.perf_counter() - self.began:.0f} s"
        grid.add_row(Text(f"{TITLE} · hub demo", "bold"), Text(f"{self.watch.url}  ·  {seconds}", "dim"))
        return grid

    def _progress(self) -> RenderableType:
        grid = Table.grid(padding=(0, 2))
        grid.add_row(
            Text.assemble("报送 pushed ", (f"{self.tally.sent}/{self.total}", "bold")),
            ProgressBar(self.total, self.tally.sent, width=12),
            Text.assemble("接收 accepted ", (str(len(self.tally.accepted)), "bold green")),
            _refusals(self.tally),
        )
        return grid

    def _targets(self) -> RenderableType:
        table = Table(box=box.SIMPLE_HEAD, expand=True, padding=(0, 1), pad_edge=False)
        table.add_column("交换目标 Target", no_wrap=True, ratio=1)
        for name in ("已达\ndelivered", "在途\nto go", "退回\nrejected", "搁置\nparked", "滞后\nlag"):
            table.add_column(name, justify="right", no_wrap=True)
        table.add_column("状态\nstate", no_wrap=True, min_width=11)
        for target in self.watch.targets.values():
            table.add_row(*self._target(target))
        return table

    def _target(self, target: TargetView) -> tuple[RenderableType, ...]:
        wanted = self.tally.wanted(target.name).keys()
        delivered, rejected = len(wanted & target.accepted), len(wanted & target.rejected)
        to_go = len(wanted) - delivered - rejected
        return (
            Text(f"{TARGETS_ZH[target.name]} {target.name}"),
            Text(f"{delivered}/{len(wanted)}", "green" if delivered == len(wanted) else "yellow"),
            Text(str(to_go), "yellow" if to_go else "dim"),
            Text(str(rejected), "bold red" if rejected else "dim"),
            Text(str(target.parked), "bold red" if target.parked else "dim"),
            Text(f"{target.lag_seconds:.1f} s", "yellow" if target.lag_seconds > 1 else "dim"),
            Text(target.state, "green" if target.state == "up to date" else "yellow"),
        )

    def _reader(self) -> RenderableType:
        """How far the reader is, and what has been done to it."""
        reader = self.reader
        grid = Table.grid(padding=(0, 2))
        behind = reader.position < self.watch.head
        killed = "" if reader.killed_at is None else f"kill -9 @ {reader.killed_at}"
        grid.add_row(
            Text("消费者 hub consume --follow"),
            Text(f"{reader.position}/{max(self.watch.head, reader.position)}", "yellow" if behind else "green"),
            Text(f"{READER_ZH[reader.state]} {reader.state}", READER_STYLES.get(reader.state, "dim")),
            Text(killed, "dim"),
        )
        return grid

    def _newest(self) -> RenderableType:
        table = Table(box=box.SIMPLE_HEAD, expand=True, padding=(0, 1), pad_edge=False)
        table.add_column("位置", justify="right", no_wrap=True, min_width=5)
        table.add_column("最新记录 Newest", no_wrap=True)
        table.add_column("标题 Title", no_wrap=True, overflow="ellipsis", ratio=1)
        table.add_column("版本", justify="right", no_wrap=True)
        for line in reversed(self.watch.newest):
            mark = STATES_ZH.get(line.state, "")
            number = Text(f"{mark} {line.number}" if mark else str(line.number), "yellow" if line.number > 1 else "")
            table.add_row(str(line.position), line.kind, Text(line.title, "dim" if mark else ""), number)
        return table


def plain_line(screen: Screen) -> str:
    """The state in one line, for where there is no terminal."""
    tally, watch = screen.tally, screen.watch
    seconds = time.perf_counter() - screen.began
    targets = ", ".join(
        f"{t.name} {t.delivered(tally)}/{len(tally.wanted(t.name))} (lag {t.lag_seconds:.1f} s)"
        for t in watch.targets.values()
    )
    return (
        f"{seconds:5.1f} s  报送 pushed {tally.sent}/{screen.total}, 接收 accepted {len(tally.accepted)}, "
        f"拒收 refused {len(tally.refused)}; {targets}; consumer {screen.reader.position} {screen.reader.state}"
    )


def reader_lines(reader: Reader) -> list[str]:
    """What was done to the reader so far, a line for each."""
    if reader.killed_at is None:
        return []
    lines = [f"消费者被杀 the reader was killed (kill -9) at position {reader.killed_at}"]
    if reader.state != "killed":
        lines.append(f"消费者续读 the reader was started again and goes on behind position {reader.killed_at}")
    return lines


def summary(console: Console, tally: Tally, targets: Sequence[TargetView]) -> None:
    """What was pushed, stored, refused and delivered, per kind and target."""
    table = Table(title="按类别 By kind", title_justify="left", box=box.SIMPLE_HEAD)
    # The numbers keep their room on a narrow terminal; the kinds' names give way.
    table.add_column("类别 Kind", no_wrap=True, overflow="ellipsis", max_width=max(12, console.width - 70))
    for name in ("报送\npushed", "入库\nstored", "重复\nrepeated", "拒收\nrefused"):
        table.add_column(name, justify="right", no_wrap=True, min_width=8)
    for target in targets:
        table.add_column(f"{TARGETS_ZH[target.name]}\n{target.name}", justify="right", no_wrap=True, min_width=8)
    stored = Counter(taken.kind for taken in tally.accepted.values())
    refused = Counter(r.step.kind for r in tally.refused)
    for name in sorted(tally.pushed):
        counts = [tally.pushed[name], stored[name], tally.repeated[name], refused[name]]
        delivered = [_delivered(tally, target, name) for target in targets]
        table.add_row(f"{kinds()[name].title()} {name}", *map(_count, counts), *delivered)
    table.add_section()
    totals = [tally.pushed.total(), len(tally.accepted), tally.repeated.total(), len(tally.refused)]
    table.add_row(
        "合计 total", *map(_count, totals), *(_delivered(tally, target, None) for target in targets), style="bold"
    )
    console.print(table)


def refusals(console: Console, refused: Sequence[Refused]) -> None:
    """The refusals: what was tried, what should come of it and what did."""
    if not refused:
        return
    table = Table(title="拒收 Refused", title_justify="left", box=box.SIMPLE_HEAD)
    table.add_column("", no_wrap=True)
    table.add_column("报送 Push")
    table.add_column("答复 Answer")
    for found in sorted(refused, key=lambda r: r.expected):
        mark = Text("✓", "green") if found.expected else Text("✗ 意外", "bold red")
        table.add_row(mark, found.step.what or found.step.path, answer_of(found))
    console.print(table)
    for found in [r for r in refused if not r.expected][:FAULTS_SHOWN]:
        console.print(f"{found.platform.name}  {found.step.path}", style="red", highlight=False)
        for fault in found.faults:
            repair = f"  → {fault['repair']}" if "repair" in fault else ""
            words = f"  {fault['pointer']}  [{fault['rule']}]  {fault['zh']}  {fault['en']}{repair}"
            console.print(words, highlight=False, markup=False)


def verdict(console: Console, checks: Sequence[Check]) -> None:
    """Every check by name, and what is wrong where it failed."""
    for check in checks:
        mark = Text("✓", "green") if check.passed else Text("✗", "bold red")
        console.print(Text.assemble(" ", mark, " ", (check.name, "" if check.passed else "bold red")))
        for wrong in check.wrong[:FAULTS_SHOWN]:
            console.print(Text(f"     {wrong}", "red"), soft_wrap=True)
        if len(check.wrong) > FAULTS_SHOWN:
            console.print(Text(f"     … {len(check.wrong) - FAULTS_SHOWN} more", "red"))
    failed = sum(not check.passed for check in checks)
    if failed:
        console.print(f"{failed} 项检查未通过 check(s) failed", style="bold red", highlight=False)
    else:
        words = "全部通过：每个接收的版本都已到达每个目标，恰好一次，顺序一致"
        console.print(words, style="bold green", highlight=False)
        meaning = (
            "Everything passed: every accepted version is at every target that wants it, exactly once and in order"
        )
        console.print(meaning, style="bold green", highlight=False)


def _refusals(tally: Tally) -> Text:
    unexpected = len(tally.unexpected)
    words = Text.assemble("拒收 refused ", (str(len(tally.refused)), "bold"))
    if unexpected:
        words.append(f" ({unexpected} unexpected)", "bold red")
    elif tally.refused:
        words.append(" (expected)", "dim")
    return words


def _delivered(tally: Tally, target: TargetView, kind: str | None) -> Text:
    wanted = {p for p, taken in tally.wanted(target.name).items() if kind in (None, taken.kind)}
    if not wanted:
        return Text("–", "dim")
    delivered = len(wanted & target.accepted)
    return Text(f"{delivered}/{len(wanted)}", "green" if delivered == len(wanted) else "bold red")


def _count(number: int) -> Text:
    return Text(str(number), "" if number else "dim")
