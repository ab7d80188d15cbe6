"""What the law adds to the ledger, on both engines: due dates, views that open later, and the duplicate guard."""

import asyncio
from typing import Any

import orjson
import pytest

from hub.db import Database
from hub.ledger.appender import Appender
from hub.ledger.due import NewDue, count_provisional, provisional_ones, set_due
from hub.ledger.entry import Entry, Receipt
from hub.ledger.feed import feed_page
from hub.ledger.read import Filter, Stored, find_record, late_records, version_at
from hub.ledger.tables import Record
from hub.moments import now
from tests.ledger.entries import PLATFORM, a_receipt, a_withdrawal, an_appender, an_entry, versions_of

pytestmark = pytest.mark.anyio

DUE = {"on": "2026-12-21", "days_late": 3, "clock": "D-PUB20", "basis": "条例", "provisional": False}
HOUR = 3_600_000_000


def a_late_one(key: str = "a", at: int = 1, **changes: Any) -> Entry:
    """An entry that is three days late."""
    given: dict[str, Any] = {"due": orjson.dumps(DUE), "due_on": "2026-12-21", "days_late": 3}
    return an_entry(key, at, **(given | changes))


def a_copy(key: str, at: int = 1, content: int = 42, **changes: Any) -> Entry:
    """An entry that says the same as every other copy."""
    entry = an_entry(key, at, twin=twin, **changes)
    entry.content = content
    return entry


def twin(data_key: str) -> bytes:
    """The warning in these tests."""
    return orjson.dumps({"rule": "same-content", "of": data_key})


async def head_of(database: Database, key: str = "a") -> Record:
    """The head of a record, which must exist."""
    async with database.reading() as connection:
        record = await find_record(connection, PLATFORM, "tender_notice", key)
    assert record is not None
    return record


async def stored_at(database: Database, position: int) -> Stored:
    """The version at a position, which must exist."""
    async with database.reading() as connection:
        found = await version_at(connection, position)
    assert found is not None
    return found


async def twins_told(appender: Appender, *entries: Entry) -> list[list[str]]:
    """The records that each receipt's warnings name."""
    receipts = [orjson.loads(a_receipt(outcome).body) for outcome in await appender.append_all(entries)]
    return [[warning["of"] for warning in receipt["warnings"]] for receipt in receipts]


async def late_keys(database: Database, **options: Any) -> list[str]:
    """The data keys of the records that are late, as they are listed."""
    async with database.reading() as connection:
        found, _ = await late_records(connection, **({"after": None, "limit": 100} | options))
    return [orjson.loads(version.entry(government=True))["record"].rsplit("/", 1)[1] for version, _ in found]


async def test_receipt_record_and_feed_carry_the_due_date(appender: Appender, database: Database) -> None:
    receipt = a_receipt(await appender.append(a_late_one()))

    async with database.reading() as connection:
        (entry,) = (await feed_page(connection, after=0, limit=1)).entries
    stored = await stored_at(database, 1)
    shown = [orjson.loads(body)["due"] for body in (receipt.body, entry, stored.entry(government=False))]
    assert shown == [DUE, DUE, DUE]


async def test_the_head_has_the_due_date_of_the_current_version(appender: Appender, database: Database) -> None:
    await appender.append(a_late_one(at=1))
    first = await head_of(database)
    await appender.append(a_late_one(at=2, due_on="2027-01-05", days_late=0, provisional=True))
    second = await head_of(database)

    assert (first.due_on, first.days_late, first.provisional) == ("2026-12-21", 3, False)
    assert (second.due_on, second.days_late, second.provisional) == ("2027-01-05", 0, True)


async def test_a_withdrawal_has_no_due_date(appender: Appender, database: Database) -> None:
    await appender.append_all([a_late_one(provisional=True), a_withdrawal()])

    head = await head_of(database)
    assert (head.due_on, head.days_late, head.provisional, head.content) == (None, 0, False, None)
    assert orjson.loads((await versions_of(database))[1].receipt())["due"] is None


async def test_late_records_are_listed_newest_first_and_page_by_page(appender: Appender, database: Database) -> None:
    await appender.append_all([a_late_one("a"), an_entry("b"), a_late_one("c"), a_late_one("d")])
    await appender.append_all([a_late_one("a", 2), an_entry("c", 2)])

    assert await late_keys(database) == ["d", "a"]
    assert await late_keys(database, limit=1) == ["d"]
    assert await late_keys(database, after=4) == ["a"]


async def test_late_records_can_be_narrowed(appender: Appender, database: Database) -> None:
    await appender.append_all(
        [a_late_one("a"), a_late_one("b", kind="tender_contract"), a_late_one("c", region="110000")]
    )

    assert await late_keys(database, wanted=Filter(kinds=("tender_contract",))) == ["b"]
    assert await late_keys(database, wanted=Filter(region="11")) == ["c"]
    assert await late_keys(database, wanted=Filter(platform="9" * 18)) == []


async def test_a_due_date_that_was_worked_out_anew_stands_beside_the_headers(
    appender: Appender, database: Database
) -> None:
    await appender.append_all([a_late_one("a", provisional=True), a_late_one("b")])
    async with database.transaction() as connection:
        (found,) = await provisional_ones(connection, after=0, limit=10)
        await set_due(connection, [NewDue(found.id, found.position, "2026-12-22", 2, False, b'{"on":"2026-12-22"}')])

    head = await head_of(database)
    entry = orjson.loads((await stored_at(database, 1)).entry(government=True, due_now=head.due_now))
    assert (head.due_on, head.days_late, head.provisional) == ("2026-12-22", 2, False)
    assert (entry["due"]["on"], entry["due_now"]["on"]) == ("2026-12-21", "2026-12-22")
    async with database.reading() as connection:
        assert await count_provisional(connection) == 0


