"""Cutting a large JSON object into its entries, without building what they hold.

The tokenizer.json of Gemma has 33 MB. As Python objects, all at once, it would take ten times that; entry by entry, and
only those that are wanted, it takes little. What lies inside an entry is checked when it is parsed.
"""

from __future__ import annotations

import json
import re

from converter.json_file import JsonRefused

# Possessive throughout: no text makes these go back, so that a hostile one costs no more than its length.
_STRING = rb'"(?:[^"\\]++|\\.)*+"'
_KEY = re.compile(rb"[ \t\r\n]*+(" + _STRING + rb")[ \t\r\n]*+:[ \t\r\n]*+", re.DOTALL)
_BRACKET = re.compile(rb'(?:[^"{}\[\]]++|' + _STRING + rb")*+([{}\[\]])", re.DOTALL)
_SCALAR = re.compile(_STRING + rb'|[^ \t\r\n,{}\[\]"]++', re.DOTALL)
_NEXT = re.compile(rb"[ \t\r\n]*+([,}])")
_START = re.compile(rb"(?:\xef\xbb\xbf)?+[ \t\r\n]*+\{")
_EMPTY = re.compile(rb"[ \t\r\n]*+\}")
_END = re.compile(rb"[ \t\r\n]*+\Z")


def entries(content: memoryview) -> dict[str, memoryview]:
    """Return the entries of the JSON object in ``content`` with their values as they are written: views, no copies.

    Only brackets and strings are looked at; a value may still be no JSON. Raises ``JsonRefused``.
    """
    found: dict[str, memoryview] = {}
    place = _expect(_START, content, 0).end()
    if empty := _EMPTY.match(content, place):
        _expect(_END, content, empty.end())
        return found
    while True:
        written = _expect(_KEY, content, place)
        key = _key(written[1])
        if key in found:
            raise JsonRefused("the same key twice")
        end = _value_end(content, written.end())
        found[key] = content[written.end() : end]
        after = _expect(_NEXT, content, end)
        place = after.end()
        if after[1] == b"}":
            _expect(_END, content, place)
            return found


def _expect(pattern: re.Pattern[bytes], content: memoryview, place: int) -> re.Match[bytes]:
    match = pattern.match(content, place)
    if match is None:
        raise JsonRefused("is not an object" if pattern is _START else "is not valid JSON")
    return match


def _key(written: bytes) -> str:
    try:
        return str(json.loads(written))
    except ValueError as error:
        raise JsonRefused("is not valid JSON") from error


def _value_end(content: memoryview, start: int) -> int:
    if bytes(content[start : start + 1]) not in (b"{", b"["):
        return _expect(_SCALAR, content, start).end()
    depth = 0
    place = start
    while True:
        bracket = _expect(_BRACKET, content, place)
        place = bracket.end()
        depth += 1 if bracket[1] in b"{[" else -1
        if depth == 0:
            return place
