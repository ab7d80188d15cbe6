"""What a dialect of the feed is: a media type, and how a page becomes its bytes."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from hub.ledger.feed import Page


@dataclass(frozen=True, slots=True)
class Frame:
    """What a dialect knows of a page besides its entries.

    `base` is the hub's address without a slash at its end, `links` are addresses of other pages by their relation:
    `self`, `next` (newer), `prev` (older), `first`, `current`, `archive`. `page` is the name of an immutable page, of
    which nothing is told that changes. `ocid_prefix` is the publisher's, of OCDS.
    """

    epoch: int
    base: str
    links: Mapping[str, str]
    newest_first: bool = False
    page: str | None = None
    ocid_prefix: str = ""


Body = tuple[int, Iterable[bytes]]
"""The length of a body, and its pieces."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """A dialect: `medias` are the media types that ask for it, the first one is answered with.

    `exact` says that the same entries make the same bytes whatever else has become of the ledger, `newest_first` that
    its readers expect the newest entries where they name no place, `parses` that it reads the documents, which takes long.
    """

    name: str
    medias: tuple[str, ...]
    exact: bool
    write: Callable[[Page, Frame], Body]
    newest_first: bool = False
    parses: bool = False
