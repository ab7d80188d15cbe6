"""A target: which kinds it wants, how a version becomes its message, and how its answer becomes outcomes."""

import importlib
import pkgutil
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import ClassVar, Literal
from urllib.parse import quote

from hub.ledger.epochs import Stretch
from hub.schemas.kind import Kind


@dataclass(frozen=True, slots=True)
class Marks:
    """A platform's identifiers in the specification's common tail."""

    platform: str
    public_service_code: str
    trade_mark: str
    public_service_mark: str


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A version on its way to a target; `document` is the full canonical document, or what a subscriber sees of it."""

    position: int
    previous: int | None
    number: int
    record: str
    kind: type[Kind]
    data_key: str
    thread: str
    state: str
    digest: bytes
    document: bytes
    marks: Marks
    epoch: Stretch | None = None
    """The epoch in which it was appended, None for the first one."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a target answered: the HTTP status and the body."""

    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one version at a target.

    `waiting` is a version that the target will take later, `behind` one that is sent again with the next request,
    `parked` one that cannot be sent at all, `pending_receipt` one that the target decides later, under its `receipt`.
    `quality` is what the target notes on the data, whatever it decided.
    """

    state: Literal["delivered", "rejected", "waiting", "behind", "parked", "pending_receipt"]
    receipt: str | None = None
    reason: str | None = None
    quality: str | None = None


class Unreadable(Exception):
    """The answer is not what the protocol says: the versions may or may not have arrived, so they are sent again."""


class Target(ABC):
    """Where the hub sends. How often, how many and in what order is the worker's business.

    A statutory target is one class in `hub.sync.targets`, with its `name` in the class; a subscriber is an instance.
    """

    name: str
    title: str
    path: str = "/batches"
    parks: ClassVar[bool] = True
    """Whether a version that keeps failing alone is parked, and versions may wait in rows; else it is tried for ever."""

    @abstractmethod
    def wants(self, kind: type[Kind]) -> bool:
        """Whether versions of this kind go to the target."""

    @abstractmethod
    def encode(self, version: Outgoing) -> bytes:
        """The version as one item of a batch."""

    @abstractmethod
    def outcomes(self, reply: Reply, sent: Sequence[int]) -> list[Outcome]:
        """What became of the versions at the positions `sent`, in that order; raises `Unreadable`."""

    def batch(self, items: Sequence[bytes]) -> bytes:
        """The request body that carries the items."""
        return b'{"items":[%b]}' % b",".join(items)

    def headers(self, _body: bytes) -> Mapping[str, str]:
        """Header fields that go with a body."""
        return {}

    def took(self, status: int) -> bool:
        """Whether an answer with this HTTP status has outcomes in it."""
        return status == 200

    def poll(self, receipts: Sequence[str]) -> str:
        """The path under which the target tells what it decided on receipts that it gave as pending."""
        return "/receipts?ids=" + ",".join(quote(receipt, safe="") for receipt in receipts)

    def decided(self, _reply: Reply, _receipts: Sequence[str]) -> list[Outcome]:
        """What was decided on the receipts, in their order, `pending_receipt` where nothing was; raises `Unreadable`."""
        raise Unreadable("this target decides at once")


@cache
def targets() -> Mapping[str, Target]:
    """Every statutory target by name; found, not registered."""
    import hub.sync.targets as package

    for module in pkgutil.iter_modules(package.__path__, package.__name__ + "."):
        importlib.import_module(module.name)
    return {target.name: target() for target in _leaves(Target)}  # type: ignore[type-abstract]


def _leaves(cls: type[Target]) -> Iterator[type[Target]]:
    for child in cls.__subclasses__():
        if "name" in child.__dict__:
            yield child
        yield from _leaves(child)


@cache
def wanted_by(kind: type[Kind]) -> tuple[str, ...]:
    """The names of the targets that want a kind."""
    return tuple(name for name, target in targets().items() if target.wants(kind))
