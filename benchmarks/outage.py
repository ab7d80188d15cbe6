"""An outage is over: a target that was down has a backlog, and live intake and the other target must not feel it.

`python -m benchmarks.outage --rows N`; the limit is what the target takes of one plain client without a hub. While platforms
push, a backlog is drained no faster than HUB_BACKLOG_PER_SECOND says: where processors are few, they would feel it.
"""

import argparse
import asyncio
import shutil
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import Protocol

import httpx
from tests.support.postgres import MEMORY, Postgres

from benchmarks import database, hub, report
from benchmarks.client import Pushed, push_at_rate
from benchmarks.feed import BYTES_PER_VERSION
from benchmarks.figures import BenchmarkFailed, Figure, percentile
from benchmarks.filling import fill
from benchmarks.payloads import Template, a_penalty
from benchmarks.processes import HOST, Server, descendants, free_port, process, proportional, server
from hub.ledger.tables import LANES
from hub.schemas.kind import kinds
from hub.sync.courier import GROWING
from hub.sync.target import Marks, Outgoing, targets

DOWN, HEALTHY = "national", "credit"
RATE = 200
"""Pushes a second meanwhile."""

WARMING = 2
"""Seconds of pushes that are not counted: a server builds what a kind needs when it first sees one."""

BATCH = 500
LIMIT_ROWS = 20_000
DRAIN_LEAST = 5000
"""Versions a second that are asked of a drain."""

INTAKE_MOST = 1.1
"""How many times as long pushes may take at p99 while a backlog is drained."""

MEMORY_MOST = 400
"""MB that are asked of the worker."""

OTHERS = ("sh", "-c", 'echo 19 2> /dev/null > /proc/self/autogroup; exec nice -n 19 "$@"', "sh")
"""A target stands for another's machine: it takes the processor time that the hub, which shares this one, leaves over.

Where Linux shares the processor out among sessions, `nice` alone says nothing to other sessions.
"""

DRAINED_WITHIN = 3600.0
BETWEEN_LOOKS = 0.25
LOOKS_LEAST = 10
AT_HEAD = """
INSERT INTO lane_cursor (target, lane, position, token, until)
SELECT $1, lane, (SELECT coalesce(max(position), 0) FROM version), 0, 0 FROM generate_series(0, $2 - 1) AS lane
"""
"""A target has everything that was pushed so far."""

OLDEST = (
    "SELECT position, previous, platform, kind, thread, state, digest, document FROM version ORDER BY position LIMIT $1"
)


def run(postgres: Postgres, rows: int, seconds: int) -> list[Figure]:
    """Push at a fixed rate on a ledger of `rows` versions that both targets have, then on one of which one has nothing."""
    needed = 2 * rows * BYTES_PER_VERSION
    if shutil.disk_usage(gettempdir()).free < needed:
        raise BenchmarkFailed(f"twice {rows} versions need {needed / 1e9:.0f} GB of temporary space")
    template = a_penalty()
    quiet, late = hub.new_ledger(postgres, "outage_quiet"), hub.new_ledger(postgres, "outage_late")
    # Both are as large: whoever pushes touches pages that were not written since the last checkpoint, and they are logged whole.
    for ledger, having in ((quiet, (DOWN, HEALTHY)), (late, (HEALTHY,))):
        fill(ledger.dsn, template, rows)
        asyncio.run(_at_head(ledger.dsn, having))
        hub.catch_up(ledger, rows)
    limit = _limit(late.dsn, min(rows, LIMIT_ROWS))
    calm = _Run(quiet, template, 0, seconds)
    calm.measure()
    storm = _Run(late, template, rows, seconds)
    storm.measure()
    if not storm.drained:
        raise BenchmarkFailed(f"{rows} versions are drained before one can look")
    return figures_of(calm, storm, limit, rows)


class Measured(Protocol):
    """What one run measured: milliseconds of intake and of the healthy target's lag, versions a second, bytes."""

    intake: list[float]
    lag: list[float]
    drained: float
    alone: float | None
    memory: int


