"""What is there before the first request: a record of every kind, one of them in two versions."""

import httpx
import orjson

from hub.schemas.examples import example
from hub.schemas.kind import kinds
from tests.builders import a_later_version
from tests.support.processes import HOST

KNOWN_KIND = "tender_notice"
KNOWN_KEY = "F0"


def seed(port: int, key: str) -> None:
    """Push it."""
    lines = [example(kind) | {"data_key": KNOWN_KEY} for kind in kinds()]
    lines += [a_later_version(line) for line in lines if line["kind"] == KNOWN_KIND]
    response = httpx.post(
        f"http://{HOST}:{port}/v1/records:batch",
        content=b"\n".join(map(orjson.dumps, lines)),
        headers={"authorization": f"Bearer {key}", "content-type": "application/x-ndjson"},
        timeout=30,
        trust_env=False,
    )
    statuses = {orjson.loads(line)["status"] for line in response.content.splitlines()}
    assert statuses == {201}, response.text