async def test_a_due_date_for_a_version_that_was_followed_meanwhile_is_not_set(
    appender: Appender, database: Database
) -> None:
    await appender.append(a_late_one(provisional=True))
    async with database.reading() as connection:
        (found,) = await provisional_ones(connection, after=0, limit=10)
    await appender.append(a_late_one(at=2, due_on="2027-03-01", days_late=0))

    async with database.transaction() as connection:
        await set_due(connection, [NewDue(found.id, found.position, "2026-12-22", 2, False, b"{}")])

    head = await head_of(database)
    assert (head.due_on, head.due_now) == ("2027-03-01", None)


async def test_a_following_version_forgets_what_was_worked_out_for_the_one_before(
    appender: Appender, database: Database
) -> None:
    await appender.append(a_late_one(provisional=True))
    async with database.transaction() as connection:
        await set_due(connection, [NewDue(1, 1, "2026-12-22", 2, False, b"{}")])

    await appender.append(a_late_one(at=2))

    assert (await head_of(database)).due_now is None


async def test_a_sealed_view_is_shown_until_its_opening_and_the_opened_one_from_then_on(
    appender: Appender, database: Database
) -> None:
    sealed: dict[str, Any] = {"public": b'"document":{"bidders":0}', "opened": b'"document":{"bidders":3}'}
    await appender.append_all(
        [an_entry("past", opens_at=now() - HOUR, **sealed), an_entry("future", opens_at=now() + HOUR, **sealed)]
    )

    past, future = [await stored_at(database, position) for position in (1, 2)]

    assert orjson.loads(past.entry(government=False))["document"] == {"bidders": 3}
    assert orjson.loads(future.entry(government=False))["document"] == {"bidders": 0}
    assert orjson.loads(future.entry(government=True))["document"]["data_key"] == "future"


async def test_an_opening_that_a_later_version_puts_off_seals_the_earlier_one_too(
    appender: Appender, database: Database
) -> None:
    sealed: dict[str, Any] = {"public": b'"document":{"bidders":0}', "opened": b'"document":{"bidders":3}'}
    await appender.append(an_entry(at=1, opens_at=now() - HOUR, **sealed))
    await appender.append(an_entry(at=2, opens_at=now() + HOUR, **sealed))

    first = await stored_at(database, 1)

    assert orjson.loads(first.entry(government=False))["document"] == {"bidders": 0}


async def test_the_feed_shows_for_ever_what_was_appended(appender: Appender, database: Database) -> None:
    await appender.append(
        an_entry(public=b'"document":{"bidders":0}', opened=b'"document":{"bidders":3}', opens_at=now() - HOUR)
    )

    async with database.reading() as connection:
        pages = [await feed_page(connection, after=0, limit=1, wanted=w) for w in (Filter(), Filter(platform=PLATFORM))]

    assert [orjson.loads(page.entries[0])["document"] for page in pages] == [{"bidders": 0}, {"bidders": 0}]


async def test_the_same_content_under_another_key_is_let_in_with_a_warning(appender: Appender) -> None:
    assert await twins_told(appender, a_copy("a")) == [[]]
    assert await twins_told(appender, a_copy("b")) == [["a"]]


async def test_the_same_content_twice_in_one_batch_is_seen_too(appender: Appender) -> None:
    assert await twins_told(appender, a_copy("a"), a_copy("b"), a_copy("c", content=-7)) == [[], ["a"], []]


async def test_of_two_in_a_batch_each_is_told_of_the_other_if_that_was_there_before(appender: Appender) -> None:
    await appender.append(a_copy("b"))

    assert await twins_told(appender, a_copy("a"), a_copy("b", 2)) == [["b"], ["a"]]


async def test_a_record_is_not_its_own_duplicate(appender: Appender) -> None:
    assert await twins_told(appender, a_copy("a", 1), a_copy("a", 2)) == [[], []]
    assert await twins_told(appender, a_copy("a", 3)) == [[]]


async def test_only_the_current_versions_count_as_duplicates(appender: Appender) -> None:
    await appender.append_all([a_copy("a"), a_copy("a", 2, content=43), a_copy("b", content=44), a_withdrawal("b")])

    assert await twins_told(appender, a_copy("c"), a_copy("d", content=44)) == [[], []]


async def test_the_warning_stands_behind_the_others_and_in_the_receipt_for_ever(
    appender: Appender, database: Database
) -> None:
    await appender.append(a_copy("a"))
    warned = b',"targets":[],"warnings":[{"rule":"r","of":"x"}]}'
    first = a_receipt(await appender.append(a_copy("b", terms=warned)))
    await appender.append_all([a_withdrawal("a")])

    again = a_receipt(await appender.append(a_copy("b", terms=warned)))

    assert [warning["of"] for warning in orjson.loads(first.body)["warnings"]] == ["x", "a"]
    assert again.body == first.body == (await versions_of(database, "b"))[0].receipt()


async def test_a_batch_that_is_decided_anew_is_warned_once(database: Database, database_url: str) -> None:
    other = Database(database_url)
    async with an_appender(database) as first, an_appender(other) as second:
        await first.append(a_copy("other"))

        async def push(appender: Appender, start: int) -> list[list[str]]:
            outcomes = [await appender.append(a_copy("a", at)) for at in range(start, 80, 2)]
            receipts = [orjson.loads(outcome.body) for outcome in outcomes if isinstance(outcome, Receipt)]
            return [[warning["of"] for warning in receipt["warnings"]] for receipt in receipts]

        told = await asyncio.gather(push(first, 1), push(second, 2))
    await other.close()

    assert all(of == ["other"] for some in told for of in some)
