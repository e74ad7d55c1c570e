"""EPUB: the chapters of its spine, in order, through the HTML reader; places are paragraphs, counted over the book."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

from lxml import etree

from kb.blocks import Block, ReadDocument
from kb.errors import Broken, Encrypted
from kb.places import Paragraph
from kb.readers.archive import check_zip, parse_xml
from kb.readers.html import markup_of, page
from kb.readers.tidy import clean

_CHAPTER_TYPES = ("application/xhtml+xml", "text/html", "application/x-dtbook+xml")


def read(path: Path) -> ReadDocument:
    """Read an EPUB.

    Raises:
        Encrypted: its chapters are locked (DRM).
        TooLarge, Broken: as ``kb.readers.archive.check_zip`` tells, or no EPUB inside.
    """
    check_zip(path)
    with zipfile.ZipFile(path) as archive:
        try:
            container = parse_xml(archive.read("META-INF/container.xml"))
            package_name = container.xpath("string(//*[local-name()='rootfile']/@full-path)")
            package = parse_xml(archive.read(package_name))
        except (KeyError, etree.XMLSyntaxError) as error:
            raise Broken(path, f"{type(error).__name__}: {error}") from error
        chapters = _chapters(package, posixpath.dirname(package_name))
        if _locked(archive) & set(chapters):
            raise Encrypted(path)
        blocks = tuple(_blocks(archive, chapters))
    title = clean(package.xpath("string((//*[local-name()='metadata']/*[local-name()='title'])[1])"))
    return ReadDocument(title, "epub", blocks)


def _chapters(package: etree._Element, folder: str) -> list[str]:
    """Return the names of the members that hold the text, in reading order, without the table of contents."""
    items = {
        item.get("id"): posixpath.normpath(posixpath.join(folder, unquote(item.get("href", ""))))
        for item in package.xpath("//*[local-name()='manifest']/*[local-name()='item']")
        if item.get("media-type") in _CHAPTER_TYPES and "nav" not in (item.get("properties") or "").split()
    }
    spine = package.xpath("//*[local-name()='spine']/*[local-name()='itemref']/@idref")
    return [items[reference] for reference in spine if reference in items]


def _locked(archive: zipfile.ZipFile) -> set[str]:
    try:
        listed = parse_xml(archive.read("META-INF/encryption.xml"))
    except (KeyError, etree.XMLSyntaxError):
        return set()
    return {unquote(name) for name in listed.xpath("//*[local-name()='CipherReference']/@URI")}


def _blocks(archive: zipfile.ZipFile, chapters: list[str]) -> Iterator[Block]:
    count = 0
    for name in chapters:
        try:
            data = archive.read(name)
        except KeyError:
            continue  # listed and missing: the other chapters are still worth reading
        for block in page(markup_of(data)).blocks:
            count += 1
            yield replace(block, place=Paragraph(count))
