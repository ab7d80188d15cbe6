"""Everybody sees the thread of a version: it does not tell whom the version is about where its body does not."""

from typing import Any

import pytest

from hub.schemas.kind import Scope, kinds, scope_of
from hub.schemas.threads import crowd
from tests.builders import a_later_version, a_submission, an_id_number
from tests.hub import Caller, Hub, faults_of
from tests.schemas.judging import taken

pytestmark = pytest.mark.anyio

ID = an_id_number(5)
COMMERCIAL = {"ground": "commercial_secret", "basis": "政府信息公开条例 第十五条"}
SUBJECT = a_submission("blacklist_entry")["body"]["body_code"]
TARGET = a_submission("change_notice")["body"]
UNSEEN: list[dict[str, Any]] = [
    {"disclosure": "on_request"},
    {"disclosure": "not_disclosed", "withhold_ground": "internal"},
    {"withheld": [{"field": "/body_code", **COMMERCIAL}, {"field": "/body_name", **COMMERCIAL}]},
]


@pytest.mark.parametrize("hidden", UNSEEN)
async def test_a_thread_does_not_name_a_subject_that_is_not_shown(
    hub: Hub, platform: Caller, hidden: dict[str, Any]
) -> None:
    [receipt] = await platform.push(a_submission("blacklist_entry", **hidden))

    assert receipt["thread"] == f"credit:{platform.code}:{crowd(SUBJECT)}"
    assert SUBJECT not in (await hub.public.get(f"/v1/threads/{receipt['thread']}")).text


async def test_the_number_of_a_decision_about_a_person_is_hidden_with_it(platform: Caller) -> None:
    penalty = a_submission("administrative_penalty", body__cf_wsh=f"X{ID}", disclosure="on_request")

    [receipt] = await platform.push(penalty)

    assert ID not in receipt["thread"]


@pytest.mark.parametrize("hidden", UNSEEN)
@pytest.mark.parametrize("first_shown", [True, False])
async def test_a_record_stays_in_its_thread_when_more_or_less_of_it_is_shown(
    platform: Caller, hidden: dict[str, Any], first_shown: bool
) -> None:
    shown, unseen = a_submission("blacklist_entry"), a_submission("blacklist_entry", **hidden)
    unseen["data_key"] = shown["data_key"]
    first, second = (shown, unseen) if first_shown else (unseen, shown)

    receipts = await platform.push(first, a_later_version(second))

    assert receipts[1]["number"] == 2
    assert receipts[0]["thread"] == receipts[1]["thread"]


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        ("change_notice", "target_record_id", f"{TARGET['target_record_id'].rpartition('/')[0]}/{ID}"),
        ("procurement_notice", "purchase_project_code", ID),
        ("housing_allocation_target", "batch_no", ID),
    ],
)
async def test_an_id_number_gets_into_no_thread(platform: Caller, kind: str, field: str, value: str) -> None:
    refused = await platform.put(a_submission(kind, **{f"body__{field}": value}))

    assert refused.status_code == 422
    assert ID not in refused.text
    assert (f"/body/{field}", "thread-personal") in faults_of(refused)


@pytest.mark.parametrize("kind", sorted(kinds()))
def test_what_is_for_the_government_only_is_in_no_thread(kind: str) -> None:
    body = taken(a_submission(kind)).body
    secret = (name for name, info in kinds()[kind].model_fields.items() if scope_of(info) is Scope.GOVERNMENT)
    values = {value for name in secret if isinstance(value := getattr(body, name), str) and len(value) > 4}

    assert not values.intersection(body.thread("P").split(":"))
