"""Who may do what: keys, limits of a platform, and what others see of it."""

from collections import defaultdict
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, text, update
from sqlalchemy.exc import DBAPIError

from hub.keys import add_platform, disable_platform, issue_key, list_platforms, revoke_key
from hub.ledger.tables import ApiKey, Delivery
from hub.problems import InvalidParameter, NotFound
from tests.builders import a_later_version, a_penalty_of_a_person, a_tender_notice, a_uscc, an_id_number
from tests.hub import A, Caller, Hub, a_hub

pytestmark = pytest.mark.anyio

PUSHES = ["/v1/records/tender_notice/1:withdraw", "/v1/records:validate", "/v1/records:batch"]
GOVERNMENT = "A02-12350100M00010014A-20260316-001201-Q"
"""A code in every tender notice that is for the government exchange only."""
WITHHELD = "此价不对外公开"
ON_REQUEST = "依申请公开之内容"
PERSON = an_id_number(7)
SECRETS = (GOVERNMENT, WITHHELD, ON_REQUEST, PERSON, "章之遥")


@pytest.mark.parametrize("path", PUSHES)
async def test_nothing_is_pushed_without_a_key(hub: Hub, path: str) -> None:
    response = await hub.public.call("POST", path, json={})

    assert (response.status_code, response.headers["www-authenticate"]) == (401, "Bearer")
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", PUSHES)
async def test_a_consumer_pushes_nothing(consumer: Caller, path: str) -> None:
    assert (await consumer.call("POST", path, json={})).status_code == 403


@pytest.mark.parametrize(
    "shown", ["Bearer", "Bearer x", "Basic aHViXzE6", "Bearer hub_", "Bearer hub_00000000_no", "Bearer hub_é_x"]
)
@pytest.mark.parametrize("path", ["/v1/feed", "/v1/deliveries"])
async def test_a_key_that_is_shown_must_be_good_even_where_none_is_needed(hub: Hub, path: str, shown: str) -> None:
    headers = {b"authorization": shown.encode()}

    response = await hub.public.http.get(path, headers=headers)

    assert response.status_code == 401


async def test_another_keys_secret_under_a_good_prefix_is_refused(hub: Hub, platform: Caller, other: Caller) -> None:
    forged = Caller(hub.public.http, platform.key[:13] + other.key[13:])

    assert (await forged.put(a_tender_notice())).status_code == 401


async def test_two_keys_live_side_by_side_and_a_third_is_refused(hub: Hub, platform: Caller) -> None:
    second = Caller(hub.public.http, await issue_key(hub.runtime.database, A), A)

    await platform.push(a_tender_notice())
    await second.push(a_tender_notice())
    with pytest.raises(InvalidParameter, match="2 live keys"):
        await issue_key(hub.runtime.database, A)


async def test_a_revoked_key_stops_and_makes_room_for_another(hub: Hub, platform: Caller) -> None:
    second = Caller(hub.public.http, await issue_key(hub.runtime.database, A), A)

    await revoke_key(hub.runtime.database, platform.key)

    assert (await platform.put(a_tender_notice())).status_code == 401
    assert (await second.put(a_tender_notice())).status_code == 201
    await issue_key(hub.runtime.database, A)


async def test_a_key_that_was_just_used_stops_within_the_time_it_is_trusted(sqlite_database_url: str) -> None:
    async with a_hub(sqlite_database_url, key_cache_seconds=0.1) as hub:
        platform = await hub.platform()
        await platform.push(a_tender_notice())
        await revoke_key(hub.runtime.database, platform.key[4:12])

        answers = [(await platform.put(a_tender_notice())).status_code]
        while answers[-1] != 401 and len(answers) < 1000:
            answers.append((await platform.put(a_tender_notice())).status_code)

    assert answers[-1] == 401


async def test_a_key_that_is_not_there_cannot_be_revoked(hub: Hub) -> None:
    with pytest.raises(NotFound):
        await revoke_key(hub.runtime.database, "00000000")


async def test_an_expired_key_is_refused_and_says_so(hub: Hub, platform: Caller) -> None:
    async with hub.runtime.database.transaction() as connection:
        await connection.execute(update(ApiKey).values(expires_at=1))

    response = await platform.put(a_tender_notice())

    assert (response.status_code, response.json()["detail"]) == (401, "The key has expired.")


