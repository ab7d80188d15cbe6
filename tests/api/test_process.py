"""The hub as a process of its own: what only a real server and real sockets show."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import orjson
import pytest

from hub.db import Database
from hub.ledger.feed import feed_page
from tests.builders import a_tender_notice
from tests.served import a_key, calling
from tests.support.processes import a_free_port, children

pytestmark = pytest.mark.anyio

NDJSON = "application/x-ndjson"


@dataclass
class Server:
    """A running `hub serve`, the key of a platform, and what it wrote to standard error."""

    process: asyncio.subprocess.Process
    port: int
    key: str
    http: httpx.AsyncClient

    def request(self, method: str, path: str, *headers: str) -> bytes:
        """The head of a request, for a socket."""
        lines = [f"{method} {path} HTTP/1.1", "host: hub", f"authorization: Bearer {self.key}", *headers]
        return "\r\n".join([*lines, "", ""]).encode()

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self.port)

    async def stopped(self) -> str:
        """Stop it as an operator would; what it logged."""
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
        _, log = await asyncio.wait_for(self.process.communicate(), 40)
        return log.decode()


@asynccontextmanager
async def a_server(database_url: str, *options: str, **settings: str) -> AsyncIterator[Server]:
    """`hub serve` with these options on a loopback port, once it answers."""
    key, port = await a_key(database_url), a_free_port()
    process = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).with_name("hub")),
        "serve",
        "--port",
        str(port),
        *options,
        env={"HUB_DATABASE_URL": database_url, "PATH": "/usr/bin:/bin"} | settings,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with calling(port, key, lambda: process.returncode is None) as http:
            yield Server(process, port, key, http)
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


async def _head(database_url: str) -> int:
    database = Database(database_url)
    async with database.reading() as connection:
        head = (await feed_page(connection, after=0, limit=1)).head
    await database.close()
    return head


async def test_a_server_says_where_it_is(sqlite_database_url: str) -> None:
    async with a_server(sqlite_database_url, "--workers", "2") as server:
        assert server.process.stdout is not None
        async with asyncio.timeout(10):
            said = (await server.process.stdout.readline()).decode()
        server.process.terminate()
        rest, _ = await server.process.communicate()

    assert f"http://127.0.0.1:{server.port}\n" in said
    assert rest == b""


async def test_an_answer_of_a_batch_leaves_before_the_next_line_is_sent(sqlite_database_url: str) -> None:
    async with a_server(sqlite_database_url) as server:
        reader, writer = await server.connect()
        head = server.request("POST", "/v1/records:batch", f"content-type: {NDJSON}", "transfer-encoding: chunked")
        writer.write(head)
        answers = []
        for number in range(3):
            line = orjson.dumps(a_tender_notice(project=number)) + b"\n"
            writer.write(b"%x\r\n%b\r\n" % (len(line), line))
            await writer.drain()
            async with asyncio.timeout(10):
                while not (answer := await reader.readline()).startswith(b'{"status"'):
                    assert answer, "the server hung up"
            answers.append(orjson.loads(answer)["receipt"]["position"])
        writer.write(b"0\r\n\r\n")
        async with asyncio.timeout(10):
            while await reader.readline() != b"0\r\n":
                pass
        writer.close()
        log = await server.stopped()

    assert answers == [1, 2, 3]
    assert log == ""


async def test_a_large_batch_passes_through_without_being_held(sqlite_database_url: str) -> None:
    line = orjson.dumps(a_tender_notice(body__notice_content="长" * 300_000)) + b"\n"
    sent = 0

    async def lines() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(300):
            sent += len(line)
            yield line

    async with a_server(sqlite_database_url) as server:
        (serving,) = children(server.process.pid)
        before = _peak(serving)
        response = await server.http.post("/v1/records:batch", content=lines(), headers={"content-type": NDJSON})
        grown = _peak(serving) - before

    statuses = [orjson.loads(answer)["status"] for answer in response.content.splitlines()]
    assert statuses == [201] + [200] * 299
    assert sent > 250_000_000
    assert grown < 150_000_000


def _peak(pid: int) -> int:
    """The most memory that the process ever had, in bytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) * 1024


@pytest.mark.parametrize("path", ["/v1/records/tender_notice/1", "/v1/records:batch"])
async def test_an_upload_without_a_key_is_answered_before_it_is_sent(sqlite_database_url: str, path: str) -> None:
    async with a_server(sqlite_database_url) as server:
        server.key = "hub_00000000_wrong"
        reader, writer = await server.connect()
        method = "POST" if path.endswith("batch") else "PUT"
        writer.write(server.request(method, path, "content-type: application/json", "content-length: 100000000"))
        async with asyncio.timeout(5):
            status = await reader.readline()
        writer.close()

    assert status.startswith(b"HTTP/1.1 401")


async def test_a_body_that_is_declared_too_large_is_refused_before_it_is_sent(sqlite_database_url: str) -> None:
    async with a_server(sqlite_database_url) as server:
        reader, writer = await server.connect()
        headers = ("content-type: application/json", "content-length: 100000000")
        writer.write(server.request("PUT", "/v1/records/tender_notice/1", *headers))
        async with asyncio.timeout(5):
            status = await reader.readline()
        writer.close()

    assert status.startswith(b"HTTP/1.1 413")


