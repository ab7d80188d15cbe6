"""Snapshots: everything that the ledger held at one position, as files."""

from hub.exports.snapshot.make import make
from hub.exports.snapshot.shelf import Shelved, shelved

__all__ = ["Shelved", "make", "shelved"]
