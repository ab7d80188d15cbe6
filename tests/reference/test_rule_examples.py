"""Every rule has an example that breaks it: judged here as a hub judges what it is sent."""

import subprocess
import sys

import pytest

from hub.reference.judging import rule_examples
from hub.reference.rules import GENERAL, rule_page, rules
from hub.schemas.examples import example
from hub.schemas.kind import kinds
from hub.schemas.repairs import repaired
from tests.schemas.judging import refused

NAMES = [name for name in rules() if not name.startswith("test-")]
"""Rules that tests make for themselves are named so."""

EVERY_RULE = """
import importlib, pkgutil
import hub
from hub.reference.rules import rules
listed = set(rules())
for module in pkgutil.walk_packages(hub.__path__, "hub."):
    if not module.name.startswith(("hub.demo", "hub.simulators")):
        importlib.import_module(module.name)
from hub.schemas.rules import RULES
print(*sorted(set(RULES) - listed))
"""


@pytest.mark.parametrize("name", [name for name in NAMES if name != GENERAL])
def test_the_example_of_a_rule_breaks_it(name: str) -> None:
    assert name in rule_examples(), "give it an example in src/hub/schemas/rule_examples.json"

    faults, warnings = rule_examples()[name].told()

    assert name in {fault.rule for fault in (*faults, *warnings)}


def test_every_example_is_of_a_rule_that_there_is() -> None:
    assert rule_examples().keys() <= set(NAMES)


def test_no_rule_is_left_out_of_the_reference() -> None:
    found = subprocess.run([sys.executable, "-c", EVERY_RULE], capture_output=True, text=True, check=True)

    assert found.stdout.split() == []


@pytest.mark.parametrize("name", sorted(kinds()))
def test_an_example_starts_from_what_is_right(name: str) -> None:
    assert not refused(example(name))


@pytest.mark.parametrize(
    "name", [name for name in NAMES if (found := rule_examples().get(name)) is not None and found.kind and found.set]
)
def test_the_repair_that_a_page_shows_ends_the_fault(name: str) -> None:
    broken, fault = rule_examples()[name], rule_page(name).fault
    assert fault is not None
    mended = repaired(broken.document(), [fault])
    if mended is None:
        return  # Only the sender knows what is right.

    again = [found.rule for found in refused(mended) if found.pointer == fault.pointer]

    assert name not in again
