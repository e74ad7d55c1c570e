"""English: the second language of Offlite."""

from __future__ import annotations

from app.catalogue import en_answers, en_bench, en_gui, en_models

THOUSANDS = ","
DECIMAL = "."


def plural_form(count: int) -> int:
    """0 is one document, 1 is two documents (Unicode CLDR, English: one, other)."""
    return 0 if abs(count) == 1 else 1


PLURALS: dict[str, tuple[str, ...]] = {
    "byte": ("byte", "bytes"),
    "core": ("core", "cores"),
    "document": ("document", "documents"),
    "document_added": ("document added", "documents added"),
    "document_replaced": ("document updated", "documents updated"),
    "document_moved": ("document renamed", "documents renamed"),
    "document_removed": ("document removed", "documents removed"),
    "document_unchanged": ("document unchanged", "documents unchanged"),
    "file": ("file", "files"),
    "file_of": ("file", "files"),
    "file_skipped": ("file of another format skipped", "files of other formats skipped"),
    "passage": ("passage", "passages"),
    "passage_of": ("passage", "passages"),
    "question_of": ("question", "questions"),
    "word": ("word", "words"),
}

PLACES: dict[str, str] = {
    "Page": "page {page}",
    "Line": "line {line}",
    "Paragraph": "paragraph {paragraph}",
    "Cell": "sheet “{sheet}”, cell {cell}",
    "Cells": "sheet “{sheet}”, cells {cell}",
    "Slide": "slide {slide}",
    "Moment": "{time}",
}

ERRORS: dict[str, str] = {
    # the base
    "KnowledgeBaseError": "Something is wrong with the knowledge base.",
    "BaseNotFound": "No such knowledge base: {path}. To make one: offlite kb add FOLDER --kb FILE",
    "BaseExists": "The file exists already: {path}. Choose another name, or add documents to this base: offlite kb add",
    "NotABase": "Not a knowledge base of Offlite: {path}",
    "WrongPassphrase": (
        "The base does not open: {path}. The passphrase is wrong, or the base is not encrypted and one was given, "
        "or the file is no knowledge base at all."
    ),
    "BaseTooNew": "The base {path} was written by a newer Offlite (format {found}, this version knows {known}). "
    "Update Offlite.",
    "BaseBusy": "Another program is writing to the base {path}. Wait until it has finished and try again.",
    "BaseUnwritable": "The base {path} cannot be opened or written ({detail}). Check permissions and free disk space.",
    "BaseDamaged": "The file of the base {path} is damaged ({detail}). Try to mend it: offlite kb check --kb FILE",
    "DocumentNotFound": "The base has no document “{document}”. To list the documents: offlite kb list",
    "EmbedderMismatch": "The vectors of the base come from the model “{recorded}” and “{given}” was offered: "
    "they cannot be mixed. To drop the vectors: offlite kb embed none",
    "EmbedderUnavailable": "The model “{name}” for search by meaning is not available ({detail}).",
    # one document
    "ReadError": "could not be read",
    "Unreadable": "does not open ({detail})",
    "NotAFile": "not an ordinary file (a pipe, a socket, a device, or a link to itself)",
    "UnsupportedFormat": "the format “{format}” is not supported",
    "Encrypted": "protected by a password: remove the protection and add it again",
    "Broken": "damaged, or not what its name says ({detail})",
    "TooLarge": "too large: {size}, the limit is {limit}",
    "TooSlow": "not read within {seconds}: given up",
    "TooHungry": "needs more than {megabytes} MB of memory to read: given up",
    "NeedsOcr": "needs text recognition: pages {pages} are only pictures. "
    "Install Tesseract with Russian and add it again",
    "NoText": "there is no text in it",
    "ReaderCrashed": "the reading program crashed ({detail})",
    # the application
    "ApplicationError": "Something is wrong with the application.",
    "NotOnHub": "The model “{name}” cannot be downloaded as {type}. There are: {known}",
    "ModelRunsElsewhere": "The model “{name}” needs {engine}: it does not run here.",
    "NoScreen": "There is no screen for a window. In the terminal: offlite chat.",
    "WindowUnavailable": "The window cannot be opened: {detail}. It needs PySide6 (pip install 'offlite[gui]') and "
    "libraries of the system; on Debian and Ubuntu: sudo apt install libegl1 libgl1 libxkbcommon-x11-0 libxcb-cursor0 "
    "libxcb-icccm4 libxcb-keysyms1. "
    "In the terminal: offlite chat.",
    "NobodyToAsk": "Nobody is there to be asked: this is no terminal. If you agree beforehand, add {option}.",
    "NoSuchPath": "No such file or folder: {path}",
    "NoBaseYet": "There is no knowledge base yet. Add your documents: offlite kb add FOLDER",
    "BaseIsFolder": "{path} is a folder, and a knowledge base is one file. To add a folder of documents: "
    "offlite kb add FOLDER",
    "NoDemoDocuments": "This installation lacks the demonstration documents ({path}). "
    "Add your own: offlite kb add FOLDER",
    "BaseWorkDied": "The process that worked on the base has died ({detail}). What it did is kept: try again.",
    "PassphraseNeeded": "The base {path} is encrypted and there is nobody to ask for the passphrase. "
    "Give it with --key-file FILE or --passphrase-fd N",
    "PassphraseEmpty": "The passphrase is empty.",
    "PassphrasesDiffer": "The passphrases differ. No base was made.",
    "KeyUnreadable": "The passphrase cannot be read from “{source}” ({detail}).",
    "DataFolderUnfit": "The data cannot be moved to {path}.",
    "DataFolderTaken": "The folder {path} holds files already. Choose an empty one.",
    "DataFolderInside": "The folder {path} is the folder of the data now, in it or around it. Choose another.",
    "DataFolderSmall": "The disk of {path} lacks room: {needed} are needed, {free} are free.",
    "DataFolderUnwritable": "{path} cannot be written ({detail}). Check the rights and the disk.",
    "DataCopyDiffers": "The copy {path} reads back differently from what was written. Check the disk; "
    "the data are where they were.",
    "HistoryLocked": "The conversations are encrypted, and the passphrase does not open them. Check the keyboard "
    "layout and try again.",
    "HistoryBusy": "Another Offlite window is using the file of conversations. Close it and try again.",
    "HistoryDamaged": "The file of conversations {path} is damaged ({detail}).",
    "HistoryTooNew": "The file of conversations {path} was written by a newer Offlite (format {found}, this one knows "
    "{known}). Update Offlite.",
    "HistoryUnwritable": "The conversations cannot be written to {path} ({detail}). Check permissions and disk space.",
    "WrongUsage": "The command contradicts itself.",
    "EmptyQuestion": 'The question is empty. For example: offlite ask "How do I reset the router password?"',
    "KeyWithoutEncrypt": "A passphrase is given for a base that is not to be encrypted. "
    "To make an encrypted one: offlite kb create FILE --encrypt",
    "JsonWhileWatching": "--json and --watch do not go together: watching has no end at which to print.",
}

