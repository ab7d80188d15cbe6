"""`python -m benchmarks [NAME ...] [--seconds N] [--quick] [--save]`."""

import argparse
import sys

from tests.support.postgres import Postgres

from benchmarks import (
    bulk,
    consumer,
    delivery,
    demo,
    feed,
    latency,
    log,
    readers,
    report,
    rules,
    single,
    snapshot,
    startup,
    verify,
    workbook,
)
from benchmarks.figures import BenchmarkFailed, Figure, Options

BENCHMARKS = {
    module.__name__.rsplit(".", 1)[-1]: module
    for module in (
        startup,
        rules,
        demo,
        single,
        bulk,
        workbook,
        latency,
        delivery,
        feed,
        readers,
        log,
        verify,
        snapshot,
        consumer,
    )
}


def main() -> int:
    """Run what was named, or everything; 0 if all that is asked is met, 1 if not, 2 if something was not measured."""
    asked = _arguments()
    rounds, seconds = (1, 2) if asked.quick else (3, 8)
    options = Options(asked.seconds or seconds, rounds, asked.quick)
    results: dict[str, list[Figure]] = {}
    failed = False
    for name in asked.names or BENCHMARKS:
        # A cluster of its own: what one benchmark leaves for PostgreSQL to tidy up does not disturb the next one.
        with Postgres.start(durable=True) as postgres:
            try:
                results[name] = BENCHMARKS[name].run(postgres, options)
            except BenchmarkFailed as failure:
                sys.stderr.write(f"{name}: {failure}\n")
                failed = True
                continue
        report.show(name, results[name])
    if asked.save and results:
        report.save(results, options)
    if failed:
        return 2
    return 0 if all(figure.met is not False for figures in results.values() for figure in figures) else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser("benchmarks", description="The limit, the conventional way and ours in one run.")
    parser.add_argument("names", nargs="*", metavar="name", help=f"which ones of {', '.join(BENCHMARKS)}; all if none")
    parser.add_argument("--seconds", type=int, help="seconds of one round; 8, or 2 for a quick look")
    parser.add_argument("--quick", action="store_true", help="one short round and small ledgers, to see that it works")
    parser.add_argument("--save", action="store_true", help="append the figures to docs/performance.md")
    asked = parser.parse_args()
    if unknown := set(asked.names) - set(BENCHMARKS):
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}")
    return asked


if __name__ == "__main__":
    sys.exit(main())