def figures_of(calm: Measured, storm: Measured, limit: float, rows: int) -> list[Figure]:
    """What was measured without and with a backlog, and what is asked of it."""
    quiet, beside = percentile(calm.intake, 0.99), percentile(storm.intake, 0.99)
    return [
        Figure(f"push at {RATE}/s with nothing to drain, p99", "ms", quiet),
        Figure(f"push at {RATE}/s while {rows:,} versions are drained, p99", "ms", beside),
        Figure("the same, to that with nothing to drain", "×", beside / quiet, at_most=INTAKE_MOST),
        Figure("the healthy target's lag meanwhile, p99", "ms", percentile(storm.lag, 0.99), at_most=1000),
        Figure("drain of one target by one worker meanwhile", "versions/s", storm.drained, at_least=DRAIN_LEAST),
        *([Figure("drain when nobody pushes", "versions/s", storm.alone, limit, of_limit=0.5)] if storm.alone else []),
        Figure("memory of the worker", "MB", storm.memory / 1e6, at_most=MEMORY_MOST),
    ]


class _Run:
    """One measurement: what intake, the healthy target, the drain and the worker's memory were like."""

    def __init__(self, ledger: hub.Ledger, template: Template, rows: int, seconds: int) -> None:
        self._ledger = ledger
        self._template = template
        self._rows = rows
        self._seconds = seconds
        self.intake: list[float] = []
        """Milliseconds from the moment a push was due to its receipt."""
        self.lag: list[float] = []
        """Milliseconds from a receipt to the arrival at the healthy target."""
        self.drained = 0.0
        """Versions a second that the target which had been down took while platforms pushed."""
        self.alone: float | None = None
        """The same when nobody pushed any more; None where nothing was left by then."""
        self.memory = 0
        """The most bytes that the worker had in memory."""
        self._looks: list[tuple[float, int]] = []
        """How many versions the target had at which moment."""

    def measure(self) -> None:
        with ExitStack() as stack:
            serving = stack.enter_context(hub.serving(self._ledger, workers=1))
            up = stack.enter_context(_targets())
            addresses = {f"HUB_TARGET_{name.upper()}_URL": it.url for name, it in up.items()}
            worker = stack.enter_context(process([hub.HUB, "sync"], self._ledger.settings | addresses))
            stack.enter_context(self._watching(worker.pid, up[DOWN]))
            warming, pushed = asyncio.run(self._push(serving))
            quiet_from = time.perf_counter() + GROWING
            self.intake = [1000 * (push.accepted - push.due) for push in pushed]
            self._until_drained(up[DOWN], self._rows + len(warming) + len(pushed))
            looks = [look for look in self._looks if 0 < look[1] < self._rows]
            self.drained = _rate([look for look in looks if look[0] < quiet_from]) or 0.0
            self.alone = _rate([look for look in looks if look[0] >= quiet_from])
            self.lag = _lags(up[HEALTHY], pushed)

    async def _push(self, serving: Server) -> tuple[list[Pushed], list[Pushed]]:
        async def push(prefix: str, seconds: int) -> list[Pushed]:
            key = self._ledger.key
            return await push_at_rate(serving.port, key, self._template, prefix=prefix, rate=RATE, seconds=seconds)

        # The worker starts and meets the backlog first.
        await asyncio.sleep(3)
        return await push("warm", WARMING), await push("live", self._seconds)

    def _until_drained(self, target: Server, versions: int) -> None:
        until = time.monotonic() + DRAINED_WITHIN
        while httpx.get(f"{target.url}/received/summary", timeout=60).json()["applied"] < versions:
            if time.monotonic() > until:
                raise BenchmarkFailed(f"{versions} versions were not drained within {DRAINED_WITHIN:g} s")
            time.sleep(0.2)

    @contextmanager
    def _watching(self, worker: int, target: Server) -> Iterator[None]:
        over = threading.Event()

        def watch() -> None:
            # One client for all looks: making one takes longer than a push, in the process that measures pushes.
            with httpx.Client(timeout=60) as client:
                while not over.wait(BETWEEN_LOOKS):
                    self.memory = max(self.memory, sum(map(proportional, descendants(worker))))
                    applied = client.get(f"{target.url}/received/summary").json()["applied"]
                    self._looks.append((time.perf_counter(), int(applied)))

        thread = threading.Thread(target=watch)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()


