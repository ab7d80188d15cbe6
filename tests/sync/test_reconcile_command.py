"""`hub reconcile`: what it says and how it ends."""

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from tests.builders import a_tender_notice
from tests.support.warm import run_beside
from tests.sync.exchange import Exchange

pytestmark = pytest.mark.anyio


async def _hub(exchange: Exchange, *words: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of `hub reconcile …`."""
    settings = {
        "HUB_DATABASE_URL": exchange.hub.runtime.database.url,
        "HUB_TARGET_NATIONAL_URL": exchange.settings.target_national_url,
        "HUB_TARGET_TIMEOUT": "5",
    }
    ended = await run_beside("reconcile", *words, settings=settings)
    return ended.returncode, ended.stdout, ended.stderr


async def _report(exchange: Exchange, *words: str) -> tuple[int, dict[str, Any]]:
    code, out, _ = await _hub(exchange, "national", "--json", *words)
    said = orjson.loads(out)
    return code, said["report"] | {"remaining": said["remaining"]}


async def _delivered(exchange: Exchange) -> None:
    async with exchange.working():
        await exchange.platform.push(*(a_tender_notice(project=f"P{n}") for n in range(5)))
        await exchange.all_delivered(5)


async def test_differences_are_told_and_end_with_1_until_they_are_repaired(either: Exchange) -> None:
    await _delivered(either)
    lost = (await either.national.damage(lose=2))["lost"]

    code, out, _ = await _hub(either, "national")
    assert code == 1
    assert "missing at the target: 2" in out
    code, report = await _report(either, "--repair")
    assert (code, report["missing"], report["resent"], report["remaining"]) == (0, lost, lost, 0)
    async with either.working():
        await either.all_delivered(5)

    code, out, _ = await _hub(either, "national")
    assert code == 0
    assert "no differences remain" in out


async def test_a_range_can_be_given_by_positions_or_days(exchange: Exchange) -> None:
    await _delivered(exchange)
    await exchange.national.damage(lose=5)
    today = datetime.now(UTC) + timedelta(hours=8)
    tomorrow = f"{today + timedelta(days=1):%Y-%m-%d}"

    assert (await _report(exchange, "--from", "2", "--to", "3"))[1]["missing"] == [2, 3]
    assert (await _report(exchange, "--from", f"{today - timedelta(days=1):%Y-%m-%d}"))[1]["missing"] == [1, 2, 3, 4, 5]
    assert (await _report(exchange, "--from", tomorrow))[1]["missing"] == []


@pytest.mark.parametrize(
    "words", [["nowhere"], ["national", "--from", "soon"], ["national", "--from", "5", "--to", "4"], ["credit"]]
)
async def test_what_cannot_be_asked_is_refused(exchange: Exchange, words: list[str]) -> None:
    code, _, err = await _hub(exchange, *words)

    assert code == 1
    assert "Traceback" not in err


async def test_a_target_that_does_not_tell_ends_with_2(exchange: Exchange) -> None:
    exchange.settings = exchange.settings.model_copy(
        update={"target_national_url": exchange.settings.target_national_url + "/nothing-here"}
    )

    code, _, err = await _hub(exchange, "national")

    assert (code, "HTTP 404" in err) == (2, True)
