"""Envelopes are cut out of a stream of XML, however its bytes arrive."""

import pytest

from hub.problems import BodyTooLarge, MalformedDocument
from hub.wire.cutting import Cutter, only
from hub.wire.envelope import Piece

ONE, TWO = b"<DES><A>1</A></DES>", b"<DES>\n<A>2</A></DES >"


def cut(*chunks: bytes, limit: int = 1000) -> list[bytes]:
    cutter = Cutter(limit)
    pieces = [piece for chunk in chunks for piece in cutter.feed(chunk)]
    return [piece.raw for piece in (*pieces, *cutter.feed(b"", last=True))]


@pytest.mark.parametrize(
    "stream",
    [
        ONE + TWO,
        b"\xef\xbb\xbf" + ONE + b"\n\n" + TWO + b"\n",
        b'<?xml version="1.0" encoding="UTF-8"?>\n<BATCH a="b">' + ONE + b"\n" + TWO + b"</BATCH>",
        b'<?xml version="1.0"?>' + ONE + b'<?xml version="1.0"?>' + TWO,
        b"<!-- <DES> -->" + ONE + b"<!-- a </DES> that is none -->" + TWO,
        b"<a:body><upload>" + ONE + b"</upload><upload>" + TWO + b"</upload></a:body>",
    ],
)
def test_documents_stand_one_after_the_other_or_in_any_root(stream: bytes) -> None:
    assert cut(stream) == [ONE, TWO]
    assert cut(*(stream[at : at + 1] for at in range(len(stream)))) == [ONE, TWO]


@pytest.mark.parametrize("inside", [b"<![CDATA[</DES>]]>", b"<!-- </DES> -->", b"<?x </DES>?>", b"<DESK></DESK>"])
def test_what_only_looks_like_an_end_is_none(inside: bytes) -> None:
    document = b"<DES><A>" + inside + b"</A></DES>"

    assert cut(document + ONE) == [document, ONE]
    assert cut(*((document + ONE)[at : at + 1] for at in range(len(document + ONE)))) == [document, ONE]


def test_each_piece_knows_where_it_begins() -> None:
    cutter = Cutter(1000)

    pieces = list(cutter.feed(b"<R>\n  " + ONE + TWO + b"\n</R>", last=True))

    assert [(piece.line, piece.column) for piece in pieces] == [(2, 2), (2, 2 + len(ONE))]


@pytest.mark.parametrize(
    ("stream", "told"),
    [
        (ONE + b"\n garbage " + TWO, "Something that is no <DES> at line 2, column 10."),
        (ONE + b"\n<DES><A>", "A <DES> that does not end at line 2, column 1."),
        (ONE + b"</DES>", "A </DES> without its <DES> at line 1, column 20."),
        (b'{"CONTEXT": {}}', "Something that is no <DES> at line 1, column 16."),
        (b"", "There is no <DES> at line 1, column 1."),
        (b"<BATCH>\n</BATCH>", "There is no <DES> at line 2, column 9."),
    ],
)
def test_a_broken_frame_is_told_with_line_and_column(stream: bytes, told: str) -> None:
    with pytest.raises(MalformedDocument) as caught:
        cut(stream)

    assert caught.value.detail == told


@pytest.mark.parametrize(
    "stream",
    [
        b'<!DOCTYPE DES [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + ONE,
        b'<?xml version="1.0"?>\n<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><DES>&b;</DES>',
        b"<DES><!ENTITY x 'y'></DES>",
        b"<DES><A><!DOCTYPE y></A></DES>",
    ],
)
def test_a_document_type_is_refused_wherever_it_stands(stream: bytes) -> None:
    for chunks in ([stream], [stream[at : at + 1] for at in range(len(stream))]):
        with pytest.raises(MalformedDocument, match="document type or entity declaration"):
            cut(*chunks)


def test_what_came_before_a_fault_is_given_out() -> None:
    pieces = Cutter(1000).feed(ONE + TWO + b"</DES>", last=True)

    assert [next(pieces).raw, next(pieces).raw] == [ONE, TWO]
    with pytest.raises(MalformedDocument):
        next(pieces)


def test_a_document_over_the_limit_is_refused_before_it_has_arrived() -> None:
    cutter = Cutter(1000)
    assert list(cutter.feed(b"<DES>" + b"x" * 900)) == []

    with pytest.raises(BodyTooLarge):
        list(cutter.feed(b"x" * 100))


def test_an_endless_frame_is_refused() -> None:
    with pytest.raises(MalformedDocument, match="Too much that is no <DES>"):
        cut(b"<A>" * 40_000)


def test_chinese_encodings_are_read_as_the_declaration_says() -> None:
    document = "<DES><A>福州市𠮷</A></DES>"
    stream = b'<?xml version="1.0" encoding="GBK"?>' + document.encode("gb18030")

    assert cut(stream) == [document.encode()]
    assert cut(*(stream[at : at + 1] for at in range(len(stream)))) == [document.encode()]


@pytest.mark.parametrize(
    "stream",
    [
        b'<?xml version="1.0" encoding="UTF-7"?>' + ONE,
        "\ufeff<DES></DES>".encode("utf-16-le"),
        b'<?xml version="1.0" encoding="GB2312"?><DES>\xff\xff</DES>',
    ],
)
def test_other_encodings_are_refused(stream: bytes) -> None:
    with pytest.raises(MalformedDocument, match="GB18030"):
        cut(stream)


def test_a_body_of_one_document_is_exactly_one() -> None:
    assert only(b"<R>\n" + ONE + b"</R>", 1000) == Piece(ONE, 2, 0)
    with pytest.raises(MalformedDocument, match="2 documents where one is taken"):
        only(ONE + TWO, 1000)
