"""`hub simulate hub` as a command: what it prints, keeps, delivers and refuses."""

import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.builders import a_tender_notice
from tests.simulators.rehearsals import a_rehearsal
from tests.simulators.test_server import a_process
from tests.support.warm import run


def test_the_line_that_it_prints_works_and_its_store_keeps_key_and_receipts(tmp_path: Path) -> None:
    store = tmp_path / "store"
    notice = a_tender_notice()
    with a_rehearsal("--store", str(store), "--scenario", "slow-drip", "--seed", "7") as (client, process, said):
        line = said[2].replace("hub example", f"{sys.executable} -c 'from hub.cli import main; main()' example")
        client.dial()
        pasted = subprocess.run(line, shell=True, capture_output=True, text=True, check=True)
        assert pasted.stdout.startswith("HTTP/1.1 201"), pasted.stdout
        receipt, key = client.receipt(notice), client.key
        process.terminate()
        process.wait(timeout=20)

    with a_rehearsal("--store", str(store), "--scenario", "slow-drip") as (client, _, _):
        assert client.http.get("/dial").json()["scenario"] == "slow-drip"
        client.dial()
        assert (client.key, client.receipt(notice)) == (key, receipt)


def test_with_a_target_there_are_receipts_to_read(tmp_path: Path) -> None:
    with (
        a_process(tmp_path / "national.sqlite3") as (national, _),
        a_rehearsal("--national", str(national.base_url)) as (client, _, _),
    ):
        position = client.receipt(a_tender_notice())["position"]
        until = time.monotonic() + 20
        states: dict[int, str] = {}
        while states.get(position) != "delivered" and time.monotonic() < until:
            page = client.http.get("/v1/receipts", params={"wait": 2}).json()
            states = {outcome["position"]: outcome["state"] for outcome in page["outcomes"]}

    assert states == {position: "delivered"}


def test_a_temporary_store_goes_with_its_hub() -> None:
    with a_rehearsal() as (_, process, said):
        (home,) = re.findall(r"store: (\S+)\)", said[0])
        assert Path(home, "hub.sqlite3").exists()
        process.terminate()
        process.wait(timeout=20)

    assert not Path(home).exists()


@pytest.mark.parametrize("options", [["--scenario", "wrong-receipts"], ["--scenario", "none"], ["--store", "other"]])
def test_what_makes_no_sense_is_refused_before_anything_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "hub.sqlite3").touch()

    ended = run("simulate", "hub", *options)

    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
