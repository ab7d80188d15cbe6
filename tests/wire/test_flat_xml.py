"""What is read without an XML parser, and cut without a cutter, is what those would have read and cut."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.problems import BodyTooLarge, MalformedDocument
from hub.schemas.examples import example
from hub.schemas.kind import kinds
from hub.wire.cutting import Cutter, only
from hub.wire.envelope import Piece, enveloped
from hub.wire.flat_xml import flat_sections
from hub.wire.xml import DECLARATION, parsed_sections, write_xml

PLAIN = (
    "<DES>|\n|<CONTEXT>|\n|<A>|1|</A>|\n|<B>|</B>|<A>| 福 > |</A>|\n\t|</CONTEXT>|<TITLE>|<A>|x|</A>|</TITLE>|"
    '<SOURCE>|<A>|y|</A>|</SOURCE>|\n|<HUB>|{"a": ">"}|</HUB>|\n|</DES>'
)
OTHER = [
    *("<DES>", "</DES>", "<A>", "</A>", "<A/>", "<A b='1'>", "<A >", "</A >", "</B>", "<CONTEXT>", "</CONTEXT>"),
    *("<HUB>", "</HUB>", "<TITLE>", "</TITLE>", "<SOURCE/>", "<É>", "</É>", "<1>", "</1>", "<a:b>", "</a:b>", "<R>"),
    *("&", "&amp;", "]]>", "<![CDATA[<]]>", "<!-- -->", "<?x?>", "<!DOCTYPE a>", "<", ">", "/", "\r", "\x01", "\x0b"),
    *("\ufffe", "\uffff", "\x7f", "\x85", "\u2028", " ", "\xa0", "text"),
]


@st.composite
def documents(draw: st.DrawFn) -> bytes:
    """A plain `<DES>` in which up to three things are left out, put in or exchanged."""
    pieces = PLAIN.split("|")
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(pieces) - 1))
        pieces[at : at + draw(st.integers(0, 1))] = draw(st.lists(st.sampled_from(OTHER), max_size=2))
        pieces = pieces or [""]
    return "".join(pieces).encode()


@given(raw=documents())
def test_sections_that_are_read_without_a_parser_are_those_of_the_parser(raw: bytes) -> None:
    if (found := flat_sections(raw)) is not None:
        assert found == list(parsed_sections(Piece(raw)))


@given(raw=st.binary(max_size=30).map(lambda inside: b"<DES><CONTEXT><A>" + inside + b"</A></CONTEXT></DES>"))
def test_bytes_that_are_no_text_are_left_to_the_parser(raw: bytes) -> None:
    if (found := flat_sections(raw)) is not None:
        assert found == list(parsed_sections(Piece(raw)))


def test_examples_without_rows_and_escapes_need_no_parser() -> None:
    written = [write_xml(enveloped(example(kind))) for kind in kinds()]

    assert sum(flat_sections(raw) is not None for raw in written) > len(kinds()) / 2


@pytest.mark.parametrize("limit", [10**6, 60])
@given(before=st.sampled_from([b"", DECLARATION, b"\n ", b"\xef\xbb\xbf", b"<R>", b"text"]), raw=documents())
def test_a_document_that_stands_alone_is_cut_as_from_a_stream(before: bytes, raw: bytes, limit: int) -> None:
    for after in (b"", b"\n", b" text", b"\xc2\xa0"):
        told, expected = None, []
        with suppress(BodyTooLarge, MalformedDocument):
            expected = list(Cutter(limit).feed(before + raw + after, last=True))
        with suppress(BodyTooLarge, MalformedDocument):
            told = only(before + raw + after, limit)
        assert told == (expected[0] if len(expected) == 1 else None)
