"""The vocabulary: byte-level BPE of 16,384 tokens that cuts text as Qwen2 does, with ChatML's special tokens.

Written as a Hugging Face folder holds it, so that the converter knows it like any other. Only the bank is learned from,
each origin at its share: the documents speak of computers and would have the whole vocabulary.

``python -m models.nano.tokenizer BANK OUT``
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from tokenizers import AddedToken, Regex, Tokenizer, decoders, normalizers, pre_tokenizers, processors, trainers
from tokenizers.models import BPE

from models.nano import bank

SIZE = 16_384
"""Tokens, the special ones included: a third of the weights at 512 dimensions (8.4 of 28 million)."""

END_OF_TEXT, TURN_BEGINS, TURN_ENDS = "<|endoftext|>", "<|im_start|>", "<|im_end|>"
SPECIAL = (END_OF_TEXT, TURN_BEGINS, TURN_ENDS)
"""The last tokens of the vocabulary, in this order, as Qwen2 has them."""

PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
    r"|\s+(?!\S)|\s+"
)
"""Of Qwen2's tokenizer.json; llama.cpp's pre-tokenizer ``qwen2`` is this pattern."""

CHAT_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
"""ChatML, as the family of Qwen2.5 and T-lite speaks it, without tools and without a system message of its own."""

SHARES = {"docs": 0.2, "facts": 0.3}
"""Of the passages of an origin that are learned from; others count whole. Everyday Russian is the least of the bank,
and has to be read as well as manuals are: 3.2 characters a token on XQuAD, against 3.0 with the documents alone."""

LONGEST = 32
"""Bytes of a token: a space and fifteen Russian letters. Longer ones would be whole phrases of one product's manual."""


def trained(texts: Iterator[str], *, size: int = SIZE) -> Tokenizer:
    """Return a tokenizer that has learned from ``texts``; special tokens are numbered last."""
    tokenizer = Tokenizer(BPE())
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(PATTERN), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, trim_offsets=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel(add_prefix_space=False, trim_offsets=False, use_regex=False)
    trainer = trainers.BpeTrainer(
        vocab_size=size - len(SPECIAL),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        max_token_length=LONGEST,
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.add_special_tokens([AddedToken(content, special=True, normalized=False) for content in SPECIAL])
    return tokenizer


def write(tokenizer: Tokenizer, folder: Path) -> None:
    """Write tokenizer.json, tokenizer_config.json and generation_config.json into ``folder``, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    _write_json(folder / "tokenizer_config.json", _config(tokenizer))
    ending = [tokenizer.token_to_id(TURN_ENDS), tokenizer.token_to_id(END_OF_TEXT)]
    generation = {"bos_token_id": ending[1], "eos_token_id": ending, "pad_token_id": ending[1], "do_sample": False}
    _write_json(folder / "generation_config.json", generation)


def _config(tokenizer: Tokenizer) -> dict[str, Any]:
    flags = {"lstrip": False, "normalized": False, "rstrip": False, "single_word": False, "special": True}
    return {
        "add_bos_token": False,
        "add_prefix_space": False,
        "added_tokens_decoder": {
            str(tokenizer.token_to_id(content)): {"content": content, **flags} for content in SPECIAL
        },
        "bos_token": None,
        "chat_template": CHAT_TEMPLATE,
        "clean_up_tokenization_spaces": False,
        "eos_token": TURN_ENDS,
        "errors": "replace",
        "pad_token": END_OF_TEXT,
        "split_special_tokens": False,
        "tokenizer_class": "Qwen2Tokenizer",
        "unk_token": None,
    }


def texts_of(path: Path, *, seed: int = 6) -> Iterator[str]:
    """Yield what is learned from, each text once: passages of the bank, with their titles and questions."""
    chance = random.Random(seed)
    known: set[str] = set()
    for passage in bank.passages(path):
        if chance.random() < SHARES.get(passage.origin, 1.0):
            yield from _new(_pieces(passage), known)


def _pieces(passage: bank.Passage) -> Iterator[str]:
    yield passage.title
    for at, sentence in enumerate(passage.sentences):
        yield sentence if at in passage.lines or not at else " " + sentence
    for question in passage.questions:
        yield " " + question.text


def _new(texts: Iterable[str], known: set[str]) -> Iterator[str]:
    """Yield what was not there before: manuals repeat whole sentences hundreds of times."""
    for text in texts:
        if text not in known:
            known.add(text)
            yield text


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def main() -> None:
    """Train a tokenizer on a bank and write it."""
    parser = argparse.ArgumentParser(description="Train the tokenizer on a bank of passages.")
    parser.add_argument("bank", type=Path)
    parser.add_argument("out", type=Path)
    options = parser.parse_args()
    began = time.monotonic()
    tokenizer = trained(texts_of(options.bank))
    write(tokenizer, options.out)
    sys.stderr.write(f"{tokenizer.get_vocab_size()} tokens in {time.monotonic() - began:.0f} s\n")


if __name__ == "__main__":
    main()
