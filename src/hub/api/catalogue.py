"""The catalogue: 主动公开目录清单, as JSON and as a workbook; and everything about one kind."""

from functools import lru_cache
from typing import Annotated

import orjson
from anyio import to_thread
from fastapi import Header, Query
from pydantic import BaseModel
from starlette.responses import Response

from hub.api.describe import problems
from hub.api.parameters import a_router
from hub.api.reading import Kind, Running
from hub.api.runtime import Runtime
from hub.api.still import UNCHANGED, XLSX, IfNoneMatch, Still, preferred
from hub.catalogue import Details, FieldItem, Item, Place, catalogue, details_of, envelope_fields
from hub.law.clock import beijing_day
from hub.moments import now
from hub.problems import InvalidParameter, NotFound
from hub.schemas.codes import regions
from hub.schemas.kind import kinds

router = a_router(tags=["catalogue 目录清单"])

REMEMBERED = 256
"""How many answers are kept: one per kind and place that was asked for."""

Region = Annotated[
    str | None,
    Query(
        pattern=r"^[0-9]{2}([0-9]{2}){0,2}$",
        description="Apply the local rules of this region: a code, or the first digits of one",
    ),
]


class CatalogueModel(BaseModel):
    """The catalogue: an item per kind, and the fields that every submission has around its body."""

    items: list[Item]
    envelope: list[FieldItem]


@router.get(
    "/v1/kinds",
    summary="目录清单 The catalogue of what is disclosed",
    responses={200: {"content": {XLSX: {"schema": {"type": "string", "format": "binary"}}}}, **UNCHANGED}
    | problems(400),
    response_model=CatalogueModel,
)
async def kinds_listed(
    running: Running,
    if_none_match: IfNoneMatch,
    region: Region = None,
    accept: Annotated[str | None, Header(include_in_schema=False)] = None,
) -> Response:
    """The catalogue of what is disclosed: by whom, by when, where, and who supervises it; JSON or XLSX by Accept."""
    if preferred(accept, XLSX):
        return await workbook_of(running, region, if_none_match)
    return (await to_thread.run_sync(_all, place_of(running, region))).answer(if_none_match)


@router.get(
    "/v1/kinds/{kind}",
    summary="目录的一项：要素、时限与规则 One kind with its fields, limits and rules",
    responses=UNCHANGED | problems(400, 404),
    response_model=Details,
)
async def kind_described(kind: Kind, running: Running, if_none_match: IfNoneMatch, region: Region = None) -> Response:
    """One item of the catalogue with its content: fields, rules, limits in words, JSON Schema and an example."""
    if kind not in kinds():
        raise NotFound("There is no such kind.", kind=kind)
    return (await to_thread.run_sync(_one, kind, place_of(running, region))).answer(if_none_match)


async def workbook_of(running: Runtime, region: str | None, if_none_match: str | None) -> Response:
    """The catalogue as a workbook to keep as a file."""
    book = await to_thread.run_sync(_workbook, place_of(running, region))
    return book.answer(if_none_match, **{"content-disposition": 'attachment; filename="catalogue.xlsx"'})


def place_of(running: Runtime, region: str | None) -> Place | None:
    """The place that a request names; None where it names none, or where no local rules are known."""
    if region is None:
        return None
    if region.ljust(6, "0") not in regions():
        raise InvalidParameter("No region code begins like this.", region=region)
    rules = running.intake.local_rules
    # Without local rules every region has the same answer, which is kept once.
    return Place(rules, region, beijing_day(now())) if rules.rules else None


@lru_cache(REMEMBERED)
def _all(place: Place | None) -> Still:
    items = [item.model_dump(mode="json") for item in catalogue(place)]
    around = [field.model_dump(mode="json") for field in envelope_fields()]
    return Still.of(orjson.dumps({"items": items, "envelope": around}))


@lru_cache(REMEMBERED)
def _one(kind: str, place: Place | None) -> Still:
    return Still.of(orjson.dumps(details_of(kinds()[kind], place).model_dump(mode="json")))


@lru_cache(16)
def _workbook(place: Place | None) -> Still:
    # Imported here: a server's start does not wait for a workbook that nobody may ask for.
    from hub.catalogue.workbook import workbook

    return Still.of(workbook(place), XLSX)
