"""The demo as a person starts it: real processes on this machine."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.demo.processes import HUB, a_free_port, hub, processes_that_mention, wait_for

WITHIN = 40.0


def test_the_demo_delivers_everything_and_says_so(tmp_path: Path) -> None:
    began = time.monotonic()
    done = hub("demo", "--once", settings={"TMPDIR": str(tmp_path)})

    assert done.returncode == 0, done.stdout + done.stderr
    assert time.monotonic() - began < WITHIN
    total = re.search(r"合计 total +(\d+) +(\d+) +(\d+) +(\d+) +(\d+)/(\d+) +(\d+)/(\d+)", done.stdout)
    assert total is not None, done.stdout
    pushed, stored, repeated, refused, *delivered = map(int, total.groups())
    assert pushed == stored + repeated + refused
    assert stored > 150
    assert repeated > 5
    assert refused > 10
    assert delivered[:2] == [stored, stored]
    assert delivered[2] == delivered[3] > 20
    assert "✗" not in done.stdout
    assert "Everything passed" in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_a_target_that_rejects_makes_the_demo_fail_and_say_what_is_missing(tmp_path: Path) -> None:
    code = "from hub.demo.run import demo; raise SystemExit(demo(once=True, dial={'reject_percent': 5}))"
    command = ["env", f"TMPDIR={tmp_path}", sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, timeout=60, check=False)
    shown = done.stdout.decode()

    assert done.returncode == 1, shown + done.stderr.decode()
    assert "national lacks" in shown
    assert "✗ national 恰好各一次" in shown
    assert "✓ credit 恰好各一次" in shown
    assert "按故障开关退回" in shown


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no signal for a parent's end")
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_no_process_is_left_when_the_demo_ends(tmp_path: Path, how: signal.Signals) -> None:
    port = a_free_port()
    command = ["env", f"TMPDIR={tmp_path}", *HUB, "demo", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as demo:
        wait_for(f"http://127.0.0.1:{port}/readyz")
        while len(processes_that_mention(str(tmp_path))) < 5:
            time.sleep(0.05)

        os.kill(demo.pid, how)

        demo.wait(20)
    until = time.monotonic() + 5
    while left := processes_that_mention(str(tmp_path)):
        assert time.monotonic() < until, left
        time.sleep(0.05)
