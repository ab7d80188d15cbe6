"""Together: many who ask at the same moment cost one reading, and none takes the answer from another."""

import asyncio

import pytest

from hub.api.together import Together

pytestmark = pytest.mark.anyio


class Library:
    """Counts what is read, and answers when it is let."""

    def __init__(self) -> None:
        self.read: list[int] = []
        self.open = asyncio.Event()
        self.fails = False

    async def __call__(self, question: int) -> int:
        self.read.append(question)
        await self.open.wait()
        if self.fails:
            raise OSError("the database is away")
        return question * 2


async def test_who_asks_meanwhile_gets_the_same_answer() -> None:
    library = Library()
    together = Together(library)
    asking = [asyncio.create_task(together.answer(number % 2)) for number in range(100)]
    await asyncio.sleep(0)
    library.open.set()

    assert await asyncio.gather(*asking) == [0, 2] * 50
    assert library.read == [0, 1]


async def test_who_asks_later_has_it_read_anew() -> None:
    library = Library()
    library.open.set()
    together = Together(library)

    await together.answer(1)
    await together.answer(1)

    assert library.read == [1, 1]


async def test_who_goes_away_does_not_take_the_answer_from_the_others() -> None:
    library = Library()
    together = Together(library)
    first, second = (asyncio.create_task(together.answer(1)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    library.open.set()

    assert await second == 2
    assert first.cancelled()
    assert library.read == [1]


async def test_a_failure_is_everybodys_and_forgotten() -> None:
    library = Library()
    library.fails = True
    together = Together(library)
    asking = [asyncio.create_task(together.answer(1)) for _ in range(3)]
    await asyncio.sleep(0)
    library.open.set()

    for asked in asking:
        with pytest.raises(OSError, match="away"):
            await asked
    library.fails = False
    assert await together.answer(1) == 2
