"""`hub push`: a file of submissions goes to the hub in requests of bounded size, however long the file is."""

import asyncio
import os
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from random import SystemRandom
from typing import IO, Any, BinaryIO, Protocol

import httpx
import orjson
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from hub.problems import MalformedDocument
from hub.sync.breaker import LONGEST_RETRY_AFTER, full_jitter
from hub.sync.client import pause_of
from hub.wire.envelope import Piece
from hub.wire.files import Defaults, completed, form_of, opened, pieces_of
from hub.wire.forms import JSON_FORM, V2_JSON, V2_JSON_FORM, XML, XML_FORM, Form

MAX_LINES = 1000
MAX_BYTES = 4 * 1024 * 1024
"""The most documents and (but for one longer document) bytes of a request."""

PATIENCE = 60.0
"""Seconds without any answered line after which a hub that answered before counts as not reachable."""

FIRST_PATIENCE = 5.0
"""The same for a hub that has never answered."""

BATCH_MEDIA = {JSON_FORM: "application/x-ndjson", V2_JSON_FORM: V2_JSON, XML_FORM: XML}
"""The media type of a batch of documents in a form."""

NO_DEFAULTS = Defaults()

TELL_EVERY = 5.0
"""Seconds between two lines of progress where there is no terminal."""

MOST_SHOWN = 20
"""The most warnings of a rule that are shown with their places; all are counted."""

TRANSIENT = frozenset({408, 425, 429, 500, 502, 503, 504})
ANSWER_WITHIN = 60.0

ALL_ACCEPTED, SOME_REFUSED, NOT_PUSHED = 0, 1, 2


class Listener(Protocol):
    """Who hears of every answer, and knows where the documents are from."""

    def answered(self, piece: Piece, status: int, answer: bytes) -> None:
        """The answer line of a document, with its status."""

    def place(self, piece: Piece, pointer: str) -> str:
        """Where a place in a document is for those who wrote it."""


class Stopped(Exception):
    """The hub cannot be reached, or refuses the request as a whole; the message says why."""


class Interrupted(Exception):
    """The request ended before all its lines were answered; sending the rest again is safe, after `pause` seconds."""

    def __init__(self, why: str, pause: float = 0.0) -> None:
        super().__init__(why)
        self.pause = pause


@dataclass(slots=True)
class Counts:
    """How many lines got which answer."""

    accepted: int = 0
    known: int = 0
    refused: int = 0
    rules: Counter[str] = field(default_factory=Counter)
    warnings: Counter[str] = field(default_factory=Counter)
    """How many warnings came of which rule."""

    @property
    def answered(self) -> int:
        """All lines that got a final answer."""
        return self.accepted + self.known + self.refused


async def push_file(file: Path, *, url: str, key: str, answers: Path | None, defaults: Defaults = NO_DEFAULTS) -> int:
    """Push the documents of `file` (`-`: standard input) to the hub at `url`; `defaults` complete its envelopes.

    Refused documents are printed with all their faults; `answers` is a file for the hub's answer lines. Returns 0 where
    everything was accepted or known, 1 where a document was refused, 2 where the hub was not reachable or refused the key.
    """
    console = Console(stderr=True)
    with ExitStack() as stack:
        try:
            source = stack.enter_context(opened(file))
        except OSError as error:
            console.print(f"{error.filename}: {error.strerror}", style="red", highlight=False)
            return NOT_PUSHED
        form = form_of(file)
        pieces = (completed(piece, form, defaults) for piece in pieces_of(source, form))
        return await push_pieces(pieces, _size_of(source), form, url=url, key=key, answers=answers, console=console)


async def push_pieces(
    pieces: Iterator[Piece],
    size: int | None,
    form: Form,
    *,
    url: str,
    key: str,
    answers: Path | None,
    console: Console,
    listener: Listener | None = None,
) -> int:
    """Push documents, of `size` bytes together where that is known, as `push_file` does; `listener` hears every answer."""
    with ExitStack() as stack:
        try:
            kept = None if answers is None else stack.enter_context(answers.open("wb"))
        except OSError as error:
            console.print(f"{error.filename}: {error.strerror}", style="red", highlight=False)
            return NOT_PUSHED
        async with httpx.AsyncClient(timeout=ANSWER_WITHIN, headers={"authorization": f"Bearer {key}"}) as http:
            return await _Sender(http, url.rstrip("/"), console, kept, form, listener).push(pieces, size)


