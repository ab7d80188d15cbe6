"""`hub subscription`, `hub replay` and `hub status`: what they do and say."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.moments import now
from hub.sync.alarming import Lag, log_alarms
from tests.builders import a_tender_notice
from tests.support.warm import run_beside
from tests.sync.exchange import LOCAL, Exchange, eventually
from tests.sync.hooks import Hook, a_hook, verified

pytestmark = pytest.mark.anyio


@pytest.fixture
def hook() -> Iterator[Hook]:
    with a_hook() as running:
        yield running


async def _hub(exchange: Exchange, *words: str) -> tuple[int, str]:
    """Exit code and output of a command."""
    settings = {
        "HUB_DATABASE_URL": exchange.hub.runtime.database.url,
        "HUB_CHECKPOINT_DIR": str(Path(exchange.hub.runtime.database.url.rpartition("///")[2]).parent / "checkpoints"),
        "HUB_OUTBOUND_ALLOW": LOCAL,
    }
    ended = await run_beside(*words, settings=settings)
    return ended.returncode, ended.stdout + ended.stderr


async def test_an_operator_subscribes_pauses_resumes_and_replays(exchange: Exchange, hook: Hook) -> None:
    code, out = await _hub(
        exchange, "subscription", "add", hook.url, "--platform", exchange.platform.code, "--start", "0"
    )
    assert code == 0
    name, secret = out.split()
    await exchange.platform.push(a_tender_notice(), a_tender_notice())
    async with exchange.working():

        async def told(count: int = 2) -> bool:
            return len(hook.entries) >= count

        await eventually(told)
        assert verified(secret, *hook.requests[0])
        assert (await _hub(exchange, "subscription", "replay", name, "--from", "2", "--to", "2"))[0] == 0
        await eventually(lambda: told(3))
    assert sorted(hook.positions) == [1, 2, 2]

    assert (await _hub(exchange, "subscription", "pause", name))[0] == 0
    _, listed = await _hub(exchange, "subscription", "list")
    assert f"{name}  paused  versions  {exchange.platform.code}  {hook.url}" in listed
    assert "reached 2 of 2; newest request: HTTP 204" in listed
    assert (await _hub(exchange, "subscription", "resume", name))[0] == 0
    assert f"{name}  live" in (await _hub(exchange, "subscription", "list"))[1]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["http://inside.example.cn/", "--platform", "x"], "https://"),
        (["https://hub.example.cn/"], "one owner"),
        (["https://hub.example.cn/", "--key", "abcdefgh"], "no such owner"),
        (["https://hub.example.cn/", "--platform", "x", "--start", "soon"], "cursor"),
        (["https://hub.example.cn/", "--platform", "x", "--region", "福建"], "pattern"),
    ],
)
async def test_a_subscription_that_cannot_be_is_refused_in_words(
    exchange: Exchange, words: list[str], said: str
) -> None:
    code, out = await _hub(exchange, "subscription", "add", *words)

    assert code == 1
    assert said in out
    assert "Traceback" not in out


async def test_an_operator_orders_a_replay_and_follows_it(exchange: Exchange) -> None:
    async with exchange.working():
        await exchange.platform.push(*(a_tender_notice() for _ in range(4)))
        await exchange.all_delivered(4)
        code, out = await _hub(exchange, "replay", "national", "--from", "3", "--reason", "演练")
        assert (code, out.split(":")[1].split(".")[0]) == (0, " 3 to 4")

        async def finished() -> bool:
            return "finished at 4: 2 delivered" in (await _hub(exchange, "replay", "national", "--list"))[1]

        await eventually(finished)


@pytest.mark.parametrize(
    "words", [["nowhere", "--reason", "x"], ["national"], ["national", "--reason", "x", "--kind", "nothing"]]
)
async def test_a_replay_that_cannot_be_is_refused_in_words(exchange: Exchange, words: list[str]) -> None:
    code, out = await _hub(exchange, "replay", *words)

    assert code == 1
    assert "Traceback" not in out


async def test_status_tells_of_an_alarm(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    hours = 2
    with monkeypatch.context() as patched:
        patched.setattr("hub.ledger.append.now", lambda: now() - hours * 3_600_000_000)
        await exchange.platform.push(a_tender_notice())

    status = await exchange.platform.read("/v1/status")
    national = next(target for target in status["targets"] if target["name"] == "national")
    assert national["alarm"] == "1 h"
    assert "something is older than 1 h" in (await _hub(exchange, "status"))[1]
    shown = (await exchange.platform.read("/v1/deliveries"))["deliveries"][0]
    assert shown["alarm"] == "1 h"
    assert hours * 3600 <= shown["age_seconds"] < hours * 3600 + 600


def test_an_alarm_is_logged_once_for_each_limit(caplog: pytest.LogCaptureFixture) -> None:
    raised: dict[str, str] = {}
    for lag, alarm in [
        (10, None),
        (310, "5 min"),
        (320, "5 min"),
        (3700, "1 h"),
        (3800, "1 h"),
        (400, "5 min"),
        (90_000, "24 h"),
        (1, None),
        (2, None),
        (301, "5 min"),
    ]:
        log_alarms([Lag("national", lag, alarm, "waiting 1")], raised)

    said = [record.getMessage().split(" (")[0].split("for more than ")[-1] for record in caplog.records]
    assert said == ["5 min", "1 h", "24 h", "national: nothing is overdue any more", "5 min"]
