"""The client's ledger: a file with one line before each send and one after each answer, written before going on.

A line is `S id try server record data_timestamp digest` before a send, `A id try status body` for an answer, `X id try
reason` where a request was sent and no answer came, `N id try reason` where it could not be sent at all.
"""

import os
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.crash.checker import Client, Content

STORED = frozenset({200, 201})
REFUSED = 409


class Journal:
    """Appends to the file; a line is in the kernel's hands when the call returns, so it survives this process."""

    def __init__(self, file: Path) -> None:
        self._file = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        os.close(self._file)

    def sending(self, request: int, attempt: int, server: int, content: Content) -> None:
        """A request is about to be sent."""
        words = f"S {request} {attempt} {server} {content.record} {content.data_timestamp} {content.digest}\n"
        os.write(self._file, words.encode())

    def answered(self, request: int, attempt: int, status: int, body: bytes) -> None:
        """An answer came."""
        os.write(self._file, b"A %d %d %d %b\n" % (request, attempt, status, body))

    def unanswered(self, request: int, attempt: int, reason: str) -> None:
        """The request was sent, wholly or in part, and no answer came."""
        os.write(self._file, f"X {request} {attempt} {reason}\n".encode())

    def unsent(self, request: int, attempt: int, reason: str) -> None:
        """There was nobody to send to."""
        os.write(self._file, f"N {request} {attempt} {reason}\n".encode())


@dataclass(slots=True)
class Doubts:
    """What became of requests that at least once got no answer, or 503: how many there were, and what repeating told."""

    requests: int = 0
    unanswered: int = 0
    overloaded: int = 0
    resolved: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class _Request:
    content: Content
    doubtful: bool = False
    status: int = 0


def read_back(file: Path) -> tuple[Client, Doubts]:
    """What the client knows, from its ledger alone, and how its doubts were resolved."""
    client, doubts = Client(), Doubts()
    requests: dict[bytes, _Request] = {}
    with file.open("rb") as lines:
        for line in lines:
            sign, request_id, rest = line.rstrip(b"\n").split(b" ", 2)
            if sign == b"S":
                _, _, *content = rest.decode().split(" ")
                requests.setdefault(request_id, _Request(Content(*content)))
                client.sent.add(Content(*content))
                continue
            request = requests[request_id]
            if sign == b"X":
                request.doubtful = True
                doubts.unanswered += 1
            elif sign == b"A":
                _, status, body = rest.split(b" ", 2)
                _note(client, doubts, request, int(status), body)
    for request in requests.values():
        _resolve(client, doubts, request)
    return client, doubts


def _note(client: Client, doubts: Doubts, request: _Request, status: int, body: bytes) -> None:
    request.status = status
    if status in STORED:
        client.receipts.setdefault(request.content, []).append(body)
    elif status == REFUSED:
        client.refused.add(request.content)
    elif status == 503:
        request.doubtful = True
        doubts.overloaded += 1
    else:
        client.surprises.append(f"{request.content.record} was answered {status}: {body[:300].decode()}")


def _resolve(client: Client, doubts: Doubts, request: _Request) -> None:
    if request.status not in (*STORED, REFUSED):
        client.unresolved.append(f"{request.content.record} of {request.content.data_timestamp} was never answered")
    elif request.doubtful:
        doubts.requests += 1
        meaning = {200: "had been stored", 201: "had not been stored", REFUSED: "had lost to another version"}
        doubts.resolved[meaning[request.status]] += 1
