"""Programs that a test runs beside itself, and waiting for what they do."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.processes import Program

WITHIN = 60.0


@contextmanager
def a_program(tmp_path: Path, *command: str) -> Iterator[Program]:
    """A program that runs with a data directory of its own until the test is over."""
    program = Program("program", command, {"HUB_DATA_DIR": str(tmp_path)}, tmp_path)
    program.start()
    try:
        yield program
    finally:
        program.kill()


def until(true: Callable[[], bool], program: Program) -> None:
    """Wait until it is true; shows the program's last words where it does not come to that."""
    end = time.monotonic() + WITHIN
    while not true():
        assert time.monotonic() < end, program.words()
        time.sleep(0.02)