async def test_an_expired_key_makes_room_for_another(hub: Hub, platform: Caller) -> None:
    await issue_key(hub.runtime.database, A, days=1)
    async with hub.runtime.database.transaction() as connection:
        await connection.execute(update(ApiKey).where(ApiKey.expires_at.is_not(None)).values(expires_at=1))

    assert await issue_key(hub.runtime.database, A, days=1)


async def test_a_disabled_platform_pushes_nothing_and_what_it_pushed_stays(hub: Hub, platform: Caller) -> None:
    notice = a_tender_notice()
    await platform.push(notice)

    await disable_platform(hub.runtime.database, A)

    assert (await platform.put(a_tender_notice())).status_code == 401
    assert (await hub.public.get(platform.record(notice))).status_code == 200
    with pytest.raises(NotFound):
        await disable_platform(hub.runtime.database, A)
    with pytest.raises(NotFound):
        await issue_key(hub.runtime.database, A)


async def test_a_platform_is_registered_once_by_a_valid_code(hub: Hub, platform: Caller) -> None:
    with pytest.raises(InvalidParameter):
        await add_platform(hub.runtime.database, A, "twice")
    with pytest.raises(Exception, match="check"):
        await add_platform(hub.runtime.database, A[:17] + ("0" if A[17] != "0" else "1"), "mistyped")

    assert [(p.code, p.trade_mark) for p in await list_platforms(hub.runtime.database)] == [(A, "C3501000001")]


async def test_who_changed_what_is_noted_without_the_key(hub: Hub, platform: Caller) -> None:
    await revoke_key(hub.runtime.database, platform.key)

    async with hub.runtime.database.reading() as connection:
        notes = [tuple(row) for row in await connection.execute(text("SELECT action, subject, detail FROM audit"))]

    assert [note[0] for note in notes] == ["platform.add", "key.issue", "key.revoke"]
    assert not any(platform.key[13:] in str(note) for note in notes)


@pytest.mark.parametrize(
    ("limits", "member"),
    [
        ({"kinds": "tender_contract,tender_performance"}, "kind"),
        ({"regions": "11,3502"}, "region_code"),
        ({"disclosers": f"{a_uscc(8)},{a_uscc(9)}"}, "discloser"),
    ],
)
async def test_a_platform_stays_within_its_limits(hub: Hub, limits: dict[str, str], member: str) -> None:
    platform = await hub.platform(**limits)

    response = await platform.put(a_tender_notice())
    (line,) = await platform.batch(a_tender_notice())

    assert (response.status_code, response.json()["type"]) == (403, "/problems/forbidden")
    assert member in response.json()
    assert line["status"] == 403


async def test_a_platform_within_its_limits_pushes(hub: Hub) -> None:
    notice = a_tender_notice()
    limits = {"kinds": "tender_contract, tender_notice", "regions": "35", "disclosers": notice["discloser"]["code"]}
    platform = await hub.platform(**limits)

    assert (await platform.put(notice)).status_code == 201


async def test_the_same_key_of_two_platforms_names_two_records(platform: Caller, other: Caller) -> None:
    notice = a_tender_notice()
    await platform.push(notice)

    (receipt,) = await other.push(notice | {"region_code": "350200"})

    assert (receipt["position"], receipt["number"]) == (2, 1)
    assert (await platform.read(platform.record(notice)))["document"]["region_code"] == "350100"


async def test_another_platform_cannot_withdraw(hub: Hub, platform: Caller, other: Caller) -> None:
    notice = a_tender_notice()
    await platform.push(notice)

    assert (await other.withdraw(notice)).status_code == 404
    assert (await hub.public.read(platform.record(notice)))["state"] == "published"


async def test_another_platform_cannot_resend(hub: Hub, platform: Caller, other: Caller) -> None:
    await platform.push(a_tender_notice())
    await _a_delivery(hub, 1, "parked")

    assert (
        await other.call("POST", "/v1/deliveries/national/1:resend", json={"reason": "再试一次"})
    ).status_code == 404
    assert (await platform.read("/v1/deliveries/national/1"))["delivery"]["state"] == "parked"


async def _a_delivery(hub: Hub, position: int, state: str) -> None:
    row = {
        "target": "national",
        "position": position,
        "thread": "t",
        "lane": 0,
        "state": state,
        "holds": True,
        "tries": 1,
        "attempt": None,
        "reason": f"refused: {WITHHELD}",
        "updated_at": 1,
    }
    async with hub.runtime.database.transaction() as connection:
        await connection.execute(insert(Delivery).values(row))


