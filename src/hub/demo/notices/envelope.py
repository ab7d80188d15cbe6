"""The envelope of a notice: who discloses it, when, where it was published and by what law."""

from hashlib import sha256
from typing import Any

from hub.demo.notices.contacts import contacts
from hub.demo.notices.draft import NOT_SAID, Draft
from hub.demo.notices.identifiers import data_key, party_code
from hub.schemas.kind import Kind, Role


def submission(draft: Draft, kind: type[Kind], body: dict[str, Any]) -> dict[str, Any]:
    """The submission of the kind with that body; its times are the notice's time of publication."""
    notice = draft.notice
    bodies = contacts(notice)
    name = draft.line("公开主体", bodies.buyer.name or bodies.agency.name, 200)
    draft.note(f"公开主体代码：{NOT_SAID}，按名称生成")
    publication: dict[str, Any] = {"media": draft.media(), "published_at": draft.published_at}
    if notice.url is not None:
        publication["url"] = notice.url
    document: dict[str, Any] = {
        "kind": kind.name(),
        "schema_version": kind.schema_version,
        "data_key": data_key(notice.record_id, notice.digest),
        "data_timestamp": draft.published_at,
        "region_code": draft.region,
        "discloser": {"name": name, "code": party_code(name), "role": Role.IMPLEMENTER.value},
        "formed_at": draft.published_at,
        "publication": publication,
        "disclosure": "proactive",
        "secrecy_review": "cleared",
        "legal_basis": kind.basis.split("；"),
        "body": body,
    }
    if kind.attached:
        document["attachments"] = [_text_of_the_notice(draft, code) for code in kind.attached]
    return document


def _text_of_the_notice(draft: Draft, code: str) -> dict[str, Any]:
    """An attachment of the code: a notice comes without its files, so its own text stands for them, noted."""
    draft.note(f"附件 {code}：公告不含附件，暂以公告正文代替")
    text = draft.content.encode()
    return {
        "code": code,
        "name": "公告正文.txt",
        "media_type": "text/plain",
        "size": len(text),
        "sha256": sha256(text).hexdigest(),
        "url": draft.url(),
    }