DETAILS: dict[str, str] = {}

TEXTS: dict[str, str] = {
    "unit.kb": "KB",
    "unit.mb": "MB",
    "unit.gb": "GB",
    "unit.tb": "TB",
    "unit.s": "s",
    "unit.min": "min",
    "unit.h": "h",
    # anything
    "error": "offlite: {sentence}",
    "and_more": "and {count} more",
    "interrupted": "Interrupted.",
    "stopping": "Stopping…",
    "unexpected": "offlite: unexpected error ({detail}). The details are in {log}",
    "unexpected.unlogged": "offlite: unexpected error ({detail}). The details could not be written down.",
    # answers
    "answer.abstained": "The knowledge base has no answer to this question.",
    "answer.nearest": "Nearest documents:",
    "search.corrected": "Searched for: {query}",
    "search.nothing": "Nothing was found.",
    # the demonstration
    "demo.building": "Preparing the demonstration documents…",
    "demo.used": "You have no knowledge base of your own yet: here are {documents} to try. "
    "Add yours: offlite kb add FOLDER",
    "demo.next": "This answer came from the demonstration documents. Add your own: offlite kb add FOLDER",
    # the chat
    "chat.greeting": "Offlite {version}. Knowledge base: {base}, {documents}.",
    "chat.demo_base": "demonstration",
    "chat.own_base": "yours",
    "chat.try": "Try asking: {question}",
    "chat.leave": "Ctrl+D or /exit leaves, /help helps.",
    # passphrases
    "passphrase.ask": "Passphrase of {path}: ",
    "passphrase.wrong": "The passphrase is wrong.",
    "passphrase.new": "New passphrase: ",
    "passphrase.repeat": "Once more: ",
    "passphrase.no_recovery": "A forgotten passphrase cannot be recovered: without it nobody can read the base.",
    # kb add
    "progress.counting": "Looking for documents: {files}",
    "progress.files": "{done} of {total}",
    "progress.left": "{time} left",
    "progress.rebuilding": "Renewing the index: {done} of {total}",
    "progress.embedding": "Making vectors: {done} of {total}",
    "progress.copying": "Copying: {done} of {total}",
    "add.summary": "Done in {time}: {changes}.",
    "add.summary_stopped": "Stopped after {time}: {changes}.",
    "add.nothing": "no documents were found",
    "add.skipped": "{files}.",
    "add.unread": "Read in part:",
    "add.unread_pages": "text recognition needed, pages: {pages}. Install Tesseract with Russian",
    "add.failures": "Not read: {files}.",
    "add.kept": " (the base keeps the former text)",
    "add.stopped": "Everything read so far is kept; the same command goes on from here.",
    "add.next": 'Now ask: offlite ask "QUESTION"{where}',
    "add.purge_pending": "Removed text is not yet erased from the file: another program is reading the base. "
    "The next change erases it.",
    "watch.began": "Watching for changes. Ctrl+C ends it.",
    "watch.added": "+ {path} ({passages})",
    "watch.replaced": "~ {path} ({passages})",
    "watch.moved": "→ {before} → {path}",
    "watch.removed": "− {path}",
    "watch.failed": "✗ {path}: {reason}",
    # kb create
    "create.done": "Made the knowledge base {path}",
    "create.done_encrypted": "Made the encrypted knowledge base {path}",
    "create.next": "To add documents: offlite kb add FOLDER{where}",
    # kb list, show, remove, stats
    "list.total": "{documents} in all.",
    "list.total_failed": "{documents} in all; not read: {failed}.",
    "show.failed": "Not read: {reason}",
    "remove.done": "Removed the document “{title}” ({path}).",
    "remove.erased": "Its text is erased from the file of the base.",
    "stats.base": "Base {path}, {size}",
    "stats.documents": "{documents}, source files {size}",
    "stats.failed": "not read: {files}",
    "stats.passages": "{passages}",
    "stats.words": "{words} in the vocabulary",
    "stats.formats": "Formats: {formats}",
    # kb check, embed
    "check.stage.file": "Checking the file",
    "check.stage.words": "Checking words",
    "check.stage.vectors": "Checking vectors",
    "check.stage.rebuild": "Making the indexes again",
    "check.stage.salvage": "Saving what can be read",
    "check.damage": "file: {detail}",
    "check.lost_passages": "passages without a document: {count}",
    "check.wrong_counts": "documents with a wrong number of passages: {count}",
    "check.wrong_words": "wrong entries about words: {count}",
    "check.stray_vectors": "vectors without a passage: {count}",
    "check.index_damaged": "the index of words is damaged",
    "check.outdated": "the index was made by an earlier version of Offlite",
    "check.purge_pending": "removed text is not yet erased from the file: the next change of the base does it",
    "check.sound": "The base is sound: {path}",
    "check.repaired": "All of that is mended, the base is sound: {path}",
    "check.damaged": "The base could not be mended: {path}. Make a new one and add the documents again.",
    "check.salvaged": "Everything that can be read was saved into a new base: {path} ({documents}, {passages}; "
    "with losses: {incomplete}). Put it in the place of the damaged one and add the documents again: "
    "offlite kb add FOLDER",
    "check.stopped": "The check was interrupted.",
    # kb export, import
    "export.done": "The base is saved in the file {path} ({documents}, {size}).",
    "import.done": "The file has become the base {path} ({documents}, {size}).",
    "copy.stopped": "Copying was interrupted; nothing was made.",
    "embed.loading": "Loading the model {folder}…",
    "embed.helps": "Search by meaning is on ({embedder}): in a trial of {questions} the right passage came first "
    "{fused} of the time instead of {lexical}.",
    "embed.no_help": "Search by meaning stays off ({embedder}): in a trial of {questions} it did not help "
    "({fused} right with it, {lexical} without).",
    "embed.dropped": "The vectors are removed: the base searches by words.",
    "embed.stopped": "Finished vectors are kept; the same command goes on from here.",
    "embed.missing": "The model “{name}” was not found on this computer, so the base searches by words only. "
    "To attach it: offlite kb embed MODEL",
    "base.copied": "The base was brought to the new format. A copy of the former one: {path}",
    # doctor
    "doctor.python.ok": "Python {version}, {system}",
    "doctor.python.problem": "Python {version}: 3.11 or newer is needed",
    "doctor.sqlite.ok": "Database: SQLite {version}, encryption by SQLCipher {cipher}, search by FTS5",
    "doctor.sqlite.problem": "The database does not work ({detail}). "
    "Reinstall: pip install --force-reinstall sqlcipher3",
    "doctor.vectors.ok": "Vector search: sqlite-vec {version}",
    "doctor.vectors.problem": "Vector search does not work ({detail}). Ordinary search is not affected; "
    "reinstall: pip install --force-reinstall sqlite-vec",
    "doctor.ocr.ok": "Recognition of scans: Tesseract with Russian ({program})",
    "doctor.ocr.absent": "No recognition of scans: install Tesseract with Russian "
    "(Debian, Ubuntu: sudo apt install tesseract-ocr tesseract-ocr-rus)",
    "doctor.ocr.problem": "Tesseract is there without Russian ({detail}). Install the language pack rus "
    "(Debian, Ubuntu: sudo apt install tesseract-ocr-rus)",
    "doctor.embedder.ok": "Search by meaning: sentence-transformers {version}",
    "doctor.embedder.absent": "No search by meaning (it is optional): pip install 'offlite[sentence-transformers]'",
    "doctor.display.ok": "Display: {screen}. PySide6: {pyside}",
    "doctor.display.absent": "No display: Offlite works in the terminal",
    "doctor.data.ok": "The data folder can be written: {folder}",
    "doctor.data.problem": "The data folder cannot be written: {folder} ({detail}). Mend its permissions "
    "or name another folder in the variable OFFLITE_HOME",
    "doctor.base.ok": "Knowledge base: {path}, {size}",
    "doctor.base.absent": "No knowledge base yet. Add your documents: offlite kb add FOLDER",
    "doctor.disk.ok": "Free on the disk: {free}",
    "doctor.disk.problem": "Little room on the disk: {free}. Free at least {least}",
    "doctor.memory.ok": "Memory: {free} free of {total}",
    "doctor.memory.absent": "Memory: the system does not tell how much there is",
    "doctor.memory.problem": "Little free memory: {free} of {total}. Close other programs: at least {least} is needed",
    "doctor.processor.ok": "Processor: {cores}, {name} ({simd})",
    "doctor.healthy": "Everything that is needed works.",
    "doctor.unwell": "There are problems, marked with ✗.",
    # help
    "metavar.file": "FILE",
    "metavar.path": "PATH",
    "metavar.document": "DOCUMENT",
    "metavar.question": "QUESTION",
    "metavar.query": "QUERY",
    "metavar.model": "MODEL",
    "metavar.command": "COMMAND",
    "metavar.folder": "FOLDER",
    "help.commands": "commands",
    "help.offlite": "Offlite answers questions from your documents, on your computer, without a network,\n"
    "and names the exact place of every quotation. Without a command: the window, or, where there is no screen,\n"
    "a conversation in the terminal.",
    "help.epilog": "To begin with:\n"
    "  offlite kb add ~/Documents        read the documents\n"
    '  offlite ask "Как оформить отпуск?"\n\n'
    "Exit status: 0 done, 1 you can fix it (the message says how), 2 wrong usage,\n"
    "3 no answer in the knowledge base, 130 interrupted.",
    "help.ask": "answer one question",
    "help.ask.question": "the question, in your own words",
    "help.chat": "questions and answers in the terminal",
    "help.window": "the window: conversations, knowledge bases, models, settings",
    "help.kb": "the knowledge base: add documents, search, look, check",
    "help.kb.add": "read files and folders; again, only what changed",
    "help.kb.add.paths": "a file or a folder of documents",
    "help.kb.add.watch": "go on watching the folder and add what changes (Ctrl+C ends it)",
    "help.kb.search": "find passages of documents",
    "help.kb.search.query": "what to search for",
    "help.kb.search.limit": "how many passages to show (default {limit}, at most {most})",
    "help.kb.create": "make an empty knowledge base",
    "help.kb.create.file": "the file of the new base (default: your main base)",
    "help.kb.create.encrypt": "encrypt the base with a passphrase",
    "help.kb.list": "list the documents and their state",
    "help.kb.show": "show a document passage by passage",
    "help.kb.remove": "remove a document and erase its text from the file of the base",
    "help.kb.document": "path or title of a document",
    "help.kb.stats": "how much is in the base",
    "help.kb.check": "verify the file of the base and mend its indexes",
    "help.kb.export": "save the whole base in one file",
    "help.kb.export.file": "the new file to save it in",
    "help.kb.import": "make a new base of a saved file and check it",
    "help.kb.import.file": "a file saved by the command export",
    "help.kb.embed": "give the base search by meaning, or take it away",
    "help.doctor": "what works on this computer, what does not, and what to do",
    "help.option.kb": "the file of the knowledge base (default: your main base)",
    "help.option.json": "print one JSON object",
    "help.option.passphrase_fd": "read the passphrase of an encrypted base from file descriptor N",
    "help.option.key_file": "read the passphrase of an encrypted base from the first line of a file",
    "help.option.version": "show the version and exit",
}

ARGPARSE: dict[str, str] = {}

PLURALS |= en_models.PLURALS
ERRORS |= en_models.ERRORS
DETAILS |= en_models.DETAILS
TEXTS |= en_models.TEXTS

PLURALS |= en_answers.PLURALS
ERRORS |= en_answers.ERRORS
TEXTS |= en_answers.TEXTS

ERRORS |= en_bench.ERRORS
TEXTS |= en_bench.TEXTS

PLURALS |= en_gui.PLURALS
TEXTS |= en_gui.TEXTS
