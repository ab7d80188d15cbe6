"""The queues that delivery is compared with."""

from pathlib import Path

import pytest
from benchmarks.figures import BenchmarkFailed

import benchmarks
from benchmarks import queues


def test_every_queue_has_its_script() -> None:
    scripts = {path.stem for path in (Path(benchmarks.__file__).parent / "peer_scripts").glob("*.py")}

    assert scripts - {"__init__", "posting"} == set(queues.NAMES)


def test_peers_that_are_not_installed_are_asked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(queues, "PYTHON", tmp_path / "python")

    with pytest.raises(BenchmarkFailed, match="make bench"):
        queues.program("kinto")
