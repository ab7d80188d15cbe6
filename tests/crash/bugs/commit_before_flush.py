"""`synchronous_commit = off`: PostgreSQL says that it has committed before anything is on disk."""

from typing import Any

from sqlalchemy.ext.asyncio import create_async_engine

import hub.db
from tests.crash.bugs.bug import Bug, replace


def _apply() -> None:
    def careless(*given: Any, **options: Any) -> Any:
        arguments = options.get("connect_args", {})
        if settings := arguments.get("server_settings"):
            settings["synchronous_commit"] = "off"
        return create_async_engine(*given, **options)

    replace(hub.db, "create_async_engine", careless)


BUG = Bug(falls=frozenset({"I1"}), apply=_apply, database_kills=5)
