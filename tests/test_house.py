"""Rules of the house that import-linter cannot tell apart: which parts of the standard library touch a network."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import app

ROOT = Path(app.__file__).parents[1]
PACKAGES = ("app", "kb", "models", "converter")
NETWORK = (
    *("urllib.request", "http.client", "http.server", "socket", "ssl", "ftplib", "smtplib", "webbrowser"),
    *("huggingface_hub", "httpx", "httpx2", "requests", "urllib3", "aiohttp"),
)
ALLOWED = {"models/hub.py": NETWORK}
FORBIDDEN_NAMES = {"utils", "helpers", "manager", "handler", "misc"}


def modules() -> list[Path]:
    return [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_only_the_hub_opens_connections(path: Path) -> None:
    name = path.relative_to(ROOT).as_posix()
    if name.startswith("app/server"):
        return
    assert not imported(path) & set(NETWORK) - set(ALLOWED.get(name, ()))


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_module_says_its_job_and_stays_small(path: Path) -> None:
    text = path.read_text("utf-8")
    assert ast.get_docstring(ast.parse(text)) or not text.strip()
    assert len(text.splitlines()) <= 400
    assert path.stem not in FORBIDDEN_NAMES


def test_packaging_stays_no_package() -> None:
    assert not (ROOT / "packaging" / "__init__.py").exists()
