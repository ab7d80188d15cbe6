"""The targets: one class in one file each, found by being here."""
