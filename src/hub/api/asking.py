"""What a request asks of the feed: which versions, and from where in which direction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from fastapi import Depends, Query
from pydantic import AwareDatetime

from hub.api.reading import Running
from hub.api.runtime import Runtime
from hub.ledger.epochs import Cursor
from hub.ledger.read import ALL, Filter
from hub.moments import micros
from hub.problems import InvalidParameter
from hub.schemas.kind import Domain, Stage, kinds, no_such

CURSOR = r"^([0-9]{1,9}\.)?[0-9]{1,18}$"
CODE = r"^[0-9A-Z]{18}$"
NEXT = "The cursor to go on from, always present: a number, and from the second epoch on `<epoch>.<number>`"
After = Annotated[str, Query(pattern=CURSOR, description="The `next` of the page before, 0 to begin with the oldest")]
HEAD = "head"
"""What `before` says to begin with the newest version."""


def known_kinds(names: Sequence[str] | None) -> tuple[str, ...] | None:
    """The kinds that are asked for, None for all of them; raises `InvalidParameter` where there is no such kind."""
    if unknown := [name for name in names or () if name not in kinds()]:
        raise InvalidParameter(no_such(unknown), kind=[name[:64] for name in unknown])
    return tuple(names) if names else None


async def filter_of(
    kind: Annotated[list[str] | None, Query(description="Only these kinds; may be repeated")] = None,
    domain: Annotated[Domain | None, Query(description="Only this field")] = None,
    stage: Annotated[Stage | None, Query(description="Only this stage")] = None,
    region: Annotated[str | None, Query(pattern=r"^[0-9]{2,6}$", description="A prefix of the region code")] = None,
    platform: Annotated[str | None, Query(pattern=CODE, description="Only what it pushed")] = None,
    discloser: Annotated[str | None, Query(pattern=CODE, description="Only what it discloses, by its USCC")] = None,
    party: Annotated[
        str | None,
        Query(
            pattern=r"^([0-9A-Z]{18}|[0-9A-Z]{9})$",
            description="Only records that name this organisation in public, from the version on that first did",
        ),
    ] = None,
    thread: Annotated[str | None, Query(max_length=200, description="Only this project or credit subject")] = None,
    since: Annotated[AwareDatetime | None, Query(description="Only what was received then or later, RFC 3339")] = None,
) -> Filter:
    """The filter of a request."""
    named = known_kinds(kind)
    if thread is not None and "\x00" in thread:
        raise InvalidParameter("There is no such thread.")
    chosen = None
    if named or domain or stage:
        chosen = tuple(
            name
            for name, one in kinds().items()
            if (named is None or name in named)
            and (domain is None or one.domain is domain)
            and (stage is None or one.stage is stage)
        )
    wanted = Filter(chosen, region, platform, discloser, party, thread, _moment(since))
    return wanted if wanted else ALL


def _moment(since: datetime | None) -> int | None:
    return None if since is None else micros(since)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a reading begins; `backwards` from below `before`, None being the head, else behind `after`.

    `given` is False where the request names no place.
    """

    after: int = 0
    before: int | None = None
    backwards: bool = False
    given: bool = True


async def place_of(
    running: Running,
    after: Annotated[
        str | None,
        Query(
            pattern=CURSOR,
            description="Read on from this cursor: `<epoch>.<position>`, or a position of epoch 1; default: 0",
        ),
    ] = None,
    before: Annotated[
        str | None,
        Query(
            pattern=rf"^(?:{HEAD}|{CURSOR[1:-1]})$",
            description="Read backwards, the newest first: from `head`, then from the page's `prev`",
        ),
    ] = None,
) -> Place:
    """The place of a request; raises `EpochChanged` where a cursor is of another epoch."""
    if after is not None and before is not None:
        raise InvalidParameter("A page is read forwards from `after` or backwards from `before`.")
    if before is not None:
        return Place(before=None if before == HEAD else await reached(running, before), backwards=True)
    return Place(after=await reached(running, after or "0"), given=after is not None)


async def reached(running: Runtime, cursor: str) -> int:
    """The position of a cursor, which must be of this epoch; raises `InvalidParameter` and `EpochChanged`."""
    return await running.epochs.position(_parsed(cursor))


async def outcome_reached(running: Runtime, cursor: str) -> int:
    """The outcome that a cursor has reached; the same holds for it as for positions."""
    return await running.epochs.outcome(_parsed(cursor))


def _parsed(cursor: str) -> Cursor:
    try:
        return Cursor.parse(cursor)
    except ValueError:
        raise InvalidParameter("A cursor is a number, or `<epoch>.<number>`.") from None


Wanted = Annotated[Filter, Depends(filter_of)]
At = Annotated[Place, Depends(place_of)]

Wait = Annotated[int, Query(ge=0, le=60, description="Seconds to wait for the first entry")]

Format = Annotated[
    Literal["json", "ndjson", "cloudevents", "atom", "ocds", "sse"] | None,
    Query(description="The dialect by name, for readers that cannot set Accept"),
]
