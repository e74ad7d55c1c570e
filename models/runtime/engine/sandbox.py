"""Rendering a template that came with a model, which is to say from a stranger: no attribute of Python is reachable,
and time and size are limited.

Jinja2's immutable sandbox keeps the template from touching objects; it does not keep it from looping or from building
long texts, so this module counts.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from datetime import datetime
from types import FrameType
from typing import Any

import jinja2
from jinja2.ext import loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment

MOST_SECONDS = 2.0
"""Rendering T-lite's template takes a few milliseconds; a template that takes this long is no template."""

MOST_CHARACTERS = 1_000_000

_TEMPLATE = "<template>"


class TemplateRefused(Exception):
    """The template does not parse, raised an error, or broke a limit; the argument says which, in a few words."""


class _Sandbox(ImmutableSandboxedEnvironment):
    """Multiplication of texts and ``%`` with a width are how a line of template asks for gigabytes."""

    intercepted_binops = frozenset({"*", "**", "%"})

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        numbers = isinstance(left, int | float) and isinstance(right, int | float)
        if operator == "**" or not numbers:
            raise TemplateRefused("arithmetic beyond numbers")
        return super().call_binop(context, operator, left, right)


def compile_template(source: str) -> jinja2.Template:
    """Compile as Hugging Face does for chat templates: trimmed blocks, loop controls, ``tojson`` without escapes.

    https://huggingface.co/docs/transformers/chat_templating. Raises ``TemplateRefused``.
    """
    if len(source) > MOST_CHARACTERS:
        raise TemplateRefused("longer than a template is")
    environment = _Sandbox(trim_blocks=True, lstrip_blocks=True, extensions=[loopcontrols])
    environment.filters["tojson"] = _tojson
    environment.globals["raise_exception"] = _refuse
    environment.globals["strftime_now"] = lambda form: datetime.now().strftime(form)
    try:
        code = environment.compile(source, filename=_TEMPLATE)
        return jinja2.Template.from_code(environment, code, environment.globals)  # type: ignore[arg-type,unused-ignore]
    except (jinja2.TemplateError, RecursionError, SyntaxError, ValueError) as error:
        raise TemplateRefused("does not parse") from error


def render(template: jinja2.Template, values: Mapping[str, object]) -> str:
    """Return what the template makes of ``values``. Raises ``TemplateRefused``."""
    deadline = time.monotonic() + MOST_SECONDS

    def watch(frame: FrameType, event: str, _argument: object) -> Any:
        """Follow the lines of the template's own code, and of nothing else."""
        if event == "call":
            return watch if frame.f_code.co_filename == _TEMPLATE else None
        if time.monotonic() > deadline:
            raise TemplateRefused("takes too long")
        return watch

    pieces: list[str] = []
    length = 0
    previous = sys.gettrace()
    sys.settrace(watch)
    try:
        for piece in template.generate(dict(values)):
            length += len(piece)
            if length > MOST_CHARACTERS:
                raise TemplateRefused("writes too much")
            pieces.append(piece)
    except (jinja2.TemplateError, RecursionError, ArithmeticError, LookupError, TypeError, ValueError) as error:
        raise TemplateRefused("ends with an error") from error
    except (AttributeError, MemoryError) as error:
        raise TemplateRefused("ends with an error") from error
    finally:
        sys.settrace(previous)
    return "".join(pieces)


def _tojson(value: object, indent: int | None = None, **_options: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent)


def _refuse(message: object = "") -> str:
    raise TemplateRefused(str(message)[:200])
