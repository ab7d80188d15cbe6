"""The code tables: what codes mean, where they come from, how sure that is, and which fields use them."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from io import StringIO
from typing import Annotated, Any, Literal

import orjson
from anyio import to_thread
from fastapi import Header, Path, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from hub.api.describe import problems
from hub.api.parameters import a_router
from hub.api.still import CSV, UNCHANGED, IfNoneMatch, Still, preferred
from hub.catalogue import REGIONS, users_of
from hub.problems import NotFound
from hub.schemas.codes import CodeTable, regions, table, tables

router = a_router(tags=["codes 代码表"])


class CodeTableModel(BaseModel):
    """A code table without its values."""

    name: str
    title_zh: str
    title_en: str
    source: str
    sureness: Literal["seen", "recalled", "own"] = Field(
        description="`seen` in a standard or its validators, `recalled` and yet to be confirmed, or the hub's `own`"
    )
    lenient: bool = Field(description="Whether codes that it does not list are taken too, with a warning")
    count: int = Field(description="How many values it has")
    used_by: list[str] = Field(description="The fields that use it, as kind/field")


class CodeTablesModel(BaseModel):
    """Every code table."""

    tables: list[CodeTableModel]


class CodeValueModel(BaseModel):
    """One code. A region has the members `full_name`, `successor` and no English label."""

    code: str
    zh: str
    en: str | None = None
    valid_from: str | None = Field(None, description="The first day on which it was valid; None where not known")
    valid_to: str | None = Field(None, description="The last day, for a region the year in which the code ended")
    full_name: str | None = Field(None, description="With the regions above it")
    successor: str | None = Field(None, description="The code in use that took over most of it")


class CodeValuesModel(CodeTableModel):
    """A code table with its values."""

    values: list[CodeValueModel]


@router.get("/v1/codes", summary="代码表清单 All code tables", responses=UNCHANGED, response_model=CodeTablesModel)
async def code_tables(if_none_match: IfNoneMatch) -> Response:
    """Every code table that fields of the kinds use, or that the national platform's data have."""
    return (await to_thread.run_sync(_listed)).answer(if_none_match)


@router.get(
    "/v1/codes/{table}",
    summary="代码表的取值 One code table with its values",
    responses={200: {"content": {CSV: {"schema": {"type": "string"}}}}, **UNCHANGED, **problems(400, 404)},
    response_model=CodeValuesModel,
)
async def code_table(
    name: Annotated[str, Path(alias="table", pattern=r"^[a-z][a-z0-9_]{0,63}$")],
    if_none_match: IfNoneMatch,
    on: Annotated[date | None, Query(description="Only the codes that were valid on that day")] = None,
    prefix: Annotated[str, Query(pattern=r"^[0-9A-Z]{0,6}$", description="Only the codes that begin so")] = "",
    accept: Annotated[str | None, Header(include_in_schema=False)] = None,
) -> Response:
    """A code table with its values, as JSON or CSV; the regions are the table `region_gbt2260`."""
    wanted = preferred(accept, CSV) or "application/json"
    if on is None and not prefix:
        return (await to_thread.run_sync(_whole, name, wanted)).answer(if_none_match)
    return (await to_thread.run_sync(_written, name, wanted, on, prefix)).answer(if_none_match)


@cache
def _listed() -> Still:
    known = sorted([*tables(), REGIONS])
    return Still.of(orjson.dumps({"tables": [_head(name) for name in known]}))


@cache
def _whole(name: str, media: str) -> Still:
    return _written(name, media, None, "")


def _written(name: str, media: str, on: date | None, prefix: str) -> Still:
    if name != REGIONS and name not in tables():
        raise NotFound("There is no such code table.", table=name)
    rows = [row for row in _rows(name, on) if row["code"].startswith(prefix)]
    if media == CSV:
        return Still.of(_csv(rows), CSV)
    return Still.of(orjson.dumps(_head(name) | {"values": rows}))


def _head(name: str) -> dict[str, Any]:
    if name == REGIONS:
        return {
            "name": name,
            "title_zh": "行政区划代码",
            "title_en": "Administrative divisions",
            "source": "GB/T 2260",
            "sureness": "seen",
            "lenient": False,
            "count": len(regions()),
            "used_by": users_of().get(REGIONS, []),
        }
    known: CodeTable = table(name)
    return {
        "name": name,
        "title_zh": known.title_zh,
        "title_en": known.title_en,
        "source": known.source,
        "sureness": known.sureness,
        "lenient": known.lenient,
        "count": len(known.values),
        "used_by": users_of().get(name, []),
    }


def _rows(name: str, on: date | None) -> Iterator[dict[str, Any]]:
    if name == REGIONS:
        for region in regions().values():
            # Of a code that has ended only the year is known: in that year both it and its successor count.
            if on is None or region.valid_to is None or on.year <= region.valid_to:
                yield {
                    "code": region.code,
                    "zh": region.name,
                    "full_name": region.full_name,
                    "valid_to": None if region.valid_to is None else str(region.valid_to),
                    "successor": region.successor,
                }
        return
    for value in table(name).values.values():
        begun = on is None or value.valid_from is None or value.valid_from <= on
        ended = on is not None and value.valid_to is not None and value.valid_to < on
        if begun and not ended:
            yield {
                "code": value.code,
                "zh": value.zh,
                "en": value.en,
                "valid_from": value.valid_from,
                "valid_to": value.valid_to,
            }


def _csv(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """RFC 4180, in UTF-8, with a line of names."""
    written = StringIO()
    names = list(rows[0]) if rows else ["code", "zh"]
    writer = csv.DictWriter(written, names)
    writer.writeheader()
    writer.writerows(rows)
    return written.getvalue().encode()
