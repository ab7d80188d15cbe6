"""`python -m tests.race --rows N`: the ledger must show every row to every reader; a sequence must be caught missing some.

Exit code 1 where the ledger's readers missed or repeated a row or positions are not dense, and where the checker did
not see that a sequence loses rows.
"""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path
from secrets import randbelow

from tests.race.programme import Plan, Report, race
from tests.support.postgres import Postgres


def main() -> int:
    """Run both races as the command line says."""
    parser = argparse.ArgumentParser("python -m tests.race", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows that the ledger gets (1000000)")
    parser.add_argument("--sequence-rows", type=int, default=50_000, help="rows with positions of a sequence (50000)")
    parser.add_argument("--writers", type=int, default=24)
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("--readers", type=int, default=3)
    parser.add_argument("--seed", type=int, default=None, help="of sizes, cursors and pages; default: random")
    given = parser.parse_args()
    seed = randbelow(1_000_000) if given.seed is None else given.seed
    crowd = {"writers": given.writers, "processes": given.processes, "readers": given.readers, "seed": seed}
    ledger, sequence = asyncio.run(
        _run(Plan(given.rows, "ledger", **crowd), Plan(given.sequence_rows, "sequence", **crowd))
    )
    print(ledger)
    print(sequence)
    if not ledger.verdict.flawless:
        print("FALLEN: a reader of the ledger did not see every row once, in order and without a gap")
    if not sequence.verdict.missed:
        print("FALLEN: the checker did not see that a sequence loses rows")
    return 0 if ledger.verdict.flawless and sequence.verdict.missed else 1


async def _run(*plans: Plan) -> list[Report]:
    with tempfile.TemporaryDirectory(prefix="hub-race-") as directory, Postgres.start(durable=True) as server:
        return [await race(server, plan, Path(directory)) for plan in plans]


if __name__ == "__main__":
    sys.exit(main())
