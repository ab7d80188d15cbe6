"""Faults that are not kills: each says whether it is possible here, and strikes once when asked."""

from tests.crash.faults import clock, disk, freeze, network
from tests.crash.faults.fault import Fault

FAULTS: dict[str, Fault] = {fault.name: fault for fault in (freeze.FAULT, clock.FAULT, network.FAULT, disk.FAULT)}
"""Every fault by name."""
