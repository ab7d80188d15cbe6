"""How much of a target's answer is kept, and that a cut is told."""

import pytest

from tests.builders import a_tender_notice
from tests.sync.exchange import Exchange, eventually

pytestmark = pytest.mark.anyio


async def _refused(exchange: Exchange) -> tuple[bytes, list[dict[str, object]]]:
    """What the target answered as it is kept, and the attempts as the sender sees them, after a refusal."""
    await exchange.national.dial(reject_percent=100)
    (receipt,) = await exchange.platform.push(a_tender_notice())
    async with exchange.working():

        async def rejected() -> bool:
            return (await exchange.states()).get(receipt["position"]) == "rejected"

        await eventually(rejected)
    shown = await exchange.platform.read(f"/v1/deliveries/national/{receipt['position']}")
    (attempt,) = await exchange.attempts()
    return attempt.answer, shown["attempts"]


async def test_an_answer_that_is_kept_whole_has_no_other_length(exchange: Exchange) -> None:
    kept, (shown,) = await _refused(exchange)

    assert shown["answer"] == kept.decode()
    assert kept.endswith(b"}")
    assert shown["answer_bytes"] is None


async def test_an_answer_that_was_cut_tells_how_long_it_was(either: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.sync.book.ANSWER_KEPT", 20)

    kept, (shown,) = await _refused(either)

    assert len(kept) == 20
    assert shown["answer"] == kept.decode("utf-8", "replace")
    assert isinstance(shown["answer_bytes"], int)
    assert shown["answer_bytes"] > 100
