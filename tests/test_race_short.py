"""The race in short: the ledger's readers miss nothing, and the same readers miss rows where a sequence gives positions."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.race.programme import Plan, race
from tests.support.postgres import Postgres

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def durable_postgres() -> Iterator[Postgres]:
    """A server that waits for its disk at each commit, as a real one does."""
    with Postgres.start(durable=True) as server:
        yield server


async def test_readers_of_the_ledger_see_every_row_once_and_in_order(
    durable_postgres: Postgres, tmp_path: Path
) -> None:
    report = await race(durable_postgres, Plan(12_000, "ledger", seed=3), tmp_path, lambda _: None)

    assert report.verdict.flawless, report
    assert report.verdict.rows == 12_000
    assert report.verdict.shown > 12_000


async def test_the_same_readers_miss_rows_where_a_sequence_gives_positions(
    durable_postgres: Postgres, tmp_path: Path
) -> None:
    missed = 0
    for seed in range(3, 9):  # Once is nearly always enough, on a machine that has something else to do it may not be.
        place = tmp_path / str(seed)
        place.mkdir()
        report = await race(durable_postgres, Plan(12_000, "sequence", seed=seed), place, lambda _: None)
        assert report.verdict.rows == 12_000
        if missed := report.verdict.missed:
            break

    assert missed > 0
