"""`hub deliveries`: what a sender sees of its deliveries in a terminal, and what it does about them."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from sqlalchemy import insert

from hub.commands.delivering import visible
from hub.db import Database
from hub.ledger.tables import Attempt, Delivery
from tests.builders import a_later_version, a_tender_notice, a_tender_project_code
from tests.served import Server, a_server
from tests.support.processes import a_free_port
from tests.support.warm import run_beside

pytestmark = pytest.mark.anyio

HOSTILE = "\x1b]0;owned\x07\x1b[2J<html>网关错误</html>\n\u202edone\x9b1m"


async def _hub(server: Server, *words: str, **settings: str) -> tuple[int, str]:
    """Exit code and output of `hub deliveries` with the address and key of the server."""
    settings = {"HUB_URL": f"http://127.0.0.1:{server.port}", "HUB_KEY": server.key} | settings
    ended = await run_beside("deliveries", *words, settings=settings)
    return ended.returncode, ended.stdout + ended.stderr


async def _prepared(server: Server, database_url: str) -> None:
    """Position 1 is parked, its next version waits behind it, 3 is delivered."""
    notice = a_tender_notice(project="P", data_key="K1")
    for submission in (notice, a_later_version(notice), a_tender_notice(data_key="K3")):
        answer = await server.http.put(f"/v1/records/tender_notice/{submission['data_key']}", json=submission)
        assert answer.status_code == 201, answer.text
    row = {"target": "national", "thread": f"tender:{a_tender_project_code('P')}", "lane": 0, "holds": True}
    row |= {"tries": 9, "attempt": None, "reason": None, "receipt": None, "updated_at": 1_000_000}
    rows = [
        {"position": 1, "state": "parked", "reason": "HTTP 502 \x1b[2J", "attempt": 7},
        {"position": 2, "state": "waiting", "reason": "behind an earlier version"},
        {"position": 3, "state": "delivered", "receipt": "N3", "holds": False},
    ]
    call = {"target": "national", "worker": "w", "started_at": 1, "finished_at": 2, "versions": 1, "id": 7}
    database = Database(database_url)
    async with database.transaction() as connection:
        await connection.execute(insert(Delivery), [row | one for one in rows])
        answer = HOSTILE.encode()
        await connection.execute(insert(Attempt).values(call | {"status": 502, "error": "HTTP 502", "answer": answer}))
    await database.close()


async def test_a_sender_sees_where_its_versions_are_and_behind_what(sqlite_database_url: str) -> None:
    async with a_server(sqlite_database_url) as server:
        await _prepared(server, sqlite_database_url)

        code, listed = await _hub(server)
        parked = (await _hub(server, "--state", "parked", "--state", "rejected"))[1]
        page = (await _hub(server, "--limit", "1", "--kind", "tender_notice", "--target", "national"))[1]
        rest = (await _hub(server, "--after", "1", "--record", "K1"))[1]

    assert code == 0
    assert "1  national  搁置 parked" in listed
    assert "原因 why: HTTP 502 \\x1b[2J" in listed
    assert "在位置 1 之后 behind position 1, 搁置 parked" in listed
    assert "3  national  已送达 delivered" in listed
    assert "回执 receipt N3" in listed
    assert "1 项 found" in parked
    assert "--after 1" in page
    assert "2  national  等待 waiting" in rest
    assert "delivered" not in rest


async def test_what_a_target_answered_is_shown_whole_and_never_obeyed(sqlite_database_url: str) -> None:
    async with a_server(sqlite_database_url) as server:
        await _prepared(server, sqlite_database_url)

        code, shown = await _hub(server, "show", "national", "1")

    assert code == 0
    assert "\\x1b]0;owned\\x07\\x1b[2J<html>网关错误</html>\n\\u202edone\\x9b1m" in shown
    assert not [mark for mark in "\x1b\x07\x9b\u202e" if mark in shown]


async def test_a_version_is_resent_or_skipped_with_a_reason(sqlite_database_url: str) -> None:
    async with a_server(sqlite_database_url) as server:
        await _prepared(server, sqlite_database_url)

        assert (await _hub(server, "resend", "national", "1"))[0] == 2
        code, said = await _hub(server, "resend", "national", "1", "--reason", "平台已修复")
        assert (code, "等待 waiting" in said, "即将重发" in said) == (0, True, True)
        assert "平台已修复" in (await _hub(server, "show", "national", "1"))[1]
        code, said = await _hub(server, "skip", "national", "1", "--reason", "不再需要")
        assert (code, "将被跳过" in said) == (0, True)
        assert "不再需要" in (await _hub(server, "show", "national", "1"))[1]

        code, said = await _hub(server, "resend", "national", "3", "--reason", "再试")
        assert (code, "HTTP 409" in said) == (1, True)


async def test_what_the_hub_refuses_is_said_in_words(sqlite_database_url: str) -> None:
    async with a_server(sqlite_database_url) as server:
        here = f"http://127.0.0.1:{server.port}"
        for words, settings, code, said in (
            (["--state", "lost"], {}, 1, "/query/state/0"),
            (["show", "credit", "1"], {}, 1, "没有找到"),
            ([], {"HUB_KEY": "hub_wrong"}, 2, "需要有效的密钥"),
            ([], {"HUB_KEY": ""}, 2, "--key"),
            ([], {"HUB_KEY": "密钥"}, 2, "no key has"),
            (["show", "national", "1"], {"HUB_URL": "hub"}, 2, "not reachable"),
            (["show", "national", "1"], {"HUB_URL": _nobody()}, 2, "not reachable"),
        ):
            found, out = await _hub(server, *words, **settings)
            assert (found, said in out, "Traceback" in out) == (code, True, False), out

        for before, behind in ((["--key", server.key, "--url", here], []), ([], ["--key", server.key, "--url", here])):
            words = [*before, "show", "national", "1", *behind]
            assert "没有找到" in (await _hub(server, *words, HUB_KEY="hub_wrong", HUB_URL=_nobody()))[1]
        with _another_server() as url:
            assert (await _hub(server, "--url", url))[0] == 2


def _nobody() -> str:
    """An address where nobody listens."""
    return f"http://127.0.0.1:{a_free_port()}"


@contextmanager
def _another_server() -> Iterator[str]:
    """The address of a server that is no hub."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<html>router</html>")

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Page) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(
    ("text", "lines", "shown"),
    [
        ("已送达 ok", False, "已送达 ok"),
        ("a\r\nb\tc", False, "a\\r\\nb\\tc"),
        ("a\r\nb\tc", True, "a\\r\nb\tc"),
        ("\x00\x7f\x85\u200b\u2066\u2028\ud800", True, "\\x00\\x7f\\x85\\u200b\\u2066\\u2028\\ud800"),
    ],
)
def test_what_a_terminal_would_obey_is_made_visible(text: str, lines: bool, shown: str) -> None:
    assert visible(text, lines=lines) == shown
