"""Русский: первый язык Offlite. Кто правит слова, правит их здесь."""

from __future__ import annotations

from app.catalogue import ru_answers, ru_bench, ru_gui, ru_models

THOUSANDS = "\u00a0"  # no-break space: cp1251 and cp866 consoles have it, a narrow one they do not
DECIMAL = ","


def plural_form(count: int) -> int:
    """0 — один документ, 1 — два документа, 2 — пять документов (Unicode CLDR, русский: one, few, many)."""
    count = abs(count)
    if count % 10 == 1 and count % 100 != 11:
        return 0
    if count % 10 in (2, 3, 4) and count % 100 not in (12, 13, 14):
        return 1
    return 2


PLURALS: dict[str, tuple[str, ...]] = {
    "byte": ("байт", "байта", "байт"),
    "core": ("ядро", "ядра", "ядер"),
    "document": ("документ", "документа", "документов"),
    "document_added": ("документ добавлен", "документа добавлено", "документов добавлено"),
    "document_replaced": ("документ обновлён", "документа обновлено", "документов обновлено"),
    "document_moved": ("документ переименован", "документа переименовано", "документов переименовано"),
    "document_removed": ("документ удалён", "документа удалено", "документов удалено"),
    "document_unchanged": ("документ без изменений", "документа без изменений", "документов без изменений"),
    "file": ("файл", "файла", "файлов"),
    "file_of": ("файла", "файлов", "файлов"),
    "file_skipped": (
        "файл другого формата пропущен",
        "файла других форматов пропущено",
        "файлов других форматов пропущено",
    ),
    "passage": ("фрагмент", "фрагмента", "фрагментов"),
    "passage_of": ("фрагмента", "фрагментов", "фрагментов"),
    "question_of": ("вопроса", "вопросов", "вопросов"),
    "word": ("слово", "слова", "слов"),
}

PLACES: dict[str, str] = {
    "Page": "стр. {page}",
    "Line": "строка {line}",
    "Paragraph": "абзац {paragraph}",
    "Cell": "лист «{sheet}», ячейка {cell}",
    "Cells": "лист «{sheet}», ячейки {cell}",
    "Slide": "слайд {slide}",
    "Moment": "{time}",
}

