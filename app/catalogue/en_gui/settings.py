"""The words of settings and of the first run."""

from __future__ import annotations

TEXTS: dict[str, str] = {
    "gui.settings.not_kept": "The settings could not be written: they hold until the window is closed.",
    "gui.settings.broken": "The file of settings was damaged. It is kept as {path}; the settings begin anew.",
    "gui.settings.title": "Settings",
    "gui.settings.back": "Put it back",
    "gui.settings.all_back": "Put everything back",
    "gui.settings.all_back.title": "Put all settings back?",
    "gui.settings.all_back.text": "Language, look, answers and the work of the model become as they were after "
    "installation. Bases, conversations and models stay.",
    "gui.settings.look": "Look",
    "gui.settings.language": "Language",
    "gui.settings.language.system": "As the system",
    "gui.settings.language.ru": "Русский",
    "gui.settings.language.en": "English",
    "gui.settings.theme": "Theme",
    "gui.settings.theme.system": "As the system",
    "gui.settings.theme.light": "Light",
    "gui.settings.theme.dark": "Dark",
    "gui.settings.text_size": "Size of text",
    "gui.settings.percent": "{number}%",
    "gui.settings.answers": "Answers",
    "gui.settings.style": "Style of an answer",
    "gui.settings.style.hint": "Every question begins with it. For one question it is changed beside the “Ask” button.",
    "gui.settings.style.short": "Brief",
    "gui.settings.style.sentence": "One sentence",
    "gui.settings.style.steps": "Step by step",
    "gui.settings.style.letter": "Letter to a client",
    "gui.settings.style.own": "In my own words",
    "gui.settings.own_style": "My own instructions for an answer",
    "gui.settings.own_style.example": "For example: answer in one paragraph, without technical terms.",
    "gui.settings.own_style.limit": "No more than {most} characters: the model reads them with every question. "
    "While this is empty, answers are brief.",
    "gui.settings.read_ahead": "Reading ahead",
    "gui.settings.read_ahead.on": "On",
    "gui.settings.read_ahead.hint": "The model reads what was found while you are still typing. The answer begins "
    "earlier, the processor works more.",
    "gui.settings.engine": "Work of the model",
    "gui.settings.threads": "Threads of the processor",
    "gui.settings.threads.hint": "Usually best left alone: the number comes from measuring speed, and without that "
    "from the number of cores.",
    "gui.settings.threads.auto": "Let Offlite choose",
    "gui.settings.context": "Memory of a conversation",
    "gui.settings.context.hint": "How many tokens the model keeps in mind: the question, the passages, the answer "
    "and what was said before. One question with its answer takes about 1,500.",
    "gui.settings.context.cost": "{model} takes {total} of memory, {cache} of them for {tokens}. Models can have "
    "{room} of {ram} here.",
    "gui.settings.context.cost_without": "There is no model yet. {model}, for example, takes {total} of memory, "
    "{cache} of them for {tokens}. Models can have {room} of {ram} here.",
    "gui.settings.context.cost_alone": "{model} takes {total} of memory, {cache} of them for {tokens}.",
    "gui.settings.context.too_much": "It does not fit: {model} would take {total}, and models can have {room} of "
    "{ram} here. Choose less.",
    "gui.settings.context.trained": "{model} knows no more than {tokens}: so many it will be.",
    "gui.settings.storage": "Storage",
    "gui.settings.history": "Passphrase of the conversations",
    "gui.settings.history.hint": "With a passphrase the whole file of conversations is encrypted. It is asked for "
    "at the start and cannot be recovered.",
    "gui.settings.history.off": "There is no passphrase: whoever has access to this computer can read the "
    "conversations.",
    "gui.settings.history.on": "The conversations are encrypted.",
    "gui.settings.history.set": "Set a passphrase…",
    "gui.settings.history.change": "Change the passphrase…",
    "gui.settings.history.remove": "Remove the passphrase…",
    "gui.settings.history.remove_title": "Remove the passphrase of the conversations?",
    "gui.settings.history.remove_text": "The file of conversations will be kept unencrypted.",
    "gui.settings.history.remove_yes": "Remove the passphrase",
    "gui.settings.passphrase.title": "Passphrase of the conversations",
    "gui.settings.passphrase.text": "Write it down in a safe place: without it nobody can read the conversations, "
    "and it cannot be recovered.",
    "gui.settings.passphrase.first": "Passphrase",
    "gui.settings.passphrase.second": "Once more",
    "gui.settings.passphrase.show": "Show",
    "gui.settings.passphrase.differ": "The passphrases differ. Type the second one again.",
    "gui.settings.passphrase.yes": "Encrypt",
    "gui.settings.data": "Folder of the data",
    "gui.settings.data.hint": "Bases, models, conversations and settings lie here. The documents themselves stay "
    "where they are.",
    "gui.settings.data.open": "Open the folder",
    "gui.settings.data.move": "Move…",
    "gui.settings.data.choose": "Where to move the data",
    "gui.settings.data.stop": "Stop",
    "gui.settings.data.stay": "Call the move off",
    "gui.settings.data.copying": "Copying and checking: {done} of {total}. You can go on working.",
    "gui.settings.data.copied": "The data are copied. They move when Offlite starts next.",
    "gui.settings.data.next": "After the next start the data will be in {path}. Until then everything is as before.",
    "gui.settings.data.left": "The former folder {path} is not needed any more and can be deleted.",
    "gui.settings.data.fixed": "The variable OFFLITE_HOME names the folder, so it cannot be changed here.",
    "gui.settings.about": "About",
    "gui.settings.about.offlite": "Offlite",
    "gui.settings.about.what": "Answers questions from your own documents, on this computer, without a network.",
    "gui.settings.about.version": "Version {version} · Apache 2.0 licence",
    "gui.settings.about.model": "Model",
    "gui.settings.about.no_model": "There is no model: answers are verbatim quotations from the documents.",
    "gui.settings.about.model.facts": "{name} · {parameters} · {type} · {size}\nLicence: {licence}\nFrom: {origin}",
    "gui.settings.about.unstated": "not stated, see its author's page",
    "gui.settings.about.added_by_hand": "a file that was added by hand",
    "gui.settings.about.components": "What it is made of",
    "gui.settings.about.components.hint": "Free libraries that come with Offlite.",
    "gui.settings.about.show": "Show the list with licences",
    "gui.welcome.step": "Step {number} of {steps}",
    "gui.welcome.skip": "Skip the introduction",
    "gui.welcome.back": "Back",
    "gui.welcome.on": "Next",
    "gui.welcome.documents.title": "Which documents should answer?",
    "gui.welcome.documents.text": "Offlite answers questions from documents and shows where each answer comes from. "
    "Everything stays on this computer; no network is needed.",
    "gui.welcome.own": "Your own documents",
    "gui.welcome.own.hint": "Drop a folder or files here: texts, tables, PDF, presentations, mail, subtitles. The "
    "files themselves are not changed.",
    "gui.welcome.own.folder": "Choose a folder…",
    "gui.welcome.own.files": "Choose files…",
    "gui.welcome.own.coming": "The documents are being added. No need to wait: you can go on.",
    "gui.welcome.own.ready": "Ready: {documents} in the base.",
    "gui.welcome.demo": "Try an example",
    "gui.welcome.demo.hint": "Ready-made documents of an invented company, in Russian: instructions, orders, "
    "tables, minutes. Your own can be added later.",
    "gui.welcome.demo.preparing": "Preparing the example: {done} of {total}. You can go on.",
    "gui.welcome.demo.ready": "The example is ready: {documents}.",
    "gui.welcome.model.title": "Who will answer?",
    "gui.welcome.model.text": "A language model, a file of some gigabytes, answers in its own words. Offlite works "
    "without one too: it finds the place and quotes it verbatim.",
    "gui.welcome.model.looking": "Looking what there is on this computer…",
    "gui.welcome.model.chosen": "{name} will answer",
    "gui.welcome.model.none": "There is no model yet. {name} suits this computer",
    "gui.welcome.model.none_fits": "There is little memory here for a model. Offlite will answer with quotations "
    "from the documents.",
    "gui.welcome.model.takes": "{type} · takes {needs} of {ram} of memory.",
    "gui.welcome.model.needs": "{type} · takes {needs} of memory.",
    "gui.welcome.model.memory": "How much memory the model takes",
    "gui.welcome.model.slow": "The processor is not fast: answers will take a while.",
    "gui.welcome.model.how": "How to get the model",
    "gui.welcome.model.without_network": "Without a network: on another computer, download the file {type} from "
    "{address}, bring it on a USB stick and drop it on this window.",
    "gui.welcome.model.without_file": "Without a network: on another computer, download the file of a model that "
    "ends in .gguf, bring it on a USB stick and drop it on this window.",
    "gui.welcome.model.with_network": "With a network: it can be downloaded on the page of models. Offlite connects "
    "only when you confirm that.",
    "gui.welcome.model.file": "Choose the file of a model…",
    "gui.welcome.model.page": "Page of models",
    "gui.welcome.question.title": "Ask the first question",
    "gui.welcome.question.text": "Ask in plain words, as you would ask a colleague. Below the answer are the places "
    "in the documents that it comes from.",
    "gui.welcome.question.own": "Your own question",
    "gui.welcome.question.ask": "Ask",
    "gui.welcome.question.examples": "Or one of these:",
    "gui.settings.data.not_moved": "The data were not moved and are where they were.",
    "gui.settings.data.gone": "The folder of the data {path} cannot be reached. Connect the disk that it lies on "
    "and start Offlite again.",
}

PLURALS: dict[str, tuple[str, ...]] = {}
