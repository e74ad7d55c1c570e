"""Offlite, the application: puts documents, models and people together."""

__version__ = "0.1.0"
