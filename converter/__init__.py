"""A Hugging Face checkpoint in, one GGUF out, in a single pass, with proof of what was done."""
