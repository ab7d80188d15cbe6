"""The closed-loop load generator: wrk with a script of ours."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson

from benchmarks.figures import BenchmarkFailed
from benchmarks.payloads import Template

SCRIPTS = Path(__file__).parent / "lua"
THREADS = 2


@dataclass(frozen=True, slots=True)
class Load:
    """What wrk saw: requests and received bytes per second, latencies in milliseconds."""

    rate: float
    bytes_rate: float
    p50: float
    p99: float

    def values(self) -> dict[str, float]:
        """The figures that rounds are compared by."""
        return {"rate": self.rate, "p50": self.p50, "p99": self.p99}


def push(url: str, template: Template, *, prefix: str, key: str, connections: int, seconds: float) -> Load:
    """PUT submissions with keys of their own to `url`/data_key."""
    with TemporaryDirectory() as directory:
        command = push_command(
            url, template, Path(directory), prefix=prefix, key=key, connections=connections, seconds=seconds
        )
        return _run(command, seconds)


def push_command(
    url: str, template: Template, directory: Path, *, prefix: str, key: str, connections: int, seconds: float
) -> list[str]:
    """The command that `push` runs; its files are written to `directory`."""
    document, subjects = directory / "template", directory / "subjects"
    document.write_text(template.text)
    subjects.write_text("\n".join(template.subjects))
    return _command(url, "push.lua", connections, seconds, [str(document), prefix, key, str(subjects)])


def get(url: str, paths: list[str], *, accept: str, key: str = "-", connections: int, seconds: float) -> Load:
    """GET `paths` of the server at `url` in no particular order."""
    with TemporaryDirectory() as directory:
        listed = Path(directory) / "paths"
        listed.write_text("\n".join(paths) + "\n")
        return _run(_command(url, "get.lua", connections, seconds, [str(listed), accept, key]), seconds)


def load_of(output: bytes) -> Load:
    """What the script reported; raises where requests failed, because a rate of errors is no rate."""
    reported = [line for line in output.splitlines() if line.startswith(b"RESULT ")]
    if not reported:
        raise BenchmarkFailed(f"wrk did not report: {output[-2000:].decode(errors='replace')}")
    result = orjson.loads(reported[0].removeprefix(b"RESULT "))
    if result["failed"] or result["refused"] or not result["requests"]:
        raise BenchmarkFailed(
            f"of {result['requests']} requests {result['refused']} were refused and {result['failed']} failed"
        )
    seconds = result["duration"] / 1e6
    return Load(result["requests"] / seconds, result["bytes"] / seconds, result["p50"] / 1000, result["p99"] / 1000)


def _command(url: str, script: str, connections: int, seconds: float, arguments: list[str]) -> list[str]:
    wrk = shutil.which("wrk")
    if wrk is None:
        raise BenchmarkFailed("wrk is not installed; on Debian: apt-get install wrk nginx")
    threads = min(THREADS, connections)
    load = ["-t", str(threads), "-c", str(connections), "-d", f"{max(1, round(seconds))}s", "--timeout", "20s"]
    return [wrk, *load, "-s", str(SCRIPTS / script), url, "--", *arguments]


def _run(command: list[str], seconds: float) -> Load:
    done = subprocess.run(command, capture_output=True, check=False, timeout=seconds + 60)
    return load_of(done.stdout + done.stderr)
