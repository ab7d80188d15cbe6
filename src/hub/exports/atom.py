"""Atom (RFC 4287): an entry per version, for feed readers; pages link to each other as RFC 5005 has it."""

from collections.abc import Iterator, Mapping
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import orjson

from hub.exports.dialect import Body, Dialect, Frame
from hub.ledger.feed import Page
from hub.schemas.kind import kinds

TITLE = "公共资源交易数据交换中心 · Public-resource trading data hub"
BEGINNING = "1970-01-01T00:00:00Z"
STATES = {"published": "", "withheld": "不公开 ", "withdrawn": "已撤回 "}

_NEWEST_FIRST = {"prev": "next", "next": "previous"}
_OLDEST_FIRST = {"prev": "previous", "next": "next"}
"""What Atom calls a page's neighbours: `next` is where the reading goes on (RFC 5005, 3)."""

_INVALID = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF))
"""Characters that XML 1.0 cannot have, escaped or not."""


def _write(page: Page, frame: Frame) -> Body:
    entries = [orjson.loads(entry) for entry in page.entries]
    updated = max((entry["received_at"] for entry in entries), default=BEGINNING)
    body = "".join((*_opening(frame, updated), *(_entry(entry, frame) for entry in entries), "</feed>\n")).encode()
    return len(body), (body,)


def _opening(frame: Frame, updated: str) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom"'
    yield ' xmlns:fh="http://purl.org/syndication/history/1.0" xml:lang="zh">\n'
    yield f"<id>{_text(frame.links['self'] if frame.page else frame.links['first'])}</id>\n<title>{TITLE}</title>\n"
    yield f"<updated>{updated}</updated>\n<author><name>公共资源交易数据交换中心</name></author>\n"
    names = _NEWEST_FIRST if frame.newest_first else _OLDEST_FIRST
    if frame.page is not None:
        yield "<fh:archive/>\n"
        names = {"prev": "prev-archive", "next": "next-archive"}
    for relation, address in frame.links.items():
        yield f'<link rel="{names.get(relation, relation)}" type="application/atom+xml" href={_attribute(address)}/>\n'


def _entry(entry: Mapping[str, Any], frame: Frame) -> str:
    platform, name, key = entry["record"].split("/")
    address = f"{frame.base}/v1/records/{platform}/{name}/{key}/versions/{entry['number']}"
    document = entry.get("document") or {}
    kind = kinds()[name]
    label = document.get("body", {}).get(kind.label) or key
    discloser = document.get("discloser", {}).get("name") or platform
    published = document.get("publication", {}).get("published_at")
    parts = (
        f"<id>{_text(address)}</id>",
        f"<title>{STATES[entry['state']]}{kind.title()}: {_text(label)}</title>",
        f"<updated>{entry['received_at']}</updated>",
        f"<published>{published}</published>" if published else "",
        f"<author><name>{_text(discloser)}</name></author>",
        f'<link rel="alternate" type="application/json" href={_attribute(address)}/>',
        f"<category term={_attribute(name)} label={_attribute(kind.title())}"
        f" scheme={_attribute(frame.base + '/kinds')}/>",
        f'<category term="{entry["state"]}" scheme={_attribute(frame.base + "/states")}/>',
        f"<category term={_attribute(entry['region_code'])} scheme={_attribute(frame.base + '/regions')}/>",
        f"<summary>{_text(_summary(entry, document))}</summary>",
    )
    return f"<entry>{''.join(parts)}</entry>\n"


def _summary(entry: Mapping[str, Any], document: Mapping[str, Any]) -> str:
    """Why the version is there, or why it is not shown, then what names it in the ledger."""
    if "withheld" in entry:
        withheld = entry["withheld"]
        why = f"不公开理由 {withheld['ground']}: {'；'.join(withheld['basis'])}。"
    elif "withdrawal" in document:
        why = f"撤回原因: {document['withdrawal']['reason']}。"
    elif "change" in document:
        why = f"变更原因: {document['change']['reason']}。"
    else:
        why = ""
    return f"{why}第 {entry['number']} 版，账本位置 {entry['position']}，SHA-256 {entry['digest']}。"


def _text(text: str) -> str:
    return escape(text.translate(_INVALID))


def _attribute(text: str) -> str:
    return quoteattr(text.translate(_INVALID))


ATOM = Dialect("atom", ("application/atom+xml",), exact=False, write=_write, newest_first=True, parses=True)
