"""The feed's shortcut: what many readers ask for is sent as it is kept, without a database and before any middleware."""

import re

from starlette.types import Scope, Send

from hub.api.answering import VARY, Asked, tag_of
from hub.api.feed import CACHE
from hub.api.runtime import Runtime
from hub.exports.lines import NDJSON
from hub.exports.packing import coding_for
from hub.ledger.epochs import handed_out
from hub.ledger.read import ALL

MOST = 1000
"""The largest limit of a page of the feed."""

_CURSOR = rb"after=(?:(?P<epoch>[0-9]{1,9})\.)?(?P<after>[0-9]{1,18})"
_LIMIT = rb"limit=(?P<limit>[1-9][0-9]{0,3})"
_QUERIES = (re.compile(rb"%b&%b" % (_CURSOR, _LIMIT)), re.compile(rb"%b&%b" % (_LIMIT, _CURSOR)))
_DECIDES_OTHERWISE = frozenset({b"authorization", b"if-none-match"})


async def kept_feed(scope: Scope, send: Send, runtime: Runtime) -> bool:
    """Answer a request for plain lines of the public feed that are kept, as the feed's route would; else say False."""
    if scope["path"] != "/v1/feed" or scope["method"] != "GET" or not _wants_plain_lines(scope):
        return False
    query: bytes = scope["query_string"]
    asked = _QUERIES[0].fullmatch(query) or _QUERIES[1].fullmatch(query)
    if asked is None:
        return False
    after, limit = int(asked["after"]), int(asked["limit"])
    last, epoch = after + limit, (await runtime.epochs.current()).number
    of_now = epoch == (1 if asked["epoch"] is None else int(asked["epoch"]))
    if limit > MOST or not of_now or last > runtime.bell.heard:
        return False
    lines = await runtime.kept_pages.lines(epoch, after, last)
    if lines is None:
        return False
    await send({"type": "http.response.start", "status": 200, "headers": _headers(epoch, after, last, lines, runtime)})
    for part in lines[:-1]:
        await send({"type": "http.response.body", "body": part, "more_body": True})
    await send({"type": "http.response.body", "body": lines[-1]})
    return True


def _wants_plain_lines(scope: Scope) -> bool:
    media = b""
    for name, value in scope["headers"]:
        if name in _DECIDES_OTHERWISE or (name == b"accept-encoding" and coding_for(value.decode("latin-1"))):
            return False
        if name == b"accept":
            media = value
    return media == NDJSON.medias[0].encode()


def _headers(epoch: int, after: int, last: int, lines: list[memoryview], runtime: Runtime) -> list[tuple[bytes, bytes]]:
    limit = last - after
    link = b'</v1/feed?limit=%d&after=%d.%d>; rel="next"' % (limit, epoch, last)
    headers = [
        (b"hub-next", str(handed_out(last, epoch)).encode()),
        (b"hub-cursor", b"%d.%d" % (epoch, last)),
        (b"hub-head", b"%d" % runtime.bell.heard),
    ]
    if after > 0:
        headers.append((b"hub-prev", str(handed_out(after + 1, epoch)).encode()))
        link += b', </v1/feed?limit=%d&before=%d.%d>; rel="prev"' % (limit, epoch, after + 1)
    tag = tag_of(Asked(NDJSON, ALL, False, epoch), after, last)
    return [
        *headers,
        (b"link", link),
        (b"cache-control", CACHE.encode()),
        (b"vary", VARY.encode()),
        (b"etag", tag.encode()),
        (b"content-length", b"%d" % sum(len(part) for part in lines)),
        (b"content-type", NDJSON.medias[0].encode()),
    ]
