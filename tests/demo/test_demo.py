"""The demo as a person starts it: real processes on this machine."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import orjson
import pytest

from tests.demo.processes import HUB, processes_that_mention, wait_for
from tests.support.processes import a_free_port
from tests.support.warm import run as hub

WITHIN = 110.0


def test_the_demo_delivers_everything_and_says_so(tmp_path: Path) -> None:
    # Of another hub, whose targets and files are none of the demo's business.
    real = {
        "target_urls": '{"national": "http://127.0.0.1:9"}',
        "log_origin": "hub.example/v1/log",
        "lease_seconds": "-1",
    }
    real |= {name: str(tmp_path / name) for name in ("checkpoint_dir", "data_dir", "log_key_file", "snapshot_dir")}
    done = hub(
        "demo", "--once", settings={"TMPDIR": str(tmp_path)} | {f"HUB_{name}".upper(): real[name] for name in real}
    )

    assert done.returncode == 0, done.stdout + done.stderr
    total = re.search(r"合计 total +(\d+) +(\d+) +(\d+) +(\d+) +(\d+)/(\d+) +(\d+)/(\d+)", done.stdout)
    assert total is not None, done.stdout
    pushed, stored, repeated, refused, *delivered = map(int, total.groups())
    assert pushed == stored + repeated + refused
    assert stored > 150
    assert repeated > 5
    assert refused > 10
    assert delivered[:2] == [stored, stored]
    assert delivered[2] == delivered[3] > 20
    assert re.search(r"D-PEN7 .*day of publication +\d+ +0 +–", done.stdout), done.stdout
    assert re.search(r"D-RT .*day of receipt +\d+ +[1-9]\d* +\d+", done.stdout), done.stdout
    assert "judged by the day of receipt" in done.stdout
    killed = re.search(r"the reader was killed \(kill -9\) at position (\d+)", done.stdout)
    assert killed is not None, done.stdout
    assert 0 < int(killed[1]) < stored
    assert f"goes on behind position {killed[1]}" in done.stdout
    assert f"✓ 消费者在位置 {killed[1]} 被杀后续读，数据完整" in done.stdout
    assert "✗" not in done.stdout
    assert "Everything passed" in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_a_target_that_rejects_makes_the_demo_fail_and_say_what_is_missing(tmp_path: Path) -> None:
    code = "from hub.demo.run import demo; raise SystemExit(demo(once=True, dial={'reject_percent': 5}))"
    command = ["env", f"TMPDIR={tmp_path}", sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, timeout=WITHIN, check=False)
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
        while len(processes_that_mention(str(tmp_path))) < 6:
            time.sleep(0.05)

        os.kill(demo.pid, how)

        demo.wait(20)
    until = time.monotonic() + 5
    while left := processes_that_mention(str(tmp_path)):
        assert time.monotonic() < until, left
        time.sleep(0.05)


def test_public_notices_are_pushed_and_those_without_a_kind_are_listed(tmp_path: Path) -> None:
    file = tmp_path / "notices.json"
    file.write_bytes(orjson.dumps({"source": "test", "items": [A_CORRECTION, A_CORRECTION, AN_EMPTY_NOTICE]}))

    done = hub("demo", "--once", "--notices", str(file))

    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"更正事项 procurement_correction +2 +1 +1 +0 +1/1", done.stdout)
    assert "does not ask for parents" in done.stdout
    assert "not mapped: 1" in done.stdout


def test_a_file_of_another_form_is_refused_before_anything_starts(tmp_path: Path) -> None:
    file = tmp_path / "notices.json"
    file.write_text("[]")

    done = hub("demo", "--once", "--notices", str(file))

    assert done.returncode == 1
    assert "starting" not in done.stdout


def test_a_port_that_is_taken_is_said_in_the_server_s_own_words(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()

        done = hub("demo", "--once", "--port", str(taken.getsockname()[1]), settings={"TMPDIR": str(tmp_path)})

    assert done.returncode == 1
    assert "serve has ended" in done.stderr
    assert "Address already in use (while attempting to bind on address" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_demo_whose_reader_has_gone_stops_without_a_word_more(tmp_path: Path) -> None:
    command = ["env", f"TMPDIR={tmp_path}", *HUB, "demo"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as demo:
        assert demo.stdout is not None
        assert demo.stderr is not None
        assert b"starting" in demo.stdout.readline()
        demo.stdout.close()

        said = demo.stderr.read().decode()

    assert said == ""
    assert demo.returncode == 130
    assert list(tmp_path.iterdir()) == []


def test_a_database_that_the_demo_cannot_use_is_named(tmp_path: Path) -> None:
    at = f"127.0.0.1:{a_free_port()}/trade"
    done = hub("demo", "--database-url", f"postgresql://hub:secret@{at}", settings={"TMPDIR": str(tmp_path)})

    assert done.returncode == 1
    assert f"hub:***@{at} cannot be used" in done.stderr


A_CORRECTION = {
    "title": "榕溪图书馆书架采购项目更正公告",
    "publish_date": "2026-03-16",
    "region": "福建省",
    "issuer": "榕溪图书馆",
    "agency": "",
    "budget": "",
    "content_text": "一、项目基本情况\n原公告的采购项目编号：RXTS-2026-001\n原公告的采购项目名称：榕溪图书馆书架采购项目\n"
    "首次公告日期：2026年03月10日\n二、更正信息\n更正事项：采购公告\n更正内容：投标截止时间延至2026年04月01日09点30分。\n"
    "更正日期：2026年03月16日",
    "project_code": "RXTS-2026-001",
    "source_platform": "榕溪公共资源交易平台",
    "original_link": "https://ggzy.example.com/1.html",
    "detail_url": "https://ggzy.example.com/350000/1.html",
    "structured_fields": {},
    "record_id": "0001",
    "business_type": "政府采购",
    "info_type": "更正事项",
}
AN_EMPTY_NOTICE = A_CORRECTION | {"record_id": "0002", "content_text": ""}
