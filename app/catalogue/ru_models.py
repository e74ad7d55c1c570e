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
    "its file vanished or was changed while it ran": "её файл пропал или изменился во время работы; проверьте носитель",
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
    "unit.parameters_b": "{number} млрд параметров",
    "unit.parameters_m": "{number} млн параметров",
    "models.installed": "Установлены:",
    "models.none": "Ни одной модели не установлено.",
    "models.kind.model": "отвечает",
    "models.kind.embedding": "для поиска по смыслу",
    "models.kind.adapter": "адаптер LoRA",
    "models.absent": "файла нет на месте: {path}",
    "models.broken_record": "Запись о модели не читается: {path}. Установите модель заново: offlite models add ФАЙЛ",
    "models.catalog": "Можно установить:",
    "models.size_of_type": "{size} ({type})",
    "models.purpose.answers": "отвечает",
    "models.purpose.embeds": "для поиска по смыслу",
    "models.licence_check": "лицензия: смотрите карточку модели",
    "models.other_engine": "нужна программа {engine}, здесь не запускается",
    "models.list_next": "Что потянет этот компьютер: offlite models fit\nСкачать: offlite models pull ИМЯ. Добавить "
    "файл: offlite models add ФАЙЛ",
    "models.work.hashing": "Считаю контрольную сумму {name}: {done} из {total}",
    "models.work.copying": "Копирую {name}: {done} из {total}",
    "models.work.joining": "Соединяю части {name}: {done} из {total}",
    "models.work.splitting": "Делю на части {name}: {done} из {total}",
    "models.work.downloading": "Скачиваю {name}: {done} из {total}",
    "models.added": "Установлена модель {name} ({type}, {size}): {path}",
    "models.added_next": 'Спросите: offlite ask "ВОПРОС" --model {name}',
    "models.verified": "Файл тот же, что был установлен: {path}\nSHA-256: {sum}",
    "models.removed": "Модель {name} удалена, освобождено {size}: {path}",
    "models.removed_link": "Модель {name} больше не установлена. Её файл ({size}) остался на месте: {path}",
    "models.split_next": "Перенесите все эти файлы и на другом компьютере укажите любой из них: offlite models add "
    "ФАЙЛ",
    "models.stopped": "Остановлено, ничего не изменилось.",
    "pull.connect": "Нужно подключение к сети: {endpoint}, модель {repository}.",
    "pull.confirm": "Скачать?",
    "pull.prompt": "Продолжить? [д/Н] ",
    "pull.declined": "Ничего не скачано.",
    "pull.plan": "{repository}, версия {revision}: {files}, {size}.",
    "pull.licence": "Лицензия: {licence}.",
    "pull.converts": "Это исходная модель: части скачиваются по одной, преобразуются в {type} и удаляются.",
    "pull.stopped": "Остановлено. Скачанное сохранено; та же команда продолжит с этого места.",
    "help.models": "языковые модели: какие есть, какие установлены, какие потянет этот компьютер",
    "help.models.list": "что установлено и что можно установить",
    "help.models.add": "установить файл GGUF: проверить, скопировать, запомнить контрольную сумму",
    "help.models.add.file": "модель или адаптер; если модель разделена — любая её часть",
    "help.models.add.name": "под каким именем (по умолчанию — имя файла)",
    "help.models.add.link": "не копировать: запомнить, где файл лежит",
    "help.models.verify": "сверить файл модели с контрольной суммой",
    "help.models.remove": "удалить модель",
    "help.models.name": "имя установленной модели",
    "help.models.split": "разделить модель на файлы меньше 4 ГБ — для флешки с FAT32",
    "help.models.split.name": "имя установленной модели или файл GGUF",
    "help.models.split.folder": "куда записать части",
    "help.models.pull": "скачать и установить модель — единственная команда, которой нужна сеть",
    "help.models.pull.name": "имя из каталога: offlite models list",
    "help.models.pull.type": "тип GGUF (по умолчанию Q4_K_M)",
    "help.models.pull.yes": "не спрашивать",
    "fit.computer": "Память {ram}: моделям можно отдать {room}, {reserve} остаётся системе. {cores}. {processor}",
    "fit.slow.no-avx2": "Процессор не знает AVX2: отвечать будет медленно, какой бы ни была модель.",
    "fit.slow.no-dotprod": "Процессор не знает инструкций dotprod: отвечать будет медленно, какой бы ни была модель.",
    "fit.slow.few-cores": "Ядер мало: большая модель будет отвечать медленно. Измерить скорость: offlite bench",
    "fit.verdict.fits": "{type}: нужно {needs} при контексте {context}; контекст до {largest}",
    "fit.verdict.tight": "{type}: нужно {needs}; поместится, если закрыть другие программы; контекст до {largest}",
    "fit.verdict.too-large": "{type}: нужно {needs} при контексте {context} — не поместится",
    "fit.other_engine": "здесь не запускается: llama.cpp её не считает",
    "fit.part.weights": "веса: {size}",
    "fit.part.cache": "память контекста на {context} токенов: {size}",
    "fit.part.compute": "промежуточные вычисления: {size}",
    "fit.part.process": "программа и словарь: {size}",
    "fit.foretold": "Рассчитано по устройству модели; для файла на диске расчёт точный: offlite models fit ФАЙЛ",
    "fit.next": "Подробно об одной: offlite models fit ИМЯ",
    "help.models.fit": "какие модели потянет этот компьютер, в каком виде и с каким контекстом",
    "help.models.fit.name": "имя из каталога, установленная модель или файл GGUF; без имени — все",
    "help.models.fit.context": "сколько токенов контекста нужно (по умолчанию 4096)",
}
