"""The ledger's contract, on both engines: what an append may rely on."""

import asyncio
from itertools import count

import orjson
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from hub.db import Database
from hub.ledger.append import lane_of
from hub.ledger.appender import Appender
from hub.ledger.entry import Entry, Outcome, Receipt
from hub.ledger.feed import feed_page
from hub.ledger.read import head_position, version_at
from hub.problems import (
    Conflict,
    IllegalChange,
    NotFound,
    Overloaded,
    PreconditionFailed,
    StaleVersion,
)
from tests.ledger.entries import PLATFORM, a_receipt, a_withdrawal, an_appender, an_entry, told, versions_of

pytestmark = pytest.mark.anyio


async def _head(database: Database) -> int:
    async with database.reading() as connection:
        return await head_position(connection)


async def test_the_first_version_is_at_position_1_and_tells_everything(appender: Appender) -> None:
    receipt = a_receipt(await appender.append(an_entry("k", 7)))

    told_in_full = orjson.loads(receipt.body)
    assert told_in_full.pop("received_at").endswith("Z")
    assert told_in_full == {
        "position": 1,
        "record": f"{PLATFORM}/tender_notice/k",
        "number": 1,
        "previous": None,
        "state": "published",
        "digest": receipt.digest.hex(),
        "thread": "tender:P",
        "region_code": "350100",
        "data_timestamp": "7",
        "due": None,
        "targets": ["national"],
        "warnings": [],
    }


async def test_a_later_version_names_the_one_before_it(appender: Appender) -> None:
    await appender.append_all([an_entry("a"), an_entry("b")])

    later = orjson.loads(a_receipt(await appender.append(an_entry("a", 2))).body)

    assert (later["position"], later["number"], later["previous"]) == (3, 2, 1)


async def test_positions_are_dense_and_in_commit_order_under_concurrent_appenders(
    database: Database, database_url: str
) -> None:
    other = Database(database_url)
    seen: list[int] = []
    done = asyncio.Event()

    async def follow() -> None:
        while not done.is_set() or len(seen) < 300:
            async with database.reading() as connection:
                page = await feed_page(connection, after=seen[-1] if seen else 0, limit=50)
            seen.extend(orjson.loads(entry)["position"] for entry in page.entries)
            await asyncio.sleep(0)

    async with an_appender(database) as first, an_appender(other) as second:
        reader = asyncio.create_task(follow())

        async def push(appender: Appender, name: str) -> list[int]:
            return [a_receipt(await appender.append(an_entry(f"{name}-{n}"))).position for n in range(30)]

        mine = await asyncio.gather(*(push(a, f"{w}{i}") for w, a in enumerate((first, second)) for i in range(5)))
        done.set()
        await asyncio.wait_for(reader, 20)
    await other.close()

    assert sorted(position for positions in mine for position in positions) == list(range(1, 301))
    assert all(positions == sorted(positions) for positions in mine)
    assert seen == list(range(1, 301))


async def test_two_appenders_on_one_record_make_one_chain_of_rising_timestamps(
    database: Database, database_url: str
) -> None:
    other = Database(database_url)
    async with an_appender(database) as first, an_appender(other) as second:

        async def push(appender: Appender, start: int) -> list[Outcome]:
            return [await appender.append(an_entry(at=at)) for at in range(start, 80, 2)]

        outcomes = [o for some in await asyncio.gather(push(first, 1), push(second, 2)) for o in some]
    await other.close()

    stored = await versions_of(database)
    created = [outcome.position for outcome in outcomes if isinstance(outcome, Receipt)]
    assert all(isinstance(outcome, Receipt | StaleVersion) for outcome in outcomes)
    assert [version.position for version in stored] == sorted(created) == list(range(1, len(created) + 1))
    assert [version.number for version in stored] == list(range(1, len(created) + 1))
    assert [version.previous for version in stored] == [None, *range(1, len(created))]


async def test_of_many_that_match_the_same_version_one_passes(database: Database, database_url: str) -> None:
    other = Database(database_url)
    async with an_appender(database) as first, an_appender(other) as second:
        current = a_receipt(await first.append(an_entry()))
        outcomes = await asyncio.gather(
            *(
                appender.append(an_entry(at=10 * n + m, if_match=current.digest))
                for n in range(1, 9)
                for m, appender in enumerate((first, second))
            )
        )
    await other.close()

    assert sum(isinstance(outcome, Receipt) for outcome in outcomes) == 1
    assert await _head(database) == 2


