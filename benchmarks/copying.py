"""The limit of bulk pushes, one plain process of it: validate, hash and COPY the same lines, nothing else.

`python -m benchmarks.copying DSN FIRST SECONDS`: positions begin at FIRST. It says `ready`, begins when it is sent a
line, and says how many rows it copied in how many seconds.
"""

import asyncio
import gc
import sys
import time
from hashlib import sha256
from itertools import islice

import orjson

from benchmarks.database import connected
from benchmarks.payloads import a_notice
from hub.schemas.kind import kinds
from hub.schemas.submission import submission_of

BATCH = 10_000


async def copy(dsn: str, first: int, seconds: float) -> tuple[int, float]:
    """Rows, and the seconds they took."""
    template = a_notice()
    validate = submission_of(kinds()[template.kind]).model_validate_json
    lines = list(islice(template.lines("limit"), BATCH))
    gc.freeze()
    gc.disable()
    async with connected(dsn) as connection:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        sys.stdin.readline()
        copied, started = 0, time.perf_counter()
        while time.perf_counter() - started < seconds:
            rows = []
            for position, line in enumerate(lines, first + copied):
                validate(line)
                document = orjson.dumps(orjson.loads(line), option=orjson.OPT_SORT_KEYS)
                rows.append((position, sha256(document).digest(), document))
            await connection.copy_records_to_table("copied", records=rows, columns=("position", "digest", "document"))
            copied += len(rows)
        return copied, time.perf_counter() - started


if __name__ == "__main__":
    rows, elapsed = asyncio.run(copy(sys.argv[1], int(sys.argv[2]), float(sys.argv[3])))
    sys.stdout.write(f"{rows} {elapsed}\n")
