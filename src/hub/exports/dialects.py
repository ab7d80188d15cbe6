"""The dialects of the feed, and which one an `Accept` field asks for."""

from collections.abc import Mapping

from hub.exports.atom import ATOM
from hub.exports.cloudevents import CLOUDEVENTS
from hub.exports.dialect import Dialect
from hub.exports.lines import JSON, NDJSON
from hub.exports.ocds import OCDS

EVENT_STREAM = "text/event-stream"

DIALECTS: Mapping[str, Dialect] = {one.name: one for one in (JSON, NDJSON, CLOUDEVENTS, ATOM, OCDS)}
"""All dialects that answer with a page, by name."""

_BY_MEDIA = {media: one for one in DIALECTS.values() for media in one.medias}


def accepted(accept: str | None) -> tuple[str, ...]:
    """The media types of an `Accept` field with their parameters but `q`, the most wanted one first."""
    wanted = []
    for offered in (accept or "").lower().split(","):
        media, *parameters = (part.strip() for part in offered.split(";"))
        named = [one.replace('"', "") for one in parameters if not one.startswith("q=")]
        q = next((_number(one[2:]) for one in parameters if one.startswith("q=")), 1.0)
        if media and q > 0:
            wanted.append((q, ";".join((media, *named))))
    return tuple(media for _, media in sorted(wanted, key=lambda one: -one[0]))


def dialect_for(accept: str | None, default: Dialect = JSON) -> Dialect | None:
    """The dialect that is wanted most, None for the stream of events; the default where none of them is named."""
    for media in accepted(accept):
        if media == EVENT_STREAM:
            return None
        if found := _BY_MEDIA.get(media) or _BY_MEDIA.get(media.partition(";")[0]):
            return found
        if media.startswith("*/*"):
            return default
    return default


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
