"""Through the interface: no answer to the public holds what it may not see; the government and the sender see it all."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import orjson
import pytest

from hub.fsck import check
from hub.schemas.kind import kinds
from tests.builders import (
    a_blacklist_entry,
    a_later_version,
    a_penalty_of_a_person,
    a_procurement_contract,
    a_submission,
    a_tender_notice,
    an_id_number,
)
from tests.hub import B, Caller, Hub, a_hub
from tests.law.marking import mark

pytestmark = pytest.mark.anyio

FUTURE = "2999-01-01T09:00:00+08:00"
SECRET = "暗号000不得外泄"


@pytest.fixture
async def hub(anyio_backend: str, sqlite_database_url: str) -> AsyncIterator[Hub]:
    async with a_hub(sqlite_database_url) as running:
        yield running


@pytest.fixture
async def platform(hub: Hub) -> Caller:
    return await hub.platform()


def marked(name: str, **changes: Any) -> tuple[dict[str, Any], list[str]]:
    """A submission with marks in the fields that are not for everybody, to be opened in a far future."""
    submission = a_submission(name)
    if (opening := kinds()[name].opening) is not None:
        submission["body"][opening] = FUTURE
    return submission | changes, mark(kinds()[name], submission["body"])


def of_an_expert() -> tuple[dict[str, Any], list[str]]:
    number = an_id_number(55)
    return a_submission("evaluation_expert", body__expert_name=SECRET, body__id_card=number), [SECRET, number]


def of_a_person() -> tuple[dict[str, Any], list[str]]:
    number = an_id_number(77)
    return a_penalty_of_a_person(number, body__cf_xdr_mc=SECRET), [SECRET, number]


def with_a_person() -> tuple[dict[str, Any], list[str]]:
    contract = a_procurement_contract(body__supplier_code=[an_id_number(66)])
    contract["body"]["party_b"] |= {"address": SECRET, "contact": "13900000000"}
    return contract, [an_id_number(66), SECRET, "13900000000"]


def of_government_scope() -> tuple[dict[str, Any], list[str]]:
    return a_blacklist_entry(body__scope="2", body__body_name=SECRET), [SECRET]


def on_request() -> tuple[dict[str, Any], list[str]]:
    return a_tender_notice(disclosure="on_request", body__notice_content=SECRET), [SECRET]


def withheld() -> tuple[dict[str, Any], list[str]]:
    entry = {"field": "/notice_content", "ground": "commercial_secret", "basis": "政府信息公开条例 第十五条"}
    return a_tender_notice(withheld=[entry], body__notice_content=SECRET), [SECRET]


def with_numbers_in_its_text() -> tuple[dict[str, Any], list[str]]:
    numbers = [an_id_number(88), "13800138000", "6222021234567890128"]
    return a_tender_notice(body__notice_content="，".join(numbers)), numbers


CASES: dict[str, Callable[[], tuple[dict[str, Any], list[str]]]] = {
    "bids before the opening": lambda: marked("bidder_list"),
    "suppliers before the opening": lambda: marked("procurement_supplier_list"),
    "an invitation before the opening": lambda: marked("tender_invitation"),
    "households": lambda: marked("rural_renovation_recognition"),
    "applicants for homes": lambda: marked("housing_allocation_target"),
    "a contract with a person": with_a_person,
    "an expert": of_an_expert,
    "a person with a penalty": of_a_person,
    "an entry of government scope": of_government_scope,
    "a notice on request": on_request,
    "a withheld field": withheld,
    "numbers in a text": with_numbers_in_its_text,
}
every_case = pytest.mark.parametrize("made", CASES.values(), ids=CASES)

XML, V2_JSON = "application/xml", "application/vnd.hub.v2+json"


async def pushed(
    platform: Caller, made: Callable[[], tuple[dict[str, Any], list[str]]]
) -> tuple[dict[str, Any], list[str]]:
    """Two versions of a record: the first one, and the marks that both have."""
    first, marks = made()
    await platform.push(first, a_later_version(first))
    return first, marks


async def answers(caller: Caller, platform: Caller, submission: dict[str, Any]) -> dict[str, str]:
    """Everything that can be asked about the record, by its address."""
    at = platform.record(submission)
    (newest, *_) = (await caller.read(at + "/versions"))["versions"]
    asked = [
        ("/v1/feed", {}),
        *(("/v1/feed?format=" + dialect, {}) for dialect in ("ndjson", "cloudevents", "atom", "ocds")),
        ("/v1/feed?before=head", {}),
        ("/v1/feed?kind=" + submission["kind"], {}),
        *(
            (address, {"accept": accept})
            for address in (at, at + "/versions/1", "/v1/versions/1")
            for accept in ("*/*", XML, V2_JSON)
        ),
        (at + "/versions", {}),
        (at + "/diff?before=1&after=2", {}),
        ("/v1/threads/" + newest["thread"], {}),
        ("/v1/records?overdue=true", {}),
        ("/", {}),
    ]
    found = {}
    for address, headers in asked:
        response = await caller.call("GET", address, headers=headers)
        assert response.status_code == 200, (address, response.text)
        found[f"{address} {headers}"] = response.text
    return found


@every_case
async def test_no_answer_to_the_public_has_it(hub: Hub, platform: Caller, made: Any) -> None:
    submission, marks = await pushed(platform, made)

    found = await answers(hub.public, platform, submission)
    await platform.withdraw(submission)
    found |= {
        f"{address}, withdrawn": text for address, text in (await answers(hub.public, platform, submission)).items()
    }

    assert marks
    assert [(address, one) for address, text in found.items() for one in marks if one in text] == []


@every_case
async def test_no_answer_to_another_platform_has_it(hub: Hub, platform: Caller, made: Any) -> None:
    submission, marks = await pushed(platform, made)

    found = await answers(await hub.platform(B), platform, submission)

    assert [(address, one) for address, text in found.items() for one in marks if one in text] == []


@every_case
async def test_the_government_and_the_sender_see_it(hub: Hub, platform: Caller, made: Any) -> None:
    submission, marks = await pushed(platform, made)

    feed = orjson.dumps((await (await hub.consumer()).read("/v1/feed"))["entries"][0]).decode()
    own = orjson.dumps(await platform.read(platform.record(submission))).decode()

    assert [one for one in marks if one not in feed or one not in own] == []


async def test_before_the_opening_a_reader_learns_when_to_come_back(hub: Hub, platform: Caller) -> None:
    submission, _ = marked("bidder_list")
    await platform.push(submission)

    record = await hub.public.read(platform.record(submission))

    assert record["opens_at"] == "2999-01-01T01:00:00.000000Z"
    assert record["document"]["body"]["bid_open_time"] == FUTURE


async def test_the_reason_of_a_withdrawal_is_masked_for_the_public_and_fsck_agrees(hub: Hub, platform: Caller) -> None:
    submission = a_tender_notice()
    await platform.push(submission)
    told = {"data_timestamp": "2026-10-01T00:00:00+08:00", "reason": "误将13800138000写入"}
    path = f"/v1/records/{submission['kind']}/{submission['data_key']}:withdraw"

    assert (await platform.call("POST", path, json=told)).status_code == 201

    public = await hub.public.read(platform.record(submission))
    own = await platform.read(platform.record(submission))
    assert public["document"]["withdrawal"]["reason"] == f"误将{'＊' * 11}写入"
    assert own["document"]["withdrawal"]["reason"] == told["reason"]
    assert (await check(hub.runtime.database, lambda *_: None)).findings == []
