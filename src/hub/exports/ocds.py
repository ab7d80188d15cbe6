"""OCDS 1.1: a release per version of a record of tendering or government procurement, and packages of releases."""

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

import orjson

from hub.exports.dialect import Body, Dialect, Frame
from hub.exports.ocds_parts import Block, filled, merged
from hub.exports.ocds_procurement import PROCUREMENT
from hub.exports.ocds_tender import TENDERING
from hub.ledger.feed import Page

PUBLISHER = "公共资源交易数据交换中心"
MAPPED = {**TENDERING, **PROCUREMENT}
"""The kinds that are part of a contracting process in OCDS; the others make no release."""

BEGINNING = "1970-01-01T00:00:00Z"


def ocid_of(prefix: str, thread: str) -> str:
    """The OCID of a project: the publisher's prefix, and the thread as 16 hexadecimal digits of its SHA-256."""
    return f"{prefix}-{sha256(thread.encode()).hexdigest()[:16]}"


def release_of(entry: Mapping[str, Any], *, prefix: str, epoch: int) -> Block | None:
    """The release of a version, given its entry as parsed JSON; None where its kind is no part of OCDS.

    Withheld versions and withdrawals make a release with a tag but without a part. The member `hub` says state, position,
    record and digest of every version, the ground where it is withheld, and the reason where it is withdrawn.
    """
    _, kind, key = entry["record"].split("/")
    mapped = MAPPED.get(kind)
    if mapped is None:
        return None
    release: Block = {
        "ocid": ocid_of(prefix, entry["thread"]),
        "id": f"{epoch}.{entry['position']}",
        "date": entry["received_at"],
        "language": "zh",
        "tag": [mapped.tag if entry["number"] == 1 else mapped.later],
        "initiationType": "tender",
        "hub": {name: entry[name] for name in ("position", "record", "number", "state", "digest")},
    }
    document = entry.get("document") or {}
    if "withheld" in entry:
        release["hub"]["withheld"] = entry["withheld"]
    if entry["state"] == "withdrawn":
        # That a record is withdrawn does not say that an award or a tender is cancelled.
        release["tag"] = [_update_of(mapped.tag)]
        release["hub"] |= filled(reason=document.get("withdrawal", {}).get("reason"))
    elif body := document.get("body"):
        part = mapped.part(body, key)
        if "parties" in part:
            part["parties"] = merged(part["parties"])
        release |= part
    return release


def _update_of(tag: str) -> str:
    stage = tag.removesuffix("Amendment").removesuffix("Cancellation").removesuffix("Update")
    return f"{stage}Update"


def package_of(releases: Iterable[Block], frame: Frame, published: str) -> Block:
    """A release package; `links` are the pages around it, as in the OCDS guidance for APIs."""
    return {
        "uri": frame.links["self"],
        "version": "1.1",
        "publishedDate": published,
        "publisher": {"name": PUBLISHER, "uri": frame.base},
        "links": {name: frame.links[name] for name in ("next", "prev") if name in frame.links},
        "releases": list(releases),
    }


def _write(page: Page, frame: Frame) -> Body:
    entries = [orjson.loads(entry) for entry in page.entries]
    made = (release_of(entry, prefix=frame.ocid_prefix, epoch=frame.epoch) for entry in entries)
    published = max((entry["received_at"] for entry in entries), default=BEGINNING)
    body = orjson.dumps(package_of((one for one in made if one is not None), frame, published))
    return len(body), (body,)


OCDS = Dialect(
    "ocds",
    ("application/vnd.ocds.release-package+json", "application/json;profile=ocds"),
    exact=False,
    write=_write,
    parses=True,
)
