"""The words of a conversation: its heading, the field for questions, the state of base and model."""

from __future__ import annotations

TEXTS: dict[str, str] = {
    "gui.conversation.ask": "Ask",
    "gui.conversation.ask_hint": "Enter asks, Shift+Enter begins a new line",
    "gui.conversation.base": "Base: {name}",
    "gui.conversation.base.demo": "Sample documents",
    "gui.conversation.base.own": "My knowledge base",
    "gui.conversation.base_another": "Another base",
    "gui.conversation.base_failed": "The base “{name}” did not open. {error}",
    "gui.conversation.base_locked": "The base “{name}” is protected by a passphrase.",
    "gui.conversation.base_opening": "Opening the base “{name}”…",
    "gui.conversation.base_preparing": "Preparing the sample base: {done} of {files}. You can ask already.",
    "gui.conversation.base_unlock": "Enter it",
    "gui.conversation.composer": "Question",
    "gui.conversation.delete": "Delete the conversation…",
    "gui.conversation.delete_text": "“{title}” leaves the list: questions, answers and the draft. The documents stay.",
    "gui.conversation.delete_title": "Delete the conversation?",
    "gui.conversation.delete_yes": "Delete",
    "gui.conversation.documents": "Documents",
    "gui.conversation.documents_hint": "Open the documents of this base",
    "gui.conversation.editing": "You are changing the question. The new answer takes the place of the old one.",
    "gui.conversation.editing_cancel": "Leave it",
    "gui.conversation.empty_add": "Add documents",
    "gui.conversation.empty_base": "Drop files or a folder on the window. Once they are read, you can ask.",
    "gui.conversation.empty_base_title": "The base holds no documents yet",
    "gui.conversation.empty_demo": (
        "The sample base is open: documents of an invented company. Drop a file or a folder of your own on "
        "the window, or begin with one of these questions."
    ),
    "gui.conversation.empty_models": "Choose a model",
    "gui.conversation.empty_no_model": "There is no model, so answers will be quotations from the documents.",
    "gui.conversation.empty_own": (
        "Offlite finds the place in the documents, answers, and shows where every answer comes from."
    ),
    "gui.conversation.empty_title": "Ask your own documents",
    "gui.conversation.example.1": "Как сбросить пароль роутера?",
    "gui.conversation.example.2": "Что делать, если потерял пропуск?",
    "gui.conversation.example.3": "Сколько дней хранят резервные копии?",
    "gui.conversation.export": "Save to a file",
    "gui.conversation.export.html": "Web page (HTML)",
    "gui.conversation.export.json": "Data (JSON)",
    "gui.conversation.export.md": "Markdown",
    "gui.conversation.export.pdf": "PDF",
    "gui.conversation.failure": "The question could not be answered",
    "gui.conversation.loading": "Opening the conversation…",
    "gui.conversation.menu": "What to do with the conversation",
    "gui.conversation.model_choose": "Models",
    "gui.conversation.model_died": "The model stopped working. The next question starts it again.",
    "gui.conversation.model_failed": "The model “{name}” did not start, answers are quotations. {error}",
    "gui.conversation.model_failed_any": "The model did not start, answers are quotations. {error}",
    "gui.conversation.new": "New conversation",
    "gui.conversation.own_name": "What the answer should be like",
    "gui.conversation.own_text": (
        "Tell the model in your own words what the answer should be like. For example: “A list of at most "
        "five points, no introduction”."
    ),
    "gui.conversation.own_title": "Your own kind of answer",
    "gui.conversation.own_yes": "Answer like this",
    "gui.conversation.page": "Questions and answers",
    "gui.conversation.passphrase_name": "Passphrase",
    "gui.conversation.passphrase_show": "Show the passphrase",
    "gui.conversation.passphrase_text": (
        "The base “{name}” is encrypted. The passphrase stays in memory while the window is open and is "
        "written nowhere."
    ),
    "gui.conversation.passphrase_title": "Passphrase of the base",
    "gui.conversation.passphrase_wrong": "That passphrase is wrong. Check the keyboard layout and try again.",
    "gui.conversation.passphrase_yes": "Open",
    "gui.conversation.placeholder": "Ask your documents… (drop a file or a folder here)",
    "gui.conversation.placeholder_short": "Ask your documents…",
    "gui.conversation.rename": "Rename…",
    "gui.conversation.rename_text": "The list on the left shows the conversation under this name.",
    "gui.conversation.rename_title": "Name of the conversation",
    "gui.conversation.rename_yes": "Rename",
    "gui.conversation.stop": "Stop",
    "gui.conversation.stop_hint": "Stop the answer (Esc)",
    "gui.conversation.style": "What the answer will be like: {style}",
    "gui.conversation.style.letter": "Letter to a client",
    "gui.conversation.style.own": "My own",
    "gui.conversation.style.own_menu": "My own…",
    "gui.conversation.style.sentence": "One sentence",
    "gui.conversation.style.short": "Short",
    "gui.conversation.style.steps": "Step by step",
}

PLURALS: dict[str, tuple[str, ...]] = {}