async def test_a_head_without_an_end_is_refused_while_others_are_answered(sqlite_database_url: str) -> None:
    async with a_server(sqlite_database_url) as server:
        reader, writer = await server.connect()
        writer.write(server.request("GET", "/healthz") + server.request("GET", "/healthz")[:-2] + b"x-long: ")
        status = await reader.readline()
        for _ in range(3):
            writer.write(b"a" * 30_000)
            await writer.drain()
            await asyncio.sleep(0.1)
        async with asyncio.timeout(5):
            refused = await reader.read()
        writer.close()
        answered = await server.http.get("/healthz", headers={"x-long": "a" * 60_000})
        log = await server.stopped()

    assert status.startswith(b"HTTP/1.1 200")
    assert b"HTTP/1.1 431" in refused
    assert b"/problems/head-too-large" in refused
    assert answered.status_code == 200
    assert log == ""


async def test_many_requests_in_one_piece_are_all_answered(sqlite_database_url: str) -> None:
    async with a_server(sqlite_database_url) as server:
        one = server.request("GET", "/healthz", f"x-long: {'a' * 700}")
        reader, writer = await server.connect()
        writer.write(one * 299 + one[:-2] + b"connection: close\r\n\r\n")
        async with asyncio.timeout(20):
            answers = await reader.read()
        writer.close()

    assert answers.count(b"HTTP/1.1 200") == 300


async def test_senders_that_hang_up_leave_no_error_behind_and_no_half_version(sqlite_database_url: str) -> None:
    notice = orjson.dumps(a_tender_notice())
    async with a_server(sqlite_database_url) as server:
        for sent, head in (
            (notice[:100], ("PUT", "/v1/records/tender_notice/x", "content-type: application/json")),
            (notice[:-2], ("POST", "/v1/records:batch", f"content-type: {NDJSON}")),
            (b'{"buckets":[', ("POST", "/v1/feed/reconcile", "content-type: application/json")),
            (notice + b"\n" + notice[:9], ("POST", "/v1/records:batch", f"content-type: {NDJSON}")),
        ):
            _, writer = await server.connect()
            writer.write(server.request(*head, f"content-length: {10 * len(notice)}") + sent)
            await writer.drain()
            if sent.startswith(notice):  # The only one with a whole line, which is stored however long it takes.
                await server.http.get("/v1/feed", params={"wait": 20})
            await asyncio.sleep(0.1)
            writer.transport.abort()
        _, writer = await server.connect()
        writer.write(server.request("GET", "/v1/feed?after=9&wait=20"))
        await writer.drain()
        writer.transport.abort()
        await asyncio.sleep(0.2)
        feed = (await server.http.get("/v1/feed")).json()
        log = await server.stopped()

    assert feed["head"] == 1
    assert log == ""


async def test_a_reader_that_waits_does_not_hold_a_stop_up(sqlite_database_url: str) -> None:
    async with a_server(sqlite_database_url) as server:
        reading = asyncio.create_task(server.http.get("/v1/feed", params={"wait": 60}))
        await asyncio.sleep(0.5)
        async with asyncio.timeout(5):
            log = await server.stopped()
        page = (await reading).json()

    assert (page["entries"], page["next"]) == ([], 0)
    assert log == ""


async def test_a_stop_with_requests_in_flight_loses_nothing_that_was_answered(database_url: str) -> None:
    async with a_server(database_url) as server:
        receipts: dict[str, int] = {}

        async def push(project: int) -> None:
            while True:
                notice = a_tender_notice(project=project)
                path = f"/v1/records/tender_notice/{notice['data_key']}"
                try:
                    response = await server.http.put(path, json=notice)
                except httpx.TransportError:
                    return
                if response.status_code != 201:
                    return
                receipts[notice["data_key"]] = response.json()["position"]

        async def batch() -> int:
            async def lines() -> AsyncIterator[bytes]:
                for number in range(400):
                    yield orjson.dumps(a_tender_notice(project=number)) + b"\n"
                    await asyncio.sleep(0.005)

            response = await server.http.post("/v1/records:batch", content=lines(), headers={"content-type": NDJSON})
            return sum(orjson.loads(answer)["status"] == 201 for answer in response.content.splitlines())

        pushing = [asyncio.create_task(push(project)) for project in range(10)]
        streaming = asyncio.create_task(batch())
        await asyncio.sleep(0.3)
        async with asyncio.timeout(60):
            while len(receipts) <= 20:  # noqa: ASYNC110 (receipts are a plain dictionary)
                await asyncio.sleep(0.05)
        log = await server.stopped()
        await asyncio.gather(*pushing)
        batched = await streaming

    assert server.process.returncode in (0, -signal.SIGTERM)
    assert len(receipts) > 20
    assert batched == 400, "a batch under way is answered to its end"
    assert await _head(database_url) >= len(receipts) + batched
    assert "Traceback" not in log
