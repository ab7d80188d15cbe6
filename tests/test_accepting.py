"""Server processes share out the connections of their one socket, whatever becomes of one of them."""

import os
import signal
import socket
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.support.processes import HOST, Program, a_free_port, children
from tests.support.programs import WITHIN, a_program, until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="children are looked up in /proc")

SERVER = """
import os, socket, sys, uvicorn
from hub.accepting import Shares, SharingServer
from hub.forking import keep_running

async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        return
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"7")]})
    await send({"type": "http.response.body", "body": b"%7d" % os.getpid()})

config = uvicorn.Config(app, log_level="warning", lifespan="off")
config.load()

class Failing(config.http_protocol_class):
    def __init__(self, *arguments, **named):
        if "failing" in sys.argv:
            os.write(1, b"failed\\n")
            raise RuntimeError("no protocol today")
        super().__init__(*arguments, **named)

config.http_protocol_class = Failing
listening = socket.create_server(("127.0.0.1", int(sys.argv[1])))
listening.setblocking(False)
shares = Shares(2)
keep_running(lambda process: SharingServer(config, shares, process).run(sockets=[listening]), 2)
"""


class Connections:
    """Connections that stay open, and which process has each."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.open: list[socket.socket] = []

    def another(self) -> int:
        """The process that takes one more connection and answers on it."""
        connection = socket.create_connection((HOST, self._port), timeout=WITHIN)
        self.open.append(connection)
        connection.sendall(b"GET / HTTP/1.1\r\nHost: hub\r\n\r\n")
        answer = b""
        while b"\r\n\r\n" not in answer or len(answer.partition(b"\r\n\r\n")[2]) < 7:
            answer += connection.recv(1000) or pytest.fail("the connection was closed")
        return int(answer[-7:])

    def close(self) -> None:
        while self.open:
            self.open.pop().close()


@contextmanager
def two_processes(tmp_path: Path) -> Iterator[tuple[Program, Connections]]:
    port = a_free_port()
    with a_program(tmp_path, sys.executable, "-c", SERVER, str(port)) as program:
        connections = Connections(port)
        until(lambda: answers(port), program)
        until(lambda: len(children(program.pid)) == 2, program)
        for process in children(program.pid):
            until(lambda process=process: connections.another() == process, program)
        connections.close()
        time.sleep(0.5)  # Each says a few times a second how many it has.
        try:
            yield program, connections
        finally:
            connections.close()


def answers(port: int) -> bool:
    with suppress(OSError):
        socket.create_connection((HOST, port), timeout=1).close()
        return True
    return False


def test_connections_that_come_one_after_another_are_shared_out(tmp_path: Path) -> None:
    with two_processes(tmp_path) as (program, connections):
        had = Counter(connections.another() for _ in range(20))

        assert set(had) == set(children(program.pid))
        assert min(had.values()) >= 8, "on a busy machine one may be too slow for its turn"


def test_a_process_that_stands_still_keeps_nobody_waiting(tmp_path: Path) -> None:
    with two_processes(tmp_path) as (program, connections):
        still, other = children(program.pid)
        os.kill(still, signal.SIGSTOP)
        try:
            assert {connections.another() for _ in range(10)} == {other}
        finally:
            os.kill(still, signal.SIGCONT)


def test_who_takes_the_place_of_a_killed_one_takes_its_share(tmp_path: Path) -> None:
    with two_processes(tmp_path) as (program, connections):
        for _ in range(10):
            connections.another()
        killed, other = children(program.pid)
        os.kill(killed, signal.SIGKILL)
        until(lambda: killed not in children(program.pid) and len(children(program.pid)) == 2, program)
        (follower,) = set(children(program.pid)) - {other}

        until(lambda: connections.another() == follower, program)
        found = Counter(connections.another() for _ in range(4))
        assert found[follower] >= 2, "on a busy machine it may be too slow for its turn"


def test_a_stop_ends_processes_that_wait_for_connections(tmp_path: Path) -> None:
    with two_processes(tmp_path) as (program, connections):
        connections.another()
        connections.close()
        program.send(signal.SIGTERM)
        until(lambda: not program.alive, program)

        assert program.code == 0


def test_a_stop_is_heard_in_the_rest_after_a_connection_that_could_not_be_taken(tmp_path: Path) -> None:
    port = a_free_port()
    with a_program(tmp_path, sys.executable, "-c", SERVER, str(port), "failing") as program:
        until(lambda: len(children(program.pid)) == 2 and answers(port), program)
        until(lambda: "failed" in program.words(), program)
        program.send(signal.SIGTERM)
        until(lambda: not program.alive, program)

        assert program.code == 0
        assert "a connection could not be taken: no protocol today" in program.words()
