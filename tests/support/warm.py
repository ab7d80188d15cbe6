"""The hub's commands as processes of their own, forked from one that has loaded the hub: the same, but half a second sooner.

`python -m tests.support.warm PATH` is that one. Whoever connects to the socket at the path sends a command and its three files,
and is told its process id and, when it has ended, its exit code.
"""

import asyncio
import atexit
import importlib
import json
import os
import pkgutil
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cache, partial
from pathlib import Path
from typing import IO, Any

from tests.support.processes import die_with

WITHIN = 110.0
"""Seconds: a machine that is busy with other tests takes as long for a whole demo."""
REQUEST = 1 << 20
"""Bytes that a command and its settings may have."""


def run(*words: str, settings: Mapping[str, str] | None = None, given: bytes = b"") -> subprocess.CompletedProcess[str]:
    """Run `hub WORDS` to its end, with the settings of the test process and these; its two outputs as text."""
    with tempfile.TemporaryFile() as into, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as error:
        into.write(given)
        into.seek(0)
        with _asked(words, {**os.environ, **(settings or {})}, (into, out, error)) as answers:
            next(answers)
            code = next(answers)
        said = [_text(each) for each in (out, error)]
    return subprocess.CompletedProcess(words, code, *said)


@contextmanager
def running(*words: str, settings: Mapping[str, str], log: IO[bytes]) -> Iterator[int]:
    """The process id of `hub WORDS` with these settings alone, for the length of a block; its words go to `log`."""
    with open(os.devnull, "rb") as nothing, _asked(words, settings, (nothing, log, log)) as answers:
        process = next(answers)
        try:
            yield process
        finally:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGTERM)
            next(answers)


@contextmanager
def _asked(words: Sequence[str], settings: Mapping[str, str], files: Sequence[IO[bytes]]) -> Iterator[Iterator[int]]:
    """Ask for a command; gives its process id, and its exit code once it has ended."""
    asked = {"words": words, "settings": dict(settings), "directory": str(Path.cwd())}
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(WITHIN)
        connection.connect(_started())
        socket.send_fds(connection, [json.dumps(asked).encode()], [each.fileno() for each in files])
        connection.shutdown(socket.SHUT_WR)
        with connection.makefile("rb") as answers:
            yield map(int, answers)


async def run_beside(*words: str, settings: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """As `run`, while the test's own loop goes on."""
    _started()  # By this thread: what a thread starts ends with it.
    return await asyncio.to_thread(run, *words, settings=settings)


def _text(file: Any) -> str:
    file.seek(0)
    return str(file.read().decode())


@cache
def _started() -> str:
    """The socket of the process that has loaded the hub, which ends with this one."""
    directory = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    path = f"{directory}/warm"
    warm = subprocess.Popen(
        [sys.executable, "-m", "tests.support.warm", path],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
        start_new_session=True,
        preexec_fn=partial(die_with, os.getpid()),
    )
    atexit.register(_end, warm)
    assert warm.stdout is not None
    with warm.stdout as said:
        assert said.readline() == b"ready\n"
    return path


def _end(warm: subprocess.Popen[bytes]) -> None:
    warm.kill()
    warm.wait()


def _serve(path: str) -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen()
        _load()
        print("ready", flush=True)
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        parent = os.getpid()
        while True:
            connection, _ = listening.accept()
            if not os.fork():
                die_with(parent)
                _answer(connection)
            connection.close()


def _load() -> None:
    import hub

    for module in pkgutil.walk_packages(hub.__path__, "hub."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)


def _answer(connection: socket.socket) -> None:
    """Be the parent of the command: tell its process id and how it ended, and end."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    sent, files, _, _ = socket.recv_fds(connection, REQUEST, 3)
    while more := connection.recv(REQUEST):
        sent += more
    parent = os.getpid()
    if not (child := os.fork()):
        die_with(parent)
        connection.close()
        _become(json.loads(sent), files)
    connection.sendall(b"%d\n" % child)
    _, status = os.waitpid(child, 0)
    connection.sendall(b"%d\n" % os.waitstatus_to_exitcode(status))
    os._exit(0)


def _become(asked: dict[str, Any], files: list[int]) -> None:
    for wanted, file in enumerate(files):
        os.dup2(file, wanted)
        os.close(file)
    os.environ.clear()
    os.environ.update(asked["settings"])
    os.chdir(asked["directory"])
    random.seed()
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 (the process's own)
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", closefd=False, buffering=1)  # noqa: SIM115
    sys.argv = ["hub", *asked["words"]]
    sys.modules["__main__"].__package__ = None  # It is not by `python -m` that the command was started.
    # Without the interpreter's own end, which would take apart all that was loaded and so copy its memory.
    os._exit(_ended())


def _ended() -> int:
    """Run the command; its exit code, as the interpreter would have it."""
    from hub.cli import main

    code = 0
    try:
        main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
        code = 1
    atexit._run_exitfuncs()
    sys.stdout.flush()
    return code


if __name__ == "__main__":
    _serve(sys.argv[1])