def _rate(looks: list[tuple[float, int]]) -> float | None:
    """Versions a second from the first look to the last; None where they are too few to say."""
    if len(looks) < LOOKS_LEAST:
        return None
    return (looks[-1][1] - looks[0][1]) / (looks[-1][0] - looks[0][0])


@contextmanager
def _targets() -> Iterator[dict[str, Server]]:
    """Both targets, with nothing in them."""
    with ExitStack() as stack:
        # On another's machine it would not write to the hub's disk either.
        directory = Path(stack.enter_context(TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None)))
        found = {}
        for name in (DOWN, HEALTHY):
            port = free_port()
            words = ["simulate", name, "--host", HOST, "--port", str(port), "--store", str(directory / name)]
            command = [*OTHERS, hub.HUB, *words]
            found[name] = stack.enter_context(server(command, port, ready="/healthz"))
        yield found


def _lags(target: Server, pushed: list[Pushed]) -> list[float]:
    accepted = {push.position: push.accepted for push in pushed}
    found: list[float] = []
    after = 0
    with httpx.Client(timeout=60) as client:
        while page := client.get(f"{target.url}/received", params={"after": after, "limit": 5000}).json():
            for item in page["items"]:
                if (receipt := accepted.pop(item["position"], None)) is not None:
                    arrived = datetime.fromisoformat(item["received_at"]).timestamp()
                    found.append(1000 * max(0.0, arrived - receipt))
            if not page["items"]:
                break
            after = page["next"]
    if accepted:
        raise BenchmarkFailed(f"{len(accepted)} versions have not arrived at {HEALTHY}")
    return found


def _limit(dsn: str, rows: int) -> float:
    """Versions a second that the target takes in the same messages, made beforehand and sent one batch at a time."""
    items = iter(asyncio.run(_items(dsn, rows)))
    target = targets()[DOWN]
    bodies = []
    while batch := list(islice(items, BATCH)):
        bodies.append(target.batch(batch))
    with _targets() as up, httpx.Client(timeout=60) as client:
        began = time.perf_counter()
        for body in bodies:
            url = up[DOWN].url + target.path
            client.post(url, content=body, headers={"content-type": "application/json"}).raise_for_status()
        return rows / (time.perf_counter() - began)


async def _items(dsn: str, rows: int) -> list[bytes]:
    target = targets()[DOWN]
    marks = Marks(hub.PLATFORM, hub.PLATFORM, "C3501000001", "C3501000001")
    async with database.connected(dsn) as connection:
        return [
            target.encode(
                Outgoing(
                    position=position,
                    previous=previous,
                    number=1,
                    record=f"{platform}/{kind}/{position}",
                    kind=kinds()[kind],
                    data_key=str(position),
                    thread=thread,
                    state=state,
                    digest=digest,
                    document=document,
                    marks=marks,
                )
            )
            for position, previous, platform, kind, thread, state, digest, document in await connection.fetch(
                OLDEST, rows
            )
        ]


async def _at_head(dsn: str, targets: Iterable[str]) -> None:
    async with database.connected(dsn) as connection:
        for target in targets:
            await connection.execute(AT_HEAD, target, LANES)


def main() -> int:
    """Measure as the command line says; 0 if all that is asked is met."""
    parser = argparse.ArgumentParser("python -m benchmarks.outage", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="versions of backlog (1,000,000)")
    parser.add_argument("--seconds", type=int, default=30, help="how long is pushed meanwhile (30)")
    asked = parser.parse_args()
    with Postgres.start(durable=True) as postgres:
        figures = run(postgres, asked.rows, asked.seconds)
    print(report.machine())
    report.show("outage", figures)
    return 0 if all(figure.met is not False for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
