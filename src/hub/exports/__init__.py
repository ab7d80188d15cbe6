"""The ledger in others' formats: entries spliced or mapped, pages as files."""
