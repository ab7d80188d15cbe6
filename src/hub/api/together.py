"""Together: what many readers ask for at the same moment is read once."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

Question = TypeVar("Question", bound=Hashable)
Found = TypeVar("Found")


class Together(Generic[Question, Found]):
    """Answers questions with `read`; whoever asks while the same question is being answered gets the same answer."""

    def __init__(self, read: Callable[[Question], Awaitable[Found]]) -> None:
        self._read = read
        self._under_way: dict[Question, asyncio.Task[Found]] = {}

    async def answer(self, question: Question) -> Found:
        """The answer to a question, read after it was asked or while somebody else asked."""
        task = self._under_way.get(question)
        if task is None:
            task = self._under_way[question] = asyncio.create_task(self._answer(question))
        # A reader that goes away must not take the answer from the others.
        return await asyncio.shield(task)

    async def _answer(self, question: Question) -> Found:
        try:
            return await self._read(question)
        finally:
            del self._under_way[question]
