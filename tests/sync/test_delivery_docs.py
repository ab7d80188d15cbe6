"""docs/delivery.md: the code in it does what it says."""

import re
from pathlib import Path
from typing import Any

import pytest

from hub.db import Database
from hub.ledger.bell import Bell
from hub.moments import now
from hub.settings import Settings
from hub.sync.routes import Routes
from hub.sync.subscriber import message, message_id, read_secret, shown_secret, signed
from hub.sync.tables import Replay

SECRET = shown_secret(b"k" * 32)
BODY = message(b"versions.appended", [b'{"position":1,"received_at":"2026-11-20T01:30:00.000000Z"}'])


def _verify() -> Any:
    text = (Path(__file__).parents[2] / "docs" / "delivery.md").read_text()
    (code,) = re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)
    assert len(code.splitlines()) <= 20
    names: dict[str, Any] = {}
    exec(code, names)
    return names["verify"]


def _headers(seconds: int, secret: str = SECRET) -> dict[str, str]:
    return signed(read_secret(secret), message_id("sub_1", BODY), BODY, seconds)


def test_a_message_of_the_hub_is_verified() -> None:
    _verify()(SECRET, _headers(now() // 1_000_000), BODY)


def test_a_second_signature_of_a_secret_that_is_being_changed_does_no_harm() -> None:
    headers = _headers(now() // 1_000_000)
    headers["webhook-signature"] = "v1,AAAA v1a,BBBB " + headers["webhook-signature"]

    _verify()(SECRET, headers, BODY)


@pytest.mark.parametrize("change", ["body", "secret", "id", "old", "future", "version"])
def test_whatever_is_changed_is_noticed(change: str) -> None:
    seconds = now() // 1_000_000 + {"old": -301, "future": 310}.get(change, 0)
    headers = _headers(seconds, shown_secret(b"x" * 32) if change == "secret" else SECRET)
    if change == "id":
        headers["webhook-id"] = "msg_other"
    if change == "version":
        headers["webhook-signature"] = headers["webhook-signature"].replace("v1,", "v2,")

    with pytest.raises(ValueError, match=r"."):
        _verify()(SECRET, headers, BODY + b" " if change == "body" else BODY)


def test_the_vector_of_the_specification_is_signed_as_it_says() -> None:
    secret = read_secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")

    headers = signed(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", b'{"test": 2432232314}', 1614265330)

    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.anyio
async def test_requests_at_a_time_are_per_route_and_process_and_the_pace_is_shared() -> None:
    limits = {"national": {"versions_per_second": 100, "requests_per_second": 5, "requests": 3}}
    settings = Settings.model_validate({"target_national_url": "http://target", "target_limits": limits})
    database = Database("sqlite+aiosqlite:///:memory:")
    bell = Bell(database)
    routes = Routes(database, bell, settings)
    replay = Replay(name="replay_1", target="national", first=1, last=9, reason="", created_at=0)
    (own,) = routes.statutory()
    again = routes._replay(own.target, replay)

    assert [routes.pace(route).requests for route in (own, again)] == [3, 3]
    assert routes.meter(own) is routes.meter(again)
    await bell.close()
    await database.close()
    text = (Path(__file__).parents[2] / "docs" / "delivery.md").read_text()
    (row,) = [line for line in text.splitlines() if line.startswith("| `HUB_TARGET_LIMITS`")]
    assert "`requests`, the most at a time, holds for each process by itself, and there for each route" in row
