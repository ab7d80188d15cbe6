"""A hub behind the fault dial, as `hub simulate hub` starts it, and a client that repeats what was not answered."""

import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import orjson

from hub.rehearsal import PLATFORM
from tests.support.processes import a_free_port

MAIN = [sys.executable, "-c", "from hub.cli import main; main()"]


class Client:
    """A platform's client, as naive as can be: what it cannot read is no answer, and what has no answer is repeated."""

    def __init__(self, url: str, key: str) -> None:
        headers = {"authorization": f"Bearer {key}"}
        self.url, self.key = url, key
        self.http = httpx.Client(base_url=url, headers=headers, timeout=10, trust_env=False)

    def put(self, notice: dict[str, Any], timeout: float = 10) -> httpx.Response:
        path = f"/v1/records/{notice['kind']}/{notice['data_key']}"
        return self.http.put(path, json=notice, timeout=timeout)

    def batch(self, *notices: dict[str, Any], timeout: float = 10) -> httpx.Response:
        lines = b"\n".join(map(orjson.dumps, notices))
        headers = {"content-type": "application/x-ndjson"}
        return self.http.post("/v1/records:batch", content=lines, headers=headers, timeout=timeout)

    def receipt(self, notice: dict[str, Any], tries: int = 100) -> Any:
        """The receipt of a notice, however often it takes to get it."""
        for _ in range(tries):
            if (answer := answered(lambda: self.put(notice, timeout=0.5))) is not None:
                assert answer.status_code in (200, 201), answer.text
                return answer.json()
        raise AssertionError("there was never an answer")

    def receipts(self, *notices: dict[str, Any], tries: int = 100) -> list[Any]:
        """The receipts of notices that go in a batch, which is repeated as a whole."""
        for _ in range(tries):
            answer = answered(lambda: self.batch(*notices, timeout=0.5))
            if answer is not None and len(lines := answer.text.splitlines()) == len(notices):
                return [orjson.loads(line)["receipt"] for line in lines]
        raise AssertionError("there was never an answer")

    def numbers(self, notice: dict[str, Any]) -> list[int]:
        """The versions that the hub has of a notice."""
        found = self.http.get(f"/v1/records/{PLATFORM}/{notice['kind']}/{notice['data_key']}/versions")
        return [entry["number"] for entry in found.json().get("versions", [])]

    def dial(self, **dial: Any) -> None:
        """Set the fault dial; without arguments all faults are off."""
        self.http.put("/dial", json=dial).raise_for_status()


def answered(ask: Callable[[], httpx.Response]) -> httpx.Response | None:
    """An answer that is one: below 500, not 429, and JSON to its end in each of its lines."""
    try:
        answer = ask()
        for line in answer.text.splitlines():
            orjson.loads(line)
    except (httpx.TransportError, orjson.JSONDecodeError):
        return None
    return None if answer.status_code >= 500 or answer.status_code == 429 or not answer.content else answer


@contextmanager
def a_rehearsal(*options: str) -> Iterator[tuple[Client, subprocess.Popen[str], list[str]]]:
    """The command with options, once it answers: its client, its process and what it said."""
    port = a_free_port()
    command = [*MAIN, "simulate", "hub", "--port", str(port), *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        said = [process.stdout.readline() for _ in range(5)]
        key = re.findall(r"hub_\w{8}_[\w-]+", said[1])
        assert key, said
        client = Client(f"http://127.0.0.1:{port}", key[0])
        until = time.monotonic() + 30
        while answered(lambda: client.http.get("/healthz")) is None:
            assert process.poll() is None, "the hub has ended"
            assert time.monotonic() < until, "the hub does not answer"
            time.sleep(0.05)
        yield client, process, said
        client.http.close()
    finally:
        process.kill()
        process.communicate()
