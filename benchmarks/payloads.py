"""Submissions to push: an example with holes for what must be unique."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from re import sub

import orjson

from hub.schemas.examples import example
from hub.schemas.kind import kinds
from hub.schemas.types import uscc_check

KEY = "@KEY@"
FRACTION = "@FRACTION@"
SUBJECT = "@SUBJECT@"

SUBJECTS = 20_000
"""How many credit subjects there are, each a thread of its own."""


@dataclass(frozen=True)
class Template:
    """The JSON text of a submission of `kind` with holes for data_key, the fraction of data_timestamp and the subject.

    The data_key stands in the title too: no two submissions say the same. The fraction has six digits, and every
    filling has the same length, so that all ways carry the same bytes.
    """

    kind: str
    text: str
    subjects: tuple[str, ...] = ()

    @cached_property
    def _pieces(self) -> tuple[bytes, bytes, bytes]:
        head, rest = self.text.split(KEY, 1)
        middle, tail = rest.split(FRACTION)
        return head.encode(), middle.encode(), tail.encode()

    def filled(self, data_key: str, number: int) -> bytes:
        """One submission; `number` makes its timestamp, and chooses its subject."""
        head, middle, tail = self._pieces
        tail = tail.replace(KEY.encode(), data_key.encode())
        if self.subjects:
            tail = tail.replace(SUBJECT.encode(), self.subjects[number % len(self.subjects)].encode())
        return b"%b%b%b%06d%b" % (head, data_key.encode(), middle, number % 1_000_000, tail)

    def lines(self, prefix: str) -> Iterator[bytes]:
        """Submissions without end, each a line with its newline and with a key of its own."""
        for number in count(1):
            yield self.filled(f"{prefix}-{number:010d}", number) + b"\n"


def a_notice() -> Template:
    """招标公告, about 3 KB: what single and bulk pushes are measured with."""
    return _template("tender_notice")


def a_penalty() -> Template:
    """行政处罚 that goes to both targets, with a thread of its own for each of many subjects."""
    return _template("administrative_penalty", subject="cf_xdr_shxym")


def _template(kind: str, subject: str | None = None) -> Template:
    document = example(kind)
    document["data_key"] = KEY
    document["body"][kinds()[kind].label] += KEY
    document["data_timestamp"] = sub(r"(T\d\d:\d\d:\d\d)(\.\d+)?", rf"\1.{FRACTION}", document["data_timestamp"])
    if subject is None:
        return Template(kind, orjson.dumps(document).decode())
    text = orjson.dumps(document).decode().replace(f'"{document["body"][subject]}"', f'"{SUBJECT}"')
    return Template(kind, text, tuple(uscc(number) for number in range(SUBJECTS)))


def uscc(number: int) -> str:
    """A valid USCC of a body that does not exist, the same for the same number."""
    first = f"91350100MB{number:07d}"
    return first + uscc_check(first)
