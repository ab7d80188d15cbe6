"""Malformed and generated requests against running servers: no 5xx, nothing undocumented, no growing memory."""