async def test_a_receipt_is_the_same_bytes_after_later_versions_a_withdrawal_and_a_restart(database: Database) -> None:
    async with an_appender(database) as appender:
        first = a_receipt(await appender.append(an_entry()))
        same_time = a_receipt(await appender.append(an_entry()))
        await appender.append_all([an_entry(at=2), a_withdrawal(at=3)])
        after_withdrawal = a_receipt(await appender.append(an_entry()))
    async with an_appender(database) as appender:
        after_restart = a_receipt(await appender.append(an_entry()))
    (stored, *_) = await versions_of(database)

    assert (first.created, same_time.created) == (True, False)
    assert first.body == same_time.body == after_withdrawal.body == after_restart.body == stored.receipt()


async def test_a_withdrawal_sent_again_gets_its_first_receipt(appender: Appender) -> None:
    await appender.append(an_entry())
    first = a_receipt(await appender.append(a_withdrawal()))

    again = a_receipt(await appender.append(a_withdrawal()))

    assert (first.body, first.created, again.created) == (again.body, True, False)


async def test_other_content_under_the_same_key_and_timestamp_is_a_conflict(
    appender: Appender, database: Database
) -> None:
    first = a_receipt(await appender.append(an_entry(content="x")))

    outcome = await appender.append(an_entry(content="y"))

    assert isinstance(outcome, Conflict)
    assert outcome.members["accepted_digest"] == first.digest.hex()
    assert outcome.members["sent_digest"] == an_entry(content="y").digest.hex()
    assert await _head(database) == 1


async def test_other_content_under_an_earlier_accepted_timestamp_is_a_conflict_too(appender: Appender) -> None:
    await appender.append_all([an_entry(at=1), an_entry(at=2)])

    assert isinstance(await appender.append(an_entry(at=1, content="y")), Conflict)


async def test_an_older_timestamp_is_stale_and_nothing_is_stored(appender: Appender, database: Database) -> None:
    current = a_receipt(await appender.append(an_entry(at=5)))

    outcome = await appender.append(an_entry(at=4))

    assert isinstance(outcome, StaleVersion)
    assert outcome.members == {"current_number": 1, "current_digest": current.digest.hex()}
    assert await _head(database) == 1


async def test_a_matching_if_match_lets_a_version_pass(appender: Appender) -> None:
    first = a_receipt(await appender.append(an_entry()))

    assert told([await appender.append(an_entry(at=2, if_match=first.digest))]) == [2]


async def test_another_if_match_is_refused_with_the_current_digest(appender: Appender, database: Database) -> None:
    first = a_receipt(await appender.append(an_entry()))

    outcome = await appender.append(an_entry(at=2, if_match=b"\0" * 32))

    assert isinstance(outcome, PreconditionFailed)
    assert outcome.members == {"current_digest": first.digest.hex(), "current_number": 1}
    assert await _head(database) == 1


async def test_if_none_match_lets_only_a_first_version_pass(appender: Appender) -> None:
    assert told([await appender.append(an_entry(if_match=b""))]) == [1]
    assert isinstance(await appender.append(an_entry(at=2, if_match=b"")), PreconditionFailed)


async def test_if_match_of_a_record_that_does_not_exist_fails(appender: Appender) -> None:
    assert isinstance(await appender.append(an_entry(if_match=b"\0" * 32)), PreconditionFailed)


async def test_a_repeated_version_gets_its_receipt_whatever_its_if_match_says(appender: Appender) -> None:
    first = a_receipt(await appender.append(an_entry()))
    second = a_receipt(await appender.append(an_entry(at=2, if_match=first.digest)))

    again = a_receipt(await appender.append(an_entry(at=2, if_match=first.digest)))

    assert again.body == second.body


async def test_several_versions_of_one_record_in_one_batch_follow_each_other(
    appender: Appender, database: Database
) -> None:
    outcomes = await appender.append_all([an_entry(at=1), an_entry(at=2), a_withdrawal(at=3), an_entry(at=4)])

    assert told(outcomes) == [1, 2, 3, "IllegalChange"]
    stored = [orjson.loads(version.receipt()) for version in await versions_of(database)]
    assert [(v["number"], v["previous"], v["state"]) for v in stored] == [
        (1, None, "published"),
        (2, 1, "published"),
        (3, 2, "withdrawn"),
    ]


async def test_the_same_entry_twice_in_one_batch_is_stored_once(appender: Appender) -> None:
    first, second = map(a_receipt, await appender.append_all([an_entry(), an_entry()]))

    assert (first.created, second.created, first.body) == (True, False, second.body)


