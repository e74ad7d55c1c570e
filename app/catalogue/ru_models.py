"""Русский, часть вторая: модели и их преобразование. Присоединяется к ``ru``."""

from __future__ import annotations

PLURALS: dict[str, tuple[str, ...]] = {
    "model": ("модель", "модели", "моделей"),
    "part": ("часть", "части", "частей"),
    "tensor": ("тензор", "тензора", "тензоров"),
    "tensor_of": ("тензора", "тензоров", "тензоров"),
    "row": ("строка", "строки", "строк"),
    "token": ("токен", "токена", "токенов"),
}

ERRORS: dict[str, str] = {
    # a checkpoint that cannot be converted
    "ConverterError": "Ошибка преобразования модели.",
    "SourceError": "Исходную модель преобразовать нельзя.",
    "NoSuchCheckpoint": "Нет такой папки: {path}. Укажите папку с моделью: в ней лежат config.json и *.safetensors.",
    "NotACheckpoint": "{path} — не модель Hugging Face: {detail}. Нужна папка, в которой лежат config.json, "
    "tokenizer.json и *.safetensors.",
    "SourceUnreadable": "Файл {path} не читается ({detail}). Проверьте права доступа и носитель.",
    "SourceChanged": "Файл {path} изменился, пока его читали. Дождитесь конца копирования и повторите команду.",
    "JsonBroken": "Файл {path} повреждён: {detail}. Скачайте или скопируйте его заново.",
    "HeaderBroken": "Файл весов {path} повреждён: {detail} ({tensor}). Скачайте или скопируйте его заново.",
    "IndexBroken": "Перечень файлов {path} повреждён: {detail} ({entry}). Скачайте или скопируйте модель заново.",
    "TensorRepeated": "Тензор {tensor} есть сразу в двух файлах: {first} и {second}. Похоже, в папке смешаны две "
    "модели: оставьте файлы одной.",
    "TensorsMissing": "В модели не хватает тензоров: {tensors}. Папка скопирована не полностью, или config.json "
    "от другой модели.",
    "TensorsUnexpected": "В модели есть тензоры, которых по config.json быть не должно: {tensors}. "
    "Похоже, config.json от другой модели.",
    "TensorShapeWrong": "У тензора {tensor} размеры {found}, а по config.json должны быть {expected}. "
    "Похоже, config.json от другой модели.",
    "TensorTypeUnsupported": "Тензор {tensor} хранится в виде {dtype}; преобразуются веса bf16, f16 и f32. "
    "Возьмите исходную, несжатую модель.",
    "NotFinite": "В тензоре {tensor}, строка {row}, вместо числа NaN или бесконечность: веса испорчены. "
    "Скачайте или скопируйте модель заново.",
    "ConfigBroken": "Неверное значение в {path}: {entry} — {detail}.",
    "ArchitectureUnsupported": "Архитектура «{architecture}» не поддерживается. Поддерживаются Qwen2 (T-lite 1.0), "
    "Qwen3 (T-lite 2.x), Llama (Saiga, Mistral), Gemma 3 и Phi-3/Phi-4-mini.",
    "RopeUnsupported": "Масштабирование позиций «{kind}» (rope_scaling) в GGUF записать нельзя: "
    "модель отвечала бы неверно.",
    "VocabularyBroken": "Словарь модели {path} повреждён: {detail} ({entry}).",
    "PretokenizerUnknown": "Разбиение на слова в {path} неизвестно (отпечаток {digest}): llama.cpp разбивал бы текст "
    "не так, как модель учили.",
    "AdapterUnsupported": "Адаптер {path} преобразовать нельзя: {detail} ({entry}).",
    "AdapterBroken": "Адаптер {path} повреждён: {detail} ({entry}).",
    # the file to be written
    "TargetError": "Записать модель нельзя.",
    "TypeUnknown": "Нет такого типа: {type}. Возможны: {known}.",
    "TargetExists": "Файл уже есть: {path}. Удалите его или выберите другое имя.",
    "TargetUnwritable": "Записать {path} не получается ({detail}). Проверьте папку, права и место на диске.",
    "TargetBusy": "Файл {path} сейчас пишет другая программа Offlite. Дождитесь её или выберите другое имя.",
    "SpaceShort": "На диске не хватает места для {path}: нужно {needed}, свободно {free}.",
    "QuantizerMissing": "Нечем сжимать веса: llama-cpp-python не работает ({detail}). "
    "Переустановите: pip install --force-reinstall llama-cpp-python",
    "QuantizerDiffers": "Установленная llama.cpp сжимает тензор {tensor} иначе ({found}), чем ожидалось ({expected}). "
    "Файл не создан; поставьте версию llama-cpp-python, которую требует Offlite.",
    "GgufBroken": "Файл {path} повреждён: {detail} ({entry}).",
    # models
    "ModelsError": "Ошибка модели.",
    "ModelNotInstalled": "Модель «{name}» не установлена. Установлены: {installed}. "
    "Добавить файл: offlite models add ФАЙЛ",
    "ModelNameTaken": "Модель с именем «{name}» уже установлена. Выберите другое имя: --name ИМЯ",
    "ModelFileMissing": "Нет такого файла: {path}",
    "ModelUnreadable": "Файл {path} не читается ({detail}). Проверьте права доступа и носитель.",
    "NotAGguf": "{path} — не модель GGUF: {detail}. Папку с моделью Hugging Face сначала преобразуйте: "
    "offlite convert ПАПКА ФАЙЛ",
    "ModelBroken": "Файл модели {path} повреждён: {detail} ({entry}). Скачайте или скопируйте его заново.",
    "ModelChanged": "Файл модели «{name}» изменился с тех пор, как его установили: {path}. Такой файл не запускается. "
    "Проверьте, откуда он, и установите заново: offlite models add ФАЙЛ",
    "PartsMissing": "Модель {path} разделена на части, и не все они на месте. Не хватает: {missing}",
    "PartsDiffer": "Части модели {path} не от одной модели: {detail}.",
    "ModelStoreUnwritable": "Записать {path} не получается ({detail}). Проверьте права и место на диске.",
    "ModelStoreBusy": "Папку моделей {path} сейчас меняет другая программа Offlite. Дождитесь её и повторите.",
    "ModelSpaceShort": "На диске не хватает места для {path}: нужно {needed}, свободно {free}.",
    "MemoryShort": "Не хватает памяти, чтобы запустить модель {path} с контекстом в {context} токенов. Закройте "
    "другие программы или возьмите модель поменьше.",
    "ContextOverflow": "Вопрос вместе с отрывками и разговором слишком длинный: {prompt} токенов и до {answer} "
    "на ответ, а модель вмещает {context}. Сократите вопрос или начните новый разговор.",
    "ModelUnsuitable": "Модель {path} не подходит: {detail}.",
    "GrammarRefused": "Заданный вид ответа использовать нельзя: {detail}.",
    "AdapterUnusable": "Адаптер {path} использовать нельзя: {detail}.",
    "AdapterUnknown": "Адаптер «{name}» не подключён. Подключены: {known}.",
    "ModelDied": "Модель перестала работать: {detail} ({path}). Спросите ещё раз: она запустится заново.",
    "ModelUnloaded": "Модель {path} выгружена из памяти. Спросите ещё раз: она загрузится заново.",
    "RuntimeUnavailable": "llama.cpp на этом компьютере не работает ({detail}). "
    "Переустановите: pip install --force-reinstall llama-cpp-python",
    "ModelNotInCatalog": "Модели «{name}» нет в каталоге. Есть: {known}",
    "CatalogBroken": "Каталог моделей {path} повреждён: {detail} ({entry}). Переустановите Offlite.",
    "HubError": "Скачать модель не удалось.",
    "HubSwitchedOff": "Сеть запрещена переменной {variable}. Уберите её или принесите файл модели на носителе: "
    "offlite models add ФАЙЛ",
    "HubUnreachable": "Сервер {endpoint} недоступен ({detail}). Проверьте сеть и адрес в HF_ENDPOINT; "
    "скачанное сохранено, та же команда продолжит.",
    "HubRefused": "Сервер не отдаёт «{repository}» (ответ {status}). Проверьте название; если модель "
    "просит принять лицензию, примите её на сайте и укажите ключ в HF_TOKEN.",
    "HubAnswerBroken": "Сервер ответил о «{repository}» не так, как нужно: {detail} ({entry}). "
    "Скачать эту модель нельзя; проверьте адрес в HF_ENDPOINT.",
    "DownloadSizeWrong": "Сервер отдаёт файл {file} не того размера: объявлено {expected}, отдаёт {found}. "
    "Загрузка прервана; повторите команду позже.",
    "DownloadCorrupt": "Скачанный файл {file} испорчен: ожидалась сумма {expected}, получилась {found}. "
    "Файл удалён; повторите команду.",
}

