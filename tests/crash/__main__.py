"""`python -m tests.crash --kills N`: kill, recover, check; exit code 1 where an invariant falls."""

import argparse
import asyncio
import signal
import sys
import tempfile
from pathlib import Path
from secrets import randbelow

import uvloop

from tests.crash.bugs import BUGS
from tests.crash.faults import FAULTS
from tests.crash.plan import Plan
from tests.crash.programme import run
from tests.crash.report import Report, put_section


def main() -> int:
    """Run the programme as the command line says."""
    given = _arguments()
    seed = randbelow(1_000_000) if given.seed is None else given.seed
    plan = Plan(
        kills=given.kills,
        engine=given.engine,
        rate=given.rate,
        writers=given.writers,
        seed=seed,
        database_kills=given.kills // 5 if given.database_kills is None else given.database_kills,
        strikes=max(1, given.kills // 20) if given.strikes is None else given.strikes,
        faults=tuple(FAULTS) if given.faults is None else tuple(filter(None, given.faults.split(","))),
        bug=given.bug,
        pause=given.pause,
        patience=10.0 if given.bug else 45.0,
    )
    print(f"seed {seed}", file=sys.stderr)
    if given.keep:
        given.keep.mkdir(parents=True, exist_ok=True)
        report = uvloop.run(_run(plan, given.keep))
    else:
        with tempfile.TemporaryDirectory(prefix="hub-crash-") as directory:
            report = uvloop.run(_run(plan, Path(directory)))
    print("\n".join(report.lines()))
    if given.report:
        put_section(given.report, plan.engine, report.section(_command(plan)))
    return 0 if report.passed else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m tests.crash", description=__doc__)
    parser.add_argument("--kills", type=int, default=200, help="how many of the hub's processes are killed (200)")
    parser.add_argument("--database-kills", type=int, help="kills of PostgreSQL; default: a fifth of the others")
    parser.add_argument("--engine", choices=("postgresql", "sqlite"), default="postgresql")
    parser.add_argument("--faults", help=f"those of {','.join(FAULTS)} that strike beside the kills; default: all")
    parser.add_argument("--strikes", type=int, help="how often each fault strikes; default: a twentieth of the kills")
    parser.add_argument("--pause", type=float, default=2.0, help="the most seconds between two kills (2)")
    parser.add_argument("--rate", type=float, default=600.0, help="the most requests a second (600)")
    parser.add_argument("--writers", type=int, default=24, help="projects that are pushed at the same time (24)")
    parser.add_argument("--seed", type=int, help="of what is pushed and who is killed; default: random")
    parser.add_argument("--bug", choices=BUGS, default="", help="run the hub with this seeded bug")
    parser.add_argument("--report", type=Path, help="a document between whose markers the result is put")
    parser.add_argument(
        "--keep", type=Path, help="a directory for ledgers and logs that stays; default: a temporary one"
    )
    given = parser.parse_args()
    if unknown := set(filter(None, (given.faults or "").split(","))) - set(FAULTS):
        parser.error(f"there is no fault {', '.join(sorted(unknown))}")
    return given


def _command(plan: Plan) -> str:
    """What repeats the run, apart from the moments at which processes happen to run."""
    engine = "" if plan.engine == "postgresql" else f" --engine {plan.engine}"
    return (
        f"make crash KILLS={plan.kills} ARGS='--database-kills {plan.database_kills} --strikes {plan.strikes} "
        f"--pause {plan.pause:g} --rate {plan.rate:g} --writers {plan.writers} --seed {plan.seed}{engine}'"
    )


async def _run(plan: Plan, directory: Path) -> Report:
    # A request to end is an interrupt like any other: everything that was started is stopped.
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    return await run(plan, directory)


if __name__ == "__main__":
    sys.exit(main())