class _Sender:
    def __init__(
        self,
        http: httpx.AsyncClient,
        url: str,
        console: Console,
        answers: IO[bytes] | None,
        form: Form,
        listener: Listener | None,
    ) -> None:
        self._http = http
        self._form = form
        self._address = f"{url}/v1/records:batch"
        self._console = console
        self._answers = answers
        self._listener = listener
        self._counts = Counts()
        self._sent_bytes = 0
        self._random = SystemRandom()
        self._began = self._heard = time.monotonic()
        self._told_at = self._began
        self._failures = 0

    async def push(self, pieces: Iterator[Piece], size: int | None) -> int:
        """Push everything; the exit code. `size` is that of the pieces in bytes where it is known."""
        columns = (
            TextColumn("报送 push"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f}%" if size else ""),
            TextColumn("{task.fields[told]}"),
            TimeElapsedColumn(),
        )
        stopped = ""
        with Progress(*columns, console=self._console, disable=not self._console.is_terminal, transient=True) as bar:
            task = bar.add_task("push", total=size, told="")
            try:
                for group in batches(pieces):
                    await self._deliver(group, bar, task)
            except Stopped as reason:
                stopped = str(reason)
            except MalformedDocument as problem:
                stopped = problem.detail
        self._summarise(stopped)
        if stopped:
            return NOT_PUSHED
        return SOME_REFUSED if self._counts.refused else ALL_ACCEPTED

    async def _deliver(self, lines: Sequence[Piece], bar: Progress, task: TaskID) -> None:
        """Send the lines until each has its final answer."""
        self._heard = time.monotonic()
        while lines:
            before = self._counts.answered
            try:
                async for line, status, answer in self._answered(lines):
                    self._note(line, status, answer)
                    self._sent_bytes += len(line.raw) + 1
                    bar.update(task, completed=self._sent_bytes, told=self._told())
                    self._tell_now_and_then()
            except Interrupted as reason:
                self._failures += 1
                patience = PATIENCE if self._counts.answered else FIRST_PATIENCE
                if time.monotonic() > self._heard + patience:
                    raise Stopped(f"no answer for {patience:g} s ({reason})") from None
                if self._failures == 1:
                    self._print(f"中断，重试 interrupted, trying again: {reason}", "yellow")
                asked = min(reason.pause, LONGEST_RETRY_AFTER)
                self._heard += asked  # Who says when to come again is there.
                await asyncio.sleep(asked + full_jitter(min(self._failures, 4), self._random))
            done = self._counts.answered - before
            if done:
                self._heard, self._failures = time.monotonic(), 0
            lines = lines[done:]

    async def _answered(self, lines: Sequence[Piece]) -> AsyncIterator[tuple[Piece, int, bytes]]:
        """Each line with its final answer, in order; raises `Interrupted` where the answers end early."""
        body = b"".join(line.raw + b"\n" for line in lines)
        headers = {"content-type": BATCH_MEDIA[self._form]}
        waiting = iter(lines)
        try:
            async with self._http.stream("POST", self._address, content=body, headers=headers) as response:
                if response.status_code != 200:
                    pause = pause_of(response.headers.get("retry-after", ""))
                    raise _whole(response.status_code, await response.aread(), pause or 0.0)
                async for answer in response.aiter_lines():
                    status = orjson.loads(answer)["status"]
                    # A line that waits for the ledger is sent again, and what follows it, so that the order stays.
                    if status in TRANSIENT:
                        raise Interrupted(f"HTTP {status}")
                    if (line := next(waiting, None)) is None:
                        raise Stopped("The hub gave more answers than lines were sent.")
                    yield line, status, answer.encode()
        except httpx.TransportError as error:
            raise Interrupted(type(error).__name__) from None
        except httpx.InvalidURL:
            raise Stopped(f"{self._address} is no address.") from None
        except (orjson.JSONDecodeError, KeyError, TypeError):
            raise Interrupted("an unreadable answer") from None
        if next(waiting, None) is not None:
            raise Interrupted("the answers ended early")

    def _note(self, line: Piece, status: int, answer: bytes) -> None:
        if self._answers is not None:
            self._answers.write(answer + b"\n")
        if self._listener is not None:
            self._listener.answered(line, status, answer)
        if status == 201:
            self._counts.accepted += 1
        elif status == 200:
            self._counts.known += 1
        else:
            self._counts.refused += 1
            self._show_refusal(line, orjson.loads(answer).get("problem", {}))
            return
        self._show_warnings(line, orjson.loads(answer).get("receipt", {}).get("warnings") or [])

    def _show_warnings(self, line: Piece, warnings: Sequence[Mapping[str, Any]]) -> None:
        counts = self._counts.warnings
        counts.update(warning["rule"] for warning in warnings)
        if shown := [warning for warning in warnings if counts[warning["rule"]] <= MOST_SHOWN]:
            self._print(f"第 {line.line} 行 line {line.line}: 已接收，有警告 taken, with warnings", "yellow")
            for warning in shown:
                self._show_fault(line, warning)

    def _show_refusal(self, line: Piece, problem: Mapping[str, Any]) -> None:
        slug = str(problem.get("type", "")).rpartition("/")[2]
        faults = problem.get("faults") or []
        self._counts.rules.update({fault["rule"] for fault in faults} or {problem.get("rule") or slug})
        title = f"{problem.get('title_zh', '')} {problem.get('title', '')}"
        self._print(f"第 {line.line} 行 line {line.line}: {problem.get('status')} {slug}  {title}", "red")
        if problem.get("detail") and not faults:
            self._print(f"    {problem['detail']}")
        for fault in faults:
            self._show_fault(line, fault)

    def _show_fault(self, line: Piece, fault: Mapping[str, Any]) -> None:
        repair = f"  → {_shown(fault['repair'])}" if "repair" in fault else ""
        place = fault.get("element", fault["pointer"])
        if self._listener is not None:
            place = self._listener.place(line, fault["pointer"])
        self._print(f"    {place}  [{fault['rule']}]  {fault['zh']}  {fault['en']}{repair}")

    def _tell_now_and_then(self) -> None:
        moment = time.monotonic()
        if not self._console.is_terminal and moment > self._told_at + TELL_EVERY:
            self._told_at = moment
            self._print(self._told())

    def _told(self) -> str:
        counts = self._counts
        rate = counts.answered / max(time.monotonic() - self._began, 0.001)
        return f"{counts.answered} 行 lines · {rate:.0f}/s · 拒收 refused {counts.refused}"

    def _summarise(self, stopped: str) -> None:
        counts = self._counts
        seconds = time.monotonic() - self._began
        if stopped:
            self._print(f"未能报送完毕 not everything was pushed: {stopped}", "bold red")
        self._print(
            f"新接收 accepted {counts.accepted}, 已有 known {counts.known}, 拒收 refused {counts.refused}, "
            f"警告 warnings {counts.warnings.total()}; "
            f"{seconds:.1f} s, {counts.answered / max(seconds, 0.001):.0f}/s",
            "bold" if counts.refused or stopped else "bold green",
        )
        for rule, count in counts.rules.most_common():
            self._print(f"    {rule}: {count}")
        for rule, count in counts.warnings.most_common():
            shown = f"，仅列出 {MOST_SHOWN} of them are shown" if count > MOST_SHOWN else ""
            self._print(f"    警告 warning {rule}: {count}{shown}")

    def _print(self, words: str, style: str = "") -> None:
        self._console.print(words, style=style, highlight=False, markup=False, soft_wrap=True)


