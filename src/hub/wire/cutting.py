"""A stream of `<DES>` documents is cut into single ones as its bytes arrive; each is parsed, and may fail, by itself."""

import codecs
import re
from collections.abc import Iterator

from hub.problems import BodyTooLarge, MalformedDocument
from hub.wire.envelope import Piece

_MARKS = re.compile(rb"<!\[CDATA\[|<!--|<\?|<!|<DES(?=[\s/>])|</DES\s*>")
_ENDS = {b"<![CDATA[": b"]]>", b"<!--": b"-->", b"<?": b"?>"}
_LONGEST_MARK = len(b"<![CDATA[")
_WRAPPING = re.compile(rb"(\s*</?[A-Za-z_][\w:.-]*(\s[^<>]*)?>)*\s*")
_MOST_BETWEEN = 64 * 1024
_DECLARATION = re.compile(rb"""\s*<\?xml\s[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_CHINESE = ("gbk", "gb2312", "gb18030")


class Cutter:
    """Cuts at `</DES>`, wherever it is not in a comment, CDATA or a processing instruction.

    Around and between the documents there may be the tags of any root element, XML declarations and comments, but no
    text; a document type is refused wherever it stands, and with it every entity of one's own. `limit` is the most
    bytes of a document. The encoding is UTF-8, or what the first declaration says where that is GB 18030 or part of it.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._kept = bytearray()
        self._seen, self._searched = 0, 0
        self._start: int | None = None
        self._between = bytearray()
        self._between_from = 0
        self._line, self._column = 1, 0
        self._decode: codecs.IncrementalDecoder | None = None
        self._begun = False
        self._found = False

    def feed(self, chunk: bytes, *, last: bool = False) -> Iterator[Piece]:
        """The documents that are whole with this chunk; raises `MalformedDocument` or `BodyTooLarge`.

        What came before the fault has been given out by then. `last` says that nothing follows.
        """
        if not self._begun:
            self._kept += chunk
            if len(self._kept) < 200 and not last:
                return
            chunk = self._begin()
        self._kept += self._in_utf8(chunk, last)
        yield from self._cut(last)
        if last:
            self._end()

    def _begin(self) -> bytes:
        """What has been kept so far, with its encoding found out and the byte order mark taken off."""
        self._begun = True
        head = bytes(self._kept).removeprefix(codecs.BOM_UTF8)
        self._kept.clear()
        declared = _DECLARATION.match(head)
        encoding = declared[1].decode().lower() if declared else "utf-8"
        if encoding in _CHINESE:
            self._decode = codecs.getincrementaldecoder("gb18030")()
        elif encoding not in ("utf-8", "utf8", "us-ascii") or head.startswith(
            (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
        ):
            raise MalformedDocument("The encoding should be UTF-8 or GB18030.")
        return head

    def _in_utf8(self, chunk: bytes, last: bool) -> bytes:
        if self._decode is None:
            return chunk
        try:
            return self._decode.decode(chunk, last).encode()
        except UnicodeDecodeError:
            raise MalformedDocument("The bytes are not GB18030 as the declaration says.") from None

    def _cut(self, last: bool) -> Iterator[Piece]:
        while (mark := _MARKS.search(self._kept, self._seen)) is not None:
            text, at = mark[0], mark.start()
            if text == b"<!" and len(self._kept) - at < _LONGEST_MARK and not last:
                break
            if text in _ENDS:
                end = self._kept.find(_ENDS[text], max(mark.end(), self._searched))
                if end < 0:
                    # What was searched is not searched again: a sender may let it arrive byte by byte.
                    self._seen, self._searched = at, len(self._kept) - 2
                    break
                self._seen, self._searched = end + len(_ENDS[text]), 0
                self._pass_over(at)
            elif text == b"<!":
                raise self._malformed("A document type or entity declaration is not taken", at)
            elif text == b"<DES":
                self._seen = mark.end()
                if self._start is None:
                    self._open(at)
            elif self._start is None:
                raise self._malformed("A </DES> without its <DES>", at)
            else:
                yield self._close(mark.end())
        else:
            # A mark may be cut in two by the end of the chunk: it begins with the last "<".
            cut = self._kept.rfind(b"<", self._seen)
            self._seen = len(self._kept) if cut < 0 else cut
        self._keep_within_limits()

    def _pass_over(self, at: int) -> None:
        if self._start is None:
            self._between += self._kept[self._between_from : at]
            self._between_from = self._seen

    def _open(self, at: int) -> None:
        self._between += self._kept[self._between_from : at]
        self._check_between(at)
        self._start = at

    def _close(self, end: int) -> Piece:
        assert self._start is not None
        if end - self._start > self._limit:
            raise self._too_large()
        self._advance(self._start)
        piece = Piece(bytes(self._kept[self._start : end]), self._line, self._column)
        self._advance_over(piece.raw)
        del self._kept[:end]
        self._start, self._seen, self._between_from, self._found = None, 0, 0, True
        return piece

    def _advance(self, length: int) -> None:
        self._advance_over(bytes(self._kept[:length]))

    def _advance_over(self, passed: bytes) -> None:
        if lines := passed.count(b"\n"):
            self._line += lines
            self._column = len(passed) - passed.rfind(b"\n") - 1
        else:
            self._column += len(passed)

    def _check_between(self, at: int) -> None:
        if _WRAPPING.fullmatch(self._between) is None:
            raise self._malformed("Something that is no <DES>", at)
        self._between.clear()

    def _keep_within_limits(self) -> None:
        if self._start is not None:
            if len(self._kept) - self._start > self._limit:
                raise self._too_large()
        elif len(self._kept) - self._between_from + len(self._between) > _MOST_BETWEEN:
            raise self._malformed("Too much that is no <DES>", self._between_from)

    def _end(self) -> None:
        if self._start is not None:
            raise self._malformed("A <DES> that does not end", self._start)
        self._between += self._kept[self._between_from :]
        self._check_between(len(self._kept))
        if not self._found:
            raise self._malformed("There is no <DES>", len(self._kept))

    def _malformed(self, what: str, at: int) -> MalformedDocument:
        self._advance(at)
        return MalformedDocument(f"{what} at line {self._line}, column {self._column + 1}.")

    def _too_large(self) -> BodyTooLarge:
        return BodyTooLarge(f"A document is longer than {self._limit} bytes; the batch ends here.", limit=self._limit)


def only(raw: bytes, limit: int) -> Piece:
    """The one document that `raw` is; raises `MalformedDocument` where it is none or more."""
    if (begin := _ALONE.match(raw)) is not None and len(raw) <= limit and _nothing_else(raw, begin.end()):
        at = begin.end()
        return Piece(raw[at:].rstrip(), 1 + raw.count(b"\n", 0, at), at - raw.rfind(b"\n", 0, at) - 1)
    found = list(Cutter(limit).feed(raw, last=True))
    if len(found) != 1:
        raise MalformedDocument(f"{len(found)} documents where one is taken; many go to /v1/records:batch.")
    return found[0]


_ALONE = re.compile(rb"""(?:<\?xml version="1\.0" encoding="(?:UTF|utf)-8"\?>)?\s*(?=<DES[\s>])""")


def _nothing_else(raw: bytes, begin: int) -> bool:
    """Whether from there on is one `<DES>` without comments and the like, for which no `Cutter` is needed."""
    alone = raw.count(b"<DES", begin) == raw.count(b"</DES>", begin) == 1 and raw.rstrip().endswith(b"</DES>")
    return alone and b"<!" not in raw and raw.find(b"<?", begin) < 0
