"""`hub validate`: what a hub would say, said without one."""

import os
from pathlib import Path
from typing import Any

import orjson
import pytest
from typer.testing import CliRunner, Result

import hub.cli  # noqa: F401  # It finds the commands.
from hub.commands.running import app
from hub.wire.envelope import enveloped
from hub.wire.forms import XML, written
from tests.builders import a_tender_notice, a_win_result_notice


def ran(*arguments: str, given: bytes | None = None) -> Result:
    return CliRunner().invoke(app, ["validate", *arguments], input=given)


def lines(*documents: dict[str, Any]) -> bytes:
    return b"".join(orjson.dumps(document) + b"\n" for document in documents)


def test_a_valid_document_is_silent_and_ends_well(tmp_path: Path) -> None:
    file = tmp_path / "notice.json"
    file.write_bytes(orjson.dumps(a_tender_notice(), option=orjson.OPT_INDENT_2))

    result = ran(str(file))

    assert (result.exit_code, result.output) == (0, "1 document(s), 0 of them refused.\n")


def test_every_fault_of_a_line_is_printed_with_its_repair() -> None:
    wrong = a_tender_notice(data_key="wrong", region_code="3501", body__notice_name=" ")

    result = ran("-", given=lines(a_tender_notice(), wrong))

    assert result.exit_code == 1
    first, *faults, left, remaining, count = result.output.splitlines()
    assert first == "line 2  tender_notice  wrong  refused"
    assert [line.split()[:2] for line in faults] == [
        ["/body/notice_name", "[blank]"],
        ["/region_code", "[region-format]"],
    ]
    assert faults[1].endswith('→ "350100"')
    assert remaining.split()[:2] == ["/body/notice_name", "[blank]"]
    assert (left, count) == ("  with all repairs made: 1 remain(s)", "2 document(s), 1 of them refused.")


@pytest.mark.parametrize("command", [["validate", "--repair"], ["push", "--key", "hub_key", "--answers"]])
def test_a_file_that_is_read_is_not_written_over(tmp_path: Path, command: list[str]) -> None:
    file, same = tmp_path / "notice.json", tmp_path / "link.json"
    file.write_bytes(sent := lines(a_tender_notice()))
    same.symlink_to(file)

    result = CliRunner().invoke(app, [*command, str(same), str(file)])

    assert file.read_bytes() == sent
    assert result.exit_code == 2
    assert f"Invalid value for {command[-1]}" in result.output


def test_a_warning_is_printed_and_refuses_nothing() -> None:
    result = ran("-", given=lines(a_win_result_notice(region_code="110103")))

    assert result.exit_code == 0
    assert "[region-superseded]" in result.output


def test_a_pipe_is_read_like_a_file() -> None:
    reading, writing = os.pipe()
    os.write(writing, lines(a_tender_notice()))
    os.close(writing)

    result = ran(f"/dev/fd/{reading}")
    os.close(reading)

    assert result.output == "1 document(s), 0 of them refused.\n"


def test_a_document_that_is_longer_than_a_hub_takes_is_refused() -> None:
    result = ran("-", given=lines(a_tender_notice(body__notice_content="字" * 700_000), a_tender_notice()))

    assert result.exit_code == 1
    assert "The body is larger than is taken here" in result.output
    assert "2 document(s), 1 of them refused." in result.output


def test_a_line_that_is_no_json_is_refused_and_the_next_one_read() -> None:
    result = ran("-", given=b"{not json\n" + lines(a_tender_notice()))

    assert result.exit_code == 1
    assert "line 1  refused" in result.output
    assert result.output.endswith("2 document(s), 1 of them refused.\n")


def test_the_repaired_documents_are_written_and_valid(tmp_path: Path) -> None:
    out = tmp_path / "repaired.ndjson"

    ran("-", "--repair", str(out), given=lines(a_tender_notice(), a_tender_notice(region_code="3501")))

    assert len(out.read_bytes().splitlines()) == 2
    assert ran(str(out)).exit_code == 0


@pytest.mark.parametrize("region", ["3501", "350100"])
def test_envelopes_are_judged_by_their_elements(tmp_path: Path, region: str) -> None:
    file = tmp_path / "notice.xml"
    file.write_bytes(written(enveloped(a_tender_notice(body__tenderer_code=region)), XML))

    result = ran(str(file))

    assert result.exit_code == 1
    assert "/CONTEXT/TENDERER_CODE  [party-code-format]" in result.output


def test_a_workbook_is_refused_with_the_types_that_are_taken(tmp_path: Path) -> None:
    file = tmp_path / "notices.XLSX"
    file.write_bytes(b"PK")

    result = ran(str(file))

    assert result.exit_code == 2
    assert "notices.XLSX is none of .v2.json" in " ".join(result.output.replace("│", "").split())


def test_a_file_that_is_not_there_is_said_plainly() -> None:
    result = ran("nowhere.json")

    assert result.exit_code == 2
    assert "there is no file nowhere.json" in result.output
