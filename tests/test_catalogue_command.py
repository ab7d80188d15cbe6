"""`hub catalogue` and `hub local-rules check`: the catalogue and the local rules without a server."""

from pathlib import Path

import orjson
import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

import hub.cli  # noqa: F401  # It finds the commands.
from hub.commands.running import app
from hub.problems import InvalidLocalRules
from hub.schemas.kind import kinds
from tests.hub import a_hub

RULE = {"id": "fz", "basis": "榕政办〔2026〕1号", "region": "3501", "domain": "tender", "since": "2020-01-01"}


def a_file(folder: Path, **asks: object) -> Path:
    file = folder / "rules.json"
    file.write_bytes(orjson.dumps({"rules": [RULE | asks]}))
    return file


def test_the_catalogue_is_written_as_a_workbook(tmp_path: Path) -> None:
    file = tmp_path / "catalogue.xlsx"

    result = CliRunner().invoke(app, ["catalogue", str(file)])

    assert result.exit_code == 0, result.output
    assert f"{len(kinds())} kinds" in result.output
    assert load_workbook(file, read_only=True).sheetnames[0] == "住房保障"


def test_the_same_catalogue_is_the_same_file(tmp_path: Path) -> None:
    first, second = tmp_path / "first.xlsx", tmp_path / "second.xlsx"

    for file in (first, second):
        CliRunner().invoke(app, ["catalogue", str(file)])

    assert first.read_bytes() == second.read_bytes()


def test_local_rules_that_can_be_applied_are_listed(tmp_path: Path) -> None:
    file = a_file(tmp_path, limits={"D-PUB20": 10})

    result = CliRunner().invoke(app, ["local-rules", "check", str(file)])

    tenders = sum(kind.domain == "tender" for kind in kinds().values())
    assert result.exit_code == 0, result.output
    assert f"{tenders} kind(s)" in result.output
    assert "1 local rule(s) can be applied." in result.output


def test_wrong_local_rules_end_the_command_with_their_faults(tmp_path: Path) -> None:
    file = a_file(tmp_path, limits={"D-PUB20": 30})

    result = CliRunner().invoke(app, ["local-rules", "check", str(file)])

    assert isinstance(result.exception, InvalidLocalRules)
    assert {fault.rule for fault in result.exception.faults} == {"local-rule-longer"}


@pytest.mark.anyio
async def test_a_server_does_not_start_with_wrong_local_rules(sqlite_database_url: str, tmp_path: Path) -> None:
    file = a_file(tmp_path, limits={"D-PUB20": 30})

    with pytest.raises(InvalidLocalRules):
        async with a_hub(sqlite_database_url, local_rules=str(file)):
            pass
