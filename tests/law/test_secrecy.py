"""A submission that is not cleared is refused, and nothing of it is kept, told or logged."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest

from hub.wire.envelope import enveloped
from hub.wire.forms import V2_JSON, XML, written
from tests.api.test_process import a_server
from tests.builders import a_submission, a_tender_notice
from tests.hub import a_hub

pytestmark = pytest.mark.anyio

MARKER = "MARKER7F3A"
JSON, NDJSON = "application/json", "application/x-ndjson"
SECRET, MALFORMED = "secrecy-not-cleared", "malformed-document"


@dataclass(frozen=True)
class Case:
    """A request with something that is not cleared, and the problem that answers it."""

    path: str
    media: str
    content: bytes
    problem: str = SECRET

    @property
    def method(self) -> str:
        return "POST" if ":" in self.path else "PUT"


def pending(**changes: Any) -> dict[str, Any]:
    """A notice under review, with the marker in its name, its text, its reason and its attachment's name."""
    notice = a_tender_notice(
        secrecy_review="pending",
        data_key=f"T-{MARKER}",
        body__notice_name=f"{MARKER}公告",
        body__notice_content=MARKER,
        attachments__0__name=f"{MARKER}.pdf",
        change={"reason": MARKER},
        changed_at="2026-06-01T00:00:00+08:00",
    )
    return notice | changes


PUT, VALIDATE, BATCH = "/v1/records/tender_notice/T1", "/v1/records:validate", "/v1/records:batch"
NOTICE = pending()
RAW = orjson.dumps(NOTICE)
IN_XML, IN_V2 = (written(enveloped(NOTICE), media) for media in (XML, V2_JSON))
WITHDRAWAL = {
    "kind": "tender_notice",
    "data_key": "T1",
    "withdrawal": {"data_timestamp": "2026-06-01T00:00:00+08:00", "reason": MARKER},
    "secrecy_review": "pending",
}
CASES = {
    "pushed": Case(PUT, JSON, RAW),
    "pushed in XML": Case(PUT, XML, IN_XML),
    "pushed in the envelope in JSON": Case(PUT, V2_JSON, IN_V2),
    "of an unknown kind": Case("/v1/records/no_such_kind/T1", JSON, RAW),
    "validated": Case(VALIDATE, JSON, RAW),
    "validated in XML": Case(VALIDATE, XML, IN_XML),
    "validated in the envelope in JSON": Case(VALIDATE, V2_JSON, IN_V2),
    "in a batch": Case(BATCH, NDJSON, RAW + b"\n" + RAW),
    "in a batch in XML": Case(BATCH, XML, b"<R>" + IN_XML.partition(b"?>")[2] + b"</R>"),
    "in a batch of envelopes in JSON": Case(BATCH, V2_JSON, IN_V2.replace(b"\n", b"")),
    "a withdrawal in a batch": Case(BATCH, NDJSON, orjson.dumps(WITHDRAWAL)),
    "a withdrawal in XML": Case(PUT, XML, written(enveloped(WITHDRAWAL), XML)),
    "refused by every rule": Case(
        PUT, JSON, orjson.dumps(pending(body={MARKER: MARKER, "url": MARKER}, formed_at=MARKER))
    ),
    "not reviewed at all": Case(PUT, JSON, orjson.dumps(pending(secrecy_review=None))),
    "with another word for it": Case(PUT, JSON, orjson.dumps(pending(secrecy_review=MARKER))),
    "cut off": Case(PUT, JSON, RAW[:-1], MALFORMED),
    "cut off in a batch": Case(BATCH, NDJSON, RAW[:-1], MALFORMED),
    "broken XML": Case(PUT, XML, IN_XML.replace(b"</DES>", b"<DES>"), MALFORMED),
    "a broken envelope in JSON": Case(PUT, V2_JSON, IN_V2[: IN_V2.rindex(b"}")], MALFORMED),
    "with an unexpected element": Case(
        PUT, XML, IN_XML.replace(b"<CONTEXT>", f"<{MARKER}/><CONTEXT>".encode()), MALFORMED
    ),
}
every_case = pytest.mark.parametrize("case", CASES.values(), ids=CASES)


@every_case
async def test_nothing_of_it_is_kept_told_or_logged(
    case: Case, sqlite_database_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    async with a_hub(sqlite_database_url) as hub:
        platform = await hub.platform()
        headers = {"content-type": case.media}
        answer = await platform.call(case.method, case.path, content=case.content, headers=headers)
        stored = (await (await hub.consumer()).read("/v1/feed"))["entries"]

    assert f"/problems/{case.problem}" in answer.text
    assert MARKER not in answer.text
    assert stored == []
    assert MARKER not in _logged(caplog)
    assert _files_with_the_marker(tmp_path) == []


def _logged(caplog: pytest.LogCaptureFixture) -> str:
    """Everything that was logged, by whomever; httpx is the sender here."""
    return "\n".join(f"{record.getMessage()} {record.exc_text}" for record in caplog.records if record.name != "httpx")


def _files_with_the_marker(place: Path) -> list[str]:
    """The database, its journal and all else."""
    return [path.name for path in place.rglob("*") if path.is_file() and MARKER.encode() in path.read_bytes()]


async def test_what_is_cleared_is_found_where_the_others_are_looked_for(
    sqlite_database_url: str, tmp_path: Path
) -> None:
    async with a_hub(sqlite_database_url) as hub:
        await (await hub.platform()).push(pending(secrecy_review="cleared"))

    assert _files_with_the_marker(tmp_path) != []


async def test_a_server_that_logs_all_it_can_logs_nothing_of_it(sqlite_database_url: str, tmp_path: Path) -> None:
    async with a_server(sqlite_database_url, "--log-level", "debug") as server:
        for case in CASES.values():
            answer = await server.http.request(
                case.method, case.path, content=case.content, headers={"content-type": case.media}
            )
            assert MARKER not in answer.text
        log = await server.stopped()

    assert log != ""
    assert MARKER not in log
    assert _files_with_the_marker(tmp_path) == []


@pytest.mark.parametrize("kind", ["housing_allocation_target", "procurement_contract", "bidder_list"])
async def test_the_others_of_a_batch_are_stored(kind: str, sqlite_database_url: str) -> None:
    async with a_hub(sqlite_database_url) as hub:
        platform = await hub.platform()
        answers = await platform.batch(a_submission(kind), pending(), a_submission(kind))

    assert [answer["status"] for answer in answers] == [201, 422, 201]
