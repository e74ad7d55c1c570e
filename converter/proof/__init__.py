"""Proof that a GGUF is the checkpoint it was made from."""
