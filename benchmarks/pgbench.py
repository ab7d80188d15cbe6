"""The limit of single pushes: PostgreSQL alone, one row and one durable commit per push."""

import re
import subprocess
from tempfile import NamedTemporaryFile

from tests.support.postgres import find_binaries

from benchmarks import database
from benchmarks.figures import BenchmarkFailed

TABLE = """
CREATE TABLE pushed (position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, document bytea NOT NULL);
ALTER TABLE pushed ALTER COLUMN document SET STORAGE EXTERNAL;
ALTER TABLE pushed SET (toast_tuple_target = 8160);
"""
# The document is stored as the hub stores it, and sent with every transaction as a parameter, as a server would.
SCRIPT = "INSERT INTO pushed (document) VALUES (:document);\n"


def prepare(dsn: str) -> None:
    """Make the table."""
    database.run(dsn, TABLE)


def inserts(dsn: str, document: bytes, *, clients: int, seconds: float) -> float:
    """Transactions per second, each storing `document`."""
    # The text form of bytea: every byte stands for itself, but a backslash is doubled.
    value = document.decode().replace("\\", "\\\\")
    with NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(SCRIPT)
        script.flush()
        command = [str(find_binaries() / "pgbench"), "--no-vacuum", "--protocol=prepared", f"--file={script.name}"]
        command += [f"--client={clients}", "--jobs=2", f"--time={max(1, round(seconds))}", f"--define=document={value}"]
        done = subprocess.run([*command, dsn], capture_output=True, check=False, text=True, timeout=seconds + 60)
    rate = re.search(r"^tps = ([0-9.]+)", done.stdout, re.MULTILINE)
    if done.returncode or rate is None:
        raise BenchmarkFailed(f"pgbench failed: {done.stderr[-2000:]}")
    return float(rate[1])
