"""What was measured, as a table for people and as a dated section of the documentation."""

import platform
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from os import cpu_count, sysconf
from pathlib import Path

from rich.console import Console
from rich.table import Table
from tests.support.postgres import find_binaries

from benchmarks.figures import Figure, Options

DOCUMENT = Path(__file__).parents[1] / "docs" / "performance.md"
COLUMNS = ("figure", "unit", "limit", "conventional", "ours", "of limit", "× conventional", "asked", "met")


def show(title: str, figures: Sequence[Figure]) -> None:
    """Print a table."""
    table = Table(*COLUMNS, title=title, title_justify="left")
    for column in table.columns[2:7]:
        column.justify = "right"
    for figure in figures:
        table.add_row(*_cells(figure))
    Console(width=160).print(table)


def save(results: dict[str, list[Figure]], options: Options) -> None:
    """Append a section with today's date and the facts of this machine to docs/performance.md."""
    how = f"{options.rounds} rounds of {options.seconds} s, medians" + (", quick look" if options.quick else "")
    lines = [f"\n## {datetime.now(UTC):%Y-%m-%d}\n", f"{machine()}; {how}.\n"]
    lines += [_line(COLUMNS), _line(["---"] * 2 + ["---:"] * 5 + ["---"] * 2)]
    lines += [_line(_cells(figure)) for figures in results.values() for figure in figures]
    with DOCUMENT.open("a") as document:
        document.write("\n".join(lines) + "\n")


def machine() -> str:
    """What the figures depend on, and nothing that names the machine."""
    memory = sysconf("SC_PAGE_SIZE") * sysconf("SC_PHYS_PAGES") / 2**30
    postgres = subprocess.run([find_binaries() / "postgres", "--version"], capture_output=True, check=True, text=True)
    packages = ", ".join(f"{name} {version(name)}" for name in ("fastapi", "pydantic", "sqlalchemy", "uvicorn"))
    return (
        f"{cpu_count()} cores, {memory:.0f} GB, {platform.system()}, Python {platform.python_version()}, "
        f"PostgreSQL {postgres.stdout.split()[2]} (synchronous_commit=on), {packages}"
    )


def number(value: float | None) -> str:
    """Three significant digits, thousands separated; a dash for None."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _cells(figure: Figure) -> list[str]:
    met = {True: "yes", False: "**no**", None: ""}[figure.met]
    return [
        figure.name,
        figure.unit,
        number(figure.limit),
        number(figure.conventional),
        number(figure.ours),
        number(figure.share),
        number(figure.factor),
        figure.asked,
        met,
    ]


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
