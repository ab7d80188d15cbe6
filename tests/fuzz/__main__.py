"""`python -m tests.fuzz`: requests made from the OpenAPI documents, and spoilt bodies; exit code 1 on any complaint."""

import argparse
import asyncio
import signal
import sys
import tempfile
from pathlib import Path
from secrets import randbelow

from tests.fuzz.programme import Plan, Report, run


def main() -> int:
    """Run the programme as the command line says."""
    parser = argparse.ArgumentParser("python -m tests.fuzz", description=__doc__)
    parser.add_argument("--bodies", type=int, default=100_000, help="spoilt bodies (100000)")
    parser.add_argument("--examples", type=int, default=100, help="generated requests per operation (100)")
    parser.add_argument("--short", action="store_true", help="do not cover every keyword of every schema")
    parser.add_argument("--seed", type=int, default=None, help="of everything that is random; default: random")
    given = parser.parse_args()
    seed = randbelow(1_000_000) if given.seed is None else given.seed
    print(f"seed {seed}", file=sys.stderr)
    with tempfile.TemporaryDirectory(prefix="hub-fuzz-") as directory:
        report = asyncio.run(_run(Plan(given.bodies, given.examples, not given.short, seed), Path(directory)))
    print("\n".join(report.lines()))
    return 0 if report.passed else 1


async def _run(plan: Plan, directory: Path) -> Report:
    # A request to end is an interrupt like any other: everything that was started is stopped.
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    return await run(plan, directory)


if __name__ == "__main__":
    sys.exit(main())
