"""A page of the feed as an answer: its dialect, its links, its tag, its content coding."""

from asyncio import to_thread
from collections.abc import Mapping
from dataclasses import dataclass
from zlib import crc32

from starlette.datastructures import URL
from starlette.requests import Request
from starlette.responses import Response

from hub.api.reading import Pieces
from hub.exports.dialect import Dialect, Frame
from hub.exports.packing import WORTH_IT, coding_for, packed
from hub.ledger.epochs import handed_out
from hub.ledger.feed import Page
from hub.ledger.read import Filter

VARY = "Accept, Accept-Encoding, Authorization"


@dataclass(frozen=True, slots=True)
class Asked:
    """What of a request decides how a page is answered."""

    dialect: Dialect
    wanted: Filter
    government: bool
    epoch: int
    backwards: bool = False


def tag_of(asked: Asked, low: int, last: int) -> str:
    """The entity tag of a whole page with the positions behind `low` up to `last`, without its content coding.

    A weak one where the dialect tells of the ledger's head, too.
    """
    view = "g" if asked.government else "p"
    chosen = f"-{crc32(repr(asked.wanted).encode()):08x}" if asked.wanted else ""
    order = "-b" if asked.backwards else ""
    core = f'"{asked.epoch}.{low}-{last}{order}-{view}{chosen}-{asked.dialect.name}"'
    return core if asked.dialect.exact else f"W/{core}"


def unchanged(request: Request, tag: str, cache: str) -> Response | None:
    """304 where the reader has what `tag` names, in whatever coding (RFC 9110, 13.1.2: the comparison is a weak one)."""
    core = _opaque(tag)
    for given in request.headers.get("if-none-match", "").split(","):
        if _opaque(given) in ("*", core, f"{core}-gzip", f"{core}-zstd"):
            known = tag if given.strip() == "*" else given.strip()
            return Response(status_code=304, headers={"etag": known, "vary": VARY, "cache-control": cache})
    return None


def _opaque(tag: str) -> str:
    return tag.strip().removeprefix("W/").strip('"')


async def page_answer(
    request: Request, page: Page, asked: Asked, frame: Frame, headers: Mapping[str, str], tag: str | None
) -> Response:
    """The page in its dialect, packed where the reader takes that."""
    write = asked.dialect.write
    length, pieces = await to_thread(write, page, frame) if asked.dialect.parses else write(page, frame)
    told = {**headers, "vary": VARY}
    coding = coding_for(request.headers.get("accept-encoding")) if length >= WORTH_IT else None
    if tag is not None:
        # Another coding is another representation: a strong tag must tell them apart.
        told["etag"] = tag if coding is None else f'{tag[:-1]}-{coding}"'
    if coding is None:
        return Pieces(length, pieces, asked.dialect.medias[0], told)
    body = await packed(pieces, length, coding)
    return Response(body, headers=told | {"content-encoding": coding}, media_type=asked.dialect.medias[0])


def cursors_of(page: Page, epoch: int) -> dict[str, str]:
    """The header fields that say how to go on."""
    told = {
        "hub-next": str(handed_out(page.next, epoch)),
        "hub-cursor": f"{epoch}.{page.next}",
        "hub-head": str(page.head),
    }
    return told if page.prev is None else told | {"hub-prev": str(handed_out(page.prev, epoch))}


def links_of(url: URL, page: Page, epoch: int) -> dict[str, str]:
    """The addresses of the pages around this one, for the same reader with the same filter."""
    bare = url.remove_query_params(["after", "before", "wait"])
    links = {
        "self": str(url),
        "first": str(bare.include_query_params(before="head")),
        "next": str(bare.include_query_params(after=f"{epoch}.{page.next}")),
    }
    if page.prev is not None:
        links["prev"] = str(bare.include_query_params(before=f"{epoch}.{page.prev}"))
    return links


def link_field(links: Mapping[str, str]) -> str:
    """The `Link` field (RFC 8288): the pages behind and before, without the hub's address."""
    shown = (f'<{_local(links[rel])}>; rel="{rel}"' for rel in ("next", "prev") if rel in links)
    return ", ".join(shown)


def _local(address: str) -> str:
    url = URL(address)
    return f"{url.path}?{url.query}"
