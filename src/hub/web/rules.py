"""The pages of the rules: what each asks, where it holds and an example that breaks it; faults lead to them."""

from typing import Any

import orjson
from anyio import to_thread
from fastapi import APIRouter
from starlette.responses import HTMLResponse

from hub.problems import NotFound
from hub.schemas.kind import kinds
from hub.web.rendering import page

router = APIRouter(include_in_schema=False)


@router.get("/rules")
async def rules_page() -> HTMLResponse:
    """Every rule, by what it is about."""
    return page("rules.html", subjects=await to_thread.run_sync(_subjects))


@router.get("/rules/{rule}")
async def rule_page(rule: str) -> HTMLResponse:
    """One rule."""
    return page("rule.html", **await to_thread.run_sync(_rule, rule))


def _subjects() -> list[tuple[str, str, str, list[Any]]]:
    # Imported here, as below: examples are judged with all that the hub reads, workbooks too.
    from hub.reference.rules import ABOUT, about, rules, words

    return [
        (key, *titles, [(name, *words(name)) for name in rules() if about(name) == key])
        for key, titles in ABOUT.items()
    ]


def _rule(name: str) -> dict[str, Any]:
    from hub.reference.rules import ABOUT, AFTER, rule_page, rules

    if name not in rules():
        raise NotFound("There is no such rule.", rule=name)
    found = rule_page(name)
    places = [(kinds()[kind], paths) for kind, paths in found.places.items()]
    after = AFTER.get(found.example.after or "") if found.example else None
    shown = {"rule": found, "about": ABOUT[found.about], "after": after, "places": places}
    return shown | {"json": _json, "kinds": kinds()}


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()
