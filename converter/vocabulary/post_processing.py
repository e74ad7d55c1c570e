"""What the post-processor of a tokenizer.json tells of beginning, separator and end.

The rules are those of ``SpecialVocab`` in llama.cpp's own copy of gguf-py (``gguf-py/gguf/vocab.py``), oddities
included, as they decide keys of the file. The copy on PyPI, of the same number, differs: a ``ByteLevel`` processor says
nothing there.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from converter.errors import VocabularyBroken
from converter.vocabulary.tokenizer_file import TokenizerFile


class PostProcessing:
    """After ``read``: ``config`` is tokenizer_config.json as amended, ``adds`` says whether text gets a bos, eos, sep.

    ``roles`` are the special tokens to be looked up, ``bos`` and the like without ``_token``. ``config`` may be empty,
    which is something else than lacking an entry: nothing is amended then.
    """

    def __init__(self, config: dict[str, Any], roles: Sequence[str]) -> None:
        self.config = config
        self.roles = tuple(roles)
        self.adds: dict[str, bool] = {}
        self._bos = config.get("bos_token")
        self._cls = config.get("cls_token")
        self._eos = config.get("eos_token")
        self._sep = config.get("sep_token")

    def read(self, file: TokenizerFile) -> None:
        """Take in the post-processor of ``file``. Raises ``VocabularyBroken`` if its structure is not the library's."""
        if not self._bos and self._cls:
            self._bos = self._amend("bos_token", self._cls)
        if not self._eos and self._sep:
            self._eos = self._amend("eos_token", self._sep)
        whole = file.head.get("post_processor")
        if not whole:
            return
        try:
            for processor in whole.get("processors", [whole]):
                self._take(processor)
        except (AttributeError, KeyError, IndexError, TypeError) as error:
            raise VocabularyBroken(Path(file.path), "has an unexpected type", "post_processor") from error

    def _take(self, processor: dict[str, Any]) -> None:
        kind = processor.get("type")
        if kind == "ByteLevel":
            self.adds.setdefault("bos", False)
            self.adds.setdefault("eos", False)
        elif kind == "RobertaProcessing":
            self._take_roberta(processor)
        elif kind == "TemplateProcessing":
            self._take_template(processor.get("single", []), processor.get("pair", []))

    def _take_roberta(self, processor: dict[str, Any]) -> None:
        self.adds.update(bos=True, eos=True, sep=True)
        if self.config and not self._cls:
            self._cls = self._amend("cls_token", processor.get("cls", [self._bos])[0])
        if self.config and not self._sep:
            self._sep = self._amend("sep_token", processor.get("sep", [self._eos])[0])

    def _take_template(self, single: list[Any], pair: list[Any]) -> None:
        first = last = None
        if len(single) > 1:
            if first := _special(single[0]):
                self._take_first(first)
            if last := _special(single[-1]):
                self._take_last(last)
        if pair:
            start = 1 if first and _special(pair[0]) == first else 0
            stop = -1 if last and _special(pair[-1]) == last else None
            self._take_pair(pair[slice(start, stop)], last)

    def _take_first(self, first: Any) -> None:
        if not self.config:
            self._bos = first
        elif first not in (self._bos, self._cls):
            if not self._bos:
                self._bos = self._amend("bos_token", first)
            if not self._cls:
                self._cls = self._amend("cls_token", first)
        self.adds["bos"] = first in (self._bos, self._cls)

    def _take_last(self, last: Any) -> None:
        if not self.config:
            self._eos = last
        elif last != self._eos:
            # The former end of text becomes the end of a turn, or of a message where that is taken.
            spare = next((role for role in ("eot", "eom") if role not in self.roles), None)
            if spare is not None:
                self.roles = (*self.roles, spare)
                self.config[f"{spare}_token"] = self._eos
            self._eos = self._amend("eos_token", last)
        self.adds["eos"] = last == self._eos

    def _take_pair(self, pair: list[Any], last: Any) -> None:
        """Look at what stands between the two texts of a pair: A [sep] [eos] B."""
        if not pair or _sequence(pair[0]) != "A" or _sequence(pair[-1]) != "B" or not pair[1:-1]:
            return
        between = [_special(part) for part in pair[1:-1]]
        ends = (self._sep, self._eos)
        add = bool(between[0]) and between[0] in ends and not last
        if len(between) == 2 and between[1] and between[1] in ends:
            add = True
        self.adds["sep"] = add
        if add and not self._sep and self.config:
            self.config["sep_token"] = self._eos

    def _amend(self, name: str, token: Any) -> Any:
        if self.config:
            self.config[name] = token
        return token


def _special(part: dict[str, Any]) -> Any:
    return part.get("SpecialToken", {}).get("id")


def _sequence(part: dict[str, Any]) -> Any:
    return part.get("Sequence", {}).get("id")