ERRORS: dict[str, str] = {
    # the base
    "KnowledgeBaseError": "Ошибка базы знаний.",
    "BaseNotFound": "Нет такой базы знаний: {path}. Создать её: offlite kb add ПАПКА --kb ФАЙЛ",
    "BaseExists": "Файл уже есть: {path}. Выберите другое имя или добавьте документы в эту базу: offlite kb add",
    "NotABase": "Это не база знаний Offlite: {path}",
    "WrongPassphrase": (
        "База не открывается: {path}. Пароль не подходит, или база не зашифрована, а пароль указан, "
        "или файл — вовсе не база знаний."
    ),
    "BaseTooNew": "База {path} создана более новой версией Offlite (формат {found}, эта версия знает {known}). "
    "Обновите Offlite.",
    "BaseBusy": "В базу {path} сейчас пишет другая программа. Дождитесь, пока она закончит, и повторите.",
    "BaseUnwritable": "Не получается записать или открыть базу {path} ({detail}). Проверьте права и место на диске.",
    "BaseDamaged": "Файл базы {path} повреждён ({detail}). Попробуйте починить его: offlite kb check --kb ФАЙЛ",
    "DocumentNotFound": "В базе нет документа «{document}». Список документов: offlite kb list",
    "EmbedderMismatch": "Векторы базы построены моделью «{recorded}», а предложена «{given}»: смешивать их нельзя. "
    "Отключить векторы: offlite kb embed none",
    "EmbedderUnavailable": "Модель для поиска по смыслу «{name}» недоступна ({detail}).",
    # one document
    "ReadError": "не удалось прочитать",
    "Unreadable": "не открывается ({detail})",
    "NotAFile": "это не обычный файл (канал, сокет, устройство или ссылка на саму себя)",
    "UnsupportedFormat": "формат «{format}» не поддерживается",
    "Encrypted": "защищён паролем: снимите защиту и добавьте снова",
    "Broken": "повреждён или не соответствует своему расширению ({detail})",
    "TooLarge": "слишком велик: {size} при пределе {limit}",
    "TooSlow": "не прочитан за {seconds}: чтение прервано",
    "TooHungry": "для чтения не хватило {megabytes} МБ памяти: чтение прервано",
    "NeedsOcr": "нужно распознавание: на страницах {pages} только изображение. "
    "Установите Tesseract с русским языком и добавьте снова",
    "NoText": "в файле нет текста",
    "ReaderCrashed": "программа чтения аварийно завершилась ({detail})",
    # the application
    "ApplicationError": "Ошибка приложения.",
    "NotOnHub": "Модель «{name}» в виде {type} скачать нельзя. Можно: {known}",
    "ModelRunsElsewhere": "Модели «{name}» нужна программа {engine}: здесь она не запускается.",
    "NoScreen": "Здесь нет экрана для окна. Разговор в терминале: offlite chat.",
    "WindowUnavailable": "Окно не открыть: {detail}. Нужен PySide6 (pip install 'offlite[gui]') и библиотеки системы: "
    "в Debian и Ubuntu — sudo apt install libegl1 libgl1 libxkbcommon-x11-0 libxcb-cursor0 "
    "libxcb-icccm4 libxcb-keysyms1. "
    "Разговор в терминале: offlite chat.",
    "NobodyToAsk": "Спросить некого: это не терминал. Если согласны заранее, добавьте {option}.",
    "NoSuchPath": "Нет такого файла или папки: {path}",
    "NoBaseYet": "Базы знаний ещё нет. Добавьте свои документы: offlite kb add ПАПКА",
    "BaseIsFolder": "{path} — это папка, а база знаний — один файл. Папку с документами добавляют так: "
    "offlite kb add ПАПКА",
    "NoDemoDocuments": "В этой установке нет демонстрационных документов ({path}). Добавьте свои: offlite kb add ПАПКА",
    "BaseWorkDied": "Процесс, который работал с базой, завершился ({detail}). Сделанное им сохранено: повторите.",
    "PassphraseNeeded": "База {path} зашифрована, а спросить пароль не у кого. "
    "Передайте его: --key-file ФАЙЛ или --passphrase-fd N",
    "PassphraseEmpty": "Пароль пуст.",
    "PassphrasesDiffer": "Пароли не совпали. База не создана.",
    "KeyUnreadable": "Не получается прочитать пароль из «{source}» ({detail}).",
    "DataFolderUnfit": "В папку {path} данные перенести нельзя.",
    "DataFolderTaken": "В папке {path} уже есть файлы. Выберите пустую папку.",
    "DataFolderInside": "Папка {path} — это нынешняя папка данных, её часть или папка над ней. Выберите другую.",
    "DataFolderSmall": "На диске папки {path} не хватает места: нужно {needed}, свободно {free}.",
    "DataFolderUnwritable": "В папку {path} не получается записать ({detail}). Проверьте права и диск.",
    "DataCopyDiffers": "Копия {path} прочиталась не такой, какой была записана. Проверьте диск; "
    "данные остались на прежнем месте.",
    "HistoryLocked": "Разговоры зашифрованы, и пароль к ним не подошёл. Проверьте раскладку и повторите.",
    "HistoryBusy": "С файлом разговоров сейчас работает другое окно Offlite. Закройте его и повторите.",
    "HistoryDamaged": "Файл разговоров {path} повреждён ({detail}).",
    "HistoryTooNew": "Файл разговоров {path} создан более новой версией Offlite (формат {found}, эта версия знает "
    "{known}). Обновите Offlite.",
    "HistoryUnwritable": "Разговоры не получается записать в {path} ({detail}). Проверьте права и место на диске.",
    "WrongUsage": "Команда противоречит сама себе.",
    "EmptyQuestion": 'Вопрос пуст. Например: offlite ask "Как сбросить пароль роутера?"',
    "KeyWithoutEncrypt": "Пароль указан, но база создаётся без шифрования. Добавьте --encrypt.",
    "JsonWhileWatching": "--json и --watch вместе не работают: у наблюдения нет конца, печатать нечего.",
}

