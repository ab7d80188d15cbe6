"""住房保障: affordable housing, rural dwellings in danger, and how homes are allocated."""
