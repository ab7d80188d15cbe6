"""What holds for every command: what it makes, and how it ends where something is not as it should be."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hub.cli import main
from hub.settings import settings
from tests.builders import a_uscc


class Called:
    """Calls commands as a person does, in a folder of their own; the exit code and all that was said."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._monkeypatch = monkeypatch
        self._capfd = capfd

    def __call__(self, *words: str, **environment: str) -> tuple[int, str]:
        for name, value in environment.items():
            self._monkeypatch.setenv(name, value)
        self._monkeypatch.setattr(sys, "argv", ["hub", *words])
        settings.cache_clear()
        with ThreadPoolExecutor(1) as thread:  # A command has a loop of its own.
            ended = thread.submit(main).exception()
        assert isinstance(ended, SystemExit), repr(ended)
        told = "".join(self._capfd.readouterr())
        return int(ended.code or 0), " ".join(told.replace("│", " ").split())


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Iterator[Called]:
    monkeypatch.chdir(tmp_path)
    for name in ("HUB_DATABASE_URL", "HUB_DATA_DIR", "HUB_URL", "HUB_KEY"):
        monkeypatch.delenv(name, raising=False)
    yield Called(tmp_path, monkeypatch, capfd)
    settings.cache_clear()


@pytest.mark.parametrize("words", ["fsck", "status", "consumers", "platform list", "log keys", "snapshot out"])
def test_a_command_that_looks_at_a_database_makes_none(call: Called, words: str) -> None:
    code, said = call(*words.split())

    assert code == 2
    assert "There is no database at hub-data/hub.sqlite3; set HUB_DATA_DIR or HUB_DATABASE_URL." in said
    assert not list(call.folder.iterdir())


def test_registering_a_platform_makes_the_database_that_others_look_at(call: Called) -> None:
    assert call("platform", "add", a_uscc(1), "--name", "某平台")[0] == 0

    assert call("platform", "list")[0] == 0
    assert call("status", HUB_DATABASE_URL="sqlite:///hub-data/hub.sqlite3")[0] == 0
    assert call("status", HUB_DATABASE_URL="sqlite:///elsewhere.sqlite3")[0] == 2


@pytest.mark.parametrize("command", ["consume URL --to kept", "push lines.ndjson --key k --url URL"])
@pytest.mark.parametrize("url", ["127.0.0.1:18000", "localhost:8000", "ftp://a.example", "http://", "http://[", ""])
def test_an_address_that_no_hub_has_is_refused_at_once(call: Called, command: str, url: str) -> None:
    code, said = call(*(url if word == "URL" else word for word in command.split()))

    assert code == 2
    assert "is no address: http://… or https://…" in said


def test_a_push_without_a_key_says_what_to_give(call: Called) -> None:
    (call.folder / "lines.ndjson").write_bytes(b"{}")

    code, said = call("push", "lines.ndjson", "--url", "http://127.0.0.1:1")

    assert code == 2
    assert "--key 或 HUB_KEY" in said


def test_a_cursor_that_is_none_is_refused(call: Called) -> None:
    code, said = call("consume", "http://127.0.0.1:1", "--to", "kept", "--after", "abc")

    assert code == 2
    assert "'abc' is no cursor" in said


def test_a_template_overwrites_a_workbook_only_by_force(call: Called) -> None:
    file = call.folder / "tender_notice.xlsx"
    file.write_bytes(b"filled in")

    code, said = call("template", "tender_notice")

    assert (code, file.read_bytes()) == (2, b"filled in")
    assert "tender_notice.xlsx is there already; --force overwrites it." in said
    assert call("template", "tender_notice", "--force")[0] == 0
    assert file.read_bytes() != b"filled in"
