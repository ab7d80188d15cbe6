"""A version in the specification's envelope, for readers whose Accept asks for it."""

from typing import Annotated, Any

import orjson
from fastapi import Depends, Header
from starlette.responses import Response

from hub.api.describe import ENVELOPES
from hub.ledger.read import Stored
from hub.schemas.kind import kinds
from hub.wire.envelope import Envelope, enveloped, title_of
from hub.wire.forms import V2_JSON, XML, written

EXPORTED: dict[int | str, dict[str, Any]] = {200: {"content": ENVELOPES}}
"""The further content of an answer that shows a version."""


async def asked_for(accept: Annotated[str | None, Header(include_in_schema=False)] = None) -> str | None:
    """The envelope's media type that Accept names first, or None: the answer is the hub's own JSON.

    A type with a lesser `q` is not asked for: browsers take XML like that, at a pinch.
    """
    for offered in (accept or "").split(","):
        media, *parameters = (part.strip().lower() for part in offered.split(";"))
        lesser = any(one.startswith("q=") and one not in ("q=1", "q=1.0") for one in parameters)
        if media in (XML, V2_JSON) and not lesser:
            return media
        if media == "application/json" and not lesser:
            return None
    return None


Asked = Annotated[str | None, Depends(asked_for)]


def exported(found: Stored, shown: bytes, media: str) -> Response:
    """The version, of which the reader sees the entry `shown`, in its envelope; what is withheld has its ground in HUB."""
    entry = orjson.loads(shown)
    document = entry.get("document")
    if document is None:
        _, kind, data_key = entry["record"].split("/")
        known = {"kind": kind, "data_key": data_key}
        envelope = Envelope(title=title_of(kinds()[kind], known), hub={"withheld": entry["withheld"]})
    else:
        envelope = enveloped(document, platform=found.platform)
    # The digest names the version; the same tag for other bytes is a weak one.
    headers = {"etag": f'W/"{found.digest.hex()}"', "vary": "Accept, Authorization"}
    return Response(written(envelope, media), media_type=media, headers=headers)
