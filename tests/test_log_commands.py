"""The commands about evidence, keys and status, as a person calls them."""

import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from typer.testing import CliRunner

import hub.cli
from hub.commands.running import app
from hub.settings import settings
from tests.builders import a_tender_notice
from tests.served import a_server
from tests.transparency.test_sm2 import key

__all__ = ["hub", "key"]

pytestmark = pytest.mark.anyio


def call(monkeypatch: pytest.MonkeyPatch, *words: str, **environment: str) -> tuple[int, str]:
    """Run a command; its exit code and what it said."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    try:
        with ThreadPoolExecutor(1) as thread:  # A command has a loop of its own.
            result = thread.submit(CliRunner().invoke, app, words).result()
    finally:
        settings.cache_clear()
    return result.exit_code, result.output


async def test_evidence_is_verified_offline_by_the_command(
    sqlite_database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with a_server(sqlite_database_url) as server:
        notice = a_tender_notice()
        path = f"/v1/records/tender_notice/{notice['data_key']}"
        assert (await server.http.put(path, json=notice)).status_code == 201
        raw = (await server.http.get("/v1/versions/1/evidence")).content
        keys = [key["text"] for key in (await server.http.get("/v1/log/keys")).json()["keys"]]
    file = tmp_path / "evidence.json"
    file.write_bytes(raw)

    code, said = call(monkeypatch, "verify", str(file), "--key", keys[0], "--key", keys[1])
    assert (code, "证据成立" in said, "It was stored no later than" in said) == (0, True, True)
    assert "compare them" not in said
    code, said = call(monkeypatch, "verify", str(file), "--key", keys[0])
    assert (code, "no later than" in said, "By when it was stored is not shown" in said) == (0, False, True)
    code, said = call(monkeypatch, "verify", str(file))
    assert (code, "compare them" in said) == (0, True)
    file.write_bytes(raw.replace(b'"position": 1', b'"position": 2'))
    code, said = call(monkeypatch, "verify", str(file))
    assert (code, "证据不成立" in said) == (1, True)


async def test_status_says_loudly_that_the_hub_is_read_only(
    sqlite_database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with a_server(sqlite_database_url) as server:
        notice = a_tender_notice()
        await server.http.put(f"/v1/records/tender_notice/{notice['data_key']}", json=notice)
        await server.http.get("/v1/versions/1/evidence")
    code, said = call(monkeypatch, "status", HUB_DATABASE_URL=sqlite_database_url)
    assert (code, "Position 1." in said, "READ-ONLY" in said, "UNGUARDED" in said) == (0, True, False, False)
    elsewhere = {"HUB_DATABASE_URL": sqlite_database_url, "HUB_CHECKPOINT_DIR": str(tmp_path / "elsewhere")}
    code, said = call(monkeypatch, "status", **elsewhere)
    assert (code, "UNGUARDED" in said, "HUB_CHECKPOINT_DIR" in said) == (0, True, True)
    monkeypatch.delenv("HUB_CHECKPOINT_DIR")
    (kept,) = (Path(sqlite_database_url.split(":///")[1]).parent / "checkpoints").glob("*.checkpoint")
    kept.write_text(kept.read_text().replace("\n1\n", "\n2\n"))

    code, said = call(monkeypatch, "status", HUB_DATABASE_URL=sqlite_database_url)

    assert (code, "READ-ONLY" in said, "只读" in said) == (1, True, True)


def test_a_key_is_rotated_and_the_old_one_put_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_DATA_DIR", str(tmp_path))
    assert call(monkeypatch, "log", "rotate")[0] == 0
    first = (tmp_path / "log.key").read_text()

    code, said = call(monkeypatch, "log", "rotate")

    assert (code, "destroy it" in said) == (0, True)
    assert (tmp_path / "log.key").read_text() != first
    assert [file.read_text() for file in tmp_path.glob("log.key.until-*")] == [first]


def test_an_sm2_key_is_printed_as_the_setting_takes_it(
    key: tuple[object, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    private = key[1].split()[1]
    pem = tmp_path / "public.pem"
    subprocess.run(["openssl", "pkey", "-in", private, "-pubout", "-out", str(pem)], check=True, capture_output=True)

    code, said = call(monkeypatch, "log", "sm2-key", "hub.example/sm2", str(pem))

    assert code == 0
    assert said.strip() == key[0].text()  # type: ignore[attr-defined]
    pem.write_text("nothing")
    assert call(monkeypatch, "log", "sm2-key", "hub.example/sm2", str(pem))[0] == 1
