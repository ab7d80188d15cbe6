"""Readers follow the feed while many writers append: nobody may miss a row, however the commits fall."""
