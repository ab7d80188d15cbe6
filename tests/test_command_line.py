"""What holds for every command: what it makes, and how it ends where something is not as it should be."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.cli import main
from hub.settings import settings
from tests.builders import a_uscc
from tests.support.processes import a_free_port


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
        with pytest.raises(SystemExit) as ended:
            main()
        told = "".join(self._capfd.readouterr())
        return int(ended.value.code or 0), " ".join(told.replace("│", " ").split())


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


def test_the_database_is_in_the_folder_that_is_named_whatever_its_name(call: Called) -> None:
    folder = "福州 #1%41?mode=ro&x%"

    assert call("platform", "add", a_uscc(1), "--name", "某平台", HUB_DATA_DIR=folder)[0] == 0

    assert call("platform", "list")[0] == 0
    assert (call.folder / folder / "hub.sqlite3").exists()
    assert [file.name for file in call.folder.iterdir()] == [folder]


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


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("verify nofile", "nofile: No such file or directory"),
        ("calendar load nofile", "nofile: No such file or directory"),
        ("catalogue file/x.xlsx", "file/x.xlsx: Not a directory"),
        ("openapi file/x", "file/x: Not a directory"),
        ("template tender_notice file/x.xlsx", "file/x.xlsx"),
        ("validate notice.json --repair file/x", "file/x: Not a directory"),
        ("snapshot file", "Not a directory"),
        ("consume http://127.0.0.1:1 --to file", "file: File exists"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_in_a_sentence(call: Called, words: str, named: str) -> None:
    (call.folder / "file").write_bytes(b"")
    (call.folder / "notice.json").write_bytes(b"{}")
    if words.startswith("snapshot"):
        call("platform", "add", a_uscc(1), "--name", "某平台")

    code, said = call(*words.split())

    assert code == 2
    assert named in said


@pytest.mark.parametrize("command", ["status", "migrate"])
def test_a_database_that_is_down_is_named_without_its_password(call: Called, command: str) -> None:
    code, said = call(command, HUB_DATABASE_URL=f"postgresql://hub:secret@127.0.0.1:{a_free_port()}/trade")

    assert code == 2
    assert "The database postgresql://hub:***@127.0.0.1:" in said
    assert "secret" not in said


@pytest.mark.parametrize("command", ["fsck", "migrate"])
def test_a_file_that_is_no_database_is_named_in_a_sentence(call: Called, command: str) -> None:
    (call.folder / "hub.sqlite3").write_bytes(b"no database" * 100)

    code, said = call(command, HUB_DATA_DIR=".")

    assert (code, said) == (2, "The database hub.sqlite3 cannot be used: file is not a database")


@pytest.mark.parametrize(
    ("setting", "said_of_it"),
    [
        ("role=pg_monitor", "permission denied for table alembic_version"),
        ("default_transaction_read_only=on", "cannot execute INSERT in a read-only transaction"),
    ],
)
def test_what_a_database_does_not_allow_is_said_in_a_sentence(
    call: Called, postgresql_url: str, setting: str, said_of_it: str
) -> None:
    plain = postgresql_url.replace("+asyncpg", "")
    words = ("platform", "add", a_uscc(1), "--name", "某平台")

    code, said = call(*words, HUB_DATABASE_URL=f"{plain}?{setting}&password=hunter2")

    assert (code, said) == (2, f"The database {plain}?{setting} cannot be used: {said_of_it}")


def test_a_database_that_a_server_does_not_have_is_said_in_a_sentence(call: Called, postgresql_url: str) -> None:
    code, said = call("status", HUB_DATABASE_URL=f"{postgresql_url}_2")

    assert (code, said.startswith("The database "), said.endswith('_2" does not exist')) == (2, True, True), said


@pytest.mark.parametrize(
    ("option", "said_of"),
    [
        ("--speed -1", "--speed: Input"),
        ("--clock 2026-11-20T21:00", "--clock: "),
        ("--scenario x", "--scenario: there is"),
    ],
)
def test_what_a_simulator_cannot_be_is_said_of_the_option(call: Called, option: str, said_of: str) -> None:
    code, said = call("simulate", "national", *option.split())

    assert code == 1
    assert said_of in said


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("platform add 123 --name x", "A USCC has 18 characters"),
        ("validate - --platform zz", "A USCC has 18 characters"),
        ("consume http://127.0.0.1:1 --to mysql://me@db/trade", "is neither postgresql://… nor a directory"),
        ("template tender_notice form.xls", "form.xls would not be pushed: name it .xlsx."),
        ("template win_result_notice@2.1 x.xlsx --example", "There is an example of win_result_notice@2.0 only."),
        ("schema diff win_result_notice@2.0 tender_notice@2.0", "win_result_notice and tender_notice are two kinds"),
        ("demo --database-url mysql://x", "It reads `postgresql://user@host/name`"),
        ("demo --port 65536", "should be less than or equal to 65535"),
        ("serve --port 65536", "should be less than or equal to 65535"),
        ("simulate national --port 65536", "should be less than or equal to 65535"),
        ("serve --log-level foo", "'foo' is not one of 'debug', 'info'"),
        ("deliveries --target natoinal", "There is no target 'natoinal'; did you mean national?"),
    ],
)
def test_a_parameter_that_cannot_be_is_refused(call: Called, words: str, named: str) -> None:
    code, said = call(*words.split())

    assert code == 2
    assert named in said


@pytest.mark.parametrize(
    "words", ["example tender_notise", "template tender_notise", "replay national --reason x --kind tender_notise"]
)
def test_a_kind_that_there_is_not_is_told_with_the_nearest(call: Called, words: str) -> None:
    code, said = call(*words.split())

    assert code == 1
    assert "There is no kind 'tender_notise'; did you mean tender_notice?" in said


def test_a_platform_that_there_is_not_is_told_with_the_nearest(call: Called) -> None:
    right, wrong = a_uscc(1), f"{a_uscc(1)[:17]}_"
    call("platform", "add", right, "--name", "某平台")

    for words in ("replay national --reason x", "schema replay --to 2.1"):
        code, said = call(*words.split(), "--platform", wrong)

        assert code == 1
        assert f"There is no platform {wrong}; did you mean {right}?" in said
