"""Слова страницы моделей: что установлено, что потянет компьютер, что делается с файлами."""

from __future__ import annotations

TEXTS: dict[str, str] = {
    "gui.models.title": "Модели",
    "gui.models.looking": "Смотрю, какие модели есть…",
    "gui.models.add": "Добавить файл…",
    "gui.models.add.filter": "Модели GGUF",
    "gui.models.add.all": "Все файлы",
    "gui.models.convert": "Преобразовать папку…",
    "gui.models.without": "Отвечать без модели",
    "gui.models.installed": "Установлены",
    "gui.models.offers": "Можно установить",
    "gui.models.answers": "Отвечает",
    "gui.models.recommended": "Советуем",
    "gui.models.choose": "Выбрать",
    "gui.models.choose_name": "Выбрать модель {name}",
    "gui.models.more": "Другие действия",
    "gui.models.more_name": "Другие действия с моделью {name}",
    "gui.models.download": "Скачать…",
    "gui.models.download_name": "Скачать модель {name}",
    "gui.models.action.measure": "Измерить скорость",
    "gui.models.action.verify": "Проверить файл",
    "gui.models.action.certificate": "Сертификат преобразования",
    "gui.models.action.copy": "Записать на флешку…",
    "gui.models.action.remove": "Удалить",
    "gui.models.broken_records": "Записи о моделях не читаются: {names}. Добавьте файлы этих моделей ещё раз.",
    "gui.models.not_models": "Это не модели: {names}. Нужен файл GGUF или папка, в которой лежат config.json "
    "и *.safetensors.",
    # the computer and the picture of its memory
    "gui.models.computer": "Что потянет этот компьютер",
    "gui.models.ram": "{size} памяти",
    "gui.models.few_cores": "Здесь {cores}: большая модель будет отвечать медленно.",
    "gui.models.try.model": "Модель",
    "gui.models.try.type": "Сжатие",
    "gui.models.try.context": "Контекст",
    "gui.models.bar": "Память для модели",
    "gui.models.bar.weights": "веса {size}",
    "gui.models.bar.context": "контекст {size}",
    "gui.models.bar.rest": "вычисления {size}",
    "gui.models.bar.free": "свободно {size}",
    "gui.models.bar.reserve": "системе {size}",
    "gui.models.verdict.fits": "Поместится: нужно {needs}, контекст до {largest}.",
    "gui.models.verdict.tight": "Поместится, если закрыть другие программы: нужно {needs}, контекст до {largest}.",
    "gui.models.verdict.too-large": "Не поместится: нужно {needs}, не хватает {missing}.",
    "gui.models.verdict.unknown": "Нужно {needs}; сколько памяти на этом компьютере, система не сообщает.",
    "gui.models.speed.measured": "Читает {reading} токенов в секунду, пишет {writing}.",
    "gui.models.speed.expected": "Должна писать около {writing} токенов в секунду — судя по {name}.",
    "gui.models.speed.about": "Должна писать около {writing} токенов в секунду.",
    "gui.models.other_engine": "Здесь не запускается: нужна программа {engine}.",
    "gui.models.speed.unknown": "Скорость ещё не измерена.",
    "gui.models.trained_context": "контекст до {count}",
    # work
    "gui.models.progress": "Ход работы",
    "gui.models.work.add": "Добавляю {name}",
    "gui.models.work.convert": "Преобразую {name}",
    "gui.models.work.verify": "Проверяю {name}",
    "gui.models.work.remove": "Удаляю {name}",
    "gui.models.work.measure": "Измеряю скорость {name}",
    "gui.models.work.split": "Записываю {name}",
    "gui.models.work.look_up": "Спрашиваю сервер о {name}",
    "gui.models.work.pull": "Скачиваю {name}",
    "gui.models.preparing": "Готовлюсь…",
    "gui.models.loading": "Загружаю в память: {done}",
    "gui.models.measuring": "Пробую разное число потоков. Это займёт до минуты.",
    "gui.models.waiting": "Потом: {names}",
    "gui.models.stop": "Остановить",
    "gui.models.stopping": "Останавливаю…",
    "gui.models.again": "Ещё раз",
    "gui.models.go_on": "Продолжить",
    "gui.models.hide": "Скрыть",
    "gui.models.state.done": "Готово: {name}",
    "gui.models.state.stopped": "Остановлено: {name}",
    "gui.models.state.failed": "Не получилось: {name}",
    "gui.models.stopped.goes_on": "Сделанное сохранено. Продолжить можно и сейчас, и в другой день.",
    "gui.models.stopped.nothing_changed": "Ничего не изменилось.",
    "gui.models.done.installed": "Модель {name} установлена: {type}, {size}. Файл проверен, контрольная "
    "сумма записана.",
    "gui.models.done.already": "Точно такой же файл уже установлен под именем {name}.",
    "gui.models.done.removed": "Модель {name} удалена, освободилось {size}.",
    "gui.models.done.removed_link": "Модель {name} больше не установлена. Её файл остался на месте: {path}",
    "gui.models.done.verified": "Файл модели {name} тот же, что был установлен. SHA-256: {sum}",
    "gui.models.done.measured": "{name}: {speed} Число потоков запомнено.",
    "gui.models.done.split": "Модель {name} записана в папку {folder}. На другом компьютере перетащите в окно Offlite "
    "любой из этих файлов.",
    # without a model, without a network
    "gui.models.none.title": "Модели пока нет",
    "gui.models.none.text": "Offlite уже отвечает — цитатами из документов. С моделью он пишет связный ответ "
    "своими словами и ставит ссылки на источники.",
    "gui.models.small.title": "Пока отвечает встроенная модель",
    "gui.models.small.text": "{name} входит в Offlite, чтобы попробовать всё сразу. Она маленькая: находит "
    "в документах подходящую фразу и повторяет её со ссылкой, но часто ошибается и не умеет рассуждать. Связный ответ "
    "своими словами пишет T-lite.",
    "gui.models.carry.title": "Как принести модель на компьютер без сети",
    "gui.models.carry.file": "На компьютере с интернетом откройте huggingface.co/{repository} и скачайте файл {file} "
    "({size}). Это {name} — модель для этого компьютера.",
    "gui.models.carry.checkpoint": "На компьютере с интернетом откройте huggingface.co/{repository} и скачайте "
    "все файлы в одну папку: config.json, tokenizer.json, {file} и остальные (около {size}). Это {name} — модель "
    "для этого компьютера.",
    "gui.models.carry.stick": "Перенесите на флешке. FAT32 не хранит файлы от 4 ГБ: выберите exFAT или NTFS. "
    "Если Offlite есть и там, в меню модели есть «Записать на флешку» — годится и FAT32.",
    "gui.models.carry.drop": "Перетащите файл в это окно или нажмите «Добавить файл».",
    "gui.models.carry.convert": "Перетащите папку в это окно или нажмите «Преобразовать папку».",
    "gui.models.carry.folder": "Подойдёт и любой другой файл GGUF, и исходная модель — папка с config.json "
    "и *.safetensors: Offlite преобразует её сам.",
    # questions before something is done
    "gui.models.connect.title": "Подключиться к сети?",
    "gui.models.connect.text": "Чтобы скачать {name}, нужна сеть. Во всём остальном Offlite обходится без неё.",
    "gui.models.connect.host": "Сервер: {endpoint}, модель {repository}.",
    "gui.models.connect.size": "Скачать около {download}, на диске останется {installed}.",
    "gui.models.connect.gated": "Автор просит принять лицензию на сайте и указать ключ в переменной HF_TOKEN.",
    "gui.models.connect.private": "Ни вопросы, ни документы, ни сведения о вас не отправляются.",
    "gui.models.connect.yes": "Подключиться к сети",
    "gui.models.download.title": "Скачать {name}?",
    "gui.models.download.yes": "Скачать",
    "gui.models.convert.title": "Преобразовать {name}?",
    "gui.models.convert.text": "Исходная модель станет одним файлом GGUF и будет установлена. Папка останется "
    "как есть. Прервать можно в любой момент: сделанное сохранится.",
    "gui.models.convert.adapter": "Это адаптер LoRA: он дополняет модель, для которой обучен. Если её config.json "
    "не лежит рядом, укажите папку этой модели.",
    "gui.models.convert.base": "Папка модели…",
    "gui.models.convert.yes": "Преобразовать",
    "gui.models.type.usual": "{type} — меньше и быстрее",
    "gui.models.type.exact": "{type} — точнее, вдвое больше",
    "gui.models.remove.title": "Удалить {name}?",
    "gui.models.remove.text": "Файл модели будет стёрт, освободится {size}. Базы знаний и разговоры останутся.",
    "gui.models.remove.linked": "Offlite забудет модель; её файл ({size}) останется на месте: {path}",
    # the certificate
    "gui.models.certificate": "Сертификат преобразования",
    "gui.models.certificate.text": "Что преобразовано, во что и как проверено. Лежит рядом с файлом модели.",
    "gui.models.certificate.source": "Исходная модель",
    "gui.models.certificate.result": "Получилось",
    "gui.models.certificate.sum": "SHA-256",
    "gui.models.certificate.files": "Прочитано",
    "gui.models.certificate.files_of": "{files}, {size}",
    "gui.models.certificate.tensors": "Записано",
    "gui.models.certificate.probe": "Сверка с llama.cpp",
    "gui.models.certificate.probe_equal": "строки весов совпали до бита",
    "gui.models.certificate.time": "Время",
    "gui.models.certificate.by": "Программа",
    "gui.models.certificate.note": "Примечание",
    "gui.models.certificate.check": "Проверка",
    "gui.models.certificate.good": "файл хороший",
    "gui.models.certificate.doubtful": "файл сомнительный",
    "gui.models.certificate.bad": "файл негодный",
    "gui.models.close": "Закрыть",
    # what went wrong, where the terminal would be told a command
    "gui.models.error.name_taken": "Модель с именем «{name}» уже установлена. Удалите её или переименуйте новый файл.",
    "gui.models.error.not_gguf": "{path} — не модель GGUF: {detail}. Папку с исходной моделью можно преобразовать: "
    "«Преобразовать папку».",
    "gui.models.error.unsupported": "{path} здесь не запустить: {detail}. Возьмите другой файл этой модели "
    "или другую модель.",
    "gui.models.error.changed": "Файл модели «{name}» изменился с тех пор, как его установили. Такой файл "
    "не запускается. Удалите модель и добавьте её заново из надёжного источника.",
    "gui.models.error.not_installed": "Модель «{name}» уже не установлена.",
    "gui.models.error.switched_off": "Сеть запрещена переменной {variable}. Уберите её или принесите файл модели "
    "на носителе и перетащите в это окно.",
    "gui.models.error.unreachable": "Сервер {endpoint} недоступен ({detail}). Проверьте сеть; скачанное сохранено, "
    "работу можно продолжить.",
    "gui.models.error.corrupt": "Скачанный файл {path} испорчен и удалён. Скачайте модель ещё раз.",
    "gui.models.error.size_wrong": "Сервер отдаёт файл {path} не того размера. Загрузка прервана; попробуйте позже.",
    "gui.models.error.source_changed": "Файл {path} изменился, пока его читали. Дождитесь конца копирования "
    "и начните ещё раз.",
    "gui.models.error.not_checkpoint": "{path} — не исходная модель: {detail}. Нужна папка, в которой лежат "
    "config.json, tokenizer.json и *.safetensors.",
}

PLURALS: dict[str, tuple[str, ...]] = {}
