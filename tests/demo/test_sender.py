"""`hub push` against a hub that runs as a process."""

import re
import subprocess
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple

import httpx
import orjson
import pytest

from hub import sender
from hub.wire.envelope import Envelope, enveloped
from hub.wire.files import pieces_of
from hub.wire.forms import JSON_FORM
from hub.wire.v2_json import write_v2_json
from hub.wire.xml import write_xml
from tests.builders import a_blacklist_entry, a_tender_notice, a_uscc
from tests.demo.processes import HUB, a_hub
from tests.support.processes import a_free_port
from tests.support.warm import run as hub

PLATFORM = a_uscc(77)


class Running(NamedTuple):
    """A hub with a platform: its address and the platform's key."""

    url: str
    key: str


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("hub")


@pytest.fixture(scope="module")
def key(data: Path) -> str:
    settings = {"HUB_DATA_DIR": str(data)}
    hub("platform", "add", PLATFORM, "--name", "测试平台", settings=settings)
    return hub("key", "issue", PLATFORM, settings=settings).stdout.strip()


@pytest.fixture(scope="module")
def running(data: Path, key: str) -> Iterator[Running]:
    with a_hub(data) as url:
        yield Running(url, key)


def a_file(directory: Path, *lines: dict[str, Any] | bytes) -> Path:
    file = directory / "lines.ndjson"
    file.write_bytes(b"\n".join(line if isinstance(line, bytes) else orjson.dumps(line) for line in lines))
    return file


def push(running: Running, file: Path | str, *words: str, given: bytes = b"") -> subprocess.CompletedProcess[str]:
    return hub("push", str(file), "--url", running.url, "--key", running.key, *words, given=given)


def test_a_file_longer_than_a_request_arrives_whole_and_once(running: Running, tmp_path: Path) -> None:
    notices = [a_tender_notice() for _ in range(sender.MAX_LINES + 100)]
    file = a_file(tmp_path, *notices)

    first, again = push(running, file), push(running, file)

    assert first.returncode == again.returncode == 0
    assert f"accepted {len(notices)}, 已有 known 0, 拒收 refused 0" in first.stderr
    assert f"accepted 0, 已有 known {len(notices)}, 拒收 refused 0" in again.stderr


def test_a_refused_line_is_named_with_every_fault_and_leaves_the_others_alone(running: Running, tmp_path: Path) -> None:
    wrong = a_tender_notice(formed_at="20260316083000", body__tenderer_name=...)
    file = a_file(tmp_path, a_tender_notice(), b"", wrong, a_tender_notice())

    done = push(running, file)

    assert done.returncode == 1
    assert "accepted 2, 已有 known 0, 拒收 refused 1" in done.stderr
    assert "line 3: 422 invalid-submission" in done.stderr
    assert "/body/tenderer_name  [required]  必填项缺失  The field is required." in done.stderr
    assert "/formed_at  [instant-format]" in done.stderr
    assert "→ 2026-03-16T08:30:00+08:00" in done.stderr


def test_a_document_over_many_lines_is_pushed_as_one(running: Running, tmp_path: Path) -> None:
    file = tmp_path / "notice.JSON"
    file.write_bytes(orjson.dumps(a_tender_notice(), option=orjson.OPT_INDENT_2))

    done = push(running, file)

    assert done.returncode == 0, done.stderr
    assert "accepted 1, 已有 known 0, 拒收 refused 0" in done.stderr


def test_the_warnings_of_a_receipt_are_shown_and_counted_by_rule(running: Running, tmp_path: Path) -> None:
    doubtful = [a_tender_notice(body__bulletin_type="7") for _ in range(sender.MOST_SHOWN + 1)]

    done = push(running, a_file(tmp_path, a_tender_notice(), *doubtful))

    assert done.returncode == 0
    assert "line 2: 已接收，有警告 taken, with warnings\n    /body/bulletin_type  [code-unconfirmed]" in done.stderr
    assert done.stderr.count("  [code-unconfirmed]  ") == sender.MOST_SHOWN
    assert re.search(r"拒收 refused 0, 警告 warnings [0-9]+; ", done.stderr)
    assert f"warning code-unconfirmed: {len(doubtful)}，仅列出 {sender.MOST_SHOWN} of them are shown" in done.stderr


def test_the_answers_are_kept_line_by_line(running: Running, tmp_path: Path) -> None:
    file, answers = a_file(tmp_path, a_tender_notice(), b"{nonsense"), tmp_path / "answers.ndjson"

    push(running, file, "--answers", str(answers))

    kept = [orjson.loads(line) for line in answers.read_bytes().splitlines()]
    assert [line["status"] for line in kept] == [201, 400]
    assert kept[0]["receipt"]["record"].startswith(PLATFORM)


@pytest.mark.parametrize(("name", "write"), [("records.xml", write_xml), ("records.v2.json", write_v2_json)])
def test_a_file_of_envelopes_is_pushed(
    running: Running, tmp_path: Path, name: str, write: Callable[[Envelope], bytes]
) -> None:
    envelopes = [enveloped(a_tender_notice()) for _ in range(sender.MAX_LINES + 1)]
    envelopes[1].context["BID_OPEN_TIME"] = "202604150"
    file = tmp_path / name
    file.write_bytes(b"\n".join(write(envelope) for envelope in envelopes))

    done = push(running, file)

    assert done.returncode == 1
    assert f"accepted {sender.MAX_LINES}, 已有 known 0, 拒收 refused 1" in done.stderr
    assert "/CONTEXT/BID_OPEN_TIME  [instant-format]" in done.stderr


