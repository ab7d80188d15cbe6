"""Two editions of a kind in one hub: each is taken, followed and replayed."""

import pytest

from hub.db import open_database
from hub.problems import NotFound
from hub.replay import replay
from tests.builders import a_later_version, a_tender_notice, a_win_result_notice
from tests.hub import Caller, a_hub, faults_of

pytestmark = pytest.mark.anyio

NEW = {"schema_version": "2.1", "body__project_lead": "陈立", "body__bidder_region_code": "350100"}


async def test_both_editions_are_taken_and_one_may_follow_the_other(platform: Caller) -> None:
    first = a_win_result_notice()
    later = a_later_version(first, **NEW)

    receipts = await platform.push(first, later, a_win_result_notice(2, **NEW))

    assert [receipt["number"] for receipt in receipts] == [1, 2, 1]


async def test_a_field_of_the_new_edition_is_refused_in_the_old_one(platform: Caller) -> None:
    response = await platform.put(a_win_result_notice(body__project_lead="陈立"))

    assert faults_of(response) == {("/body/project_lead", "unknown-field")}


async def test_an_edition_that_there_is_not_is_a_fault(platform: Caller) -> None:
    response = await platform.put(a_win_result_notice(schema_version="1.0"))

    assert {pointer for pointer, _ in faults_of(response)} == {"/schema_version"}


async def test_replay_groups_by_rule_what_another_edition_would_refuse(database_url: str) -> None:
    async with a_hub(database_url) as hub:
        platform = await hub.platform()
        pushed = [a_win_result_notice(project) for project in range(5)]
        await platform.push(*pushed, a_win_result_notice(9, **NEW), a_tender_notice())
    database = await open_database(database_url)
    async with database.reading() as connection:
        replayed = await replay(connection, platform.code, "2.1", last=100)
        newest = await replay(connection, platform.code, "2.1", last=1)
        with pytest.raises(NotFound):
            await replay(connection, platform.code, "9.9", last=1)
    await database.close()

    assert (replayed.payloads, replayed.refused) == (6, 5)
    groups = {(found.pointer, found.rule): found.count for found in replayed.breakages.values()}
    assert groups == {("/body/project_lead", "required"): 5, ("/body/bidder_region_code", "required"): 5}
    assert (newest.payloads, newest.refused) == (1, 0)