async def test_no_route_shows_another_what_is_not_public(
    hub: Hub, platform: Caller, other: Caller, consumer: Caller
) -> None:
    """Every route that reads, with every address of a platform's records, for everybody."""
    await _secrets_of(platform)
    await _a_delivery(hub, 1, "parked")
    sees = {"nobody": hub.public, "another platform": other, "consumer": consumer, "the platform": platform}

    seen: dict[str, set[str]] = {name: set() for name in sees}
    for path, query in _addresses(hub, await consumer.read("/v1/feed")):
        for name, caller in sees.items():
            response = await caller.call("GET", path, params=query)
            assert response.status_code < 500, (name, path, response.text)
            if response.status_code >= 400:
                assert response.headers["content-type"] == "application/problem+json", path
            seen[name] |= {secret for secret in SECRETS if secret in response.text}

    assert seen["nobody"] == seen["another platform"] == set()
    assert seen["the platform"] == set(SECRETS)
    assert seen["consumer"] == set(SECRETS)


async def _secrets_of(platform: Caller) -> None:
    withheld = [{"field": "/notice_content", "ground": "commercial_secret", "basis": "政府信息公开条例 第十五条"}]
    hidden = a_tender_notice(disclosure="on_request", body__notice_content=ON_REQUEST)
    partly = a_tender_notice(withheld=withheld, body__notice_content=WITHHELD)
    person = a_penalty_of_a_person(PERSON)
    await platform.push(hidden, partly, person, a_later_version(person))


def _addresses(hub: Hub, feed: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Every GET route with every value of its parameters that names something of the platform's."""
    found: list[tuple[str, dict[str, Any]]] = [("/", {})]
    for path, operations in hub.app.openapi()["paths"].items():
        if "get" not in operations or path.startswith("/v1/kinds"):  # The catalogue shows examples, not records.
            continue
        for entry, target in product(feed["entries"], ("national", "credit")):
            platform, kind, data_key = entry["record"].split("/")
            # What names nothing of the platform's may be anything.
            values = defaultdict(lambda: "1") | {
                "platform": platform,
                "kind": kind,
                "data_key": data_key,
                "number": entry["number"],
                "position": entry["position"],
                "target": target,
                "thread": entry["thread"],
            }
            query = {"before": 1, "after": 2} if path.endswith("/diff") else {}
            found.append((path.format_map(values), query))
    return found


async def test_a_submission_that_is_not_cleared_leaves_no_trace(
    hub: Hub, platform: Caller, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    secret = "机密内容不得留存"
    notice = a_tender_notice(secrecy_review="pending", body__notice_content=secret)

    pushed = await platform.put(notice)
    (line,) = await platform.batch(notice)
    broken = await platform.put(notice | {"region_code": secret})

    assert (pushed.status_code, pushed.json()["type"]) == (422, "/problems/secrecy-not-cleared")
    assert (line["status"], line["problem"]["type"]) == (422, "/problems/secrecy-not-cleared")
    assert secret not in pushed.text + str(line) + broken.text
    assert secret not in caplog.text
    assert (await hub.public.read("/v1/feed"))["head"] == 0
    async with hub.runtime.database.reading() as connection:
        await connection.execute(text("PRAGMA wal_checkpoint"))
    file = hub.runtime.database.engine.url.database
    assert file is not None
    assert secret.encode() not in _bytes_of(file)


def _bytes_of(file: str) -> bytes:
    return b"".join(Path(file + suffix).read_bytes() for suffix in ("", "-wal"))


async def test_faults_do_not_echo_an_id_number(platform: Caller) -> None:
    penalty = a_penalty_of_a_person(PERSON, body__cf_xdr_shxym=PERSON)

    response = await platform.put(penalty)

    assert response.status_code == 422
    assert PERSON not in response.text


@pytest.mark.parametrize("error", [ConnectionResetError(), TimeoutError(), DBAPIError("SELECT", {}, Exception("away"))])
async def test_a_push_is_told_that_the_database_is_away_and_not_taken_for_one_that_hung_up(
    hub: Hub, platform: Caller, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    async def away(_authorization: str) -> None:
        raise error

    monkeypatch.setattr(hub.runtime.keys, "holder", away)

    answers = [await platform.put(a_tender_notice()), await platform.call("POST", "/v1/records:batch", content=b"{}")]

    assert {(answer.status_code, answer.json()["type"]) for answer in answers} == {(503, "/problems/overloaded")}
