"""What an answer must look like, as a grammar in llama.cpp's notation (GBNF), given as such or as a JSON schema."""

from __future__ import annotations

import json

from llama_cpp.llama_grammar import json_schema_to_gbnf

from models.errors import GrammarRefused

MOST_CHARACTERS = 100_000


def of(grammar: str | None, schema: str | None) -> str | None:
    """Return the grammar that a request asks for, if any. Raises ``GrammarRefused``."""
    if schema is not None:
        grammar = _from_schema(schema)
    if grammar is not None and not grammar.strip():
        raise GrammarRefused("the grammar does not parse")
    if grammar is not None and len(grammar) > MOST_CHARACTERS:
        raise GrammarRefused("the grammar is too long")
    return grammar


def _from_schema(schema: str) -> str:
    """Translate; references may only point into the schema itself."""
    try:
        value = json.loads(schema)
        if _points_outside(value):
            raise GrammarRefused("the JSON schema refers to another document")
        return str(json_schema_to_gbnf(schema))
    except GrammarRefused:
        raise
    except Exception as error:  # the converter of llama-cpp-python raises whatever it stumbles over
        raise GrammarRefused("the JSON schema cannot be followed") from error


def _points_outside(value: object) -> bool:
    if isinstance(value, dict):
        reference = value.get("$ref")
        if isinstance(reference, str) and not reference.startswith("#"):
            return True
        return any(map(_points_outside, value.values()))
    return isinstance(value, list) and any(map(_points_outside, value))