DETAILS: dict[str, str] = {
    # why the process of a model ended
    "its process was killed": "её процесс завершили извне",
    "memory ran out": "не хватило памяти; закройте другие программы или возьмите модель поменьше",
    "its file vanished or was changed while it ran": "её файл пропал или изменился во время работы; "
    "проверьте носитель",
    "its file could not be read while it ran": "её файл перестал читаться; проверьте носитель",
    "llama.cpp crashed": "сбой в llama.cpp",
    "llama.cpp crashed while loading it, so the file is probably damaged": "сбой в llama.cpp при загрузке; "
    "скорее всего, файл повреждён",
    "the processor lacks an instruction that llama.cpp was built for": "процессор не знает команды, "
    "для которой собрана llama.cpp",
    "an error in the program": "ошибка в программе",
    "its process fell silent": "её процесс перестал отвечать",
    "its process could not be started": "запустить её процесс не удалось",
    "its weights are not numbers": "вместо весов не числа",
    "an adapter, which runs only beside its model": "это адаптер, он работает только вместе со своей моделью",
    # running a model
    "not an adapter of this model": "это не адаптер этой модели",
    "llama.cpp cannot load it": "llama.cpp не может её загрузить",
    "llama.cpp cannot compute with it": "llama.cpp не может с ней работать",
    "its numbers are not numbers": "вместо чисел в весах NaN или бесконечность",
    "it makes vectors, not words": "она превращает текст в векторы и не пишет ответов",
    "it makes words, not vectors": "она пишет ответы и запущена не для векторов",
    "it compares pairs of texts and makes no vectors": "она сравнивает пары текстов и векторов не даёт",
    "the grammar is too long": "грамматика слишком длинная",
    "the grammar does not parse": "в грамматике ошибка",
    "the JSON schema refers to another document": "схема JSON ссылается на другой документ",
    "the JSON schema cannot be followed": "по такой схеме JSON ответ не построить",
    "the chat template cannot write this conversation": "шаблон разговора модели не подходит к этому разговору",
    # downloading
    "not an address of a server": "это не адрес сервера",
    "no answer in time": "нет ответа",
    "the connection broke off": "соединение оборвалось",
    "the server is busy": "сервер перегружен",
    "the server does not continue downloads": "сервер не умеет продолжать загрузку",
    "the proxy refuses": "прокси-сервер отказывает",
    "the address of the proxy is not usable": "адрес прокси-сервера неверен",
    "the certificate of the server is not trusted": "нет доверия к сертификату сервера",
    "not the name of a repository": "это не название репозитория",
    "not the answer of a hub": "так отвечает не Hugging Face",
    "no commit is named": "не назван коммит",
    "the files that are needed are not there": "нужных файлов там нет",
    "more than one model fits": "подходит больше одной модели",
    "a file is not the one that is known": "файл не тот, что известен каталогу",
    "a file is listed twice": "файл назван дважды",
    "a file has an unsafe name": "у файла опасное имя",
    "a file has no size": "у файла не назван размер",
    "a file has no checksum": "у файла нет контрольной суммы",
    "the plan that was kept is damaged": "сохранённый план загрузки повреждён",
    "not a regular file": "это не обычный файл",
}

