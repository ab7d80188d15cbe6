"""One `<DES>` is parsed into its parts, and written from them."""

import pytest

from hub.problems import MalformedDocument
from hub.wire.envelope import Envelope, Piece
from hub.wire.xml import read_xml, write_xml


def test_the_parts_are_read_whatever_their_order() -> None:
    raw = (
        b'<DES xmlns="urn:x"><HUB>{"region_code": "350100"}</HUB><TITLE><DATA_NO>503</DATA_NO></TITLE>'
        b"<SOURCE><FILE_NAME>a</FILE_NAME></SOURCE><CONTEXT><A>1</A><B/><R><C>2</C></R><R><C>3</C></R></CONTEXT>"
        b"<SOURCE><FILE_NAME>b</FILE_NAME></SOURCE></DES>"
    )

    read = read_xml(Piece(raw))

    assert read.context == {"A": "1", "B": None, "R": [{"C": "2"}, {"C": "3"}]}
    assert read.title == {"DATA_NO": "503"}
    assert read.sources == [{"FILE_NAME": "a"}, {"FILE_NAME": "b"}]
    assert read.hub == {"region_code": "350100"}


def test_what_is_written_is_read_again() -> None:
    envelope = Envelope({"A": "<&>\r\n ;", "R": [{"C": "1"}, {"C": "2"}]}, {"DATA_NO": ""}, [], {"x": "]]>\ufffe"})

    read = read_xml(Piece(write_xml(envelope)))

    assert (read.context, read.hub) == (envelope.context, envelope.hub)


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"<DES>\n<A>1</B></DES>", "mismatched tag at line 8, column 7."),
        (b"<DES><A>&xxe;</A></DES>", "undefined entity at line 7, column 12."),
        (b"<DES><A>\x01</A></DES>", "not well-formed (invalid token) at line 7, column 12."),
        (
            b"<DES>\n<A>\xb8\xa3</A></DES>",
            "not well-formed (invalid token) at line 8, column 4; "
            "the bytes are not UTF-8, and no other encoding is declared.",
        ),
    ],
)
def test_broken_xml_is_told_with_its_line_and_column_in_the_body(raw: bytes, told: str) -> None:
    with pytest.raises(MalformedDocument) as caught:
        read_xml(Piece(raw, line=7, column=3))

    assert caught.value.detail == told


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"<DES><BODY/></DES>", "nothing else"),
        (b"<DES><HUB>{</HUB></DES>", "HUB: "),
        (b"<DES><HUB>[]</HUB></DES>", "HUB should be"),
        (b"<DES><HUB><region_code>350100</region_code></HUB></DES>", "HUB should be"),
        (b'<DES><HUB>{"a":1,"a":2}</HUB></DES>', "`a` twice"),
        (b"<DES><CONTEXT><A>1</A></CONTEXT><CONTEXT><A>2</A></CONTEXT></DES>", "one CONTEXT"),
        (b"<DES><TITLE/><TITLE></TITLE></DES>", "one TITLE"),
        (b"<DES><HUB>{}</HUB><HUB>{}</HUB></DES>", "one HUB"),
        (b"<DES>text<CONTEXT/></DES>", "Inside DES"),
        (b"<DES><CONTEXT/>text</DES>", "Inside DES"),
        (b"<DES><SOURCE>text</SOURCE></DES>", "Inside SOURCE"),
        (b"<DES><CONTEXT><A>1</A>text<B/></CONTEXT></DES>", "Inside CONTEXT"),
        (b"<DES><CONTEXT><A>1<br/>2</A></CONTEXT></DES>", "Inside A"),
        (b"<DES><CONTEXT>" + b"<A>" * 20 + b"</A>" * 20 + b"</CONTEXT></DES>", "8 deep"),
    ],
)
def test_a_document_of_another_shape_is_refused(raw: bytes, told: str) -> None:
    with pytest.raises(MalformedDocument, match=told):
        read_xml(Piece(raw))


def test_white_space_counts_for_nothing() -> None:
    read = read_xml(Piece(b"<DES>\n\t<HUB>\n</HUB>\r\n<CONTEXT> <R> <C> 1 </C> </R>\n</CONTEXT>\n</DES>"))

    assert (read.hub, read.context) == ({}, {"R": {"C": " 1 "}})


def test_a_very_deep_document_is_refused_like_any_other() -> None:
    deep = b"<DES><CONTEXT>" + b"<A>" * 100_000 + b"</A>" * 100_000 + b"</CONTEXT></DES>"

    with pytest.raises(MalformedDocument):
        read_xml(Piece(deep))
