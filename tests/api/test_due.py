"""Due dates as senders and readers meet them: in receipts, records, the feed and the list of what was late."""

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from hub.db import Database
from hub.fsck import check
from hub.law.calendars import Calendars, calendar_in, load
from hub.law.local_rules import LocalRules
from hub.ledger.feed import feed_page
from hub.problems import InvalidParameter, InvalidSubmission, MalformedDocument
from hub.recount import recount
from hub.schemas.examples import example
from hub.schemas.workdays import Calendar, use
from tests.builders import a_later_version, a_submission, a_tender_contract
from tests.hub import A, B, Caller, Hub, a_hub

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def _shipped_calendars() -> Iterator[None]:
    use(())
    yield
    use(())


@pytest.fixture
async def either_hub(anyio_backend: str, database_url: str) -> AsyncIterator[Hub]:
    """A hub on each engine."""
    async with a_hub(database_url) as running:
        yield running


def a_contract(signed: str, published: str, **changes: Any) -> dict[str, Any]:
    """合同订立信息 signed and published on these days: a kind that is judged by its publication alone."""
    days = {
        "body__contract_sign_time": f"{signed}T10:00:00+08:00",
        "publication__published_at": f"{published}T10:00:00+08:00",
    }
    return a_tender_contract(**(days | changes))


def a_late_contract(**changes: Any) -> dict[str, Any]:
    """A contract that was published 17 days after its twenty working days."""
    return a_contract("2026-03-02", "2026-04-15", **changes)


def notice_of_2027(**changes: Any) -> bytes:
    """A calendar of 2027 as somebody types it from the notice."""
    off = ["2027-01-01", "2027-01-04", "2027-01-05"]
    body = {"year": 2027, "status": "official", "source": "国务院办公厅通知", "off": off, "work": ["2027-01-09"]}
    return orjson.dumps(body | changes)


async def loaded(database: Database, rules: LocalRules | None = None) -> int:
    """Load the notice of 2027 as `hub calendar load` does; how many due dates are another day."""
    await load(database, calendar_in(notice_of_2027()))
    await Calendars(database, 0).refresh()
    return await recount(database, rules or LocalRules(), lambda done, total: None)


def keys(listed: dict[str, Any]) -> list[str]:
    """The data keys of listed records."""
    return [record["record"].rsplit("/", 1)[1] for record in listed["records"]]


async def test_receipt_record_history_and_feed_say_by_when_it_was_due(hub: Hub, platform: Caller) -> None:
    contract = a_late_contract()
    (receipt,) = await platform.push(contract)

    record = await hub.public.read(platform.record(contract))
    history = await hub.public.read(platform.record(contract, "/versions"))
    feed = await hub.public.read("/v1/feed")

    due = receipt["due"]
    assert (due["on"], due["days_late"], due["clock"], due["provisional"]) == ("2026-03-30", 16, "D-PUB20", False)
    assert "第二十六条" in due["basis"]
    assert record["due"] == history["versions"][0]["due"] == feed["entries"][0]["due"] == due
    assert "due_now" not in record


async def test_a_withdrawal_is_not_due(platform: Caller) -> None:
    contract = a_late_contract()
    await platform.push(contract)

    assert (await platform.withdraw(contract)).json()["due"] is None


async def test_what_was_late_is_listed_and_what_was_in_time_is_not(hub: Hub, platform: Caller) -> None:
    late, in_time = a_late_contract(), a_contract("2026-03-02", "2026-03-30")
    await platform.push(late, in_time)

    listed = await hub.public.read("/v1/records", overdue="true")

    assert keys(listed) == [late["data_key"]]
    assert listed["records"][0]["due"]["days_late"] == 16
    assert listed["next"] is None


async def test_late_records_are_paged_newest_first(hub: Hub, platform: Caller) -> None:
    late = [a_late_contract() for _ in range(3)]
    await platform.push(*late)
    found: list[str] = []
    following: dict[str, Any] = {}

    while following.get("after", 1) is not None:
        page = await hub.public.read("/v1/records", overdue="true", limit=2, **following)
        found += keys(page)
        following = {"after": page["next"]}

    assert found == [contract["data_key"] for contract in reversed(late)]


