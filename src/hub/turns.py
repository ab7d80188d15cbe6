"""Whose turn on the processor it is: those who wait for an answer come first, and a backlog comes last."""

import ctypes
import os
import platform
import struct
import sys
from contextlib import suppress
from pathlib import Path

SLICE = 100_000
"""Nanoseconds for which a process that answers requests wants the processor at a time, the fewest that Linux grants."""

_SCHED_SETATTR = {"x86_64": 314, "aarch64": 274}
_ATTRIBUTES = struct.Struct("IIQiIQQQ")
"""Of `struct sched_attr`: size, policy, flags, nice, priority, runtime, deadline, period."""

NICE = 15
"""How far back, of 19, a process stands that drains a backlog beside those who push."""

AUTOGROUP = Path("/proc/self/autogroup")
"""Where Linux is told how far back all processes of a session stand, and, other than by `nice`, when no longer."""


def be_prompt() -> bool:
    """Let the calling thread in as soon as something arrives for it, before those that want the processor for longer.

    Linux does so from 6.12 on: whoever asks for short turns gets them sooner, and no more of them. Says whether it was
    asked; other systems have no such wish.
    """
    if sys.platform != "linux" or (number := _SCHED_SETATTR.get(platform.machine())) is None:
        return False
    nice = os.getpriority(os.PRIO_PROCESS, 0)
    wanted = _ATTRIBUTES.pack(_ATTRIBUTES.size, os.sched_getscheduler(0), 0, nice, 0, SLICE, 0, 0)
    return bool(ctypes.CDLL(None).syscall(number, 0, ctypes.create_string_buffer(wanted), 0) == 0)


class Yielding:
    """Whether a process stands back: as long as one of its couriers does.

    Without a `file` nothing happens, as where the process answers requests too, or the kernel knows no such groups.
    Containers are not told by this but by the processor time that they are allotted.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._who: set[str] = set()
        self._said = 0

    @classmethod
    def of_this_process(cls) -> "Yielding":
        """One for a process that nothing else depends on; it gets a session of its own."""
        if not AUTOGROUP.exists():
            return cls()
        with suppress(PermissionError):  # It leads a session already.
            os.setsid()
        return cls(AUTOGROUP)

    def when(self, courier: str, stands_back: bool) -> None:
        """Note whether a courier stands back; call it again and again, as the kernel takes no more than ten a second."""
        (self._who.add if stands_back else self._who.discard)(courier)
        nice = NICE if self._who else 0
        if nice != self._said and self._file is not None:
            with suppress(OSError):
                self._file.write_text(str(nice))
                self._said = nice
