"""Spoilt bodies on every route that takes one: the answer is documented, a problem is a problem document, memory is flat."""

import asyncio
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import orjson

from hub.schemas.examples import example_bytes
from hub.schemas.kind import kinds
from tests.fuzz.mutations import HEAVY, LIGHT
from tests.support.processes import HOST, resident, worked

CONNECTIONS = 4
ANSWER_WITHIN = 10.0
"""Seconds of the server's own work after which a body has stopped it rather than been refused."""

GROWTH = 64 * 2**20
"""Bytes that the server may grow by after a fifth of the bodies, of which the large ones come first."""

LARGEST_ANSWER = 2 * 2**20
"""Bytes: a refusal is not many times larger than what was refused."""

ROUTES = {
    "push": ("PUT", "/v1/records/{kind}/{data_key}"),
    "withdraw": ("POST", "/v1/records/{kind}/{data_key}:withdraw"),
    "validate": ("POST", "/v1/records:validate"),
    "batch": ("POST", "/v1/records:batch"),
}
WARM = len(HEAVY) * len(ROUTES)
"""How many bodies come first: every large one, on every route."""

MEDIA = ("application/json", "application/x-ndjson")
ODD_MEDIA = (
    "",
    "text/plain",
    "application/json; charset=utf-16",
    "multipart/form-data; boundary=x",
    "\xff",
    "x" * 5000,
)
ODD_HEADERS = (
    "Content-Encoding: gzip",
    "Content-Encoding: deflate",
    "If-Match: *",
    'If-Match: W/"zz"',
    'If-Match: "' + "0" * 64 + '"',
    "If-Match: \xff",
    "If-None-Match: *",
    "Expect: 100-continue",
    "Accept: application/xml",
    "Authorization: Bearer \xff",
)
ODD_KEYS = ("%00", "%ff", "%ED%A0%80", "..", "a%2Fb", "%E9%95%BF", "x" * 65, "x" * 4000, "-", "~", ":withdraw", "'--")
ODD_KINDS = ("nothing", "Tender_Notice", "%00", "tender_notice%00", "__class__", "x" * 4000, "%ff")


@dataclass(frozen=True, slots=True)
class Case:
    """One request, the route that it is for, and how it was made."""

    number: int
    route: str
    how: str
    method: str
    path: str
    headers: tuple[str, ...]
    body: bytes
    exact: bool
    """Whether the path is one of the route: only then the answers are those of the route."""

    def __str__(self) -> str:
        return f"#{self.number} {self.route}, {self.how}: {self.method} {self.path[:80]} {self.body[:200]!r}"


@dataclass(slots=True)
class Result:
    """What was answered, and everything that must not have been."""

    answers: Counter[str] = field(default_factory=Counter)
    findings: list[str] = field(default_factory=list)
    slowest: float = 0.0
    slowest_case: str = ""
    resident_before: int = 0
    resident_after: int = 0

    @property
    def growth(self) -> int:
        """Bytes that the server has grown by."""
        return self.resident_after - self.resident_before


