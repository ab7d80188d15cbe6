"""A process stands back while one of its couriers does, and no longer."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hub.sync.yielding import AUTOGROUP, NICE, Yielding


def _groups_sessions() -> bool:
    """Whether the kernel tells a new session of a group of its own; one it was started in need not have one."""
    switch = Path("/proc/sys/kernel/sched_autogroup_enabled")
    if not (AUTOGROUP.exists() and switch.exists() and switch.read_text().strip() == "1"):
        return False
    told = subprocess.run(["cat", AUTOGROUP], capture_output=True, check=True, start_new_session=True)
    return bool(told.stdout.strip())


def test_a_process_stands_back_until_the_last_of_its_couriers_does_not(tmp_path: Path) -> None:
    told = tmp_path / "autogroup"
    yielding = Yielding(told)

    yielding.when("national", False)
    assert not told.exists()
    for courier, stands_back, nice in (
        ("national", True, NICE),
        ("credit", True, NICE),
        ("national", False, NICE),
        ("credit", False, 0),
    ):
        yielding.when(courier, stands_back)
        assert told.read_text() == str(nice)


def test_what_the_kernel_does_not_take_at_once_it_is_told_again(tmp_path: Path) -> None:
    told = tmp_path / "missing" / "autogroup"
    yielding = Yielding(told)

    yielding.when("national", True)
    told.parent.mkdir()
    yielding.when("national", True)

    assert told.read_text() == str(NICE)


@pytest.mark.skipif(not _groups_sessions(), reason="the kernel does not share the processor out among sessions")
def test_only_the_process_itself_stands_back(tmp_path: Path) -> None:
    program = """
import os
from hub.sync.yielding import AUTOGROUP, Yielding
before = AUTOGROUP.read_text()
if os.fork() == 0:
    Yielding.of_this_process().when("national", True)
    print(AUTOGROUP.read_text().split()[-1], flush=True)
else:
    os.wait()
    print(AUTOGROUP.read_text() == before)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=os.environ)

    assert done.stdout.split() == [str(NICE), "True"]
