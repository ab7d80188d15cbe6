"""Processes forked from one that has loaded everything: one that is killed is replaced in a tenth of a second.

The process that was started loads the program, forks, and does nothing else. What it has loaded is shared with its children
until somebody writes to it.
"""

import ctypes
import logging
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress

from hub.garbage import keep_what_is

logger = logging.getLogger(__name__)

AGAIN_AFTER = 1.0
"""Seconds for which a process must have lived to be replaced at once; after one that did not, so long is waited."""

_STOPS = (signal.SIGTERM, signal.SIGINT)
_HEARD = {*_STOPS, signal.SIGCHLD}
_PR_SET_PDEATHSIG = 1
_KERNEL_KILLS = sys.platform == "linux"
"""Whether the kernel kills a process whose parent dies; elsewhere it watches a pipe that its parent holds open."""


def keep_running(work: Callable[[int], None], processes: int = 1) -> None:
    """Do `work` in so many forked processes, each with its number from 0, until SIGTERM or SIGINT, which they are told and waited for.

    A process that was killed, or ended well without being asked to, is replaced by one with its number. One that ends with an exit code had a
    reason that the next one would meet as well: the others are stopped, and `SystemExit` is raised with its code. Call it
    where there is one thread. A child does not return from here: it ends with what `work` raises, or with 0.
    """
    keep_what_is()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _HEARD)
    parent, (watched, held) = os.getpid(), os.pipe()

    def fork(number: int, rest: float = 0.0) -> int:
        if pid := os.fork():
            return pid
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        os.close(held)
        _end_with(parent, watched)
        select.select((), (), (), rest)  # Not by time.sleep, which fails while the clock is exchanged under it.
        work(number)
        sys.exit(0)

    running = {fork(number): (number, time.monotonic()) for number in range(processes)}
    code, stopping = 0, False
    while running:
        if signal.sigwait(_HEARD) in _STOPS:
            stopping = True
            _tell(running)
        for pid, ended in _ended():
            known = running.pop(pid, None)
            if known is None or stopping:  # The first process of a container is given others' orphans.
                continue
            number, born = known
            if ended > 0:
                code, stopping = ended, True
                _tell(running)
                continue
            logger.error("process %d ended (%s); another one takes its place", pid, _how(ended))
            rest = AGAIN_AFTER if time.monotonic() - born < AGAIN_AFTER else 0.0
            running[fork(number, rest)] = number, time.monotonic() + rest
    for end in (watched, held):
        os.close(end)
    signal.pthread_sigmask(signal.SIG_SETMASK, before)
    if code:
        sys.exit(code)


def _ended() -> Iterator[tuple[int, int]]:
    """The children that have ended, with their exit codes, or the negative number of what killed them."""
    with suppress(ChildProcessError):
        while (found := os.waitpid(-1, os.WNOHANG))[0]:
            yield found[0], os.waitstatus_to_exitcode(found[1])


def _tell(running: Iterable[int]) -> None:
    for pid in running:
        os.kill(pid, signal.SIGTERM)  # It has not been waited for, so the number is still its own.


def _how(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"


def _end_with(parent: int, watched: int) -> None:
    """Have this process killed when its parent dies, so that none is left behind that holds the port."""
    if not _KERNEL_KILLS:
        threading.Thread(target=_end_after, args=(watched,), daemon=True).start()
        return
    os.close(watched)
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # It died in between.
        os.kill(os.getpid(), signal.SIGKILL)


def _end_after(watched: int) -> None:
    os.read(watched, 1)  # Nothing is ever written: it returns when the last who holds the other end is gone.
    os.kill(os.getpid(), signal.SIGKILL)