def cases(count: int, random: Random) -> Iterator[Case]:
    """`count` requests: first every heavy body on every route, then one heavy in a hundred and one, so that each route gets its share."""
    names = list(kinds())
    for number in range(count):
        kind = random.choice(names)
        route = list(ROUTES)[number % len(ROUTES)]
        if number < WARM:
            mutation = HEAVY[number // len(ROUTES)]
        else:
            mutation = random.choice(HEAVY if number % 101 == 100 else LIGHT)
        body = mutation(_valid(kind, route, number), random)
        if route == "batch":
            whole = _valid(kind, route, number + count)
            body = b"\n".join(random.sample([whole, body, whole, b""], random.randint(1, 4)))
        data_key = f"F{number % 500}"
        exact = True
        if random.random() < 0.05:
            exact = False
            if random.random() < 0.5:
                data_key = random.choice(ODD_KEYS)
            else:
                kind = random.choice(ODD_KINDS)
        method, path = ROUTES[route]
        yield Case(
            number,
            route,
            mutation.__name__,
            method,
            path.format(kind=kind, data_key=data_key),
            tuple(_headers(route, random)),
            body,
            exact,
        )


def _valid(kind: str, route: str, number: int) -> bytes:
    document = orjson.loads(example_bytes(kind))
    # A few keys only: some bodies that are valid still meet what is stored.
    document |= {"data_key": f"F{number % 500}", "data_timestamp": f"2026-0{1 + number % 9}-01T00:00:00+08:00"}
    if route == "withdraw":
        return orjson.dumps({"data_timestamp": document["data_timestamp"], "reason": "重复发布"})
    return orjson.dumps(document)


def _headers(route: str, random: Random) -> Iterator[str]:
    media = MEDIA[route == "batch"]
    if random.random() < 0.05:
        media = random.choice([*MEDIA, *ODD_MEDIA])
    if media:
        yield f"Content-Type: {media}"
    if random.random() < 0.05:
        yield random.choice(ODD_HEADERS)


class Expected:
    """What the OpenAPI document says may be answered."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._statuses = {
            route: {int(status) for status in document["paths"][path][method.lower()]["responses"]}
            for route, (method, path) in ROUTES.items()
        }

    def faults(self, case: Case, status: int, media: str, body: bytes) -> Iterator[str]:
        """What is wrong with an answer."""
        statuses = self._statuses[case.route]
        if not case.exact:
            # A path that no route has, or another one's.
            statuses = set().union(*self._statuses.values(), {404, 405})
        if status not in statuses or status >= 500:
            yield f"answered {status}, which is not documented: {body[:300]!r}"
        elif status >= 400:
            if media != "application/problem+json":
                yield f"answered {status} as {media}"
            yield from _problem_faults(status, body)
        elif case.route == "batch" and media == "application/x-ndjson":
            yield from self._line_faults(case, body)
        if len(body) > LARGEST_ANSWER and case.route != "batch":
            yield f"answered {len(body)} bytes to {len(case.body)}"

    def _line_faults(self, case: Case, body: bytes) -> Iterator[str]:
        answers = body.splitlines()
        sent = sum(1 for line in case.body.split(b"\n") if line.strip())
        for answer in answers:
            shown = orjson.loads(answer)
            status = shown["status"]
            if status not in self._statuses["push"] or status >= 500:
                yield f"a line was answered {status}: {answer[:300]!r}"
            elif status >= 400:
                yield from _problem_faults(status, orjson.dumps(shown["problem"]))
            else:
                yield from () if "position" in shown["receipt"] else ("a receipt without a position",)
        ended = bool(answers) and orjson.loads(answers[-1])["status"] == 413
        if len(answers) != sent and not ended:
            yield f"{sent} lines got {len(answers)} answers"


def _problem_faults(status: int, body: bytes) -> Iterator[str]:
    try:
        problem = orjson.loads(body)
    except orjson.JSONDecodeError:
        yield f"the problem is not JSON: {body[:300]!r}"
        return
    if problem.get("status") != status or not re.fullmatch(r"/problems/[a-z-]+", problem.get("type", "")):
        yield f"not a problem document of {status}: {body[:300]!r}"
    if status == 422 and "faults" in problem and not problem["faults"]:
        yield "a refusal without a fault"


async def fuzz(
    port: int, pid: int, key: str, document: dict[str, Any], count: int, seed: int, say: Callable[[str], None]
) -> Result:
    """Send `count` spoilt bodies over a few connections; `pid` is the server's, whose memory is watched."""
    result = Result()
    expected = Expected(document)
    waiting = iter(cases(count, Random(seed)))
    done = 0

    async def send() -> None:
        nonlocal done
        connection = Connection(port, key)
        for case in waiting:
            began = worked(pid)
            try:
                status, media, body = await connection.ask(case)
            except (OSError, EOFError, TimeoutError, ValueError) as error:
                result.findings.append(f"{case}: no answer ({type(error).__name__})")
                connection.close()
                continue
            taken = worked(pid) - began
            if taken > result.slowest:
                result.slowest, result.slowest_case = taken, str(case)
            result.answers[f"{case.route} {status}"] += 1
            result.findings += [f"{case}: {fault}" for fault in expected.faults(case, status, media, body)]
            done += 1
            if done == max(WARM, count // 5):
                result.resident_before = resident(pid)
            if done % max(1, count // 20) == 0:
                say(f"{done} of {count} bodies, {len(result.findings)} findings, {resident(pid) >> 20} MiB")
        connection.close()

    await asyncio.gather(*(send() for _ in range(CONNECTIONS)))
    result.resident_after = resident(pid)
    if result.growth > GROWTH:
        result.findings.append(f"the server has grown by {result.growth >> 20} MiB")
    if result.slowest > ANSWER_WITHIN:
        result.findings.append(f"{result.slowest_case}: answered after {result.slowest:.1f} s of work")
    return result


class Connection:
    """A keep-alive connection: after a refusal the next request on it must find the server in step."""

    def __init__(self, port: int, key: str) -> None:
        self._port = port
        self._key = key
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, case: Case) -> tuple[int, str, bytes]:
        """Status, media type and body of the answer."""
        for fresh in (False, True):
            if fresh or self._streams is None:
                self.close()
                self._streams = await asyncio.open_connection(HOST, self._port, limit=2**26)
            try:
                async with asyncio.timeout(60):
                    return await self._ask(case, *self._streams)
            except (OSError, EOFError):
                # The server may hang up instead of reading a body to its end; the answer before that counts.
                if fresh:
                    raise
        raise AssertionError

    async def _ask(
        self, case: Case, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> tuple[int, str, bytes]:
        writer.write(self._head(case))
        writer.write(case.body)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        while head.startswith("http/1.1 100"):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        headers = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
        if "content-length" in headers:
            body = await reader.readexactly(int(headers["content-length"]))
        else:
            body = await _chunks(reader)
        if headers.get("connection") == "close":
            self.close()
        return int(head[9:12]), headers.get("content-type", "").split(";")[0], body

    def _head(self, case: Case) -> bytes:
        lines = [f"{case.method} {case.path} HTTP/1.1", f"Host: {HOST}"]
        if not any(header.startswith("Authorization") for header in case.headers):
            lines.append(f"Authorization: Bearer {self._key}")
        lines += [*case.headers, f"Content-Length: {len(case.body)}", "", ""]
        return "\r\n".join(lines).encode("latin-1")

    def close(self) -> None:
        """Close it."""
        if self._streams is not None:
            self._streams[1].transport.abort()
            self._streams = None


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    parts: list[bytes] = []
    while size := int(await reader.readline(), 16):
        parts.append(await reader.readexactly(size))
        await reader.readexactly(2)
    await reader.readline()
    return b"".join(parts)


def summary(result: Result, most: int = 20) -> Sequence[str]:
    """The result for people."""
    return [
        "answers: " + ", ".join(f"{name} × {number}" for name, number in sorted(result.answers.items())),
        f"memory: {result.resident_before >> 20} MiB after a fifth, {result.resident_after >> 20} MiB at the end; "
        f"most work for an answer {result.slowest:.2f} s ({result.slowest_case[:120]})",
        f"findings: {len(result.findings)}",
        *(f"  {finding[:800]}" for finding in result.findings[:most]),
    ]
