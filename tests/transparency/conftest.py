"""A database and an appender on it, once on each engine."""

from tests.ledger.conftest import appender, database

__all__ = ["appender", "database"]
