"""Replay: what another edition would have said to the payloads that a platform had accepted."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import orjson
from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.ledger.tables import Version
from hub.problems import NotFound
from hub.schemas.explain import faults
from hub.schemas.kind import editions, kinds
from hub.schemas.submission import submission_of

_INDEX = re.compile(r"/\d+(?=/|$)")


@dataclass(slots=True)
class Breakage:
    """A rule of the other edition that some payloads break, at one place; list indices in the pointer are `*`."""

    kind: str
    rule: str
    pointer: str
    zh: str
    en: str
    count: int = 0
    first_position: int = 0
    """The newest version that breaks it."""


@dataclass(slots=True)
class Replayed:
    """How many payloads were replayed, how many of them the other edition refuses, and by which rules."""

    payloads: int = 0
    refused: int = 0
    breakages: dict[tuple[str, str, str], Breakage] = field(default_factory=dict)


async def replay(
    connection: AsyncConnection, platform: str, to: str, *, last: int, progress: Callable[[int], None] = lambda _: None
) -> Replayed:
    """Validate the platform's last `last` accepted payloads against the edition `to` of their kinds.

    Kinds that have no such edition are left out; raises `NotFound` where none has it.
    """
    wanted = {name: submission_of(kind) for name in kinds() if (kind := editions(name).get(to)) is not None}
    if not wanted:
        raise NotFound(f"No kind has an edition {to!r}.")
    statement = (
        select(Version.position, Version.kind, Version.document)
        .where(Version.platform == platform, Version.kind.in_(wanted), Version.state != "withdrawn")
        .order_by(Version.position.desc())
        .limit(last)
    )
    replayed = Replayed()
    for position, name, stored in await connection.execute(statement):
        document = orjson.loads(stored) | {"schema_version": to}
        model = wanted[name]
        replayed.payloads += 1
        progress(replayed.payloads)
        try:
            model.model_validate_json(orjson.dumps(document))
        except ValidationError as error:
            replayed.refused += 1
            for fault in faults(model, document, error):
                pointer = _INDEX.sub("/*", fault.pointer)
                key = (name, fault.rule, pointer)
                found = replayed.breakages.setdefault(
                    key, Breakage(name, fault.rule, pointer, fault.zh, fault.en, first_position=position)
                )
                found.count += 1
    return replayed
