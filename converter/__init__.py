"""A Hugging Face checkpoint in, one GGUF out. Nothing is here yet."""