async def test_late_records_can_be_narrowed_by_kind_region_and_platform(
    hub: Hub, platform: Caller, other: Caller
) -> None:
    mine, theirs = a_late_contract(region_code="350200"), a_late_contract(region_code="110000")
    await platform.push(mine)
    await other.push(theirs)

    async def listed(**query: Any) -> list[str]:
        return keys(await hub.public.read("/v1/records", overdue="true", **query))

    assert await listed(kind="tender_contract") == [theirs["data_key"], mine["data_key"]]
    assert await listed(kind="tender_notice") == []
    assert await listed(region="3502") == [mine["data_key"]]
    assert await listed(platform=B) == [theirs["data_key"]]


async def test_a_withdrawn_record_and_one_that_was_in_time_at_last_are_no_longer_late(
    hub: Hub, platform: Caller
) -> None:
    withdrawn, corrected = a_late_contract(), a_late_contract()
    await platform.push(withdrawn, corrected)
    await platform.withdraw(withdrawn)
    await platform.push(a_later_version(corrected, publication__published_at="2026-03-30T09:00:00+08:00"))

    assert keys(await hub.public.read("/v1/records", overdue="true")) == []


async def test_the_public_sees_of_late_records_what_it_may_see(hub: Hub, platform: Caller, consumer: Caller) -> None:
    hidden = a_late_contract(disclosure="on_request")
    await platform.push(hidden)

    public, government, own = [
        (await reader.read("/v1/records", overdue="true"))["records"][0] for reader in (hub.public, consumer, platform)
    ]

    assert public["withheld"]["ground"] == "on_request"
    assert "document" not in public
    assert government["document"]["body"] == own["document"]["body"] == hidden["body"]


@pytest.mark.parametrize(
    "query", [{"overdue": "false"}, {"overdue": "true", "after": 0}, {"overdue": "true", "as_of": "0"}]
)
async def test_overdue_records_are_those_of_now(hub: Hub, query: dict[str, Any]) -> None:
    assert (await hub.public.get("/v1/records", **query)).status_code == 400


async def test_a_loaded_calendar_judges_again_what_was_provisional(either_hub: Hub) -> None:
    platform = await either_hub.platform()
    database = either_hub.runtime.database
    waiting, settled = a_contract("2026-12-10", "2027-01-11"), a_contract("2026-03-02", "2026-04-15")
    (receipt, _) = await platform.push(waiting, settled)

    moved = await loaded(database)

    record = await either_hub.public.read(platform.record(waiting))
    assert moved == 1
    assert (receipt["due"]["on"], receipt["due"]["days_late"], receipt["due"]["provisional"]) == ("2027-01-08", 3, True)
    assert record["due"] == receipt["due"]
    assert (record["due_now"]["on"], record["due_now"]["days_late"]) == ("2027-01-11", 0)
    assert record["due_now"]["provisional"] is False
    assert "due_now" not in await either_hub.public.read(platform.record(settled))
    assert keys(await either_hub.public.read("/v1/records", overdue="true")) == [settled["data_key"]]
    assert (await check(database, lambda done, total: None)).findings == []


async def test_versions_stay_as_they_are_when_a_calendar_is_loaded(either_hub: Hub) -> None:
    platform = await either_hub.platform()
    await platform.push(a_contract("2026-12-10", "2027-01-11"))
    database = either_hub.runtime.database
    async with database.reading() as connection:
        before = (await feed_page(connection, after=0, limit=10)).entries

    await loaded(database)

    async with database.reading() as connection:
        assert (await feed_page(connection, after=0, limit=10)).entries == before


