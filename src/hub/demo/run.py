"""`hub demo`: everything on this machine as real processes, sample platforms that push, and a live display."""

import asyncio
import os
import shutil
import signal
import sys
import time
from collections.abc import Mapping
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import httpx
from rich.console import Console
from rich.live import Live

from hub.demo import display
from hub.demo.checking import Auditor, Check
from hub.demo.hints import TRIES_AS, hints
from hub.demo.lateness import time_limits
from hub.demo.programme import Programme, of_notices, of_samples
from hub.demo.pushing import Pusher, Tally
from hub.demo.stage import Stage, set_stage
from hub.demo.watching import TargetView, Watch

LOOK_EVERY = 0.125
"""Seconds between two looks at the hub and the targets."""

WIDTH = 120
"""Columns of the tables where there is no terminal."""

DEAD_FOR = 2.0
"""Seconds for which the reader stays dead when somebody watches."""

LINE_EVERY = 1.0
"""Seconds between two lines where there is no terminal."""

PAUSE = 0.1
"""Seconds between two pushes of a platform when somebody watches; less where a platform has much to push."""

SHOW = 15.0
"""Seconds that all pauses of a platform may take."""

DELIVERED_WITHIN = 60.0
"""Seconds after the last push in which everything is to arrive at the targets."""

STALLED_AFTER = 20.0
"""Seconds without any decision after which versions behind a rejected one are not waited for any longer."""

STORED_WITHIN = 5.0
"""Seconds in which the hub is to have stored the outcomes of what the targets hold."""


@dataclass(frozen=True, slots=True)
class Choices:
    """How the demo runs; `dial` sets the national platform's fault dial."""

    once: bool
    port: int
    database_url: str
    dial: Mapping[str, Any]