def test_envelopes_from_before_the_hub_are_completed_on_the_way(running: Running, tmp_path: Path) -> None:
    said = a_blacklist_entry()
    envelope = enveloped(said)
    envelope.hub = {"body": envelope.hub["body"]}
    file = tmp_path / "old.xml"
    file.write_bytes(b"<BATCH>" + write_xml(envelope) + b"</BATCH>")
    who = said["discloser"]
    words = ["--discloser", f"{who['name']}:{who['code']}:{who['role']}", "--medium", "某媒介", "--basis", "某办法"]
    words += ["--region", "350100", "--cleared"]

    done = push(running, file, *words)

    assert done.returncode == 0, done.stderr
    record = httpx.get(f"{running.url}/v1/records/{PLATFORM}/blacklist_entry/{said['data_key']}", trust_env=False)
    assert record.json()["document"]["body"] == said["body"]
    assert record.json()["document"]["publication"]["media"] == ["某媒介"]


def test_a_discloser_that_is_not_told_in_three_parts_is_refused(running: Running, tmp_path: Path) -> None:
    done = push(running, a_file(tmp_path, a_tender_notice()), "--discloser", "某局")

    assert done.returncode == 2
    assert "NAME:CODE:ROLE" in done.stderr


def test_a_file_that_is_no_xml_ends_the_push(running: Running, tmp_path: Path) -> None:
    file = tmp_path / "broken.xml"
    file.write_bytes(write_xml(enveloped(a_tender_notice())) + b"\ngarbage")

    done = push(running, file)

    assert done.returncode == 2
    assert "Something that is no <DES> at line" in done.stderr
    assert "accepted 1" in done.stderr


@pytest.mark.parametrize("name", ["notices.xls", "notices.txt"])
def test_a_file_of_another_type_is_refused_with_those_that_are_taken(running: Running, name: str) -> None:
    done = push(running, name)

    assert done.returncode == 2
    assert name in done.stderr
    assert ".v2.json, .v2.ndjson, .xml, .json, .ndjson, .jsonl" in re.sub(r"[\s│]+", " ", done.stderr)


def test_standard_input_is_pushed_too(running: Running) -> None:
    done = push(running, "-", given=orjson.dumps(a_tender_notice()))

    assert done.returncode == 0
    assert "accepted 1" in done.stderr


def test_a_withdrawal_travels_in_a_line(running: Running, tmp_path: Path) -> None:
    notice = a_tender_notice()
    withdrawal = {"data_timestamp": "2026-05-01T00:00:00+08:00", "reason": "重复报送"}
    line = {"kind": "tender_notice", "data_key": notice["data_key"], "withdrawal": withdrawal}

    assert push(running, a_file(tmp_path, notice, line)).returncode == 0

    record = httpx.get(f"{running.url}/v1/records/{PLATFORM}/tender_notice/{notice['data_key']}", trust_env=False)
    assert record.json()["state"] == "withdrawn"


def test_a_line_that_is_too_long_is_refused_and_the_rest_goes_on(running: Running, tmp_path: Path) -> None:
    long = a_tender_notice(legal_basis=["长" * 1_000_000])

    done = push(running, a_file(tmp_path, a_tender_notice(), long, a_tender_notice()))

    assert done.returncode == 1
    assert "line 2: 413 body-too-large" in done.stderr
    assert "accepted 2" in done.stderr


def test_a_wrong_key_ends_the_push(running: Running, tmp_path: Path) -> None:
    done = push(Running(running.url, "hub_00000000_nothing"), a_file(tmp_path, a_tender_notice()))

    assert done.returncode == 2
    assert "HTTP 401" in done.stderr


def test_a_hub_that_is_not_there_is_given_up(tmp_path: Path) -> None:
    done = push(Running(f"http://127.0.0.1:{a_free_port()}", "hub_x"), a_file(tmp_path, a_tender_notice()))

    assert done.returncode == 2
    assert "not everything was pushed" in done.stderr


def test_a_hub_that_comes_back_gets_everything(data: Path, key: str, tmp_path: Path) -> None:
    port = a_free_port()
    file = a_file(tmp_path, a_tender_notice())
    command = [*HUB, "push", str(file), "--url", f"http://127.0.0.1:{port}", "--key", key]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as pushing:
        assert pushing.stderr is not None
        assert "interrupted, trying again" in pushing.stderr.readline().decode()
        with a_hub(data, port):
            _, words = pushing.communicate(timeout=60)

    assert pushing.returncode == 0
    assert "accepted 1" in words.decode()


def test_a_hub_that_says_when_to_come_again_is_left_alone_until_then(tmp_path: Path) -> None:
    came: list[float] = []

    class Busy(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            came.append(time.monotonic())
            body = b"" if len(came) == 1 else b'{"status":201}\n'
            self.send_response(200 if body else 429)
            self.send_header("content-length", str(len(body)))
            self.send_header("retry-after", "2")
            self.end_headers()
            self.wfile.write(body)

    server = HTTPServer(("127.0.0.1", 0), Busy)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        pushed = push(Running(f"http://127.0.0.1:{server.server_port}", "k"), a_file(tmp_path, a_tender_notice()))
    finally:
        server.shutdown()
        server.server_close()

    assert pushed.returncode == 0
    assert came[1] - came[0] >= 2


def test_a_request_is_bounded_in_lines_and_bytes(tmp_path: Path) -> None:
    short = b"x\n" * (sender.MAX_LINES + 1)
    long = (b"y" * (sender.MAX_BYTES // 2) + b"\n") * 3
    file = tmp_path / "lines"
    file.write_bytes(short + long)

    with file.open("rb") as source:
        sizes = [[len(line.raw) for line in lines] for lines in sender.batches(pieces_of(source, JSON_FORM))]

    assert [len(lines) for lines in sizes] == [sender.MAX_LINES, 2, 1, 1]
    assert all(sum(lines) <= sender.MAX_BYTES for lines in sizes)
