"""Which faults reach whom: some are about the items of a target's batch, and whoever takes none cannot show them."""

from dataclasses import replace

from hub.simulators.dial import Dial
from hub.simulators.messages import Error
from hub.simulators.scenarios import SCENARIOS, Scenario

OF_ITEMS = frozenset(
    {
        "shuffle_results",
        "wrong_receipt_percent",
        "reject_percent",
        "duplicates_as",
        "stale_after_days",
        "pending_s",
        "require_parents",
    }
)
"""The settings of the dial that only a target's receipts for items show."""

_OFF = Dial()


def reaching(without: frozenset[str]) -> list[Scenario]:
    """The scenarios that show something where the settings `without` have no effect, with the faults that they show."""
    shown = [replace(each, faults={n: v for n, v in each.faults.items() if n not in without}) for each in _ALL]
    return [scenario for scenario in shown if scenario.faults]


def unfit(dial: Dial, without: frozenset[str]) -> list[Error]:
    """What is asked for and would have no effect; what a scenario brings along beside others is none of it."""
    said = "此处无此故障 (it has no effect here)"
    faults = SCENARIOS[dial.scenario].faults if dial.scenario else {}
    if faults and faults.keys() <= without:
        return [Error("scenario", "without-effect", said)]
    asked = {name for name in without if getattr(dial, name) not in (getattr(_OFF, name), faults.get(name))}
    return [Error(name, "without-effect", said) for name in sorted(asked)]


def fitted(dial: Dial, without: frozenset[str]) -> Dial:
    """The dial with the settings `without` effect switched off."""
    return dial.model_copy(update={name: getattr(_OFF, name) for name in without})


_ALL = tuple(SCENARIOS.values())
