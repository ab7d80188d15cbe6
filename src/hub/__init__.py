"""The data-exchange hub of public-resource trading."""

__version__ = "0.1.0"
