"""The stored bytes: canonical JSON of what was sent, whose digest every reader can recompute."""

import json
from hashlib import sha256
from typing import Any

import orjson
import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.intake import Intake
from hub.keys import Sender
from hub.problems import InvalidSubmission
from hub.schemas.kind import kinds
from tests.builders import a_later_version, a_submission, a_uscc
from tests.hub import Caller

INTAKE = Intake(300)
SENDER = Sender(a_uscc())

LINES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40).filter(str.strip)
INSTANTS = st.sampled_from(
    ["2026-03-16T09:05:00+08:00", "2026-03-16T01:05:00Z", "2026-03-16T01:05:00.123456Z", "2020-02-29T23:59:59-11:30"]
)


@st.composite
def submissions(draw: st.DrawFn) -> dict[str, Any]:
    """Submissions of every kind with free texts, times and sizes of all sorts, their members in any order."""
    submission = a_submission(draw(st.sampled_from(sorted(kinds()))))
    submission["legal_basis"] = draw(st.lists(LINES, min_size=1, max_size=3))
    submission["discloser"]["name"] = draw(LINES)
    submission["data_timestamp"] = draw(INSTANTS)
    submission["formed_at"] = draw(INSTANTS)
    if draw(st.booleans()):
        changed = {"changed_at": submission["formed_at"], "change__reason": draw(LINES), "change__of": None}
        submission = a_later_version(submission, **changed)
    # Some kinds have attachments that must be there.
    submission["attachments"] = submission.get("attachments", []) + [
        {
            "code": "OTHER",
            "name": draw(LINES),
            "media_type": "application/pdf",
            "size": draw(st.integers(0, 2**40)),
            "sha256": "0" * 64,
            "url": "https://ggzy.example.com/附件",
        }
        for _ in range(draw(st.integers(0, 2)))
    ]
    members = draw(st.permutations(list(submission.items())))
    return dict(members)


@given(submissions(), st.booleans())
@settings(max_examples=150, deadline=None)
def test_the_stored_document_is_the_canonical_json_of_what_was_sent(sent: dict[str, Any], escaped: bool) -> None:
    raw = json.dumps(sent, ensure_ascii=escaped, indent=2 if escaped else None).encode()

    entry = INTAKE.submission(raw, SENDER).entry

    assert entry.document == rfc8785.dumps(sent)
    assert entry.digest == sha256(rfc8785.dumps(sent)).digest()


@given(LINES, INSTANTS)
@settings(max_examples=50, deadline=None)
def test_a_stored_withdrawal_is_canonical_too(reason: str, at: str) -> None:
    sent = {"reason": reason, "data_timestamp": at}

    entry = INTAKE.withdrawal(orjson.dumps(sent), SENDER, "tender_notice", "k")

    assert entry.document == rfc8785.dumps({"withdrawal": sent, "kind": "tender_notice", "data_key": "k"})


@pytest.mark.parametrize("number", ["1.0", "1e2", "12345678901234567890123"])
@pytest.mark.parametrize("place", ["attachments__0__size", "body__notice_bid_num", "body__doc_price"])
def test_no_number_that_canonical_json_would_write_otherwise_gets_in(place: str, number: str) -> None:
    raw = orjson.dumps(a_submission("tender_notice", **{place: "NUMBER"})).replace(b'"NUMBER"', number.encode())

    with pytest.raises(InvalidSubmission):
        INTAKE.submission(raw, SENDER)


@pytest.mark.anyio
async def test_a_reader_of_the_government_feed_can_recompute_every_digest(platform: Caller, consumer: Caller) -> None:
    submissions = [a_submission(kind) for kind in kinds()]
    await platform.push(*submissions, a_later_version(submissions[0]))
    await platform.withdraw(submissions[1])

    entries = (await consumer.read("/v1/feed", limit=1000))["entries"]

    assert len(entries) == len(submissions) + 2
    for entry in entries:
        assert sha256(rfc8785.dumps(entry["document"])).hexdigest() == entry["digest"]