DETAILS: dict[str, str] = {
    "the copy is not there": "копии там нет",
    # what readers find
    "binary data": "двоичные данные",
    "no RTF signature": "нет заголовка RTF",
    "no cues": "нет ни одной реплики",
    "no message headers": "нет заголовков письма",
    "no FictionBook element": "нет элемента FictionBook",
    "no .fb2 inside": "внутри нет файла .fb2",
    "an OLE container, not a zip archive": "контейнер OLE вместо архива zip",
    "BadZipFile: File is not a zip file": "это не архив zip",
    "Failed to load document (PDFium: Data format error).": "структура PDF нарушена",
    # models
    "neither modules.json nor config.json is there": "в папке нет ни modules.json, ни config.json",
    "no .onnx file is there": "в папке нет файла .onnx",
    "gave rows that are not of length 1": "её векторы не нормированы",
    # the system and SQLite
    "Permission denied": "нет прав доступа",
    "Operation not permitted": "операция запрещена",
    "No such file or directory": "нет такого файла или папки",
    "Not a directory": "это не папка",
    "Is a directory": "это папка",
    "Read-only file system": "носитель только для чтения",
    "No space left on device": "на диске нет места",
    "Disk quota exceeded": "исчерпана квота на диске",
    "File name too long": "слишком длинное имя",
    "No such device": "устройство отключено",
    "Input/output error": "ошибка ввода-вывода",
    "Too many open files": "открыто слишком много файлов",
    "Too many levels of symbolic links": "ссылки образуют круг",
    "Bad file descriptor": "такой файл не открыт",
    "database or disk is full": "на диске нет места",
    "disk I/O error": "ошибка чтения или записи на диске",
    "attempt to write a readonly database": "файл или папка только для чтения",
    "unable to open database file": "файл не открывается",
    "database disk image is malformed": "структура файла нарушена",
}

