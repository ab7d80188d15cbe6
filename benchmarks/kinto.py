"""Kinto, the peer of the feed: the same documents as records of one collection, whose changes are listed."""

import random
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
from tests.support.postgres import Postgres

from benchmarks.figures import BenchmarkFailed
from benchmarks.processes import HOST, Server, free_port, server
from benchmarks.queues import program

COLLECTION = "/buckets/hub/collections/records"
AUTH = ("benchmark", "benchmark")
REQUESTS = 250
"""Records that are stored with one request."""

LISTED = 1000

SETTINGS = """
[server:main]
use = egg:waitress#main
host = {host}
port = %(http_port)s

[app:main]
use = egg:kinto
kinto.storage_backend = kinto.core.storage.postgresql
kinto.storage_url = {database}
kinto.permission_backend = kinto.core.permission.postgresql
kinto.permission_url = {database}
kinto.cache_backend = kinto.core.cache.memory
kinto.userid_hmac_secret = benchmark
kinto.batch_max_requests = {requests}
kinto.bucket_create_principals = system.Everyone
multiauth.policies = basicauth

[loggers]
keys = root

[handlers]
keys = console

[formatters]
keys =

[logger_root]
level = ERROR
handlers = console

[handler_console]
class = StreamHandler
args = (sys.stderr,)
level = ERROR
"""


@contextmanager
def serving(postgres: Postgres, name: str, documents: Sequence[tuple[str, bytes]]) -> Iterator[Server]:
    """One process of Kinto on PostgreSQL that holds the documents, each under its key, for the block."""
    database = postgres.create_database(name).replace("+asyncpg", "")
    with TemporaryDirectory() as directory:
        settings = Path(directory) / "kinto.ini"
        settings.write_text(SETTINGS.format(host=HOST, database=database, requests=REQUESTS))
        migrated = subprocess.run(
            [program("kinto"), "migrate", "--ini", str(settings)], capture_output=True, check=False, text=True
        )
        if migrated.returncode:
            raise BenchmarkFailed(f"kinto migrate failed: {migrated.stderr[-2000:]}")
        port = free_port()
        command = [program("kinto"), "start", "--ini", str(settings), "--port", str(port)]
        with server(command, port, ready="/v1/") as running:
            _store(running, documents)
            yield running


def _store(running: Server, documents: Sequence[tuple[str, bytes]]) -> None:
    with httpx.Client(base_url=f"{running.url}/v1", auth=AUTH, timeout=60) as client:
        everyone = {"permissions": {"read": ["system.Everyone"]}}
        client.put("/buckets/hub", json=everyone).raise_for_status()
        client.put(COLLECTION, json={}).raise_for_status()
        for start in range(0, len(documents), REQUESTS):
            requests = b",".join(
                b'{"path":"%b/records/%b","body":{"data":%b}}' % (COLLECTION.encode(), key.encode(), document)
                for key, document in documents[start : start + REQUESTS]
            )
            body = b'{"defaults":{"method":"PUT"},"requests":[%b]}' % requests
            answer = client.post("/batch", content=body, headers={"content-type": "application/json"})
            answers = answer.raise_for_status().json()["responses"]
            if refused := [it for it in answers if it["status"] != 201]:
                raise BenchmarkFailed(f"Kinto refused a record: {refused[0]}")


def pages(running: Server, most: int) -> list[str]:
    """Addresses of up to `most` full listings of changes, since moments all over the collection."""
    moments: list[int] = []
    url: str | None = f"{running.url}/v1{COLLECTION}/records?_limit={LISTED}&_sort=last_modified&_fields=last_modified"
    while url is not None:
        answer = httpx.get(url, timeout=60).raise_for_status()
        moments += (record["last_modified"] for record in answer.json()["data"])
        url = answer.headers.get("next-page")
    since = moments[: len(moments) - LISTED]
    if not since:
        raise BenchmarkFailed("the collection is too small for a full listing")
    chosen = random.Random(len(since)).sample(since, min(len(since), most))
    # Kinto takes the value of an ETag, with its quotes.
    return [f"/v1{COLLECTION}/records?_limit={LISTED}&_sort=last_modified&_since=%22{moment}%22" for moment in chosen]
