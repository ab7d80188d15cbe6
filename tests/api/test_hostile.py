"""Bodies that nobody sends by mistake: they are refused like any other, and quickly."""

import orjson
import pytest

from hub.keys import Sender
from hub.schemas.explain import MOST_ERRORS
from tests.builders import a_tender_notice
from tests.hub import Caller, Hub, faults_of

pytestmark = pytest.mark.anyio


async def test_a_member_named_with_more_digits_than_a_number_may_have_is_just_unknown(platform: Caller) -> None:
    name = "9" * 5000

    response = await platform.put(a_tender_notice() | {name: 1})

    assert {pointer for pointer, _ in faults_of(response)} == {f"/{name}"}


async def test_of_very_many_faults_some_are_explained_and_all_are_counted(platform: Caller) -> None:
    response = await platform.put(a_tender_notice() | {f"k{number}": number for number in range(100_000)})

    assert len(faults_of(response)) == MOST_ERRORS
    assert response.json()["detail"].startswith("100000 fault(s)")


async def test_a_list_with_far_too_many_items_is_one_fault(platform: Caller) -> None:
    notice = a_tender_notice(attachments=[{}] * 100_000)

    assert faults_of(await platform.put(notice)) == {("/attachments", "too-many")}


async def test_a_line_that_fails_unexpectedly_leaves_the_others_alone(
    hub: Hub, platform: Caller, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    intake = hub.runtime.intake
    read = intake.submission

    def failing(raw: bytes, sender: Sender) -> object:
        if b"POISON" in raw:
            raise ValueError("unforeseen")
        return read(raw, sender)

    monkeypatch.setattr(type(intake), "submission", lambda _, raw, sender: failing(raw, sender))

    answers = await platform.batch(a_tender_notice(), b'{"kind":"POISON"}', a_tender_notice())

    assert [answer["status"] for answer in answers] == [201, 503, 201]
    assert "a line of a batch failed" in caplog.text
    assert orjson.dumps(answers[1]).count(b"unforeseen") == 0