TEXTS: dict[str, str] = {
    "unit.kb": "КБ",
    "unit.mb": "МБ",
    "unit.gb": "ГБ",
    "unit.tb": "ТБ",
    "unit.s": "с",
    "unit.min": "мин",
    "unit.h": "ч",
    # anything
    "error": "offlite: {sentence}",
    "and_more": "и ещё {count}",
    "interrupted": "Прервано.",
    "stopping": "Останавливаюсь…",
    "unexpected": "offlite: непредвиденная ошибка ({detail}). Подробности записаны в {log}",
    "unexpected.unlogged": "offlite: непредвиденная ошибка ({detail}). Записать подробности не удалось.",
    # answers
    "answer.abstained": "В базе знаний нет ответа на этот вопрос.",
    "answer.nearest": "Ближайшие документы:",
    "search.corrected": "Искали: {query}",
    "search.nothing": "Ничего не найдено.",
    # the demonstration
    "demo.building": "Готовлю демонстрационные документы…",
    "demo.used": "Своей базы знаний ещё нет — для знакомства есть {documents}. Свои: offlite kb add ПАПКА",
    "demo.next": "Это был ответ по демонстрационным документам. Добавить свои: offlite kb add ПАПКА",
    # the chat
    "chat.greeting": "Offlite {version}. База знаний: {base}, {documents}.",
    "chat.demo_base": "демонстрационная",
    "chat.own_base": "ваша",
    "chat.try": "Спросите, например: {question}",
    "chat.leave": "Выйти — Ctrl+D или /выход, справка — /помощь.",
    # passphrases
    "passphrase.ask": "Пароль базы {path}: ",
    "passphrase.wrong": "Пароль не подходит.",
    "passphrase.new": "Новый пароль: ",
    "passphrase.repeat": "Ещё раз: ",
    "passphrase.no_recovery": "Забытый пароль восстановить нельзя: без него базу не прочитает никто.",
    # kb add
    "progress.counting": "Ищу документы: {files}",
    "progress.files": "{done} из {total}",
    "progress.left": "осталось {time}",
    "progress.rebuilding": "Обновляю указатель: {done} из {total}",
    "progress.embedding": "Строю векторы: {done} из {total}",
    "progress.copying": "Копирую: {done} из {total}",
    "add.summary": "Готово за {time}: {changes}.",
    "add.summary_stopped": "Остановлено через {time}: {changes}.",
    "add.nothing": "документов не нашлось",
    "add.skipped": "{files}.",
    "add.unread": "Прочитано не полностью:",
    "add.unread_pages": "нужно распознавание, страницы: {pages}. Установите Tesseract с русским языком",
    "add.failures": "Не прочитано: {files}.",
    "add.kept": " (в базе остаётся прежний текст)",
    "add.stopped": "Всё прочитанное сохранено; та же команда продолжит с этого места.",
    "add.next": 'Спросите: offlite ask "ВОПРОС"{where}',
    "add.purge_pending": "Удалённый текст ещё не стёрт из файла: базу читает другая программа. "
    "Сотрётся при следующем изменении.",
    "watch.began": "Слежу за изменениями. Закончить — Ctrl+C.",
    "watch.added": "+ {path} ({passages})",
    "watch.replaced": "~ {path} ({passages})",
    "watch.moved": "→ {before} → {path}",
    "watch.removed": "− {path}",
    "watch.failed": "✗ {path}: {reason}",
    # kb create
    "create.done": "Создана база знаний {path}",
    "create.done_encrypted": "Создана зашифрованная база знаний {path}",
    "create.next": "Добавить документы: offlite kb add ПАПКА{where}",
    # kb list, show, remove, stats
    "list.total": "Всего {documents}.",
    "list.total_failed": "Всего {documents}; не прочитано: {failed}.",
    "show.failed": "Не прочитан: {reason}",
    "remove.done": "Удалён документ «{title}» ({path}).",
    "remove.erased": "Его текст стёрт из файла базы.",
    "stats.base": "База {path}, {size}",
    "stats.documents": "{documents}, исходных файлов {size}",
    "stats.failed": "не прочитано: {files}",
    "stats.passages": "{passages}",
    "stats.words": "{words} в словаре",
    "stats.formats": "Форматы: {formats}",
    # kb check, embed
    "check.stage.file": "Проверяю файл",
    "check.stage.words": "Проверяю слова",
    "check.stage.vectors": "Проверяю векторы",
    "check.stage.rebuild": "Строю указатели заново",
    "check.stage.salvage": "Спасаю, что читается",
    "check.damage": "файл: {detail}",
    "check.lost_passages": "фрагментов без документа: {count}",
    "check.wrong_counts": "документов с неверным числом фрагментов: {count}",
    "check.wrong_words": "неверных записей о словах: {count}",
    "check.stray_vectors": "векторов без фрагмента: {count}",
    "check.index_damaged": "повреждён указатель слов",
    "check.outdated": "указатель построен прежней версией Offlite",
    "check.purge_pending": "удалённый текст ещё не стёрт из файла: это сделает следующее изменение базы",
    "check.sound": "База в порядке: {path}",
    "check.repaired": "Всё это исправлено, база в порядке: {path}",
    "check.damaged": "Починить базу не удалось: {path}. Создайте новую и добавьте документы снова.",
    "check.salvaged": "Всё, что удалось прочитать, спасено в новую базу: {path} ({documents}, {passages}; "
    "с потерями: {incomplete}). Поставьте её на место повреждённой и добавьте документы снова: offlite kb add ПАПКА",
    "check.stopped": "Проверка прервана.",
    # kb export, import
    "export.done": "База сохранена в файл {path} ({documents}, {size}).",
    "import.done": "Из файла сделана база {path} ({documents}, {size}).",
    "copy.stopped": "Копирование прервано, ничего не создано.",
    "embed.loading": "Загружаю модель {folder}…",
    "embed.helps": "Поиск по смыслу включён ({embedder}): в проверке из {questions} верный фрагмент оказался первым "
    "в {fused} случаев вместо {lexical}.",
    "embed.no_help": "Поиск по смыслу не включён ({embedder}): в проверке из {questions} он не помог "
    "({fused} верных с ним, {lexical} без него).",
    "embed.dropped": "Векторы удалены: база ищет по словам.",
    "embed.stopped": "Готовые векторы сохранены; та же команда продолжит с этого места.",
    "embed.missing": "Модель «{name}» на этом компьютере не найдена, поэтому база ищет только по словам. "
    "Подключить: offlite kb embed МОДЕЛЬ",
    "base.copied": "База обновлена до нового формата. Копия прежней: {path}",
    # doctor
    "doctor.python.ok": "Python {version}, {system}",
    "doctor.python.problem": "Python {version}: нужен 3.11 или новее",
    "doctor.sqlite.ok": "База данных: SQLite {version}, шифрование SQLCipher {cipher}, поиск FTS5",
    "doctor.sqlite.problem": "База данных не работает ({detail}). "
    "Переустановите: pip install --force-reinstall sqlcipher3",
    "doctor.vectors.ok": "Поиск по векторам: sqlite-vec {version}",
    "doctor.vectors.problem": "Поиск по векторам не работает ({detail}). Обычному поиску это не мешает; "
    "переустановите: pip install --force-reinstall sqlite-vec",
    "doctor.ocr.ok": "Распознавание сканов: Tesseract с русским языком ({program})",
    "doctor.ocr.absent": "Распознавания сканов нет: установите Tesseract с русским языком "
    "(Debian, Ubuntu: sudo apt install tesseract-ocr tesseract-ocr-rus)",
    "doctor.ocr.problem": "Tesseract есть, но не знает русского ({detail}). Установите языковой пакет rus "
    "(Debian, Ubuntu: sudo apt install tesseract-ocr-rus)",
    "doctor.embedder.ok": "Поиск по смыслу: sentence-transformers {version}",
    "doctor.embedder.absent": "Поиска по смыслу нет (он необязателен): pip install 'offlite[sentence-transformers]'",
    "doctor.display.ok": "Экран: {screen}. PySide6: {pyside}",
    "doctor.display.absent": "Экрана нет: Offlite работает в терминале",
    "doctor.data.ok": "Папка данных доступна для записи: {folder}",
    "doctor.data.problem": "В папку данных нельзя писать: {folder} ({detail}). Исправьте права "
    "или укажите другую папку в переменной OFFLITE_HOME",
    "doctor.base.ok": "База знаний: {path}, {size}",
    "doctor.base.absent": "Базы знаний ещё нет. Добавьте документы: offlite kb add ПАПКА",
    "doctor.disk.ok": "Свободно на диске: {free}",
    "doctor.disk.problem": "На диске мало места: {free}. Освободите хотя бы {least}",
    "doctor.memory.ok": "Память: {free} свободно из {total}",
    "doctor.memory.absent": "Память: система не сообщает, сколько её",
    "doctor.memory.problem": "Мало свободной памяти: {free} из {total}. "
    "Закройте лишние программы: нужно хотя бы {least}",
    "doctor.processor.ok": "Процессор: {cores}, {name} ({simd})",
    "doctor.healthy": "Всё нужное работает.",
    "doctor.unwell": "Есть неполадки: они отмечены знаком ✗.",
    # help
    "metavar.file": "ФАЙЛ",
    "metavar.path": "ПУТЬ",
    "metavar.document": "ДОКУМЕНТ",
    "metavar.question": "ВОПРОС",
    "metavar.query": "ЗАПРОС",
    "metavar.model": "МОДЕЛЬ",
    "metavar.command": "КОМАНДА",
    "metavar.folder": "ПАПКА",
    "help.commands": "команды",
    "help.offlite": "Offlite отвечает на вопросы по вашим документам, на вашем компьютере, без сети,\n"
    "и называет точное место каждой цитаты. Без команды открывается окно, а где нет экрана — разговор в терминале.",
    "help.epilog": "С чего начать:\n"
    "  offlite kb add ~/Документы        прочитать документы\n"
    '  offlite ask "Как оформить отпуск?"\n\n'
    "Код завершения: 0 — сделано, 1 — можно исправить (сообщение скажет как),\n"
    "2 — неверная команда, 3 — в базе знаний нет ответа, 130 — прервано.",
    "help.ask": "ответить на один вопрос",
    "help.ask.question": "вопрос обычными словами",
    "help.chat": "вопросы и ответы в терминале",
    "help.window": "окно: разговоры, базы знаний, модели, настройки",
    "help.kb": "база знаний: добавить документы, искать, посмотреть, проверить",
    "help.kb.add": "прочитать файлы и папки; повторно — только то, что изменилось",
    "help.kb.add.paths": "файл или папка с документами",
    "help.kb.add.watch": "следить за папкой дальше и добавлять изменения (закончить — Ctrl+C)",
    "help.kb.search": "найти фрагменты документов",
    "help.kb.search.query": "что искать",
    "help.kb.search.limit": "сколько фрагментов показать (по умолчанию {limit}, не больше {most})",
    "help.kb.create": "создать пустую базу знаний",
    "help.kb.create.file": "файл новой базы (по умолчанию — ваша основная база)",
    "help.kb.create.encrypt": "зашифровать базу паролем",
    "help.kb.list": "перечислить документы и их состояние",
    "help.kb.show": "показать документ по фрагментам",
    "help.kb.remove": "удалить документ и стереть его текст из файла базы",
    "help.kb.document": "путь или название документа",
    "help.kb.stats": "сколько чего в базе",
    "help.kb.check": "проверить файл базы и починить указатели",
    "help.kb.export": "сохранить базу целиком в один файл",
    "help.kb.export.file": "новый файл, куда её сохранить",
    "help.kb.import": "сделать новую базу из сохранённого файла и проверить её",
    "help.kb.import.file": "файл, сохранённый командой export",
    "help.kb.embed": "подключить к базе поиск по смыслу или отключить его",
    "help.doctor": "что работает на этом компьютере, что нет и что делать",
    "help.option.kb": "файл базы знаний (по умолчанию — ваша основная база)",
    "help.option.json": "напечатать один объект JSON",
    "help.option.passphrase_fd": "прочитать пароль зашифрованной базы из файлового дескриптора N",
    "help.option.key_file": "прочитать пароль зашифрованной базы из первой строки файла",
    "help.option.version": "показать версию и выйти",
}

