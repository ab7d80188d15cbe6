"""`as_of`: what a reader would have been told at an earlier position or moment."""

from datetime import datetime
from re import fullmatch
from typing import Annotated, Any

from fastapi import Query
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.ledger.past import position_at
from hub.ledger.read import head_position
from hub.moments import micros, now
from hub.problems import InvalidParameter

AsOf = Annotated[
    str | None,
    Query(
        description="As the ledger was at this position, or at this moment (RFC 3339 with an offset)",
        max_length=40,
        examples=["1204", "2026-11-20T09:30:00+08:00"],
    ),
]

AS_OF: dict[int | str, dict[str, Any]] = {
    200: {
        "headers": {
            "Hub-As-Of": {"description": "The position that `as_of` stands for", "schema": {"type": "string"}},
        }
    }
}
"""The header of an answer that says how the ledger was."""


async def position_of(connection: AsyncConnection, as_of: str) -> int:
    """The position that `as_of` stands for; raises `InvalidParameter`, also for what has not happened yet."""
    if fullmatch("[0-9]{1,18}", as_of):
        position, head = int(as_of), await head_position(connection)
        if position > head:
            raise InvalidParameter("The ledger has no such position yet.", as_of=position, head=head)
        return position
    moment = moment_in(as_of)
    if moment > now():
        raise InvalidParameter("`as_of` lies in the future.")
    return await position_at(connection, moment)


def moment_in(text: str) -> int:
    """A moment in RFC 3339 with an offset as microseconds UTC; raises `InvalidParameter`."""
    try:
        # A plus sign that was not escaped in a query arrives as a space.
        moment = datetime.fromisoformat(text.replace(" ", "+"))
        if moment.tzinfo is None:
            raise ValueError
        return micros(moment)
    except (ValueError, OverflowError):
        raise InvalidParameter(
            "A position, or a moment in RFC 3339 with an offset, e.g. 2026-11-20T09:30:00+08:00."
        ) from None


def said_of(position: int | None) -> dict[str, str] | None:
    """The header field that says which position it was."""
    return None if position is None else {"hub-as-of": str(position)}
