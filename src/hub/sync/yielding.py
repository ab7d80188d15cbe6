"""Whose turn on the processor it is: a process that only delivers leaves it to others while that is not urgent."""

import os
from contextlib import suppress
from pathlib import Path

NICE = 19
"""How far back, 19 being the farthest, a process stands that drains a backlog beside those who push."""

AUTOGROUP = Path("/proc/self/autogroup")
"""Where Linux is told how far back all processes of a session stand, and, other than by `nice`, when no longer."""


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
