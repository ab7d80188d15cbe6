"""What is trusted for a few seconds: never older than that, and looked up ahead of it."""

import asyncio
from itertools import count

import pytest

from hub.trusted import Trusted

pytestmark = pytest.mark.anyio


class Looking:
    """Counts how often it was asked; each answer is the number of its question."""

    def __init__(self) -> None:
        self.numbers = count(1)
        self.asked = 0
        self.wrong: Exception | None = None
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def __call__(self) -> int:
        self.asked = next(self.numbers)
        found = self.asked
        await self.may_answer.wait()
        if self.wrong is not None:
            raise self.wrong
        return found


async def test_what_was_found_is_not_looked_up_again_while_it_is_young() -> None:
    trusted = Trusted(look := Looking(), 60)

    assert [await trusted.value() for _ in range(3)] == [1, 1, 1]
    assert look.asked == 1


async def test_nothing_is_trusted_for_no_time() -> None:
    trusted = Trusted(Looking(), 0)

    assert [await trusted.value() for _ in range(3)] == [1, 2, 3]


async def test_it_is_looked_up_ahead_while_whoever_asks_is_answered_at_once() -> None:
    trusted = Trusted(look := Looking(), 1.0)
    assert await trusted.value() == 1
    look.may_answer.clear()
    await asyncio.sleep(0.6)

    assert [await trusted.value(), await trusted.value()] == [1, 1]
    await asyncio.sleep(0)
    assert look.asked == 2
    look.may_answer.set()
    await asyncio.sleep(0.01)
    assert await trusted.value() == 2


async def test_what_is_too_old_is_waited_for_and_its_error_is_told() -> None:
    trusted = Trusted(look := Looking(), 0.02)
    await trusted.value()
    await asyncio.sleep(0.03)
    look.wrong = OSError("away")

    with pytest.raises(OSError, match="away"):
        await trusted.value()


async def test_an_error_ahead_of_time_is_nobodys_until_it_is_too_old(caplog: pytest.LogCaptureFixture) -> None:
    trusted = Trusted(look := Looking(), 1.0)
    await trusted.value()
    look.wrong = OSError("away")
    await asyncio.sleep(0.6)

    assert await trusted.value() == 1
    await asyncio.sleep(0.01)
    assert "away" in caplog.text
    assert await trusted.value() == 1


async def test_what_was_asked_before_it_was_forgotten_is_not_trusted_after_it() -> None:
    trusted = Trusted(look := Looking(), 60)
    look.may_answer.clear()
    early = asyncio.create_task(trusted.value())
    await asyncio.sleep(0.01)
    trusted.forget()
    look.may_answer.set()

    assert await early == 1
    assert await trusted.value() == 2


async def test_those_who_ask_at_once_share_one_look_and_none_takes_it_from_the_others() -> None:
    trusted = Trusted(look := Looking(), 60)
    look.may_answer.clear()
    impatient, *patient = (asyncio.create_task(trusted.value()) for _ in range(16))
    await asyncio.sleep(0.01)
    impatient.cancel()
    look.may_answer.set()

    assert await asyncio.gather(*patient) == [1] * 15
    assert look.asked == 1


async def test_whoever_asks_when_a_look_has_become_too_old_looks_anew() -> None:
    trusted = Trusted(look := Looking(), 0.02)
    look.may_answer.clear()
    early = asyncio.create_task(trusted.value())
    await asyncio.sleep(0.03)
    late = asyncio.create_task(trusted.value())
    await asyncio.sleep(0)
    look.may_answer.set()

    assert (await early, await late) == (1, 2)


async def test_a_look_that_failed_is_not_shared_with_whoever_asks_later() -> None:
    trusted = Trusted(look := Looking(), 60)
    look.wrong = OSError("away")
    with pytest.raises(OSError, match="away"):
        await trusted.value()
    look.wrong = None

    assert await trusted.value() == 2
