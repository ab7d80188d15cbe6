"""What a target says it holds: sums of buckets and single items, read from answers that may be anything."""

import asyncio
from dataclasses import dataclass
from hashlib import sha256
from re import compile as pattern
from typing import Any

import orjson

from hub.sync.client import Client, NoAnswer
from hub.sync.target import Unreadable

SIZE = 1_000
"""Positions in a bucket. Buckets begin at 1, 1 + size, 1 + 2·size, …"""

GROUP = 64 * SIZE
"""Positions in a bucket of buckets: what agrees in these is not asked about any further."""

MOST_BUCKETS = 1_000
"""The most buckets that are asked for at once."""

OFTEN = 3
"""Items for each position of a range, on average, above which an answer is not taken for holdings any more."""

TRIES = 5
FIRST_PAUSE = 1.0
LONGEST_PAUSE = 60.0
_AGAIN = frozenset({408, 425, 429})
_NO_SUCH_THING = frozenset({404, 405, 410, 501})
_SHA256 = pattern("[0-9a-f]{64}").fullmatch


class NotOffered(Unreadable):
    """The target has no such thing as holdings: its first answer says that there is nothing to ask."""


@dataclass(frozen=True, slots=True)
class Sum:
    """How many items there are, and the sum modulo 2^256 of SHA-256(position as 8 bytes, big-endian ‖ digest).

    It is free of order, and sums of parts add up to the sum of the whole. A sum is taken and not an exclusive or: of
    two equal items an exclusive or would show nothing at all, while twice a number is not 0.
    """

    count: int
    total: int

    def __add__(self, other: "Sum") -> "Sum":
        return Sum(self.count + other.count, (self.total + other.total) % 2**256)


NOTHING = Sum(0, 0)


def hash_of(position: int, digest: bytes) -> int:
    """What one item adds to a sum."""
    return int.from_bytes(sha256(position.to_bytes(8) + digest).digest())


class Holdings:
    """Asks one target; raises `NoAnswer` or `Unreadable` when it has failed `TRIES` times in a row.

    One that answers the first question as an address that it does not have offers no holdings: `NotOffered`.
    """

    def __init__(self, client: Client, path: str = "/holdings") -> None:
        self._client = client
        self._path = path
        self.requests = 0
        self._told = False
        """Whether it has answered any question."""

    async def sums(self, first: int, last: int, size: int) -> dict[int, Sum]:
        """The sums of the buckets that hold something, by number: bucket `n` begins at `n * size + 1`."""
        said = await self._ask(f"{self._path}/buckets", **{"from": first, "to": last, "size": size})
        try:
            found = {_number(bucket["first"]): _sum(bucket) for bucket in said["buckets"]}
        except (KeyError, TypeError) as error:
            raise Unreadable(f"the target's buckets: {type(error).__name__}") from None
        numbers = {start: (start - 1) // size for start in found}
        odd = any(start > last or start != max(first, number * size + 1) for start, number in numbers.items())
        if odd or len(found) != len(said["buckets"]):
            raise Unreadable("the target's buckets are not those that were asked for")
        return {numbers[start]: each for start, each in found.items()}

    async def items(self, first: int, last: int) -> dict[int, list[bytes]]:
        """The digests that are held under each position of a range, one or several."""
        found: dict[int, list[bytes]] = {}
        many, after = 0, first
        while after <= last:
            said = await self._ask(self._path, **{"from": after, "to": last})
            try:
                rows = [(_number(row["position"]), bytes.fromhex(_digest(row["digest"]))) for row in said["items"]]
                goes_on = said["next"]
            except (KeyError, TypeError) as error:
                raise Unreadable(f"the target's holdings: {type(error).__name__}") from None
            many += len(rows)
            if many > OFTEN * (last - first + 1):
                raise Unreadable("the target holds more than there can be")
            for position, digest in rows:
                if not after <= position <= last:
                    raise Unreadable("the target's holdings are not those that were asked for")
                found.setdefault(position, []).append(digest)
            if goes_on is None:
                break
            if type(goes_on) is not int or goes_on <= max((position for position, _ in rows), default=after):
                raise Unreadable("the target's pages do not lead on")
            after = goes_on
        return found

    async def _ask(self, path: str, **query: int) -> Any:
        """The JSON object of an answer; what fails for the moment is asked again after a pause."""
        pause = FIRST_PAUSE
        for last in (False,) * (TRIES - 1) + (True,):
            self.requests += 1
            wait = pause
            try:
                answer = await self._client.get(path, **query)
                status = answer.reply.status
                if status == 200:
                    self._told = True
                    return _object(answer.reply.body)
                if status in _NO_SUCH_THING and not self._told:
                    raise NotOffered(f"the target offers no holdings: it answers {path} with HTTP {status}")
                if last or not (status >= 500 or status in _AGAIN):
                    raise Unreadable(f"the target answers {path} with HTTP {status}")
                wait = min(LONGEST_PAUSE, max(pause, answer.retry_after or 0))
            except NoAnswer:
                if last:
                    raise
            await asyncio.sleep(wait)
            pause = min(LONGEST_PAUSE, 2 * pause)
        raise AssertionError("the last try has returned or raised")


def _object(body: bytes) -> dict[str, Any]:
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Unreadable("the target's holdings are not JSON") from None
    if not isinstance(said, dict):
        raise Unreadable("the target's holdings are not an object")
    return said


def _sum(bucket: dict[str, Any]) -> Sum:
    return Sum(_number(bucket["count"]), int(_digest(bucket["sum"]), 16))


def _number(said: object) -> int:
    if type(said) is not int:
        raise TypeError
    return said


def _digest(said: object) -> str:
    if not isinstance(said, str) or not _SHA256(said):
        raise TypeError
    return said
