"""Proof that a GGUF is the checkpoint it was made from: its header, its bytes and its behaviour.

``check`` is the one door. What it finds, and by which limits it judges, stands in ``converter.proof.verdict``.
"""

from converter.proof.checking import check

__all__ = ["check"]
