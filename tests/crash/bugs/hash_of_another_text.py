"""The digest is taken of the document written out anew, by another serialiser than the one whose bytes are stored."""

import json
from hashlib import sha256
from typing import Any

import hub.intake
from tests.crash.bugs.bug import Bug, replace


def _apply() -> None:
    def of_another_text(document: bytes) -> Any:
        return sha256(json.dumps(json.loads(document)).encode())

    replace(hub.intake, "sha256", of_another_text)


BUG = Bug(falls=frozenset({"I1"}), apply=_apply, engine="sqlite", kills=1)
