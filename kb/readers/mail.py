"""E-mail (EML), through the standard library: a block of headers, the text, the names of attachments.

Places are paragraphs. The plain text of a message is preferred to its HTML. Attachments are named, not opened.
"""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterator
from email.message import EmailMessage, MIMEPart
from email.utils import parsedate_to_datetime
from pathlib import Path

from kb.blocks import Block, BlockKind, ReadDocument
from kb.errors import Broken
from kb.places import Paragraph
from kb.readers.encoding import decoded
from kb.readers.text import prose
from kb.readers.tidy import clean

_HEADERS = (("subject", "Тема"), ("from", "От"), ("to", "Кому"), ("cc", "Копия"), ("date", "Дата"))
"""Headers worth finding, with the names that Russian mail programs show them under."""

_QUOTE = re.compile(r"^(?:>[ ]?)+")


def read(path: Path) -> ReadDocument:
    """Read a message.

    Raises:
        Broken: nothing that looks like the headers of a message.
    """
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    headers = [(label, value) for name, label in _HEADERS if (value := _header(message, name))]
    if not headers:
        raise Broken(path, "no message headers")
    texts = [(BlockKind.PARAGRAPH, f"{label}: {value}", 0) for label, value in headers]
    names = [clean(part.get_filename() or "") for part in message.iter_attachments()]
    if any(names):
        texts.append((BlockKind.PARAGRAPH, "Вложения: " + ", ".join(filter(None, names)), 0))
    texts.extend((block.kind, block.text, block.level) for block in _body(message))
    blocks = (Block(kind, text, Paragraph(number), level=level) for number, (kind, text, level) in enumerate(texts, 1))
    return ReadDocument(_header(message, "subject"), "eml", tuple(blocks))


def _header(message: EmailMessage, name: str) -> str:
    try:
        value = message.get(name)
    except (
        ValueError,
        IndexError,
        AttributeError,
        TypeError,
    ):  # the parser of a malformed header gives up in many ways
        return ""
    if value is None:
        return ""
    if name == "date":
        try:
            return f"{parsedate_to_datetime(str(value)):%d.%m.%Y %H:%M}"
        except ValueError:
            return clean(str(value))
    text = str(value)
    if any("\udc80" <= sign <= "\udcff" for sign in text):  # raw 8-bit bytes, against the standard
        text = decoded(text.encode("utf-8", "surrogateescape"))
    return clean(text)


def _body(message: EmailMessage) -> Iterator[Block]:
    part = message.get_body(preferencelist=("plain", "html"))
    if part is None:
        return
    text = _content(part)
    if part.get_content_subtype() == "html":
        from kb.readers.html import blocks_of

        yield from blocks_of(text)
        return
    lines = [_QUOTE.sub("", line) for line in text.split("\n")]
    for block in prose(lines):
        # The first line of a letter is a greeting, not its title.
        yield Block(BlockKind.PARAGRAPH if block.kind is BlockKind.HEADING else block.kind, block.text, block.place)


def _content(part: MIMEPart) -> str:
    """Return the text of a part; its encoding is found by its letters where it is undeclared, unknown or wrong."""
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes):
        return ""
    charset = part.get_content_charset()
    if charset and charset not in ("us-ascii", "ascii"):
        try:
            return data.decode(charset).replace("\r\n", "\n")
        except (LookupError, UnicodeDecodeError):
            pass
    return decoded(data)
