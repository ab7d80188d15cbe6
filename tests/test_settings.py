"""Settings that cannot be: a plain sentence names each of them, and nothing of what it says is told."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.cli import main
from hub.problems import InvalidSettings
from hub.settings import Settings, settings

WRONG = [
    ("HUB_DATABASE_URL", "foo"),
    ("HUB_DATABASE_URL", "mysql://hub:hunter2@host/name"),
    ("HUB_DATABASE_URL", "postgresql://hub:hunter2@host:port/name"),
    ("HUB_TARGET_URLS", '{"hunter2"'),
    ("HUB_TARGET_LIMITS", '{"national": {"requests": "hunter2"}}'),
    ("HUB_CLOCK_SKEW_SECONDS", "inf"),
    ("HUB_CLOCK_SKEW_SECONDS", "nan"),
    ("HUB_LEASE_SECONDS", "hunter2"),
    ("HUB_DATA_DIR", "/proc/nope"),
]


@pytest.fixture(autouse=True)
def anew(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """The settings are read again, and name a folder of the test's."""
    monkeypatch.setenv("HUB_DATA_DIR", str(tmp_path))
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_setting_that_cannot_be_ends_the_command_with_a_sentence_that_names_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "argv", ["hub", "migrate"])

    with pytest.raises(SystemExit) as ended:
        main()

    said = capsys.readouterr().err.splitlines()
    assert ended.value.code == 1
    assert said[0] == "A setting is not what it should be 设置有误"
    assert len(said) == 2
    assert said[1].startswith(name)
    assert "hunter2" not in said[1]


def test_a_server_that_could_not_sign_with_its_key_does_not_start(tmp_path: Path) -> None:
    environment = os.environ | {"HUB_DATA_DIR": str(tmp_path), "HUB_LOG_SM2_KEY": "hunter2"}
    serve = [sys.executable, "-c", "from hub.cli import main; main()", "serve", "--port", "0"]

    ended = subprocess.run(serve, env=environment, capture_output=True, text=True, timeout=30)

    said = ended.stderr.splitlines()
    assert (ended.returncode, len(said), said[1].startswith("HUB_LOG_SM2_KEY")) == (1, 2, True)


def test_of_several_settings_that_cannot_be_each_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_LEASE_SECONDS", "0")
    monkeypatch.setenv("HUB_SNAPSHOT_AT", "25:00")

    with pytest.raises(InvalidSettings) as refused:
        settings()

    assert [line.split(":")[0] for line in refused.value.detail.splitlines()] == [
        "HUB_LEASE_SECONDS",
        "HUB_SNAPSHOT_AT",
    ]


def test_an_empty_snapshot_folder_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_SNAPSHOT_DIR", "")

    assert settings().snapshot_dir is None


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("postgres://hub@host/name", "postgresql+asyncpg://hub@host/name"),
        ("postgresql:///name?host=/run", "postgresql+asyncpg:///name?host=/run"),
        ("postgresql+asyncpg://hub@host/name", "postgresql+asyncpg://hub@host/name"),
        ("sqlite:////srv/hub.sqlite3", "sqlite+aiosqlite:////srv/hub.sqlite3"),
    ],
)
def test_a_database_is_reached_by_the_driver_that_the_hub_brings_along(given: str, used: str) -> None:
    assert Settings(database_url=given).url() == used
