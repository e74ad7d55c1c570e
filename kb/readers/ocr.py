"""Tesseract, run as a program: a picture of a page in, paragraphs out. Knows nothing of PDF."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import replace
from functools import cache

from kb.blocks import Block
from kb.places import Page
from kb.readers.text import prose

RESOLUTION = 300
"""Dots per inch: what Tesseract's documentation asks for ("at least 300 DPI", tessdoc, ImproveQuality)."""

MOST_PIXELS = 36_000_000
"""Pixels. An A2 sheet at ``RESOLUTION``; a larger page is rendered more coarsely."""

SECONDS = 90
"""A page that takes longer gives no text."""

_ENDS_SENTENCE = re.compile(r"[.!?…;:][\"»”')\]]*$")


@cache
def available() -> bool:
    """Return whether Tesseract is installed with Russian."""
    program = shutil.which("tesseract")
    if program is None:
        return False
    try:
        listed = subprocess.run([program, "--list-langs"], capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return False
    return "rus" in listed.stdout.split()


def blocks(picture: bytes, page: Page) -> tuple[Block, ...]:
    """Return the text of a PNM picture as paragraphs on ``page``; empty where nothing is recognised."""
    program = shutil.which("tesseract") or "tesseract"
    command = [program, "stdin", "stdout", "-l", "rus+eng", "--dpi", str(RESOLUTION)]
    try:
        done = subprocess.run(command, input=picture, capture_output=True, timeout=SECONDS, check=True)
    except (OSError, subprocess.SubprocessError):
        return ()
    lines = done.stdout.decode("utf-8", errors="replace").split("\n")
    return tuple(replace(block, place=page, marks=()) for block in prose(mended(lines)))


def mended(lines: Iterable[str]) -> list[str]:
    """Take back what the page's layout did: empty lines inside sentences, words divided at line ends."""
    whole: list[str] = []
    gap = False
    for line in map(str.strip, lines):
        if not line:
            gap = bool(whole)
            continue
        goes_on = bool(whole) and line[0].islower() and not _ENDS_SENTENCE.search(whole[-1])
        if gap and not goes_on:
            whole.append("")
        gap = False
        if goes_on and whole[-1][-2:-1].isalpha() and whole[-1].endswith("-"):
            rest, _, line = line.partition(" ")
            whole[-1] = whole[-1][:-1] + rest
        if line:
            whole.append(line)
    return whole
