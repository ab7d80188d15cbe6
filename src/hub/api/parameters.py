"""Parameters of a query that a route does not have are refused: a misspelt filter would quietly filter nothing."""

from collections.abc import Collection, Iterable, Iterator
from difflib import get_close_matches
from typing import Any

from fastapi import APIRouter, Depends
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.requests import Request

from hub.api.bodies import BoundedRoute
from hub.problems import InvalidParameter
from hub.schemas.places import pointer_to

SHOWN = 64
"""How many characters of a name are shown again."""

MOST = 50
"""So many names are explained: a query may have ten thousand."""


async def known_parameters_only(request: Request) -> None:
    """What every route of the API depends on. Pages take whatever a link brings along."""
    route = request.scope.get("route")
    if request.scope["query_string"] and isinstance(route, APIRoute) and route.path_format.startswith("/v1/"):
        refuse_unknown(request.query_params.keys(), parameters_of(route))


def a_router(**options: Any) -> APIRouter:
    """A router of the API. Its routes stand in the application's own list: included, each would be made a second time."""
    return APIRouter(route_class=BoundedRoute, dependencies=[Depends(known_parameters_only)], **options)


def refuse_unknown(given: Iterable[str], known: Collection[str]) -> None:
    """Raise `InvalidParameter` with a fault for each name that is given and not known; the likeliest one is its repair."""
    if unknown := sorted(set(given) - set(known)):
        raise InvalidParameter(faults=[_fault(name[:SHOWN], sorted(known)) for name in unknown[:MOST]])


def parameters_of(route: APIRoute) -> frozenset[str]:
    """The names of the parameters that a route takes in its query."""
    return frozenset(_names_in(route.dependant))


def _names_in(dependant: Dependant) -> Iterator[str]:
    yield from (field.alias for field in dependant.query_params)
    for inner in dependant.dependencies:
        yield from _names_in(inner)


def _fault(name: str, known: list[str]) -> dict[str, Any]:
    there_are = ", ".join(known)
    fault = {
        "pointer": pointer_to(("query", name)),
        "rule": "unknown-parameter",
        "zh": f"没有这个参数；可用参数：{there_are}" if known else "此处没有参数",
        "en": f"There is no such parameter; there are: {there_are}." if known else "There are no parameters here.",
    }
    meant = get_close_matches(name, known, 1)
    return fault | {"repair": meant[0]} if meant else fault
