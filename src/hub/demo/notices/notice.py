"""One public notice, read: its fields as text, its time, its place, its lines and what is labelled in them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from re import fullmatch, search
from typing import Any

import orjson

from hub.demo.notices.identifiers import party_code
from hub.demo.notices.regions import province_of, region_of
from hub.demo.notices.results import PlatformInfo
from hub.demo.notices.sections import section
from hub.demo.notices.tables import Table, tables
from hub.law.text.labels import Labelled
from hub.law.text.lines import Line, lines_of
from hub.law.text.plain import half_width, one_line, says_nothing, text_of
from hub.law.text.times import Moment, moment
from hub.law.text.vocabulary import ADDRESS, PROJECT_CODE, PURCHASER

_URL = r"https?://[^\s\x00-\x1f\x7f-\x9f/?#<>]+([/?#][^\s\x00-\x1f\x7f-\x9f<>]*)?"
_LONGEST_URL = 500
_URL_DAY = r"/(\d{8})/"
_NO_PLATFORM = "未载明来源平台"


@dataclass(frozen=True)
class Notice:
    """A notice in the national platform's public form; a field that is missing or of another type is empty text."""

    title: str
    published: Moment | None
    region_name: str
    issuer: str
    agency: str
    budget: str
    content: str
    project_code: str
    source: str
    original_link: str
    detail_url: str
    fields: Mapping[str, str]
    record_id: str
    business_type: str
    info_type: str
    digest: str

    @cached_property
    def lines(self) -> list[Line]:
        """The lines of the text."""
        return lines_of(self.content)

    @cached_property
    def labelled(self) -> Labelled:
        """The labelled values of the structured fields and of the whole text."""
        return Labelled(self.lines, self.fields)

    @cached_property
    def tables(self) -> list[Table]:
        """The tables of the text."""
        return list(tables(self.lines))

    def section(self, *words: str) -> list[Line]:
        """The lines of the first section whose heading has one of the words."""
        return section(self.lines, *words)

    @cached_property
    def url(self) -> str | None:
        """The address of the notice: its original one where it is one, else that of the national platform."""
        links = (self.original_link, self.detail_url)
        return next((link for link in links if len(link) <= _LONGEST_URL and fullmatch(_URL, link)), None)

    @cached_property
    def project_number(self) -> str:
        """The project's number, from the notice's field or else from its text; empty without one."""
        return self.project_code or self.labelled.value(PROJECT_CODE, limit=60).rstrip("。；;，,")

    @cached_property
    def platform(self) -> PlatformInfo:
        """The platform that the notice comes from."""
        name = one_line(self.source or self.region_name or _NO_PLATFORM, 200)
        return PlatformInfo(party_code("platform:" + name), name)

    @cached_property
    def province(self) -> str | None:
        """The code of the notice's province."""
        return province_of(self.region_name + self.source, self.detail_url)

    @cached_property
    def region(self) -> str | None:
        """The code of the most specific place that issuer, title, source, buyer and its address name; None without one."""
        said = Labelled(self.section("采购人信息") or self.lines, self.fields, torn=True)
        buyers = said.value(PURCHASER, limit=100), said.value(("名称", "单位名称"))
        place = said.value(("项目监管地", "行政区")), said.value(ADDRESS)
        texts = (self.issuer, _without_marks(self.title), *buyers, place[0], self.source, place[1], self.region_name)
        return region_of(self.province, texts)


def read(item: Mapping[Any, Any]) -> Notice:
    """The notice that an item of the form is; nothing in an item makes this fail."""
    fields = _fields(item.get("structured_fields"))
    content = text_of(item.get("content_text")) or "\n".join(f"{name}：{value}" for name, value in fields.items())
    texts = {name: _said(item.get(name)) for name in _TEXTS}
    title = texts["title"] or next((line.text for line in lines_of(content[:2_000])), "")
    return Notice(
        title=one_line(title, 600),
        published=_published(texts["publish_date"], texts["detail_url"]),
        region_name=texts["region"],
        issuer=one_line(texts["issuer"], 200),
        agency=one_line(texts["agency"], 200),
        budget=texts["budget"],
        content=content,
        project_code=one_line(texts["project_code"], 200),
        source=texts["source_platform"],
        original_link=texts["original_link"],
        detail_url=texts["detail_url"],
        fields=fields,
        record_id=texts["record_id"],
        business_type=texts["business_type"],
        info_type=texts["info_type"],
        digest=sha256(orjson.dumps([content, sorted(texts.items()), sorted(fields.items())])).hexdigest(),
    )


_TEXTS = (
    "title",
    "publish_date",
    "region",
    "issuer",
    "agency",
    "budget",
    "project_code",
    "source_platform",
    "original_link",
    "detail_url",
    "record_id",
    "business_type",
    "info_type",
)


def _said(value: object) -> str:
    text = text_of(value)
    return "" if says_nothing(text) else text


def _fields(value: object) -> dict[str, str]:
    if not isinstance(value, Mapping):
        return {}
    named = ((text_of(name), text_of(said)) for name, said in value.items())
    return {name: said for name, said in named if name and said}


def _published(text: str, url: str) -> Moment | None:
    in_url = search(_URL_DAY, url)
    return moment(text) or (moment(in_url[1]) if in_url else None)


def _without_marks(title: str) -> str:
    """The title without what stands in brackets before it."""
    plain = half_width(title)
    found = search(r"^\s*(?:[\[【(][^\]】)]*[\]】)]\s*)+", plain)
    return title[found.end() :] if found else title
