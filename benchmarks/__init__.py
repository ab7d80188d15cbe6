"""Limit, conventional way and ours side by side: `python -m benchmarks`."""
