"""What is often found in place of a model's file: a pointer of Git LFS, or the page of a site that refused."""

from __future__ import annotations

_BEGINNINGS = (
    (b"version https://git-lfs", "a Git LFS pointer in place of the file"),  # cloned without git-lfs
    (b"<!DOCTYPE", "a web page"),
    (b"<!doctype", "a web page"),
    (b"<html", "a web page"),
)
LENGTH = max(len(beginning) for beginning, _ in _BEGINNINGS)
"""Bytes of a file that tell."""


def stand_in(content: bytes) -> str | None:
    """Return what a file that begins with ``content`` is instead; None where that does not show."""
    return next((detail for beginning, detail in _BEGINNINGS if content.startswith(beginning)), None)
