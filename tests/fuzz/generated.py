"""Requests made from the servers' own OpenAPI documents, by schemathesis in a process of its own."""

import asyncio
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.support.processes import HOST

ROOT = Path(__file__).parents[2]
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
SUBMISSIONS = r"/v1/records(:validate|/\{kind\}/\{data_key\}(:withdraw)?)$"
"""The routes whose schema is the union of all kinds: of these, the cases that cover every keyword are tens of thousands."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of schemathesis: against which server, as whom, with which phases, and which of the operations."""

    name: str
    port: int
    key: str = ""
    phases: str = "examples,coverage,fuzzing"
    examples: int = 100
    choice: tuple[str, ...] = ()


async def generated(run: Run, seed: int, directory: Path, say: Callable[[str], None]) -> str:
    """Run it; what it complains about, empty where it does not."""
    options = ["--checks", CHECKS, "--phases", run.phases, "--max-examples", str(run.examples), "--seed", str(seed)]
    options += ["--no-color", "--warnings", "off", "--suppress-health-check", "all", "--request-timeout", "20"]
    options += ["--generation-database", "none"]
    if run.key:
        options += ["-H", f"Authorization: Bearer {run.key}"]
    process = await asyncio.create_subprocess_exec(
        "env",
        f"PYTHONPATH={ROOT}",
        "SCHEMATHESIS_HOOKS=tests.fuzz.hooks",
        str(Path(sys.executable).with_name("schemathesis")),
        "run",
        f"http://{HOST}:{run.port}/openapi.json",
        *options,
        *run.choice,
        # It leaves files where it runs.
        cwd=directory,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
        # A complaint shows what was sent and answered in one line.
        limit=64 * 1024 * 1024,
    )
    assert process.stdout is not None
    words = []
    try:
        async for line in process.stdout:
            words.append(line.decode(errors="replace"))
            if line.strip() and line[:1] == b" ":
                say(f"{run.name}: {words[-1].strip()}")
        code = await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return "" if code == 0 else f"{run.name}:\n{_told(words)}"


def _told(words: Sequence[str]) -> str:
    """Its words from the first complaint on."""
    start = next((n for n, line in enumerate(words) if line.startswith("=") and ("FAIL" in line or "ERR" in line)), 0)
    return "".join(words[start:])[:6000]
