"""Digests: sums by which a reader proves that its copy is complete, and finds out what it lacks."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.api.describe import problems
from hub.api.parameters import a_router
from hub.api.reading import Running
from hub.db import moment_of
from hub.ledger.buckets import BEIJING, DAY, HOUR, PAGE, Sum, buckets, first_and_last, page_of, summed_up_to
from hub.ledger.feed import CLOCKS_APART
from hub.ledger.read import Filter, head_position
from hub.ledger.reconciling import MOST_READ, PREFIX, Copy, Sums, TooMuch, compared, ranges_of, scopes_of
from hub.ledger.tables import Version
from hub.moments import iso, micros
from hub.problems import InvalidParameter
from hub.schemas.kind import Domain, kinds

router = a_router(tags=["feed 数据流"])

MOST = 1000
"""The most buckets in an answer, and in a question."""

MOST_ITEMS = 20_000
"""The most positions whose items one question asks about."""

CLOSES_AFTER = CLOCKS_APART + 60_000_000
"""Microseconds for which an hour stays open after its end: a version is stamped by its host's clock before it is stored,
which takes less than a minute."""

PlatformOnly = Annotated[str | None, Query(pattern=r"^[0-9A-Z]{18}$", description="Only what it pushed")]
Place = Annotated[int, Field(ge=1, le=2**63 - 1)]
Pair = Annotated[tuple[Place, Place], Field(description="The first and the last of neighbouring positions")]


class DigestModel(BaseModel):
    """A bucket: how many versions, and the sum of SHA-256(position ‖ digest) modulo 2^256 in hexadecimal."""

    model_config = ConfigDict(populate_by_name=True)

    number: int = Field(description="The page, from 1; or hours or days of Beijing since 1970")
    first: int | str = Field(alias="from", description="The first position, or the moment at which it begins")
    last: int | str = Field(alias="to", description="The last position, or the moment before which it ends")
    count: int
    digest: str
    closed: bool = Field(description="Whether nothing can be added to it any more")


class DigestsModel(BaseModel):
    """The buckets that are not empty, in order."""

    by: str
    upto: int = Field(description="The position up to which everything is in the sums")
    buckets: list[DigestModel]


class BucketModel(BaseModel):
    """What a copy has between two positions."""

    model_config = ConfigDict(extra="forbid")

    first: Place = Field(alias="from")
    last: Place = Field(alias="to")
    count: int = Field(ge=0)
    digest: str = Field(pattern=r"^[0-9A-Fa-f]{64}$")


class ItemsModel(BaseModel):
    """Which positions a copy has between two of them, and the sum of its items, or prefixes of their digests."""

    model_config = ConfigDict(extra="forbid")

    first: Place = Field(alias="from")
    last: Place = Field(alias="to")
    have: list[Pair] = Field(max_length=MOST_ITEMS)
    digest: str | None = Field(None, pattern=r"^[0-9A-Fa-f]{64}$")
    prefixes: str | None = Field(
        None,
        pattern=r"^[0-9A-Fa-f]*$",
        max_length=PREFIX * MOST_ITEMS,
        description=f"{PREFIX} digits of the digest at each position in `have`, one after the other",
    )


class CopyModel(BaseModel):
    """A question: buckets to compare, or items of buckets that differ; the filter is that of the copy."""

    model_config = ConfigDict(extra="forbid")

    domain: Domain | None = None
    platform: str | None = Field(None, pattern=r"^[0-9A-Z]{18}$")
    buckets: list[BucketModel] = Field(default_factory=list, max_length=MOST)
    items: list[ItemsModel] = Field(default_factory=list, max_length=MOST)


class DifferingModel(BaseModel):
    """A bucket that differs, as the hub has it."""

    model_config = ConfigDict(populate_by_name=True)

    first: int = Field(alias="from")
    last: int = Field(alias="to")
    count: int
    digest: str


class DifferenceModel(BaseModel):
    """What is to be done to a copy between two positions; lists of ranges."""

    model_config = ConfigDict(populate_by_name=True)

    first: int = Field(alias="from")
    last: int = Field(alias="to")
    missing: list[Pair] = Field(description="To be fetched")
    withdrawn: list[Pair] = Field(description="To be fetched too: withdrawals that the copy does not know of")
    stale: list[Pair] = Field(description="To be fetched anew: the copy has another digest there")
    surplus: list[Pair] = Field(description="To be removed: the hub has no such version, or the filter leaves it out")
    suspect: bool = Field(description="Something is stale: ask again with `prefixes` to learn what")


class ReconciledModel(BaseModel):
    """Where the copy differs from the hub; empty lists mean nowhere."""

    head: int
    differing: list[DifferingModel]
    items: list[DifferenceModel]


@router.get(
    "/v1/feed/digests", summary="分段计数与摘要 Counts and digests of pages, hours or days", responses=problems(400)
)
async def digests(
    running: Running,
    by: Annotated[
        Literal["page", "hour", "day"], Query(description="Pages of 1,000 positions, hours, or days of Beijing")
    ],
    begin: Annotated[str | None, Query(alias="from", max_length=40, description="A page's number, or a moment")] = None,
    end: Annotated[
        str | None, Query(alias="to", max_length=40, description="The last one; default: 1,000 buckets")
    ] = None,
    domain: Annotated[Domain | None, Query(description="Only this field")] = None,
    platform: PlatformOnly = None,
) -> DigestsModel:
    """Counts and digests of the versions in each page, hour or day (by `received_at`), for a reader to compare."""
    wanted = _wanted(domain, platform)
    first, last = _number(by, begin), _number(by, end)
    async with running.database.reading() as connection:
        lowest, _ = await first_and_last(connection, by)
        first = lowest if first is None else first
        last = min(first + MOST - 1 if last is None else last, 2**62)
        if not 0 <= last - first < MOST:
            raise InvalidParameter(f"From `from` to `to` there are {MOST} buckets at most.")
        moment = await moment_of(connection)
        upto = await summed_up_to(connection)
        complete = await _complete_before(connection, moment, upto)
        found = dict(await buckets(connection, by, scopes_of(wanted), first, last))
        if by == "page":
            upto = await _fresh(connection, wanted, found, upto, first, last)
    shown = [_shown(by, number, found[number], upto, complete) for number in sorted(found) if found[number].count]
    return DigestsModel(by=by, upto=upto, buckets=shown)


@router.post("/v1/feed/reconcile", summary="与副本对账 Compare a copy with the hub", responses=problems(400, 413, 415))
async def reconcile(running: Running, copy: CopyModel) -> ReconciledModel:
    """Compare a copy with the hub: which of its buckets differ, and in those exactly which positions to fetch or drop.

    Buckets that begin and end with pages are compared with what is kept; others are read.
    """
    wanted = _wanted(copy.domain, copy.platform)
    named = [(one.first, one.last) for one in copy.buckets] + [(one.first, one.last) for one in copy.items]
    if any(last < first for first, last in named):
        raise InvalidParameter("`to` is not below `from`.")
    if sum(one.last - one.first + 1 for one in copy.items) > MOST_ITEMS:
        raise InvalidParameter(f"`items` asks about {MOST_ITEMS} positions at most.")
    async with running.database.reading() as connection:
        sums = Sums(connection, wanted)
        try:
            ours = await sums.over([(one.first, one.last) for one in copy.buckets])
            items = [await compared(connection, wanted, _copy(one)) for one in copy.items]
        except TooMuch:
            raise InvalidParameter(
                f"That would read more than {MOST_READ} versions: let buckets begin and end with pages."
            ) from None
        except ValueError as error:
            raise InvalidParameter(f"{error}.") from None
    differing = [
        DifferingModel(first=one.first, last=one.last, count=found.count, digest=found.digest.hex())
        for one, found in zip(copy.buckets, ours, strict=True)
        if (one.count, one.digest.lower()) != (found.count, found.digest.hex())
    ]
    shown = [
        DifferenceModel(
            first=one.first,
            last=one.last,
            missing=ranges_of(one.missing),
            withdrawn=ranges_of(one.withdrawn),
            stale=ranges_of(one.stale),
            surplus=ranges_of(one.surplus),
            suspect=one.suspect,
        )
        for one in items
    ]
    return ReconciledModel(head=sums.head, differing=differing, items=shown)


def _copy(told: ItemsModel) -> Copy:
    return Copy(told.first, told.last, told.have, told.digest, told.prefixes)


def _wanted(domain: Domain | None, platform: str | None) -> Filter:
    if domain is not None and platform is not None:
        raise InvalidParameter("Of `domain` and `platform`, give one.")
    named = None if domain is None else tuple(name for name, kind in kinds().items() if kind.domain is domain)
    return Filter(kinds=named, platform=platform)


def _number(by: str, place: str | None) -> int | None:
    """The bucket that a place names, or is in."""
    if place is None:
        return None
    if by == "page":
        if not (place.isascii() and place.isdigit() and 0 < int(place) < 2**53):
            raise InvalidParameter("A page is named by its number, from 1.")
        return int(place)
    try:
        moment = micros(_MOMENT.validate_python(place))
    except ValidationError:
        raise InvalidParameter("A moment is RFC 3339 with an offset, e.g. 2026-11-20T00:00:00+08:00.") from None
    return (moment + BEIJING) // _SPAN[by]


_MOMENT: TypeAdapter[datetime] = TypeAdapter(AwareDatetime)
_SPAN = {"hour": HOUR, "day": DAY}


async def _fresh(
    connection: AsyncConnection, wanted: Filter, found: dict[int, Sum], upto: int, first: int, last: int
) -> int:
    """Put in what is not summed up yet, where that is little; returns the position up to which all is in then."""
    head = await head_position(connection)
    pages = range(max(first, page_of(upto + 1)), min(last, page_of(head)) + 1)
    if not pages or head - upto > MOST_READ // 2:
        return upto
    sums = await Sums(connection, wanted).over([((number - 1) * PAGE + 1, number * PAGE) for number in pages])
    found.update(zip(pages, sums, strict=True))
    return head


async def _complete_before(connection: AsyncConnection, moment: int, upto: int) -> int:
    """The moment before which everything that was ever received is in the sums up to position `upto`.

    By the last version that is in them, or by `moment` where it is the last one of all; what becomes of the sums later
    adds nothing that was received before.
    """
    if upto < await head_position(connection):
        received = select(Version.received_at).where(Version.position == upto)
        moment = (await connection.execute(received)).scalar_one_or_none() or 0
    return moment - CLOSES_AFTER


def _shown(by: str, number: int, found: Sum, upto: int, complete: int) -> DigestModel:
    if by == "page":
        first, last = (number - 1) * PAGE + 1, number * PAGE
        return DigestModel(
            number=number, first=first, last=last, count=found.count, digest=found.digest.hex(), closed=upto >= last
        )
    begin = number * _SPAN[by] - BEIJING
    end = begin + _SPAN[by]
    return DigestModel(
        number=number,
        first=iso(begin),
        last=iso(end),
        count=found.count,
        digest=found.digest.hex(),
        closed=end <= complete,
    )
