"""A GGUF adapter against the PEFT adapter it was made from: made again, it has to be the same.

An adapter is small and is made within seconds, so all of it is compared, not a sample.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from converter import adapter
from converter.errors import GgufBroken
from converter.events import Converted, Stopped
from converter.proof import header as headers
from converter.proof import structure
from converter.proof.forward import StopAsked
from converter.proof.header import Header, StoredTensor
from converter.proof.rows import Compared
from converter.proof.verdict import Finding
from converter.stopping import Stop


def compare(found: Header, source: Path, *, base: Path | None, stop: Stop) -> Iterator[Compared | tuple[str, str]]:
    """Yield findings about keys and tensors, then what became of each tensor.

    ``base``: the folder of the base model, where its config.json is not beside the adapter.

    Raises StopAsked, GgufBroken, and what ``adapter.convert_adapter`` raises for ``source``.
    """
    with tempfile.TemporaryDirectory(prefix="offlite-check-") as folder:
        again = Path(folder) / found.path.name
        for event in adapter.convert_adapter(source, again, type=_type(found), base=base, stop=stop):
            if isinstance(event, Stopped):
                raise StopAsked
            if isinstance(event, Converted):
                expected = headers.read(again)
                yield from structure.against_source(found, expected)
                yield from _tensors(found, expected, stop)


def _type(found: Header) -> str:
    """The type that was asked for; an adapter's header does not state it. Rows that do not fit it are of another."""
    counts = Counter(tensor.type for tensor in found.tensors.values() if tensor.type in adapter.TYPES)
    return max(counts, key=lambda kind: (kind == "Q8_0", counts[kind]), default=adapter.DEFAULT_TYPE)


def _tensors(found: Header, expected: Header, stop: Stop) -> Iterator[Compared]:
    for name, tensor in found.tensors.items():
        other = expected.tensors.get(name)
        if other is None or (other.type, other.shape) != (tensor.type, tensor.shape):
            continue
        if stop():
            raise StopAsked
        one, two = _content(found, tensor), _content(expected, other)
        size = tensor.row_size
        equal = sum(one[at : at + size] == two[at : at + size] for at in range(0, len(one), size))
        yield Compared(name, tensor.rows, equal, None if equal == tensor.rows else Finding.ROWS_DIFFER)


def _content(header: Header, tensor: StoredTensor) -> bytes:
    try:
        with header.path.open("rb") as file:
            file.seek(tensor.offset)
            content = file.read(tensor.size)
    except OSError as error:
        raise GgufBroken(header.path, error.strerror or "cannot be read", tensor.name) from error
    if len(content) != tensor.size:
        raise GgufBroken(header.path, "the file ends early", tensor.name)
    return content
