"""English, part three: answers of a language model, conversation. Joined to ``en``."""

from __future__ import annotations

ERRORS: dict[str, str] = {
    "ModelNeeded": "This needs a language model ({task}). Which there are: offlite models list",
    "AdapterScaleWrong": "A number belongs behind the colon of --adapter, such as 0.5, not “{scale}”.",
    "CategoriesTooFew": "At least two categories are needed, with commas: --categories Bills,Delivery,Other",
}

TEXTS: dict[str, str] = {
    "answer.is_quotation": "This is a quotation from the documents. Sources:",
    "answer.sources": "Sources:",
    "answer.unsupported": "⚠ — not in the passages that were found: check before you rely on it.",
    "answer.missing": "⚠ — not in the passages that were found ({facts}): check before you rely on it.",
    "answer.note.unsupported": "The documents do not support the model's answer. This is what they say:",
    "answer.note.trouble": "Instead of the model's answer, a quotation from the documents:",
    "answer.note.cut": "The answer is longer than allowed and breaks off.",
    "answer.understood": "Understood as: {question}",
    "answer.loading": "Loading the model {name}: {percent}",
    "answer.reading": "Reading: {done} of {total}",
    "answer.turns_dropped": "The conversation has become too long: its beginning ({turns}) is forgotten by the model.",
    "answer.model_checked": "The file of the model changed on the disk. Verifying its checksum: {done} of {total}",
    "answer.classifying": "choosing a category",
    "chat.model": "The model {name} answers.",
    "chat.small_model": "{name} answers, the small built-in model: it finds the right phrase, but is often wrong. "
    "Which one to take instead: offlite models fit",
    "chat.no_model": "There is no language model, so answers are quotations. Which one to take: offlite models fit",
    "chat.forgotten": "Starting anew: earlier questions are forgotten.",
    "chat.help": "Ask in ordinary words and press Enter: below the answer stand exact places in the documents.\n"
    "You may go on asking: “and if that does not help?”. Ctrl+C stops an answer.\n"
    "⚠ marks what the model said and the documents do not.\n"
    "Start anew: /new. Add documents: offlite kb add FOLDER. Leave: /exit.",
    "metavar.style": "STYLE",
    "metavar.categories": "A,B,C",
    "metavar.adapter": "NAME[:SCALE]",
    "metavar.embedder": "FOLDER|FILE.gguf|none",
    "help.option.model": "language model: the name of an installed one, a GGUF file, or none for quotations only "
    "(default: the best that is installed)",
    "help.option.style": "how to answer: short, sentence (a single one), steps, letter (to a client)",
    "help.option.adapter": "a LoRA adapter, installed or a GGUF file, and how strongly it acts (default 1)",
    "help.ask.categories": "do not answer but put the text into one of these categories; prints a JSON object",
    "help.kb.embed.model": "a folder with a sentence-transformers model, a GGUF embedding model, or none",
}

PLURALS: dict[str, tuple[str, ...]] = {
    "token_of": ("token", "tokens"),
    "turn": ("question", "questions"),
}
