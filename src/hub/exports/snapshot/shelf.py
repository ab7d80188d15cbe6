"""The snapshots that lie in a directory."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from re import fullmatch
from typing import Any

import orjson

from hub.exports.snapshot.make import MANIFEST

NAME = r"[0-9]{1,9}\.[0-9]{12}-(public|government)"


@dataclass(frozen=True, slots=True)
class Shelved:
    """A finished snapshot: its folder and its manifest."""

    path: Path
    manifest: dict[str, Any]

    @property
    def name(self) -> str:
        """The folder's name, `<epoch>.<position>-<view>`."""
        return self.path.name

    @property
    def view(self) -> str:
        """public | government."""
        return str(self.manifest["view"])

    def file(self, name: str) -> Path | None:
        """The path of a file that the manifest names, or of the manifest itself."""
        named = {file["name"] for file in self.manifest["files"]} | {MANIFEST}
        return self.path / name if name in named else None


def shelved(directory: Path) -> list[Shelved]:
    """The finished snapshots in a directory, the newest first."""
    found = [path for path in directory.glob("*") if fullmatch(NAME, path.name) and (path / MANIFEST).is_file()]
    snapshots = [Shelved(path, orjson.loads((path / MANIFEST).read_bytes())) for path in found]
    return sorted(snapshots, key=lambda one: (one.manifest["epoch"], one.manifest["position"]), reverse=True)


def tidy(directory: Path, keep: int) -> None:
    """Remove all but the newest `keep` snapshots of each view."""
    for view in ("public", "government"):
        for old in [one for one in shelved(directory) if one.view == view][keep:]:
            shutil.rmtree(old.path)