async def test_a_conflict_within_one_batch_leaves_the_first_standing(appender: Appender) -> None:
    assert told(await appender.append_all([an_entry(content="x"), an_entry(content="y"), an_entry("b")])) == [
        1,
        "Conflict",
        2,
    ]


async def test_a_stale_version_within_one_batch_is_refused(appender: Appender) -> None:
    assert told(await appender.append_all([an_entry(at=2), an_entry(at=1)])) == [1, "StaleVersion"]


async def test_what_does_not_exist_cannot_be_withdrawn(appender: Appender) -> None:
    assert isinstance(await appender.append(a_withdrawal("unknown")), NotFound)


async def test_nothing_follows_a_withdrawal(appender: Appender) -> None:
    await appender.append_all([an_entry(), a_withdrawal()])

    outcomes = await appender.append_all([an_entry(at=3), a_withdrawal(at=4)])

    assert told(outcomes) == ["IllegalChange", "IllegalChange"]
    assert isinstance(outcomes[0], IllegalChange)
    assert outcomes[0].members["rule"] == "after-withdrawal"


async def test_a_withdrawal_keeps_the_records_thread_region_and_targets(appender: Appender, database: Database) -> None:
    warned = b',"targets":["national","credit"],"warnings":[{"rule":"r"}]}'
    await appender.append_all([an_entry(terms=warned), a_withdrawal()])

    receipt = orjson.loads((await versions_of(database))[1].receipt())

    assert (receipt["thread"], receipt["region_code"]) == ("tender:P", "350100")
    assert (receipt["targets"], receipt["warnings"]) == (["national", "credit"], [])


async def test_a_second_version_without_a_change_is_refused(appender: Appender) -> None:
    await appender.append(an_entry())

    outcome = await appender.append(an_entry(at=2, explains_change=False))

    assert isinstance(outcome, IllegalChange)
    assert outcome.members["rule"] == "no-change"


async def test_a_version_in_another_thread_is_refused(appender: Appender) -> None:
    await appender.append(an_entry())

    outcome = await appender.append(an_entry(at=2, thread="tender:Q"))

    assert isinstance(outcome, IllegalChange)
    assert (outcome.members["rule"], outcome.members["thread"]) == ("record-thread", "tender:P")


async def test_a_version_that_may_not_follow_is_refused(appender: Appender, database: Database) -> None:
    await appender.append(an_entry())

    assert isinstance(await appender.append(an_entry(at=2, content="forbidden")), IllegalChange)
    assert await _head(database) == 1


async def test_a_version_that_follows_one_of_its_own_batch_is_judged_against_it(database: Database) -> None:
    judged: list[tuple[bytes, bytes]] = []

    def judge(kind: str, previous: bytes, document: bytes) -> None:
        judged.append((previous, document))

    appender = Appender(database, judge, lambda _: None)
    entries = [an_entry(at=1), an_entry(at=2), an_entry(at=3)]
    await appender.append_all(entries)
    await appender.close()

    assert judged == [(entries[0].document, entries[1].document), (entries[1].document, entries[2].document)]


async def test_records_of_other_platforms_and_kinds_are_other_records(appender: Appender) -> None:
    outcomes = await appender.append_all(
        [an_entry(), an_entry(platform="9" * 18), an_entry(kind="tender_contract"), an_entry()]
    )

    assert told(outcomes) == [1, 2, 3, 1]


async def test_a_version_is_stored_in_the_lane_of_its_thread(appender: Appender, database: Database) -> None:
    await appender.append_all([an_entry(key, thread=f"tender:{key}") for key in "abcdefgh"])

    async with database.reading() as connection:
        rows = (await connection.execute(text("SELECT thread, lane FROM version"))).all()

    assert len({lane for _, lane in rows}) > 1
    assert all(lane == lane_of(thread) for thread, lane in rows)


@pytest.mark.parametrize("statement", ["UPDATE version SET region = '350200'", "DELETE FROM version"])
async def test_the_database_itself_refuses_to_change_a_version(
    appender: Appender, database: Database, statement: str
) -> None:
    await appender.append(an_entry())

    with pytest.raises(DBAPIError, match="never changed or deleted"):
        async with database.transaction() as connection:
            await connection.execute(text(statement))

    assert len(await versions_of(database)) == 1


async def test_a_version_is_read_back_byte_for_byte(appender: Appender, database: Database) -> None:
    entry = an_entry(content="章之遥 😀 \u2028")
    await appender.append(entry)

    async with database.reading() as connection:
        stored = await version_at(connection, 1)

    assert stored is not None
    assert (stored.document, stored.digest, stored.public) == (entry.document, entry.digest, entry.public)


