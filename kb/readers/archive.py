"""Zip containers before any library sees them: zip bombs, encrypted and damaged archives, files under a false name.

OOXML, ODF, EPUB and zipped FB2 are zip files. Also the one XML parser for what readers parse themselves: without entity
expansion, document types from elsewhere, or network.
"""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path

from lxml import etree

from kb.errors import Broken, Encrypted, TooLarge

MOST_UNPACKED = 512 * 1024 * 1024
"""Bytes of all members together. The limit on a child's memory would stop what is larger anyway, but later."""

HIGHEST_RATIO = 300
"""Unpacked over packed size. XML of empty spreadsheet rows, the most compressible honest content, stays below 200."""

ANY_RATIO = 64 * 1024 * 1024
"""Bytes unpacked up to which the ratio is of no interest."""

MOST_MEMBERS = 100_000

_OLE = bytes.fromhex("D0CF11E0A1B11AE1")
_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
_CHUNK = 1 << 20


def check_zip(path: Path) -> None:
    """Unpack every member of a zip file to nowhere, counting.

    Raises:
        Broken: no zip file, or a damaged one, or one whose members are larger than they declare.
        Encrypted: members need a password; or an OLE container stands in for the zip, as in protected OOXML.
        TooLarge: the declared or actual size, or the ratio, is past the limits above.
    """
    with path.open("rb") as file:
        head = file.read(len(_OLE))
        if head == _OLE:
            if _ENCRYPTED_PACKAGE in file.read():
                raise Encrypted(path)
            raise Broken(path, "an OLE container, not a zip archive")
    try:
        with zipfile.ZipFile(path) as archive:
            _check_members(path, archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise Broken(path, f"{type(error).__name__}: {error}") from error


def _check_members(path: Path, archive: zipfile.ZipFile) -> None:
    members = archive.infolist()
    if any(member.flag_bits & 1 for member in members):
        raise Encrypted(path)
    declared = sum(member.file_size for member in members)
    _check_size(path, declared)
    if len(members) > MOST_MEMBERS:
        raise TooLarge(path, len(members), MOST_MEMBERS)
    actual = 0
    for member in members:
        with archive.open(member) as stream:
            while chunk := stream.read(_CHUNK):
                actual += len(chunk)
                _check_size(path, actual)


def _check_size(path: Path, unpacked: int) -> None:
    if unpacked > MOST_UNPACKED:
        raise TooLarge(path, unpacked, MOST_UNPACKED)
    bearable = HIGHEST_RATIO * path.stat().st_size
    if unpacked > ANY_RATIO and unpacked > bearable:
        raise TooLarge(path, unpacked, bearable)


def parse_xml(data: bytes) -> etree._Element:
    """Parse XML that nobody vouches for. Entities stay unexpanded, nothing is fetched.

    Raises:
        etree.XMLSyntaxError: not even a repairable document.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True, remove_comments=True
    )
    root = etree.fromstring(data, parser)
    if root is None:
        raise etree.XMLSyntaxError("no document", 0, 0, 0)
    return root


def is_member_encrypted(path: Path, manifest: str) -> bool:
    """Return whether the manifest of an ODF package says that its members are encrypted."""
    with zipfile.ZipFile(path) as archive:
        try:
            return b"encryption-data" in archive.read(manifest)
        except KeyError:
            return False
