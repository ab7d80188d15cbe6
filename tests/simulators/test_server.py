"""A platform as a process of its own."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.simulators.builders import a_tender_notice
from tests.simulators.rehearsals import MAIN
from tests.support.processes import a_free_port


@contextmanager
def a_process(store: Path) -> Iterator[tuple[httpx.Client, subprocess.Popen[bytes]]]:
    """The national platform as a process, once it answers."""
    port = a_free_port()
    code = f"from hub.simulators import run; run('national', '127.0.0.1', {port}, {str(store)!r})"
    process = subprocess.Popen([sys.executable, "-c", code])
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=5) as http:
            until = time.monotonic() + 20
            while True:
                try:
                    http.get("/healthz")
                    break
                except httpx.ConnectError:
                    assert process.poll() is None, "the platform has ended"
                    assert time.monotonic() < until, "the platform does not answer"
                    time.sleep(0.02)
            yield http, process
    finally:
        process.kill()
        process.wait()


def test_what_was_answered_survives_a_kill(tmp_path: Path) -> None:
    batch = {"items": [a_tender_notice(1)]}
    with a_process(tmp_path / "store") as (http, _):
        receipt = http.post("/batches", json=batch).json()["results"][0]["receipt"]

    with a_process(tmp_path / "store") as (http, _):
        result = http.post("/batches", json=batch).json()["results"][0]

    assert result == {"position": 1, "receipt": receipt, "status": "duplicate"}


@pytest.mark.parametrize(
    ("platform", "title"), [("national", "全国公共资源交易平台"), ("credit", "全国信用信息共享平台")]
)
def test_a_platform_says_where_it_is_and_what_it_keeps(tmp_path: Path, platform: str, title: str) -> None:
    port = a_free_port()
    command = [*MAIN, "simulate", platform, "--host", "0.0.0.0", "--port", str(port)]
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        said = process.stdout.readline()
    finally:
        process.kill()
        process.communicate()

    assert title in said
    assert f"http://127.0.0.1:{port} (store: {platform}.sqlite3)" in said


def test_an_outage_may_close_connections_without_an_answer(tmp_path: Path) -> None:
    with a_process(tmp_path / "store") as (http, _):
        http.put("/dial", json={"down_for_s": 60, "down_as": "closed"})

        with pytest.raises(httpx.TransportError):
            http.post("/batches", json={"items": [a_tender_notice(1)]})
        assert http.get("/received/summary").json()["applied"] == 0


def test_an_interrupted_platform_ends_although_an_answer_hangs(tmp_path: Path) -> None:
    with a_process(tmp_path / "store") as (http, process):
        http.put("/dial", json={"hang_after_store_percent": 100, "hang_seconds": 600})
        with pytest.raises(httpx.ReadTimeout):
            http.post("/batches", json={"items": [a_tender_notice(1)]}, timeout=0.5)

        process.terminate()

        process.wait(timeout=10)
