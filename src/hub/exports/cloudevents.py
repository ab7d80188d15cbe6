"""CloudEvents 1.0 in the JSON batch format: an event per version, whose data is the entry."""

from re import compile as pattern

from hub.exports.dialect import Body, Dialect, Frame
from hub.ledger.feed import Page
from hub.ledger.read import opening

SOURCES = {False: b"/v1/feed", True: b"/v1/feed?view=government"}
"""The source of events by whether they are for the government: the same position has other data in the two views."""

_HEADER = pattern(
    rb'"record":"(?P<subject>[^"]+)","number":\d+,"state":"(?P<state>[a-z]+)".*,"received_at":"(?P<time>[^"]+)"'
)


def _event(row: tuple[int, int | None, bytes, bytes], epoch: int, government: bool) -> bytes:
    position, previous, header, shown = row
    # The header is the hub's own; strings inside it cannot have a bare quote.
    known = _HEADER.match(header)
    assert known is not None
    return (
        b'{"specversion":"1.0","id":"%d.%d","source":"%b","type":"hub.record.%b","subject":"%b","time":"%b",'
        b'"datacontenttype":"application/json","data":%b%b,%b%b}}'
        % (
            epoch,
            position,
            SOURCES[government],
            known["state"],
            known["subject"],
            known["time"],
            opening(position, previous),
            header,
            b'"document":' if government else b"",
            shown,
        )
    )


def _batch(page: Page, frame: Frame) -> Body:
    body = b"[%b]" % b",".join(_event(row, frame.epoch, page.government) for row in page.rows)
    return len(body), (body,)


CLOUDEVENTS = Dialect("cloudevents", ("application/cloudevents-batch+json",), exact=True, write=_batch)