async def test_progress_goes_batch_by_batch_to_the_end(
    hub: Hub, platform: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.recount.BATCH", 2)
    await platform.push(*[a_contract("2026-12-10", "2027-01-11") for _ in range(5)])
    seen: list[tuple[int, int]] = []

    await load(hub.runtime.database, calendar_in(notice_of_2027()))
    await Calendars(hub.runtime.database, 0).refresh()
    moved = await recount(hub.runtime.database, LocalRules(), lambda done, total: seen.append((done, total)))

    assert (moved, seen) == (5, [(2, 5), (4, 5), (5, 5)])


async def test_a_serving_hub_counts_by_a_calendar_that_was_loaded_beside_it(hub: Hub, platform: Caller) -> None:
    await load(hub.runtime.database, calendar_in(notice_of_2027()))

    (pushed,) = await platform.push(a_contract("2026-12-10", "2027-01-11"))
    (line,) = await platform.batch(a_contract("2026-12-10", "2027-01-11"))

    assert pushed["due"]["on"] == line["receipt"]["due"]["on"] == "2027-01-11"
    assert pushed["due"]["provisional"] is False


async def test_a_hub_on_another_database_counts_by_its_own_calendars(
    sqlite_database_url: str, postgresql_url: str
) -> None:
    async with a_hub(sqlite_database_url) as first:
        await load(first.runtime.database, calendar_in(notice_of_2027()))
    async with a_hub(postgresql_url) as second:
        (receipt,) = await (await second.platform()).push(a_contract("2026-12-10", "2027-01-11"))

    assert receipt["due"]["provisional"] is True


async def test_a_provisional_calendar_does_not_replace_an_official_one(hub: Hub) -> None:
    database = hub.runtime.database
    await load(database, calendar_in(notice_of_2027(status="provisional")))
    await load(database, calendar_in(notice_of_2027()))

    with pytest.raises(InvalidParameter):
        await load(database, calendar_in(notice_of_2027(status="provisional")))
    with pytest.raises(InvalidParameter):
        await load(database, calendar_in(notice_of_2027(year=2026, status="provisional", off=[], work=[])))


def test_a_calendar_file_with_faults_is_refused_with_all_of_them() -> None:
    with pytest.raises(InvalidSubmission) as refused:
        calendar_in(notice_of_2027(off=["2027-01-09", "2028-01-01"], work=["2027-01-09", "2027-01-11"], status="x"))
    with pytest.raises(MalformedDocument):
        calendar_in(b"{")
    with pytest.raises(InvalidSubmission):
        calendar_in(b"[]")

    assert {fault.rule for fault in refused.value.faults} >= {"calendar-year", "calendar-both", "calendar-make-up"}


async def test_the_command_line_loads_and_shows_calendars(sqlite_database_url: str, tmp_path: Path) -> None:
    file = tmp_path / "2027.json"
    file.write_bytes(notice_of_2027())

    async def hub_calendar(*arguments: str) -> str:
        process = await asyncio.create_subprocess_exec(
            *("env", f"HUB_DATABASE_URL={sqlite_database_url}", "HUB_KEY_CACHE_SECONDS=0", sys.executable, "-c"),
            *("from hub.cli import main; main()", "calendar", *arguments),
            stdout=asyncio.subprocess.PIPE,
        )
        said, _ = await process.communicate()
        assert process.returncode == 0
        return said.decode()

    told = await hub_calendar("load", str(file))
    listed = await hub_calendar("show")
    shown = await hub_calendar("show", "2027")

    assert "official calendar of 2027 is loaded; 0 due dates" in told
    assert "2026  official     shipped  248 working days" in listed
    assert "2027  official     loaded " in listed
    assert Calendar.model_validate_json(shown) == calendar_in(notice_of_2027())


async def test_the_same_notice_under_two_keys_is_stored_with_a_warning(
    hub: Hub, platform: Caller, other: Caller
) -> None:
    (first, second) = await platform.push(a_late_contract(), a_late_contract())
    (line,) = await platform.batch(a_late_contract())
    (elsewhere,) = await other.push(a_late_contract())

    assert first["warnings"] == elsewhere["warnings"] == []
    for receipt in (second, line["receipt"]):
        (warning,) = receipt["warnings"]
        assert (warning["rule"], warning["pointer"]) == ("same-content", "/body")
        assert first["record"].startswith(f"{A}/tender_contract/")
        assert first["record"].rsplit("/", 1)[1] in warning["en"]


async def test_a_guid_of_its_own_does_not_make_another_content(platform: Caller) -> None:
    first = a_submission("blacklist_entry")
    second = a_submission("blacklist_entry", body__blacklist_code="7d9f3c1e-1111-4222-8333-444455556666")
    assert first["body"]["blacklist_code"] != second["body"]["blacklist_code"]

    (_, receipt) = await platform.push(first, second)

    assert "same-content" in [warning["rule"] for warning in receipt["warnings"]]


async def test_bidders_are_shown_once_the_bids_are_open_but_never_by_the_feed(
    hub: Hub, platform: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = "2099-01-01T09:30:00+08:00"
    listed = a_submission("bidder_list", body__bid_open_time=later)
    name = example("bidder_list")["body"]["bidder_name"]
    await platform.push(listed)
    paths = [platform.record(listed, rest) for rest in ("", "/versions/1", "/versions")]
    paths += ["/v1/versions/1", f"/v1/threads/{(await hub.public.read('/v1/versions/1'))['thread']}"]

    before = [(await hub.public.get(path)).text for path in paths]
    monkeypatch.setattr("hub.ledger.read.now", lambda: 5_000_000_000_000_000)
    after = [(await hub.public.get(path)).text for path in paths]

    assert [name in text for text in before] == [False] * 5
    assert [name in text for text in after] == [True] * 5
    assert orjson.loads(before[0])["opens_at"] == "2099-01-01T01:30:00.000000Z"
    assert "opens_at" not in orjson.loads(after[0])
    assert name not in (await hub.public.get("/v1/feed")).text


@pytest.mark.parametrize("hidden", [None, {"disclosure": "on_request"}])
async def test_what_is_taken_back_before_its_opening_stays_sealed(
    hub: Hub, platform: Caller, monkeypatch: pytest.MonkeyPatch, hidden: dict[str, Any] | None
) -> None:
    listed = a_submission("bidder_list", body__bid_open_time="2099-01-01T09:30:00+08:00")
    name = listed["body"]["bidder_name"]
    await platform.push(listed)
    if hidden is None:
        await platform.withdraw(listed)
    else:
        second = a_later_version(listed)
        await platform.push(second | hidden, a_later_version(second))
    monkeypatch.setattr("hub.ledger.read.now", lambda: 5_000_000_000_000_000)

    assert name not in (await hub.public.get("/v1/versions/1")).text
    if hidden is not None:
        assert name in (await hub.public.get("/v1/versions/3")).text


async def test_what_is_taken_back_after_its_opening_was_open(
    hub: Hub, platform: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    opening = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=2)
    listed = a_submission("bidder_list", body__bid_open_time=opening.isoformat())
    await platform.push(listed)
    await asyncio.sleep((opening - datetime.now(UTC)).total_seconds())
    await platform.withdraw(listed, at=datetime.now(UTC).isoformat(timespec="seconds"))

    assert listed["body"]["bidder_name"] in (await hub.public.get("/v1/versions/1")).text


async def test_a_limit_that_a_local_rule_makes_shorter_stays_so_when_calendars_are_loaded(
    sqlite_database_url: str, tmp_path: Path
) -> None:
    rule = {"id": "fz", "basis": "榕政办〔2026〕1号", "region": "3501", "domain": "tender", "since": "2020-01-01"}
    file = tmp_path / "rules.json"
    file.write_bytes(orjson.dumps({"rules": [rule | {"limits": {"D-PUB20": 3}}]}))
    async with a_hub(sqlite_database_url, local_rules=str(file)) as running:
        platform = await running.platform()
        contract = a_contract("2026-12-30", "2026-12-31", region_code="350100")
        (receipt,) = await platform.push(contract)

        await loaded(running.runtime.database, running.runtime.intake.local_rules)

        due_now = (await platform.read(platform.record(contract)))["due_now"]
    assert receipt["due"]["provisional"]
    # 31 December, then 6 and 7 January: the notice gives the 1st, the 4th and the 5th off.
    assert (due_now["on"], due_now["provisional"]) == ("2027-01-07", False)
    assert "榕政办〔2026〕1号" in due_now["basis"]
