"""Answers that stay the same while the process runs: built once, with a strong ETag that saves reading them again."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Any

from fastapi import Depends, Header
from starlette.responses import Response

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv"

UNCHANGED: dict[int | str, dict[str, Any]] = {
    304: {"description": "What If-None-Match names is still what would be answered."}
}
"""The further answer of a route that heeds If-None-Match."""


@dataclass(frozen=True, slots=True)
class Still:
    """A body with its media type and its ETag."""

    body: bytes
    media_type: str
    etag: str

    @classmethod
    def of(cls, body: bytes, media_type: str = "application/json") -> "Still":
        """The body with an ETag made of its bytes."""
        return cls(body, media_type, f'"{sha256(body).hexdigest()[:32]}"')

    def answer(self, if_none_match: str | None, **headers: str) -> Response:
        """The answer: 304 without a body where `if_none_match` names the ETag."""
        known = {"etag": self.etag, "cache-control": "no-cache", "vary": "Accept"} | headers
        named = {tag.strip().removeprefix("W/") for tag in (if_none_match or "").split(",")}
        if named & {self.etag, "*"}:
            return Response(status_code=304, headers=known)
        return Response(self.body, media_type=self.media_type, headers=known)


async def if_none_match_of(if_none_match: Annotated[str | None, Header(include_in_schema=False)] = None) -> str | None:
    """The ETags that the reader has, as the header says."""
    return if_none_match


IfNoneMatch = Annotated[str | None, Depends(if_none_match_of)]


def preferred(accept: str | None, *offered: str) -> str | None:
    """The first of the offered media types that Accept names before JSON; None where it names none of them."""
    for asked in (accept or "").split(","):
        media = asked.split(";", 1)[0].strip().lower()
        if media in offered:
            return media
        if media == "application/json":
            return None
    return None
