"""Full pages of the feed: 1,000 positions each, which never change, and names that another epoch does not reuse."""

from collections.abc import Sequence
from dataclasses import replace
from re import compile as pattern

from sqlalchemy.ext.asyncio import AsyncConnection

from hub.ledger.buckets import PAGE, bucket_digest
from hub.ledger.epochs import Stretch
from hub.ledger.feed import Page, feed_page
from hub.ledger.read import head_position

NAME = r"^([1-9][0-9]{0,8}\.)?[1-9][0-9]{0,14}$"
"""The name of a page: its number, from 1, with the epoch before it where that is not the first one."""

_DIGEST = pattern(rb'"state":"[a-z]+","digest":"([0-9a-f]{64})"')


def name_of(number: int, epochs: Sequence[Stretch]) -> str:
    """The name of page `number`: a page that was filled in a later epoch is another one than it may have been before."""
    epoch = max(one.number for one in epochs if one.began_after < number * PAGE)
    return str(number) if epoch == 1 else f"{epoch}.{number}"


def number_of(name: str) -> int:
    """The number of the page with this name."""
    return int(name.rpartition(".")[2])


async def full_page(connection: AsyncConnection, number: int, *, government: bool = False) -> Page | None:
    """The page with positions `(number - 1) · 1000 + 1` to `number · 1000`; None while it is not full."""
    if await head_position(connection) < number * PAGE:
        return None
    first, last = (number - 1) * PAGE, number * PAGE
    page = await feed_page(connection, after=first, limit=PAGE, government=government)
    while page.next < last:  # Heavy entries come in several pages.
        more = await feed_page(connection, after=page.next, limit=last - page.next, government=government)
        page = replace(more, low=first, rows=[*page.rows, *more.rows])
    return page if len(page.rows) == PAGE else None


def digest_of(page: Page) -> bytes:
    """The digest of all versions of a page together, whatever their order: that of the bucket `page`, 32 bytes."""
    return bucket_digest((row[0], _digest(row[2])) for row in page.rows)


def _digest(header: bytes) -> bytes:
    found = _DIGEST.search(header)
    assert found is not None
    return bytes.fromhex(found[1].decode())
