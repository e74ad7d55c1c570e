"""What Offlite is made of: the libraries that are installed with it, with their versions and licences. Knows no Qt."""

from __future__ import annotations

import platform
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata

DISTRIBUTION = "offlite"
LONGEST = 60
"""Characters of a licence's name; some packages put its whole text there."""

_NAME = re.compile(r"^[A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class Component:
    """A library. ``licence`` is empty where its package states none."""

    name: str
    version: str
    licence: str


def read() -> tuple[Component, ...]:
    """Return what is installed of what Offlite asks for, by name. Reads the metadata of each package."""
    python = Component("Python", platform.python_version(), "PSF-2.0")
    return (python, *sorted(_installed(), key=lambda one: one.name.casefold()))


def _installed() -> Iterator[Component]:
    seen = set()
    for requirement in _required():
        match = _NAME.match(requirement)
        name = match[0] if match else ""
        try:
            found = metadata.distribution(name)
        except (metadata.PackageNotFoundError, ValueError):
            continue
        shown = found.metadata["Name"] or name
        if shown not in seen and 'extra == "dev"' not in requirement.replace("'", '"'):
            seen.add(shown)
            yield Component(shown, found.version, licence(found.metadata))


def _required() -> list[str]:
    try:
        return metadata.requires(DISTRIBUTION) or []
    except metadata.PackageNotFoundError:
        return []


def licence(facts: metadata.PackageMetadata) -> str:
    """Return the licence as the metadata of a package state it, in one line."""
    for key in ("License-Expression", "License"):
        lines = "".join((facts.get_all(key) or [])[:1]).strip().splitlines()
        if lines and len(lines[0]) <= LONGEST:
            return lines[0].strip()
    named = [one.rpartition("::")[2].strip() for one in facts.get_all("Classifier") or () if one.startswith("License")]
    return ", ".join(dict.fromkeys(named))