async def test_a_cancelled_request_neither_loses_nor_repeats_its_version(
    appender: Appender, database: Database
) -> None:
    request = asyncio.create_task(appender.append(an_entry()))
    await asyncio.sleep(0)
    request.cancel()
    with pytest.raises(asyncio.CancelledError):
        await request

    again = a_receipt(await appender.append(an_entry()))
    other = a_receipt(await appender.append(an_entry("b")))

    assert (again.position, again.created, other.position) == (1, False, 2)
    assert await _head(database) == 2


async def test_closing_appends_what_was_handed_in(database: Database) -> None:
    async with an_appender(database) as appender:
        requests = [asyncio.create_task(appender.append(an_entry(str(n)))) for n in range(500)]
        bulk = asyncio.create_task(appender.append_all([an_entry(f"bulk {n}") for n in range(500)]))
        await asyncio.sleep(0)

    outcomes = [*await asyncio.gather(*requests), *await bulk]
    assert sorted(a_receipt(outcome).position for outcome in outcomes) == list(range(1, 1001))
    assert await _head(database) == 1000


async def test_a_closing_appender_takes_nothing_more(database: Database) -> None:
    async with an_appender(database) as appender:
        pass

    with pytest.raises(Overloaded):
        await appender.append(an_entry())


async def test_the_bell_is_rung_after_the_commit_and_only_for_new_versions(database: Database) -> None:
    heard: list[int] = []
    async with an_appender(database, heard) as appender:
        await appender.append_all([an_entry("a"), an_entry("b")])
        await appender.append_all([an_entry("a"), an_entry("a", 1, "y")])

    assert heard == [2]


async def test_bulk_and_single_entries_both_get_on(appender: Appender) -> None:
    numbers = count()

    def some(n: int) -> list[Entry]:
        return [an_entry(f"bulk {next(numbers)}") for _ in range(n)]

    bulk = [asyncio.create_task(appender.append_all(some(120))) for _ in range(5)]
    single = [asyncio.create_task(appender.append(an_entry(f"single {n}"))) for n in range(300)]

    positions = [a_receipt(outcome).position for outcome in await asyncio.gather(*single)]
    batches = [[a_receipt(outcome).position for outcome in outcomes] for outcomes in await asyncio.gather(*bulk)]

    assert all(batch == list(range(batch[0], batch[0] + 120)) for batch in batches), "a group stays together"
    assert sorted(positions + [p for batch in batches for p in batch]) == list(range(1, 901))


async def test_a_database_that_stays_away_is_told_to_the_sender(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.ledger.appender.RETRY_FOR", 0.0)

    def broken(kind: str, previous: bytes, document: bytes) -> None:
        raise ConnectionError("away")

    appender = Appender(database, broken, lambda _: None)
    await appender.append(an_entry())

    with pytest.raises(Overloaded):
        await appender.append(an_entry(at=2))

    assert told([await appender.append(an_entry("b"))]) == [2]
    await appender.close()


async def test_an_appender_goes_on_when_its_connections_are_killed(postgresql_url: str) -> None:
    database = Database(postgresql_url)
    async with an_appender(database) as appender:
        await appender.append(an_entry("a"))
        await _kill_the_others(database)

        assert told([await appender.append(an_entry("b")), await appender.append(an_entry("a"))]) == [2, 1]
    await database.close()


async def test_an_append_whose_connection_is_killed_in_its_transaction_is_applied_once(postgresql_url: str) -> None:
    database, other = Database(postgresql_url), Database(postgresql_url)
    async with an_appender(database) as appender, other.writer.connect() as holder:
        await holder.execute(text("LOCK TABLE version IN EXCLUSIVE MODE"))
        request = asyncio.create_task(appender.append(an_entry()))
        for _ in range(200):
            if await _kill_the_others(other, waiting=True):
                break
            await asyncio.sleep(0.02)
        else:
            pytest.fail("the appender never waited for the table")
        await holder.rollback()

        assert told([await request]) == [1]
    assert await _head(other) == 1
    await other.close()
    await database.close()


async def _kill_the_others(database: Database, *, waiting: bool = False) -> int:
    """Kill all other sessions of the database, or those that wait for a lock; says how many."""
    condition = "AND wait_event_type = 'Lock'" if waiting else ""
    statement = text(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database()"
        f" AND backend_type = 'client backend' AND pid <> pg_backend_pid() {condition}"
    )
    async with database.reading() as connection:
        return int((await connection.execute(statement)).scalar_one())
