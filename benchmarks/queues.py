"""Queue libraries that deliver the same items, each with a worker of its own and a job per version and target."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.support.postgres import Postgres

from benchmarks.figures import BenchmarkFailed
from benchmarks.processes import HOST, free_port, listening, process

ROOT = Path(__file__).parents[1]
PYTHON = ROOT / ".tools" / "peers" / "bin" / "python"
"""The environment of the peers, which `make bench` makes."""

ON_POSTGRESQL = ("pgqueuer", "procrastinate")
ON_REDIS = ("taskiq",)
NAMES = ON_POSTGRESQL + ON_REDIS

ENQUEUED_WITHIN = 600.0
REDIS_WITHIN = 10.0


def program(name: str) -> str:
    """The path of a program of the peers' environment; raises where it was not made."""
    path = PYTHON.with_name(name)
    if not path.exists():
        raise BenchmarkFailed("the peers are not installed; `make bench` does it, or `make .tools/peers/.ready`")
    return str(path)


@contextmanager
def working(name: str, postgres: Postgres, database: str, jobs: list[tuple[str, bytes]]) -> Iterator[None]:
    """Store the jobs, URL and body each, in the queue called `name`, and have its worker deliver them for the block."""
    command = [program("python"), "-m", f"benchmarks.peer_scripts.{name}"]
    with TemporaryDirectory() as directory, _store(name, postgres, database) as address:
        file = Path(directory) / "jobs"
        file.write_bytes(b"\n".join(b"%b\t%b" % (url.encode(), body) for url, body in jobs))
        words = [*command, "enqueue", address, str(file)]
        done = subprocess.run(words, capture_output=True, check=False, cwd=ROOT, text=True, timeout=ENQUEUED_WITHIN)
        if done.returncode:
            raise BenchmarkFailed(f"{name} did not take its jobs: {(done.stdout + done.stderr)[-2000:]}")
        with process([*command, "work", address]):
            yield


@contextmanager
def _store(name: str, postgres: Postgres, database: str) -> Iterator[str]:
    """The address of what the queue keeps its jobs in."""
    if name in ON_REDIS:
        with redis() as address:
            yield address
    else:
        yield postgres.create_database(database).replace("+asyncpg", "")


@contextmanager
def redis() -> Iterator[str]:
    """A Redis that writes what it is told to a file, for the block; its address."""
    found = shutil.which("redis-server")
    if found is None:
        raise BenchmarkFailed("redis-server is not installed; on Debian: apt-get install redis-server")
    port = free_port()
    with TemporaryDirectory() as directory:
        command = [found, "--port", str(port), "--bind", HOST, "--dir", directory, "--save", "", "--appendonly", "yes"]
        with process(command) as running:
            listening(port, running, REDIS_WITHIN)
            yield f"redis://{HOST}:{port}/0"
