"""通用: records that follow records of every field."""
