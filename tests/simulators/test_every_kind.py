"""The example of every kind is taken by the platforms that it is sent to."""

from hashlib import sha256
from typing import Any

import orjson
import pytest

from hub.schemas.examples import example_bytes
from hub.schemas.kind import kinds
from hub.sync.target import Marks, Outgoing, targets
from tests.simulators.builders import Client

pytestmark = pytest.mark.anyio

MARKS = Marks("91350100M000100Y43", "11350100M000100Y4D", "35010000001", "35000000001")


def sent(target: str, name: str) -> dict[str, Any]:
    """The example of a kind as an item of a batch for a target."""
    document = example_bytes(name)
    said = orjson.loads(document)
    version = Outgoing(
        position=1,
        previous=None,
        number=1,
        record=f"{MARKS.platform}/{name}/{said['data_key']}",
        kind=kinds()[name],
        data_key=said["data_key"],
        thread="thread",
        state="published",
        digest=sha256(document).digest(),
        document=document,
        marks=MARKS,
    )
    item: dict[str, Any] = orjson.loads(targets()[target].encode(version))
    return item


@pytest.mark.parametrize("name", kinds())
async def test_the_national_platform_takes_every_kind(national: Client, name: str) -> None:
    await national.dial(require_parents=False)

    (result,) = await national.send(sent("national", name))

    assert result["status"] == "accepted", result.get("errors")


@pytest.mark.parametrize("name", [name for name, kind in kinds().items() if kind.to_credit])
async def test_the_credit_platform_takes_credit_information(credit: Client, name: str) -> None:
    (result,) = await credit.send(sent("credit", name))

    assert result["status"] == "accepted", result.get("errors")
