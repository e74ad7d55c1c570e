"""Readers: a file in, its title and structural blocks out. One module per family of formats.

To add a format: write a module here with ``read(path) -> ReadDocument`` (raise ``kb.errors.ReadError`` subclasses for
facts worth telling; any other exception counts as a broken file) and add a line to ``SUFFIXES``. Modules, and through
them the format libraries, are imported when the first file of their format comes.
"""

from __future__ import annotations

import errno
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module
from pathlib import Path
from types import MappingProxyType

from kb.blocks import BlockKind, ReadDocument
from kb.errors import Broken, NotAFile, NoText, ReadError, Unreadable, UnsupportedFormat


@dataclass(frozen=True, slots=True)
class Reader:
    """Where the function that reads a format is. ``recognises``: it has the options ``ocr`` and ``alive``."""

    module: str
    function: str = "read"
    recognises: bool = False

    def load(self, *, ocr: bool, alive: Callable[[], None]) -> Callable[[Path], ReadDocument]:
        """Import the module and return its function."""
        function: Callable[..., ReadDocument] = getattr(import_module(f"kb.readers.{self.module}"), self.function)
        return partial(function, ocr=ocr, alive=alive) if self.recognises else function


def nothing() -> None:
    """The default of ``alive``."""


SUFFIXES: Mapping[str, Reader] = MappingProxyType(
    {
        ".md": Reader("markdown"),
        ".markdown": Reader("markdown"),
        ".pdf": Reader("pdf", recognises=True),
        ".docx": Reader("docx"),
        ".xlsx": Reader("sheets"),
        ".xlsm": Reader("sheets"),
        ".xlsb": Reader("sheets"),
        ".xls": Reader("sheets"),
        ".ods": Reader("sheets"),
        ".csv": Reader("sheets", "read_delimited"),
        ".tsv": Reader("sheets", "read_delimited"),
        ".pptx": Reader("pptx"),
        ".odt": Reader("odf"),
        ".odp": Reader("odf"),
        ".rtf": Reader("rtf"),
        ".epub": Reader("epub"),
        ".fb2": Reader("fb2"),
        ".fb2.zip": Reader("fb2"),
        ".eml": Reader("mail"),
        ".srt": Reader("subtitles"),
        ".vtt": Reader("subtitles"),
        ".html": Reader("html"),
        ".htm": Reader("html"),
        ".xhtml": Reader("html"),
        ".txt": Reader("text"),
        ".log": Reader("text", "read_log"),
    }
)
"""Suffix in lower case, two-part suffixes included -> its reader."""


def suffix_of(path: Path) -> str:
    """Return the suffix that decides which reader ``path`` gets: two parts (``.fb2.zip``) before one."""
    two = "".join(path.suffixes[-2:]).lower()
    return two if two in SUFFIXES else path.suffix.lower()


def supported(path: Path) -> bool:
    """Return whether there is a reader for files named like ``path``."""
    return suffix_of(path) in SUFFIXES


def file_size(path: Path) -> int:
    """Return the size of a regular file in bytes, without opening it.

    Raises:
        NotAFile: a FIFO, a socket, a device, a folder, a symlink loop.
        Unreadable: the operating system does not tell.
    """
    try:
        status = path.stat()
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise NotAFile(path) from error
        raise Unreadable(path, error.strerror or type(error).__name__) from error
    except ValueError as error:  # a NUL inside the name
        raise Unreadable(path, str(error)) from error
    if not stat.S_ISREG(status.st_mode):
        raise NotAFile(path)
    return status.st_size


def read(path: Path, *, ocr: bool = True, alive: Callable[[], None] = nothing) -> ReadDocument:
    """Read a document of any supported format.

    ``ocr`` allows running Tesseract on scanned pages; ``alive`` is called after each of these, since they take seconds.

    Raises:
        ReadError: one of its subclasses, whatever is wrong with the file. ``MemoryError`` passes through.
    """
    suffix = suffix_of(path)
    reader = SUFFIXES.get(suffix)
    size = file_size(path)
    if reader is None:
        raise UnsupportedFormat(path, suffix.removeprefix(".") or path.name)
    if size == 0:
        raise NoText(path)
    try:
        document = reader.load(ocr=ocr, alive=alive)(path)
    except (ReadError, MemoryError):
        raise
    except OSError as error:
        if error.errno is not None:  # the system speaks; libraries raise bare OSErrors for what they cannot parse
            raise Unreadable(path, error.strerror or type(error).__name__) from error
        raise Broken(path, _detail(error)) from error
    except Exception as error:  # whatever a format library trips over is the file's fault
        raise Broken(path, _detail(error)) from error
    if not any(block.text for block in document.blocks):
        raise NoText(path)
    return replace(document, title=document.title or _only_heading(document) or path.name[: -len(suffix)] or path.name)


def _detail(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:300]


def _only_heading(document: ReadDocument) -> str:
    """Return the first heading, unless another stands beside or above it: the first of many chapters is no title."""
    headings = [block for block in document.blocks if block.kind is BlockKind.HEADING]
    if not headings or any(other.level <= headings[0].level for other in headings[1:]):
        return ""
    return headings[0].text
