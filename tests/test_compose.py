"""compose.yaml: what the processes of several containers must share, they share."""

from pathlib import Path
from typing import Any

import pytest

yaml = pytest.importorskip("yaml")

ROOT = Path(__file__).parents[1]


@pytest.fixture
def services() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    return found


def mounts(service: dict[str, Any]) -> dict[str, str]:
    """The volumes of a service by where they are mounted; read-only ones end in `:ro`."""
    named = (volume.split(":", 1) for volume in service.get("volumes", []))
    return {target.removesuffix(":ro"): name + (":ro" if target.endswith(":ro") else "") for name, target in named}


def test_all_processes_see_one_folder_of_heads_outside_the_database(services: dict[str, Any]) -> None:
    hubs = [services[name] for name in ("migrate", "api", "sync")]
    (folder,) = {service["environment"]["HUB_CHECKPOINT_DIR"] for service in hubs}

    assert [mounts(service)[folder] for service in hubs] == ["checkpoints", "checkpoints:ro", "checkpoints"]
    assert folder in (ROOT / "Dockerfile").read_text(), (
        "a volume belongs to its user only where the image has the folder"
    )


def test_every_worker_has_the_logs_key_and_no_server_has_it(services: dict[str, Any]) -> None:
    folder = str(Path(services["sync"]["environment"]["HUB_LOG_KEY_FILE"]).parent)

    assert mounts(services["sync"])[folder] == "log-key"
    assert folder not in mounts(services["api"])
    assert folder in (ROOT / "Dockerfile").read_text()