def demo(
    *,
    once: bool = False,
    notices: Path | None = None,
    port: int = 0,
    database_url: str = "",
    dial: Mapping[str, Any] | None = None,
) -> int:
    """Run the demo; the exit code is 0 where every check passed, 1 where one failed, 130 where it was interrupted.

    With `once` it ends when everything is delivered, else when it is interrupted. `notices` is a file of public
    notices to push instead of the samples.
    """
    began = time.perf_counter()
    console = _Console()
    if not console.is_terminal:
        console.width = WIDTH
    programme = of_samples(datetime.now(UTC)) if notices is None else of_notices(notices)
    choices = Choices(once, port, database_url, {**programme.dial, **(dial or {})})
    try:
        return asyncio.run(_Demo(choices, programme, console, began).run())
    except ExceptionGroup as group:
        raise _first(group) from None


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Whoever read along has gone: say nothing more, and stop as when interrupted."""
        self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        signal.raise_signal(signal.SIGTERM)


class _Demo:
    def __init__(self, choices: Choices, programme: Programme, console: Console, began: float) -> None:
        self.choices = choices
        self.programme = programme
        self.console = console
        self.began = began
        self.verdict: int | None = None
        """The exit code once everything was checked."""

    async def run(self) -> int:
        task = asyncio.current_task()
        assert task is not None
        for name in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(name, task.cancel)
        directory = Path(mkdtemp(prefix="hub-demo-"))
        keep = True
        try:
            self._say("启动 starting: API, worker, national, credit, consumer …")
            async with set_stage(directory, self.choices.port, self.choices.database_url) as stage:
                await self._on(stage, directory)
            keep = self.verdict != 0
        except asyncio.CancelledError:
            keep = False
            self._say("已停止 stopped")
        finally:
            if keep:
                self._say(f"日志与数据 logs and data: {directory}")
            else:
                shutil.rmtree(directory, ignore_errors=True)
        return 130 if self.verdict is None else self.verdict

    async def _on(self, stage: Stage, directory: Path) -> None:
        if self.choices.dial:
            await stage.dial("national", self.choices.dial)
        platforms = {script.platform for script in self.programme.scripts}
        issued = await stage.admit(platforms if self.choices.once else platforms | {TRIES_AS})
        watch = Watch(stage.http, stage.url, stage.targets)
        tally = Tally(await watch.start())
        screen = display.Screen(tally, watch, stage.reader, self.programme.count(), self.began)
        pusher = Pusher(stage.http, stage.url, issued, tally, self._pause())
        try:
            with (
                Live(screen, console=self.console, refresh_per_second=8) if self.console.is_terminal else nullcontext()
            ):
                async with asyncio.TaskGroup() as group:
                    watching = group.create_task(self._watch(stage, screen))
                    dead_for = 0.0 if self.choices.once else DEAD_FOR
                    surviving = group.create_task(stage.reader.die_and_resume(tally, screen.total, dead_for))
                    await pusher.push(self.programme.scripts)
                    in_time = await self._settled(tally, watch)
                    await surviving
                    self.verdict = await self._judge(stage, screen, issued, in_time)
                    if self.choices.once:
                        watching.cancel()
                        return
                    stage.reader.start()
                    hints(self.console, stage, issued, tally, directory)
        finally:
            await stage.dismiss(issued)

    def _pause(self) -> float:
        longest = max((len(script.steps) for script in self.programme.scripts), default=1)
        return 0.0 if self.choices.once else min(PAUSE, SHOW / longest)

    async def _watch(self, stage: Stage, screen: display.Screen) -> None:
        """Look again and again, and say what can be said only once."""
        said_at = 0.0
        said_first = False
        reader, told = stage.reader, 0
        worker = next(process for process in stage.processes.running if process.name == "sync")
        while True:
            stage.processes.check()
            reader.look()
            for line in display.reader_lines(reader)[told:]:
                self._say(line)
                told += 1
            # A look that fails on a busy machine is no failure of the demo: the next one comes at once.
            with suppress(httpx.TransportError, httpx.HTTPStatusError):
                await screen.watch.look()
            if not said_first and screen.tally.first_accepted is not None:
                said_first = True
                seconds = screen.tally.first_accepted - self.began
                self._say(f"首条记录 first record accepted {seconds:.1f} s after the start")
            if not worker.ready_after and screen.watch.has_worker():
                worker.is_ready()
                ready = [process for process in stage.processes.running if process.ready_after]
                self._say(f"就绪 ready: {', '.join(f'{p.name} {p.ready_after:.1f} s' for p in ready)}")
            if not self.console.is_terminal and self.verdict is None and time.perf_counter() > said_at + LINE_EVERY:
                said_at = time.perf_counter()
                self._say(display.plain_line(screen))
            await asyncio.sleep(LOOK_EVERY)

    async def _settled(self, tally: Tally, watch: Watch) -> bool:
        """Wait until the targets hold everything and the hub has stored that; False when the time is up."""
        pushed = decided = time.perf_counter()
        decisions = 0
        targets = watch.targets.values()
        while not all(target.accepted >= tally.wanted(target.name).keys() for target in targets):
            await asyncio.sleep(LOOK_EVERY)
            moment = time.perf_counter()
            if (found := sum(len(target.held) for target in targets)) != decisions:
                decided, decisions = moment, found
            stalled = any(target.rejected for target in targets) and moment > decided + STALLED_AFTER
            if stalled or moment > pushed + DELIVERED_WITHIN:
                return False
        for _ in range(int(STORED_WITHIN / LOOK_EVERY)):
            if all(target.state == "up to date" for target in targets):
                break
            await asyncio.sleep(LOOK_EVERY)
        return True

    async def _judge(self, stage: Stage, screen: display.Screen, issued: Mapping[str, str], in_time: bool) -> int:
        tally = screen.tally
        targets = list(screen.watch.targets.values())
        auditor = Auditor(stage.http, stage.url, issued, tally)
        await screen.watch.read_again()
        proving = asyncio.create_task(stage.reader.prove(tally))
        checks = await auditor.checks(self.programme.scripts, targets, stage.database)
        checks.append(await proving)
        if not in_time:
            checks.insert(0, Check("按时送达 everything arrived in time", _missing(tally, targets)))
        display.summary(self.console, tally, targets)
        time_limits(self.console, tally.accepted.values())
        display.refusals(self.console, tally.refused)
        self.programme.tell(self.console)
        display.verdict(self.console, checks)
        return 0 if all(check.passed for check in checks) else 1

    def _say(self, words: str) -> None:
        self.console.print(words, highlight=False, markup=False, soft_wrap=True)


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The first exception in a group of groups: what a process or a push died of."""
    first = group.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first


def _missing(tally: Tally, targets: list[TargetView]) -> list[str]:
    missing = []
    for target in targets:
        lacking = [taken for p, taken in sorted(tally.wanted(target.name).items()) if p not in target.accepted]
        if lacking:
            first = lacking[0]
            at = f"{first.record} version {first.number} at position {first.position}"
            missing.append(f"{target.name} lacks {len(lacking)}, first {at}")
    return missing
