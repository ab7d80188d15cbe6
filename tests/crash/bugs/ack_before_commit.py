"""The answer leaves before the commit: what is acknowledged is still in a transaction that may never end."""

import asyncio
from collections.abc import Collection, Mapping, Sequence

from hub.db import driver_of
from hub.ledger.store import Head, Key, PostgresqlStore, Row, Said, Wanted
from tests.crash.bugs.bug import Bug, replace

COMMITS_AFTER = 0.02
"""Seconds in which one might hope to gather more for the same commit."""

_commits: dict[int, "asyncio.Task[None]"] = {}


def _apply() -> None:
    known, insert = PostgresqlStore.known, PostgresqlStore.insert

    async def known_after_the_commit(
        self: PostgresqlStore, wanted: Collection[Wanted]
    ) -> tuple[dict[Key, Head], dict[Said, str]]:
        commit = _commits.pop(id(await driver_of(self._connection)), None)
        if commit is not None:
            await commit
        return await known(self, wanted)

    async def acknowledged_first(self: PostgresqlStore, rows: Sequence[Row], changed: Mapping[Key, Head]) -> int | None:
        driver = await driver_of(self._connection)
        await driver.execute("BEGIN")
        base = await insert(self, rows, changed)

        async def commit() -> None:
            await asyncio.sleep(COMMITS_AFTER)
            await driver.execute("COMMIT")

        _commits[id(driver)] = asyncio.create_task(commit())
        return base

    replace(PostgresqlStore, "known", known_after_the_commit)
    replace(PostgresqlStore, "insert", acknowledged_first)


BUG = Bug(falls=frozenset({"I1"}), apply=_apply, kills=10)