def batches(pieces: Iterator[Piece]) -> Iterator[list[Piece]]:
    """The documents in groups of at most `MAX_LINES`, and, but for one that is longer, `MAX_BYTES` bytes.

    What came before a fault of the file is given out before the fault is raised.
    """
    group: list[Piece] = []
    size = 0
    try:
        for piece in pieces:
            if group and (len(group) == MAX_LINES or size + len(piece.raw) > MAX_BYTES):
                yield group
                group, size = [], 0
            group.append(piece)
            size += len(piece.raw) + 1
    except MalformedDocument:
        if group:
            yield group
        raise
    if group:
        yield group


def _size_of(source: BinaryIO) -> int | None:
    """The size of a file; None where it is a pipe or a terminal."""
    return os.fstat(source.fileno()).st_size if source.seekable() else None


def _whole(status: int, body: bytes, pause: float) -> Exception:
    """What it means that the request as a whole was answered with `status`, and to come again after `pause` seconds."""
    if status in TRANSIENT:
        return Interrupted(f"HTTP {status}", pause)
    try:
        problem = orjson.loads(body)
        words = f"{problem['title_zh']} {problem['title']} {problem.get('detail', '')}".strip()
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
        words = "is this the hub's address?"
    return Stopped(f"HTTP {status} {words}")


def _shown(repair: object) -> str:
    return repair if isinstance(repair, str) else orjson.dumps(repair).decode()
