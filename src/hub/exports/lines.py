"""The hub's own dialects: JSON and NDJSON, of which each line is an entry."""

from hub.exports.dialect import Body, Dialect, Frame
from hub.ledger.feed import Page


def _json(page: Page, frame: Frame) -> Body:
    prev = b"null" if page.prev is None else b"%d" % page.prev
    told = b'],"next":%d,"prev":%b,"cursor":"%d.%d"' % (page.next, prev, frame.epoch, page.next)
    # What an immutable page says must not change, and the head does.
    last = told + (b"}" if frame.page else b',"head":%d}' % page.head)
    return page.pieces(b'{"entries":[', b",", last)


def _ndjson(page: Page, _frame: Frame) -> Body:
    return page.pieces(b"", b"\n", b"\n" if page.rows else b"")


JSON = Dialect("json", ("application/json",), exact=False, write=_json)
NDJSON = Dialect("ndjson", ("application/x-ndjson", "application/jsonl"), exact=True, write=_ndjson)
