"""Слова разговора: заголовок, поле вопроса, состояние базы и модели."""

from __future__ import annotations

TEXTS: dict[str, str] = {
    "gui.conversation.ask": "Спросить",
    "gui.conversation.ask_hint": "Enter — спросить, Shift+Enter — новая строка",
    "gui.conversation.base": "База: {name}",
    "gui.conversation.base.demo": "База для знакомства",
    "gui.conversation.base.own": "Моя база",
    "gui.conversation.base_another": "Другая база",
    "gui.conversation.base_failed": "База «{name}» не открылась. {error}",
    "gui.conversation.base_locked": "База «{name}» защищена паролем.",
    "gui.conversation.base_opening": "Открываю базу «{name}»…",
    "gui.conversation.base_preparing": (
        "Готовлю базу для знакомства: {done} из {files}. Вопрос можно задать уже сейчас."
    ),
    "gui.conversation.base_unlock": "Ввести пароль",
    "gui.conversation.composer": "Вопрос",
    "gui.conversation.delete": "Удалить разговор…",
    "gui.conversation.delete_text": "«{title}» исчезнет из списка: вопросы, ответы и черновик. Документы останутся.",
    "gui.conversation.delete_title": "Удалить разговор?",
    "gui.conversation.delete_yes": "Удалить",
    "gui.conversation.documents": "Документы",
    "gui.conversation.documents_hint": "Открыть документы этой базы",
    "gui.conversation.editing": "Вы меняете вопрос. Новый ответ встанет на место прежнего.",
    "gui.conversation.editing_cancel": "Не менять",
    "gui.conversation.empty_add": "Добавить документы",
    "gui.conversation.empty_base": "Перетащите на окно файлы или папку. Когда они будут прочитаны, можно спрашивать.",
    "gui.conversation.empty_base_title": "В базе пока нет документов",
    "gui.conversation.empty_demo": (
        "Сейчас открыта база для знакомства: документы вымышленной компании. Перетащите на окно свой файл "
        "или папку — или начните с одного из вопросов."
    ),
    "gui.conversation.empty_models": "Выбрать модель",
    "gui.conversation.empty_no_model": "Модели нет, поэтому ответами будут цитаты из документов.",
    "gui.conversation.empty_own": "Offlite найдёт место в документах, ответит и покажет, откуда взят каждый ответ.",
    "gui.conversation.empty_title": "Спросите по своим документам",
    "gui.conversation.example.1": "Как сбросить пароль роутера?",
    "gui.conversation.example.2": "Что делать, если потерял пропуск?",
    "gui.conversation.example.3": "Сколько дней хранят резервные копии?",
    "gui.conversation.export": "Сохранить в файл",
    "gui.conversation.export.html": "Веб-страница (HTML)",
    "gui.conversation.export.json": "Данные (JSON)",
    "gui.conversation.export.md": "Markdown",
    "gui.conversation.export.pdf": "PDF",
    "gui.conversation.failure": "Не удалось ответить на вопрос",
    "gui.conversation.loading": "Открываю разговор…",
    "gui.conversation.menu": "Что сделать с разговором",
    "gui.conversation.model_choose": "Модели",
    "gui.conversation.model_died": "Модель перестала отвечать. Следующий вопрос запустит её снова.",
    "gui.conversation.model_failed": "Модель «{name}» не запустилась, отвечаю цитатами. {error}",
    "gui.conversation.model_failed_any": "Модель не запустилась, отвечаю цитатами. {error}",
    "gui.conversation.new": "Новый разговор",
    "gui.conversation.own_name": "Каким должен быть ответ",
    "gui.conversation.own_text": (
        "Скажите модели своими словами, каким должен быть ответ. Например: «Списком, не больше пяти пунктов, "
        "без вступления»."
    ),
    "gui.conversation.own_title": "Свой вид ответа",
    "gui.conversation.own_yes": "Отвечать так",
    "gui.conversation.page": "Вопросы и ответы",
    "gui.conversation.passphrase_name": "Пароль",
    "gui.conversation.passphrase_show": "Показать пароль",
    "gui.conversation.passphrase_text": (
        "База «{name}» зашифрована. Пароль останется в памяти, пока открыто окно, и нигде не записывается."
    ),
    "gui.conversation.passphrase_title": "Пароль базы",
    "gui.conversation.passphrase_wrong": "Пароль не подошёл. Проверьте раскладку и попробуйте ещё раз.",
    "gui.conversation.passphrase_yes": "Открыть",
    "gui.conversation.placeholder": "Спросите по документам… (перетащите сюда файл или папку)",
    "gui.conversation.placeholder_short": "Спросите по документам…",
    "gui.conversation.rename": "Переименовать…",
    "gui.conversation.rename_text": "Под этим названием разговор стоит в списке слева.",
    "gui.conversation.rename_title": "Название разговора",
    "gui.conversation.rename_yes": "Назвать",
    "gui.conversation.stop": "Остановить",
    "gui.conversation.stop_hint": "Остановить ответ (Esc)",
    "gui.conversation.style": "Каким будет ответ: {style}",
    "gui.conversation.style.letter": "Письмо клиенту",
    "gui.conversation.style.own": "Своё",
    "gui.conversation.style.own_menu": "Своё…",
    "gui.conversation.style.sentence": "Одно предложение",
    "gui.conversation.style.short": "Кратко",
    "gui.conversation.style.steps": "По шагам",
}

PLURALS: dict[str, tuple[str, ...]] = {}
