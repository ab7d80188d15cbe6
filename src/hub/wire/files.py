"""Files of documents: cut into pieces as they are read, and envelopes from before the hub completed on the way."""

import codecs
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from errno import EBADF
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from hub.problems import InvalidParameter, MalformedDocument
from hub.wire.cutting import Cutter
from hub.wire.datasets import told_by
from hub.wire.envelope import CHANGED, WITHDRAWN, Envelope, Piece, operation_of
from hub.wire.forms import JSON_FORM, V2_JSON_FORM, XML_FORM, Form, read_json
from hub.wire.moments import date_of, time_of

CHUNK = 256 * 1024
LARGEST = 64 * 1024 * 1024
"""The most bytes of a document in a file; what a hub takes is less, and its own affair."""

PUBLISHED = (
    "NOTICE_SEND_TIME",
    "PUBLICITY_START_TIME",
    "PUBLISHING_TIME",
    "ANNOUNCEMENT_TIME",
    "PUBLISH_TIME",
    "PUBLISH_DATE",
    "PULISH_DATE",
)
"""The elements that say when something was published, whichever a dataset has."""


@dataclass(frozen=True, slots=True)
class Defaults:
    """What envelopes from before the hub do not say: the same for all of a file, and never over what they say."""

    discloser: dict[str, str] | None = None
    media: list[str] = field(default_factory=list)
    basis: list[str] = field(default_factory=list)
    region: str | None = None
    reason: str | None = None
    """Why records were changed or withdrawn, for envelopes with DATA_TYPE 2 or 3."""
    cleared: bool = False
    """Whether the secrecy review of everything in the file is cleared."""

    def given(self) -> bool:
        """Whether there are any."""
        return self != Defaults()


FORMS = {
    ".v2.json": V2_JSON_FORM,
    ".v2.ndjson": V2_JSON_FORM,
    ".xml": XML_FORM,
    ".json": JSON_FORM,
    ".ndjson": JSON_FORM,
    ".jsonl": JSON_FORM,
}
"""The forms of files by the ends of their names, which may be in capitals; the first that fits."""


def form_of(file: Path) -> Form:
    """The form of a file by its name; one without a suffix, as a pipe is, has lines. Raises `InvalidParameter`."""
    name = file.name.lower()
    found = next((form for end, form in FORMS.items() if name.endswith(end)), None)
    if found is not None or not file.suffix:
        return found or JSON_FORM
    raise InvalidParameter(f"{file.name} is none of {', '.join(FORMS)}; `hub push` takes a template's .xlsx, too.")


@contextmanager
def opened(file: Path) -> Iterator[BinaryIO]:
    """The file (`-`: standard input), open for the length of a block; raises OSError."""
    if str(file) != "-":
        with file.open("rb") as source:
            yield source
    elif sys.stdin is None:
        raise OSError(EBADF, "standard input is closed", "-")
    else:
        yield sys.stdin.buffer


def pieces_of(source: BinaryIO, form: Form) -> Iterator[Piece]:
    """The documents of a file in order; empty lines count, but are none. Raises `MalformedDocument`."""
    if form.lines:
        yield from _lines(source)
        return
    cutter = Cutter(LARGEST)
    while chunk := source.read(CHUNK):
        yield from cutter.feed(chunk)
    yield from cutter.feed(b"", last=True)


def _lines(source: BinaryIO) -> Iterator[Piece]:
    """The documents of lines, or the one that goes over all of them, as `hub example` prints it: in one line."""
    first = source.readline()
    if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise MalformedDocument("The file is UTF-16; JSON is written in UTF-8.")
    # Text editors of one system begin every file with a mark.
    read = enumerate(chain([first.removeprefix(codecs.BOM_UTF8)], source), start=1)
    start, text = next(((number, text) for number, text in read if text.strip()), (0, b""))
    lines = chain([text], source)
    if text and not _is_json(text):
        beginning = text + source.read(LARGEST) + source.readline()
        if _is_json(beginning):
            yield Piece(b" ".join(beginning.split(b"\n")).strip(), start)
            return
        if text.strip() in (b"{", b"["):
            # It can be no line of its own: what is wrong is said once, and not for every line.
            read_json(Piece(beginning))
        lines = chain(BytesIO(beginning), source)
    for number, line in enumerate(lines, start):
        if raw := line.strip():
            yield Piece(raw, number)


def _is_json(raw: bytes) -> bool:
    try:
        orjson.loads(raw)
    except orjson.JSONDecodeError:
        return False
    return True


def completed(piece: Piece, form: Form, defaults: Defaults) -> Piece:
    """The piece with what the defaults know put into its HUB; one that cannot be read stays, for the hub to refuse."""
    if form.envelopes is None or not defaults.given():
        return piece
    try:
        envelope = form.envelopes.read(piece)
    except MalformedDocument:
        return piece
    known = (_withdrawal if operation_of(envelope) == WITHDRAWN else _members)(envelope, defaults)
    inner = {
        name: known[name] | there
        for name in ("publication", "body")
        if name in known and isinstance(there := envelope.hub.get(name), dict)
    }
    envelope.hub = known | envelope.hub | inner
    return piece._replace(raw=form.envelopes.write(envelope))


def _withdrawal(envelope: Envelope, defaults: Defaults) -> dict[str, Any]:
    if defaults.reason is None or envelope.context.get("REASON"):
        return {}
    return {"withdrawal": {"reason": defaults.reason}}


def _members(envelope: Envelope, defaults: Defaults) -> dict[str, Any]:
    context = envelope.context
    timestamp = time_of(context.get("DATA_TIMESTAMP"))
    published = next((_time(context[name]) for name in PUBLISHED if context.get(name)), timestamp)
    members: dict[str, Any] = {
        "formed_at": _time(context.get("CREATE_TIME")) or published,
        "region_code": defaults.region or context.get("REGION_CODE"),
        "discloser": defaults.discloser,
        "secrecy_review": "cleared" if defaults.cleared else None,
        "legal_basis": defaults.basis or None,
    }
    if defaults.media:
        address = context.get("URL")
        members["publication"] = {"media": defaults.media, "published_at": published}
        members["publication"] |= {"url": address} if address else {}
    if told := told_by(envelope.title):
        members["body"] = dict(told)
    if defaults.reason is not None and operation_of(envelope) == CHANGED:
        members |= {"changed_at": timestamp, "change": {"reason": defaults.reason}}
    return {name: value for name, value in members.items() if value is not None}


def _time(value: Any) -> Any:
    day = date_of(value)
    return f"{day}T00:00:00+08:00" if isinstance(day, str) and len(day) == 10 else time_of(value)
