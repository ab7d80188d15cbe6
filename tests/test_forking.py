"""A process that is killed is replaced by the one that forked it; nothing is left behind by either."""

import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from tests.support.processes import HOST, HUB, children, free_ports
from tests.support.programs import a_program, until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="children are looked up in /proc")

SLEEP = """
import os, time
from hub.forking import keep_running
def work(number):
    os.write(1, b"begun\\n")
    time.sleep(600)
keep_running(work, 2)
"""
PIPE = f"import hub.forking; hub.forking._KERNEL_KILLS = False{SLEEP}"
STOPPED = """
import os, signal, sys, time
from hub.forking import keep_running
def work(number):
    signal.signal(signal.SIGTERM, lambda *_: (time.sleep(0.3), os.write(1, b"finished\\n"), sys.exit(0)))
    os.write(1, b"begun\\n")
    time.sleep(600)
keep_running(work, 2)
os.write(1, b"over\\n")
"""
DYING = "import os; from hub.forking import keep_running; keep_running(lambda _: os.kill(os.getpid(), 9))"
LEAVES = """
import os, time
from hub.forking import keep_running
def work(number):
    time.sleep(0.2)
    if os.getpid() == min(map(int, open(f"/proc/{os.getppid()}/task/{os.getppid()}/children").read().split())):
        raise SystemExit(7)
    time.sleep(600)
keep_running(work, 2)
"""


def gone(pid: int) -> bool:
    """Whether the process has ended, waited for by its parent or not."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].startswith("Z")
    return True


def test_a_process_that_is_killed_is_replaced_and_the_others_go_on(tmp_path: Path) -> None:
    with a_program(tmp_path, sys.executable, "-c", SLEEP) as program:
        until(lambda: len(children(program.pid)) == 2, program)
        killed, other = children(program.pid)
        os.kill(killed, signal.SIGKILL)
        until(lambda: killed not in children(program.pid) and len(children(program.pid)) == 2, program)

        assert other in children(program.pid)
        assert f"process {killed} ended (SIGKILL)" in program.words()


def test_one_that_is_killed_at_once_again_and_again_is_waited_for(tmp_path: Path) -> None:
    with a_program(tmp_path, sys.executable, "-c", DYING) as program:
        until(lambda: program.words().count("another one takes its place") >= 2, program)
        began, so_far = time.monotonic(), program.words().count("SIGKILL")
        time.sleep(2.5)
        died = program.words().count("SIGKILL") - so_far
        program.send(signal.SIGTERM)
        until(lambda: not program.alive, program)

        assert died <= (time.monotonic() - began) + 1, "one a second"
        assert program.code == 0


def test_a_stop_is_waited_for_and_nothing_follows_it_in_the_children(tmp_path: Path) -> None:
    with a_program(tmp_path, sys.executable, "-c", STOPPED) as program:
        until(lambda: program.words().count("begun") == 2, program)
        program.send(signal.SIGTERM)
        until(lambda: not program.alive, program)

        assert program.words().split() == ["begun", "begun", "finished", "finished", "over"]
        assert program.code == 0


def test_a_process_that_ends_with_a_code_ends_all_with_this_code(tmp_path: Path) -> None:
    with a_program(tmp_path, sys.executable, "-c", LEAVES) as program:
        until(lambda: not program.alive, program)

        assert program.code == 7


@pytest.mark.parametrize("frozen", [False, True])
def test_no_process_outlives_the_one_that_forked_it(tmp_path: Path, frozen: bool) -> None:
    with a_program(tmp_path, sys.executable, "-c", SLEEP) as program:
        until(lambda: program.words().count("begun") == 2, program)  # One frozen earlier dies when it goes on.
        left = children(program.pid)
        if frozen:
            os.kill(left[0], signal.SIGSTOP)
        program.kill()
        until(lambda: all(map(gone, left)), program)


def test_where_the_kernel_does_not_see_to_it_neither_does_one(tmp_path: Path) -> None:
    with a_program(tmp_path, sys.executable, "-c", PIPE) as program:
        until(lambda: program.words().count("begun") == 2, program)
        os.kill(children(program.pid)[0], signal.SIGKILL)
        until(lambda: program.words().count("begun") == 3, program)
        left = children(program.pid)
        program.kill()
        until(lambda: all(map(gone, left)), program)


def test_a_server_that_is_killed_is_back_without_one_connection_refused(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    url = f"http://{HOST}:{port}/readyz"
    with a_program(tmp_path, *HUB, "serve", "--host", HOST, "--port", str(port)) as program:

        def ready() -> bool:
            with suppress(httpx.TransportError):
                return httpx.get(url, timeout=10).status_code == 200
            return False

        until(ready, program)
        killed = program.child
        assert killed is not None
        time.sleep(1)  # One that died at once would be waited for.
        os.kill(killed, signal.SIGKILL)
        began = time.monotonic()

        assert httpx.get(url, timeout=10).status_code == 200
        assert time.monotonic() - began < 5
        assert program.child not in (None, killed)


def test_a_server_without_its_database_ends_as_a_whole_and_says_why(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    command = ("env", "HUB_DATABASE_URL=postgresql://nobody@127.0.0.1:9/none", "HUB_DATABASE_PATIENCE=0.1", *HUB)
    with a_program(tmp_path, *command, "serve", "--port", str(port)) as program:
        until(lambda: not program.alive, program)

        assert program.code not in (None, 0)
        assert "Traceback" not in program.words()
