"""The page on the wire formats shows what the hub takes."""

from pathlib import Path
from re import DOTALL, search

from hub.intake import Intake
from hub.keys import Sender
from hub.wire.forms import XML_FORM

PAGE = Path(__file__).parents[2] / "docs" / "wire-formats.md"


def test_the_envelope_on_the_page_is_taken() -> None:
    found = search(r"```xml\n(.+?)```", PAGE.read_text(), DOTALL)
    assert found is not None

    sent = XML_FORM.read(XML_FORM.whole(found[1].encode(), 10**6))
    accepted = Intake(300).accepted(sent, Sender("12350100M00010014A"))

    assert accepted.entry.kind == "bid_opening_record"
    assert not accepted.warnings
