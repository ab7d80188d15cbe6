"""The page of a record: what it says now, how it came to say it, and what other records say of it."""

from typing import Any

import orjson
from fastapi import APIRouter
from sqlalchemy import select
from starlette.responses import HTMLResponse

from hub.api.chain import StepModel, chain_of
from hub.api.reading import DataKey, Kind, PlatformCode, Running
from hub.api.records import found_record
from hub.ledger.read import find_record, version_at
from hub.ledger.tables import Platform
from hub.schemas.clocks import AT_ONCE
from hub.schemas.codes import regions
from hub.schemas.editions import edition_named
from hub.schemas.kind import kinds
from hub.web.documents import body_of, envelope_of, worded
from hub.web.lines import STATES, in_beijing, in_path
from hub.web.rendering import page

router = APIRouter(include_in_schema=False)

GROUNDS = {
    "on_request": "依申请公开",
    "government_only": "仅政务共享",
    "commercial_secret": "不予公开：商业秘密",
    "personal_privacy": "不予公开：个人隐私",
    "internal": "不予公开：内部事务信息",
    "process": "不予公开：过程性信息",
    "record_withheld": "该记录未公开",
}

KEPT_ELSEWHERE = ("/data_timestamp", "/changed_at", "/change")
"""Differences that the page shows in other columns: when and why."""


@router.get("/records/{platform}/{kind}/{data_key}")
async def record_page(platform: PlatformCode, kind: Kind, data_key: DataKey, running: Running) -> HTMLResponse:
    """A record as the public sees it: the current document, its state and due date, every version and what it changed."""
    async with running.database.reading() as connection:
        head = await found_record(connection, platform, kind, data_key)
        chain = await chain_of(connection, head, None)
        current = await version_at(connection, head.position)
        previous = (
            None if current is None or current.previous is None else await version_at(connection, current.previous)
        )
        known = {named for named in chain.names if await find_record(connection, *named.split("/"))}
        name = await connection.scalar(select(Platform.name).where(Platform.code == platform))
    assert current is not None
    entry = orjson.loads(current.entry(government=False, due_now=head.due_now))
    document = entry.get("document", {})
    # A withdrawal says nothing of what it withdraws; the page shows what that was.
    due = entry.get("due_now") or entry["due"]
    last = document if "body" in document or previous is None else _document(previous)
    edition = edition_named(f"{kind}@{last['schema_version']}") if "schema_version" in last else kinds()[kind]
    return page(
        "record.html",
        kind=kinds()[kind],
        chain=chain,
        known=known,
        entry=entry,
        withheld=entry.get("withheld"),
        withdrawal=document.get("withdrawal"),
        opens_at=entry.get("opens_at"),
        due=due,
        shared_late=due is not None and due["clock"] == AT_ONCE.id,
        title=last.get("body", {}).get(kinds()[kind].label) or kinds()[kind].title(),
        state=STATES[entry["state"]],
        states=STATES,
        grounds=GROUNDS,
        region=regions()[head.region].full_name if head.region in regions() else head.region,
        platform_name=name or platform,
        body=body_of(edition, last),
        envelope=envelope_of(last),
        steps=[_step(edition, step) for step in reversed(chain.versions)],
        address=f"/v1/records/{chain.record}",
        in_beijing=in_beijing,
        thread=f"/threads/{in_path(entry['thread'])}",
    )


def _document(version: Any) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(version.entry(government=False)).get("document", {})
    return found


def _step(edition: Any, step: StepModel) -> dict[str, Any]:
    """A version for the page: its differences in words, without those that stand in other columns."""
    shown = [one for one in step.differences if not one.pointer.startswith(KEPT_ELSEWHERE)]
    changes = [
        {
            "title": one.title,
            "pointer": one.pointer,
            "before": worded(edition, one.pointer, one.before),
            "after": worded(edition, one.pointer, one.after),
        }
        for one in shown
    ]
    return {"version": step, "changes": changes}
