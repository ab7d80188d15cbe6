"""The pages of the catalogue: what is disclosed by whom and by when, and what each kind's records contain."""

from itertools import groupby

import orjson
from anyio import to_thread
from fastapi import APIRouter
from starlette.responses import HTMLResponse, Response

from hub.api.catalogue import Region, place_of, workbook_of
from hub.api.reading import Kind, Running
from hub.api.still import IfNoneMatch
from hub.catalogue import Item, catalogue, details_of, walk
from hub.catalogue.words import SCOPES
from hub.problems import NotFound
from hub.schemas.codes import region_name
from hub.schemas.kind import Scope, kinds
from hub.web.rendering import page

router = APIRouter(include_in_schema=False)


@router.get("/kinds")
async def catalogue_page(running: Running, region: Region = None) -> HTMLResponse:
    """主动公开目录清单: a table per field of the opinion."""
    items = await to_thread.run_sync(catalogue, place_of(running, region))
    fields = [(domain, list(rows)) for domain, rows in groupby(items, key=_domain)]
    return page("kinds.html", fields=fields, place=_named(region), region=region)


@router.get("/kinds.xlsx")
async def catalogue_workbook(running: Running, if_none_match: IfNoneMatch, region: Region = None) -> Response:
    """The catalogue as a workbook, for readers who follow a link."""
    return await workbook_of(running, region, if_none_match)


@router.get("/kinds/{kind}")
async def kind_page(kind: Kind, running: Running, region: Region = None) -> HTMLResponse:
    """One kind: who discloses, limits, fields, rules and an example."""
    if kind not in kinds():
        raise NotFound("There is no such kind.", kind=kind)
    details = await to_thread.run_sync(details_of, kinds()[kind], place_of(running, region))
    return page(
        "kind.html",
        kind=details,
        fields=[(path.count("/"), path, field) for path, field in walk(details.fields)],
        scopes={scope.value: SCOPES[scope] for scope in Scope},
        example=orjson.dumps(details.example, option=orjson.OPT_INDENT_2).decode(),
        place=_named(region),
        region=region,
    )


def _domain(item: Item) -> tuple[str, str, str]:
    return item.domain.code, item.domain.zh, item.domain.en


def _named(region: str | None) -> str | None:
    return None if region is None else region_name(region.ljust(6, "0"))