TEXTS: dict[str, str] = {
    "convert.planned": "{tensors}, прочитать {read}; на выходе {type}, {write}.",
    "convert.kept": "Продолжаю: {size} уже готово.",
    "convert.stage.tensors": "Преобразую: {done} из {total}, {name}",
    "convert.stage.hashing": "Считаю контрольные суммы: {name}",
    "convert.stage.structure": "Сверяю тензоры: {done} из {total}",
    "convert.stage.source_pass": "Считаю по исходной модели: {done} из {total}",
    "convert.stage.model_pass": "Считаю по файлу GGUF: {done} из {total}",
    "convert.stopped": "Остановлено на {done}. Готовое сохранено в {part}; та же команда продолжит с этого места.",
    "convert.done": "Готово: {path} ({type}, {size}) за {time}.",
    "convert.sum": "SHA-256: {sum}",
    "convert.next": "Проверить: offlite convert check ФАЙЛ --against ПАПКА\nУстановить: offlite models add ФАЙЛ",
    "convert.verdict.good": "Файл хороший: {path}",
    "convert.verdict.doubtful": "Файл сомнительный: {path}",
    "convert.verdict.bad": "Файл негодный: {path}",
    "convert.check.rows": "Сверено строк: {rows}, совпало до бита: {equal}.",
    "convert.check.behaviour": "Поведение на русском тексте ({tokens}): расхождение KL в среднем {mean}, "
    "у худшего процента {worst}; следующее слово то же "
    "в {same} случаев; перплексия {before} у исходной модели, {after} у файла.",
    "convert.check.stopped": "Проверка прервана.",
    "metavar.type": "ТИП",
    "metavar.name": "ИМЯ",
    "help.convert": "преобразовать модель Hugging Face или адаптер LoRA в один файл GGUF",
    "help.convert.source": "папка с моделью (config.json, *.safetensors) или адаптером PEFT",
    "help.convert.target": "файл, который надо создать",
    "help.convert.type": "Q4_K_M (по умолчанию), Q4_K_S, Q5_K_M, Q6_K, Q8_0, Q4_0, Q5_1, BF16 или F16; "
    "для адаптера F16 (по умолчанию) или Q8_0",
    "help.convert.base": "папка модели, для которой сделан адаптер",
    "help.convert.check": "проверить преобразованный файл",
    "help.convert.check.file": "файл GGUF",
    "help.convert.check.against": "сравнить с исходной моделью: строки весов до бита и поведение на тексте",
}
