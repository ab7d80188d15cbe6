"""`python -m tests.crash --kills N`: kill, recover, check; exit code 1 where an invariant falls."""

import argparse
import asyncio
import signal
import sys
import tempfile
from pathlib import Path
from secrets import randbelow

from tests.crash.programme import Plan, Report, run


def main() -> int:
    """Run the programme as the command line says."""
    parser = argparse.ArgumentParser("python -m tests.crash", description=__doc__)
    parser.add_argument("--kills", type=int, default=200, help="how many processes are killed with SIGKILL (200)")
    parser.add_argument("--engine", choices=("postgresql", "sqlite"), default="postgresql")
    parser.add_argument("--rate", type=float, default=600.0, help="the most requests a second (600)")
    parser.add_argument("--writers", type=int, default=24, help="projects that are pushed at the same time (24)")
    parser.add_argument("--seed", type=int, default=None, help="of what is pushed and who is killed; default: random")
    parser.add_argument(
        "--keep", type=Path, help="a directory for ledgers and logs that stays; default: a temporary one"
    )
    given = parser.parse_args()
    seed = randbelow(1_000_000) if given.seed is None else given.seed
    plan = Plan(given.kills, given.engine, given.rate, given.writers, seed)
    print(f"seed {seed}", file=sys.stderr)
    if given.keep:
        given.keep.mkdir(parents=True, exist_ok=True)
        report = asyncio.run(_run(plan, given.keep))
    else:
        with tempfile.TemporaryDirectory(prefix="hub-crash-") as directory:
            report = asyncio.run(_run(plan, Path(directory)))
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
