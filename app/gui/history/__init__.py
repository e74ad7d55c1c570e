"""Conversations in the window: kept, listed, found, exported."""
