"""Alarms: how old what is not delivered may become before somebody has to look."""

LIMITS = {"5 min": 300.0, "1 h": 3_600.0, "24 h": 86_400.0}
"""The ages in seconds that raise an alarm, by what they are called, the shortest first."""


def alarm_of(age: float) -> str | None:
    """The highest alarm that an age in seconds raises, None below the first."""
    return next((name for name, limit in reversed(LIMITS.items()) if age >= limit), None)
