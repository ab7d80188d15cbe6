"""What the rules of a push cost: validation beside a bare model, the whole intake beside validation, due dates, XML."""

from collections.abc import Callable
from datetime import date
from statistics import median
from time import perf_counter
from typing import Annotated, Any, cast, get_args, get_origin

import orjson
from pydantic import BaseModel, create_model
from tests.support.postgres import Postgres

from benchmarks.figures import Figure, Options
from hub.intake import Intake
from hub.keys import Sender
from hub.law.clock import due_of
from hub.schemas.examples import example_bytes
from hub.schemas.kind import Kind, kinds
from hub.schemas.rules import Ruled
from hub.schemas.submission import submission_of
from hub.wire.envelope import enveloped
from hub.wire.forms import XML_FORM
from hub.wire.xml import write_xml

SLICE = 0.25
"""Seconds of one measurement; the ways take turns, so that a noisy moment hits all of them."""


def run(_postgres: Postgres, options: Options) -> list[Figure]:
    """The figures of the rules, in operations a second on one core."""
    largest = max(kinds().values(), key=lambda kind: len(kind.model_fields))
    raw = example_bytes(largest.name())
    document = orjson.loads(raw)
    model = submission_of(largest)
    bare = _bare(model)
    sender = Sender("12350100M00010014A")
    intake = Intake(10**9)
    wire = write_xml(enveloped(document, platform=sender.platform))
    ways: dict[str, Callable[[], object]] = {
        "bare": lambda: bare.model_validate_json(raw),
        "typed": lambda: model.model_validate_json(raw),
        "intake": lambda: intake.submission(raw, sender),
        "xml": lambda: intake.accepted(XML_FORM.read(XML_FORM.whole(wire, 10**7)), sender),
        "due": lambda: due_of(largest, document, date(2026, 11, 24)),
    }
    rates = _rates(ways, max(3, options.rounds * 5))
    return [
        Figure(f"validation of {largest.name()}", "1/s", rates["typed"], limit=rates["bare"], of_limit=0.5),
        Figure("the whole intake, beside its validation", "1/s", rates["intake"], limit=rates["typed"], of_limit=0.5),
        Figure("intake of XML, beside JSON", "1/s", rates["xml"], limit=rates["intake"], of_limit=0.5),
        Figure("due dates", "1/s", rates["due"], limit=200_000, of_limit=1),
    ]


def _rates(ways: dict[str, Callable[[], object]], turns: int) -> dict[str, float]:
    found: dict[str, list[float]] = {name: [] for name in ways}
    for way in ways.values():
        way()
    for _ in range(turns):
        for name, way in ways.items():
            count, began = 0, perf_counter()
            while (passed := perf_counter() - began) < SLICE:
                for _ in range(50):
                    way()
                count += 50
            found[name].append(count / passed)
    return {name: median(rates) for name, rates in found.items()}


def _bare(model: type[Ruled]) -> type[BaseModel]:
    """The same fields as Pydantic alone would have them: strings, numbers and lists, no rule of ours."""
    fields: dict[str, Any] = {
        name: (_plain(info.annotation), ... if info.is_required() else None)
        for name, info in model.model_fields.items()
    }
    return cast(type[BaseModel], create_model(f"Bare{model.__name__}", **fields))


def _plain(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, (Ruled, Kind)):
        return _bare(annotation)
    arguments = get_args(annotation)
    if get_origin(annotation) is Annotated:
        return _plain(arguments[0])
    if type(None) in arguments:
        return _plain(next(a for a in arguments if a is not type(None))) | None
    if get_origin(annotation) is list:
        return list[_plain(arguments[0])]  # type: ignore[misc]
    return annotation
