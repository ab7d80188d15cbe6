"""The hub's own dialects: JSON and NDJSON, of which each line is an entry."""

import orjson

from hub.exports.dialect import Body, Dialect, Frame
from hub.ledger.epochs import handed_out
from hub.ledger.feed import Page


def _json(page: Page, frame: Frame) -> Body:
    after, before = _cursor(page.next, frame.epoch), _cursor(page.prev, frame.epoch)
    told = b'],"next":%b,"prev":%b,"cursor":"%d.%d"' % (after, before, frame.epoch, page.next)
    # What an immutable page says must not change, and the head does.
    last = told + (b"}" if frame.page else b',"head":%d}' % page.head)
    return page.pieces(b'{"entries":[', b",", last)


def _cursor(position: int | None, epoch: int) -> bytes:
    """A cursor as JSON."""
    return orjson.dumps(None if position is None else handed_out(position, epoch))


def _ndjson(page: Page, _frame: Frame) -> Body:
    return page.pieces(b"", b"\n", b"\n" if page.rows else b"")


JSON = Dialect("json", ("application/json",), exact=False, write=_json)
NDJSON = Dialect("ndjson", ("application/x-ndjson", "application/jsonl"), exact=True, write=_ndjson)
