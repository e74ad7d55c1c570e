"""RTF, through striprtf: paragraphs, table rows as text; places are paragraphs."""

from __future__ import annotations

from pathlib import Path

from striprtf.striprtf import rtf_to_text

from kb.blocks import Block, BlockKind, ReadDocument
from kb.errors import Broken
from kb.places import Paragraph
from kb.readers.tables import rows_as_text
from kb.readers.tidy import clean


def read(path: Path) -> ReadDocument:
    """Read an RTF file. Bytes outside ASCII, which RTF does not allow but programs write, are taken for cp1251.

    Raises:
        Broken: no RTF.
    """
    data = path.read_bytes()
    if not data.lstrip().startswith(b"{\\rtf"):
        raise Broken(path, "no RTF signature")
    text: str = rtf_to_text(  # type: ignore[no-untyped-call]
        data.decode("cp1251", errors="replace"), encoding="cp1251", errors="replace"
    )
    return ReadDocument("", "rtf", tuple(_blocks(text.split("\n"))))


def _blocks(lines: list[str]) -> list[Block]:
    """Make blocks of lines; striprtf ends each cell of a table with ``|``."""
    blocks: list[Block] = []
    table: list[list[str]] = []

    def add(kind: BlockKind, text: str) -> None:
        if text:
            blocks.append(Block(kind, text, Paragraph(len(blocks) + 1)))

    for line in [*lines, ""]:
        if line.rstrip().endswith("|") and line.count("|") > 1:
            table.append(line.rstrip().removesuffix("|").split("|"))
            continue
        for _, text in rows_as_text(table) if table else ():
            add(BlockKind.TABLE_ROW, text)
        table = []
        add(BlockKind.PARAGRAPH, clean(line))
    return blocks
