"""The hub as a process of a test."""

import os
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile

import httpx

from tests.support.processes import a_free_port
from tests.support.warm import running

HUB = [sys.executable, "-c", "from hub.cli import main; main()"]
WITHIN = 60.0


@contextmanager
def a_hub(directory: Path, port: int | None = None) -> Iterator[str]:
    """The address of `hub serve` on an embedded database in `directory`, for the length of a block."""
    port = port or a_free_port()
    settings = os.environ | {"HUB_DATA_DIR": str(directory)}
    with TemporaryFile() as log, running("serve", "--port", str(port), settings=settings, log=log):
        url = f"http://127.0.0.1:{port}"
        wait_for(url + "/readyz")
        yield url


def wait_for(url: str) -> None:
    """Wait until the address is answered with 200."""
    until = time.monotonic() + WITHIN
    while True:
        try:
            if httpx.get(url, trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            pass
        assert time.monotonic() < until, f"{url} does not answer"
        time.sleep(0.05)


def processes_that_mention(text: str) -> list[int]:
    """The ids of the running processes that have the text in their command line or their settings."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
        except OSError:
            continue
        if re.search(re.escape(text).encode(), words):
            found.append(int(entry.name))
    return found
