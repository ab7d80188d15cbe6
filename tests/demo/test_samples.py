"""What the sample platforms push."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import orjson
import pytest

from hub.demo.scripts import sample_scripts
from hub.demo.steps import Script, Step
from hub.intake import Intake
from hub.keys import Sender
from hub.problems import InvalidSubmission, Problem
from hub.schemas.kind import kinds as hub_kinds

NOW = datetime.now(UTC)
OF_THE_LEDGER = {"conflict", "stale-version", "illegal-change"}
"""Refusals that the current version decides, not the submission alone."""


@pytest.fixture(scope="module")
def scripts() -> list[Script]:
    return sample_scripts(NOW)


def refused_with(script: Script, step: Step) -> set[str]:
    """The problem and the rules with which the step is refused before it reaches the ledger."""
    sender = Sender(script.platform.code, tuple(filter(None, script.platform.regions.split(","))))
    intake = Intake(300)
    try:
        if step.withdraws:
            intake.withdrawal(step.body, sender, step.kind, step.data_key)
        else:
            intake.submission(step.body, sender, kind=step.kind, data_key=step.data_key)
    except InvalidSubmission as problem:
        return {problem.slug(), *(fault.rule for fault in problem.faults)}
    except Problem as problem:
        return {problem.slug()}
    return set()


def test_every_sample_is_valid_or_breaks_just_the_rule_that_it_should(scripts: list[Script]) -> None:
    for script in scripts:
        for step in script.steps:
            expected = set()
            if step.refusal is not None and step.refusal.problem not in OF_THE_LEDGER:
                expected = {step.refusal.problem, step.refusal.rule} - {""}
            assert refused_with(script, step) == expected, f"{step.path} {step.what}"


def test_five_platforms_push_every_kind(scripts: list[Script]) -> None:
    kinds = Counter(step.kind for script in scripts for step in script.steps)

    assert len(scripts) == 5
    assert 280 <= kinds.total() <= 340
    assert kinds.keys() == hub_kinds().keys()


def test_the_versions_of_a_record_rise_in_time(scripts: list[Script]) -> None:
    for script in scripts:
        latest: dict[str, datetime] = {}
        sent: set[bytes] = set()
        for step in script.steps:
            if step.body in sent or step.refusal is not None:
                continue
            sent.add(step.body)
            record = f"{step.kind}/{step.data_key}"
            moment = datetime.fromisoformat(orjson.loads(step.body)["data_timestamp"])
            assert record not in latest or latest[record] < moment
            latest[record] = moment


@pytest.mark.parametrize("now", [NOW, datetime(2026, 3, 1, tzinfo=UTC), NOW + timedelta(days=900)])
def test_no_accepted_sample_is_from_the_future(now: datetime) -> None:
    for script in sample_scripts(now):
        for step in script.steps:
            if step.refusal is None:
                assert datetime.fromisoformat(orjson.loads(step.body)["data_timestamp"]) <= now


def test_two_runs_push_different_records() -> None:
    first, second = (sample_scripts(now) for now in (NOW, NOW + timedelta(seconds=1)))

    assert not {s.path for script in first for s in script.steps} & {s.path for script in second for s in script.steps}
