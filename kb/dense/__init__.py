"""The dense side of search: vectors, fusion, self-check."""
