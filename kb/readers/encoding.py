"""Which encoding a text file is in.

Unicode announces itself (a byte order mark, zero bytes in step, valid UTF-8). What remains in Russian practice is one
of three single-byte code pages, and short texts decide badly by general-purpose detectors, so the three are compared
by how likely their letters follow one another in Russian. Only when none of them reads as Russian is
charset-normalizer asked.
"""

from __future__ import annotations

import codecs
import itertools
import re

from kb.readers.tidy import clean

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

SAMPLE = 64 * 1024
"""Bytes looked at for a guess; a pair table settles within some tens of letters."""

CODE_PAGES = ("cp1251", "cp866", "koi8-r")

_LETTERS = " абвгдежзийклмнопрстуфхцчшщъыьэюя"

# How surprising it is that one letter follows another, 0 (sure) to 9 (next to never): round(-0.75 * log2 p), rows and
# columns in the order of _LETTERS (the blank is a word's edge). Counted over the texts of memdocs.ru-ru,
# windowsserverdocs.ru-ru, AspNetCore.Docs.ru-ru, PowerShell-Docs.ru-ru (CC BY 4.0) and Koziev/NLP_Datasets (CC0,
# weight 3).
_SURPRISE = (
    "954353564393543324334556467999493",
    "294354353643342944336754455999945",
    "438888286394363293593947994426995",
    "229596295394364274454968876936996",
    "437874499395364192783999899999999",
    "428575279394353264473987789946986",
    "265553555844332652328867546999978",
    "533982179294842697893999699997999",
    "315353469495532294993999899947994",
    "265454364444333654339545445999953",
    "099694599994364799239897569999999",
    "329699456297384193423995999999799",
    "237978269295594389484999599952933",
    "227688299396654247794899999947994",
    "429774287295993298534576798935964",
    "293233444534334643338666456999866",
    "539999399395495151654999999954996",
    "318466248295854268543769868946975",
    "346396389393344335415866669854983",
    "239397299395685263484798699923996",
    "254543334853344933339769354999737",
    "528989399199579293743599889988999",
    "149579599499674193665999999899599",
    "439499199197999469694999999949999",
    "529999199293693699924999969996999",
    "439699299294484475963999999991999",
    "729999199199995999993999999993999",
    "999999099999999999999999999999992",
    "194366276735447946549939649999999",
    "197868492793962899349896658999936",
    "899776997963255964709598939999999",
    "193995986997777986429989262999969",
    "098575375687444996649957795999957",
)
_COST = {
    first + second: int(digit)
    for first, row in zip(_LETTERS, _SURPRISE, strict=True)
    for second, digit in zip(_LETTERS, row, strict=True)
}

_WORD = re.compile(r"[А-Яа-яЁё]+")
_HIGH = re.compile(rb"[^\r\n]*[\x80-\xff][^\r\n]*")
# Signs that Russian text does hold beside its letters, and table frames drawn in cp866.
_USUAL = frozenset("«»—–№“”„’‘…°§•·±©®™€\u00a0\u00ad")
_FRAMES = frozenset(chr(code) for code in range(0x2500, 0x25A0))
_FRAME_LINES = frozenset("─│═║")
_MIXED = re.compile(r"[A-Za-z][А-Яа-яЁё]|[А-Яа-яЁё][A-Za-z]")

_READABLE = 6.5
"""Mean surprise per letter above which a text is not taken for Russian.

Short real sentences score 2.5-4.5 in their own code page and 7-9 in a foreign one (tests/test_readers_encoding.py).
"""


def _surprise(text: str) -> float:
    """Return how unlike Russian a decoded text is, per letter; lower is better."""
    total = 0.0
    letters = 0
    for match in _WORD.finditer(text):
        word = match.group()
        bare = " " + word.lower().replace("ё", "е") + " "
        total += sum(_COST[bare[i : i + 2]] for i in range(len(bare) - 1))
        total += 4 * sum(before.islower() and after.isupper() for before, after in itertools.pairwise(word))
        letters += len(bare) - 1
    odd = [sign for sign in text if sign > "\x7f" and not _WORD.match(sign) and sign not in _USUAL]
    total += sum(3 if sign in _FRAME_LINES else 6 if sign in _FRAMES else 9 for sign in odd)
    total += 12 * len(_MIXED.findall(text))  # Western letters read as Cyrillic stand inside Latin words
    return total / (letters + len(odd)) if letters + len(odd) else 0.0


def _wide(data: bytes) -> str | None:
    """Recognise UTF-16 without its mark: the high bytes of Russian and Latin text are 04 and 00, in every second
    place."""
    sample = data[: SAMPLE // 16]
    if len(sample) < 4 or len(data) % 2:
        return None
    even, odd = (sum(byte in (0, 4) for byte in sample[parity::2]) for parity in (0, 1))
    half = len(sample) / 2
    if odd > 0.7 * half and even < 0.3 * half:
        return "utf-16-le"
    if even > 0.7 * half and odd < 0.3 * half:
        return "utf-16-be"
    return None


def _utf8(data: bytes) -> bool:
    """Return whether ``data`` is UTF-8, perhaps with a few damaged places in much sound text."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        sample = data[: 16 * SAMPLE].decode("utf-8", errors="replace")
        wrong = sample.count("\ufffd")
        sound = sum(sign > "\x7f" for sign in sample) - wrong
        return sound > 20 * wrong
    return True


def _code_page(data: bytes) -> str:
    """Return the single-byte encoding that makes the best Russian of ``data``."""
    lines: list[bytes] = []
    length = 0
    for match in _HIGH.finditer(data):
        lines.append(match.group()[:SAMPLE])
        length += len(lines[-1])
        if length >= SAMPLE:
            break
    sample = b"\n".join(lines)
    ranked = sorted((_surprise(sample.decode(page, errors="replace")), page) for page in CODE_PAGES)
    if ranked[0][0] <= _READABLE:
        return ranked[0][1]
    from charset_normalizer import from_bytes

    best = from_bytes(sample).best()
    return best.encoding if best is not None else ranked[0][1]


def encoding_of(data: bytes) -> str:
    """Return the name of the codec that ``data`` should be decoded with."""
    for mark, codec in _MARKS:
        if data.startswith(mark):
            return codec
    return _wide(data) or ("utf-8" if _utf8(data) else _code_page(data))


def decoded(data: bytes) -> str:
    """Return ``data`` as text with ``\\n`` line ends, whatever its encoding; damaged places become U+FFFD."""
    text = data.decode(encoding_of(data), errors="replace")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def looks_binary(text: str) -> bool:
    """Return whether a decoded text is no text at all: much of its beginning is control characters."""
    sample = text[:4096]
    strange = sum((sign < " " and sign not in "\t\n\f\x1b") or sign == "\ufffd" for sign in sample)
    return strange > 0.1 * len(sample) or (bool(sample) and not clean(sample) and strange > 0)
