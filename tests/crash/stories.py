"""What the client pushes: projects and credit subjects that each live through versions, rivals and late repeats."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

import orjson

from tests import builders
from tests.crash.checker import Content, digest_of

Document = dict[str, Any]

CHILDREN = (
    builders.a_bid_opening_record,
    builders.a_winning_candidate_publicity,
    builders.a_win_result_notice,
    builders.a_tender_contract,
)


POISON = "POISON"
"""What the data key of a record begins with that the national platform can never take: it fails on each batch with one."""

POISONED = {"national": POISON}
"""By target, what stands in the names of records that it can never take."""

POISONED_EVERY = 400
"""One story of so many has such a record."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request as bytes, and what it says."""

    method: str
    path: str
    body: bytes
    content: Content


@dataclass(frozen=True, slots=True)
class Step:
    """Requests that are sent at the same moment, each to a server of its own choice; the next step waits for them.

    `refusals` is how many of them must be answered 409.
    """

    requests: tuple[Request, ...]
    refusals: int = 0


def story(number: int, platform: str, random: Random) -> Iterator[Step]:
    """The steps of story `number`; all its records are of one thread that no other story touches."""
    if number % 4 == 0:
        yield from _credit(number, platform, random)
    else:
        yield from _tender(number, platform, random)


def _tender(number: int, platform: str, random: Random) -> Iterator[Step]:
    notice = builders.a_tender_notice(project=number)
    first = push(notice, platform)
    yield Step((first,))
    latest = notice
    for _ in range(random.randrange(3)):
        latest = builders.a_later_version(latest)
        yield _version(latest, platform, random)
    if number % POISONED_EVERY == POISONED_EVERY // 2 + 1:
        yield Step((push(poisoned(number), platform),))
    # The children are pushed at once: what their order is, the ledger alone decides.
    yield Step(tuple(push(child(project=number), platform) for child in random.sample(CHILDREN, random.randint(1, 4))))
    yield Step((first,))
    if latest is not notice:
        yield Step((_stale(notice, platform),), refusals=1)
    if random.random() < 0.2:
        yield Step((withdrawal(latest, platform),))


def _credit(number: int, platform: str, random: Random) -> Iterator[Step]:
    subject = builders.a_uscc(number % 1_000_000)
    penalties = [builders.an_administrative_penalty(subject) for _ in range(3)]
    yield Step(tuple(push(penalty, platform) for penalty in penalties))
    for penalty in penalties:
        yield _version(builders.a_later_version(penalty), platform, random)
    yield Step((push(penalties[0], platform),))


def _version(document: Document, platform: str, random: Random) -> Step:
    """A version alone, twice at once, or against a rival that claims the same moment with other content."""
    request = push(document, platform)
    match random.randrange(4):
        case 0:
            return Step((request, request))
        case 1:
            rival = orjson.loads(orjson.dumps(document))
            rival["change"]["reason"] = "另一处更正"
            return Step((request, push(rival, platform)), refusals=1)
        case _:
            return Step((request,))


def _stale(document: Document, platform: str) -> Request:
    """A version from before the record's current one that was never pushed in its time."""
    late = builders.a_later_version(document)
    late["data_timestamp"] = late["changed_at"] = document["data_timestamp"].replace("+08:00", ".5+08:00")
    return push(late, platform)


class Poisoned:
    """Short stories, of three records each; while `share` is not 0, so many of them have one that is poison."""

    def __init__(self) -> None:
        self.share = 0.0

    def tell(self, number: int, platform: str, random: Random) -> Iterator[Step]:
        """A notice, its correction or the record that is poison, and a contract, one after the other."""
        notice = builders.a_tender_notice(project=number)
        second = poisoned(number) if random.random() < self.share else builders.a_later_version(notice)
        for document in (notice, second, builders.a_tender_contract(project=number)):
            yield Step((push(document, platform),))


def poisoned(number: int) -> Document:
    """A record of project `number` that the national platform can never take."""
    return builders.a_bid_opening_record(project=number, data_key=f"{POISON}{number:015d}")


def push(document: Document, platform: str) -> Request:
    """The request that pushes a submission."""
    body = orjson.dumps(document, option=orjson.OPT_SORT_KEYS)
    record = f"{platform}/{document['kind']}/{document['data_key']}"
    path = f"/v1/records/{document['kind']}/{document['data_key']}"
    return Request("PUT", path, body, Content(record, document["data_timestamp"], digest_of(body)))


def withdrawal(latest: Document, platform: str) -> Request:
    """The request that withdraws a record an hour after its latest version."""
    at = builders.a_later_version(latest)["data_timestamp"]
    said = {"data_timestamp": at, "reason": "重复发布"}
    kind, data_key = latest["kind"], latest["data_key"]
    kept = {"kind": kind, "data_key": data_key, "withdrawal": said}
    digest = digest_of(orjson.dumps(kept, option=orjson.OPT_SORT_KEYS))
    content = Content(f"{platform}/{kind}/{data_key}", at, digest)
    return Request("POST", f"/v1/records/{kind}/{data_key}:withdraw", orjson.dumps(said), content)