ARGPARSE: dict[str, str] = {
    "usage: ": "использование: ",
    "options": "параметры",
    "positional arguments": "аргументы",
    "subcommands": "команды",
    "show this help message and exit": "показать эту справку и выйти",
    "show program's version number and exit": "показать версию и выйти",
    "%(prog)s: error: %(message)s\n": "%(prog)s: ошибка: %(message)s\n",
    "argument %(argument_name)s: %(message)s": "аргумент %(argument_name)s: %(message)s",
    "the following arguments are required: %s": "не хватает аргументов: %s",
    "one of the arguments %s is required": "нужен один из аргументов: %s",
    "unrecognized arguments: %s": "неизвестные аргументы: %s",
    "not allowed with argument %s": "нельзя вместе с %s",
    "ignored explicit argument %r": "здесь не нужно значение: %r",
    "expected one argument": "нужно одно значение",
    "expected at most one argument": "нужно не больше одного значения",
    "expected at least one argument": "нужно хотя бы одно значение",
    "expected %s argument": "нужно значений: %s",
    "expected %s arguments": "нужно значений: %s",
    "ambiguous option: %(option)s could match %(matches)s": "неоднозначный параметр %(option)s: подходят %(matches)s",
    "invalid %(type)s value: %(value)r": "неверное значение: %(value)r",
    "invalid choice: %(value)r (choose from %(choices)s)": "неверное значение %(value)r (возможны: %(choices)s)",
    "invalid choice: %(value)r, maybe you meant %(suggestion)r? (choose from %(choices)s)": "неверное значение "
    "%(value)r; может быть, %(suggestion)r? (возможны: %(choices)s)",
    "unknown parser %(parser_name)r (choices: %(choices)s)": "неизвестная команда %(parser_name)r (есть: %(choices)s)",
}

PLURALS |= ru_models.PLURALS
ERRORS |= ru_models.ERRORS
DETAILS |= ru_models.DETAILS
TEXTS |= ru_models.TEXTS

PLURALS |= ru_answers.PLURALS
ERRORS |= ru_answers.ERRORS
TEXTS |= ru_answers.TEXTS

ERRORS |= ru_bench.ERRORS
TEXTS |= ru_bench.TEXTS

PLURALS |= ru_gui.PLURALS
TEXTS |= ru_gui.TEXTS
