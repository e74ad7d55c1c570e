"""A small folder of Russian office texts for the tests of search and answer, and the base that holds it."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from pathlib import Path

from kb.base import KnowledgeBase
from kb.events import DocumentFailed

_RULES = (
    "Заявку на командировку сотрудник подаёт за десять рабочих дней до поездки.",
    "Руководитель отдела проверяет смету и подписывает её в системе согласования.",
    "Билеты покупает секретарь, самостоятельно купленные билеты компания не возмещает.",
    "Гостиницу выбирают из перечня, утверждённого коммерческим директором.",
    "Суточные по стране составляют тысячу двести рублей, за границей четыре тысячи.",
    "Такси до аэропорта возмещают только ночью и только при наличии кассового чека.",
    "Аванс перечисляют на зарплатную карту за три дня до выезда сотрудника.",
    "Если поездка отменена, аванс возвращают в кассу в течение пяти рабочих дней.",
)
_REPORTS = (
    "Авансовый отчёт сдают в бухгалтерию не позже трёх дней после возвращения.",
    "К отчёту прикладывают посадочные талоны, счёт гостиницы и кассовые чеки.",
    "Утерянный посадочный талон заменяет справка авиакомпании с синей печатью.",
    "Неизрасходованный остаток удерживают из зарплаты следующего месяца.",
    "Перерасход возмещают отдельным платежом после подписи финансового директора.",
    "Служебное задание хранят вместе с отчётом пять лет в архиве бухгалтерии.",
    "Вопросы о поездках принимает координатор Ульяна Берестова, телефон 1177.",
    "Страховку для поездок за границу оформляет тот же координатор бесплатно.",
)

_PARKING = (
    "Парковка\n\nПропуск на парковку выдаёт охрана по служебной записке, подписанной начальником отдела.\n"
    "Шлагбаум открывают карточкой, гостевые места отмечены жёлтой краской возле западных ворот.\n"
    "Порядок действует с января {year} года.\n"
)


def made_up_word(number: int) -> str:
    """Return a word that looks Russian and stands nowhere else: a different one for each ``number`` below 4096."""
    syllables = ("ба", "ве", "гу", "до", "жи", "ку", "ле", "мо", "ну", "пи", "ро", "са", "те", "фу", "хи", "ча")
    return "".join(syllables[number // 16**place % 16] for place in range(3)) + "к"


SHELVES = tuple(
    f"Стеллаж номер {number} занимают {', '.join(made_up_word(number * 37 + part * 5) for part in range(8))}."
    for number in range(40, 85)
)
"""Sentences of a document that is too long for one passage; each has words that stand in no other."""

ARTICLES: Mapping[str, str] = {
    "wifi.md": "# Беспроводная сеть\n\nДля гостей работает сеть Wi-Fi с отдельным паролем.\nПароль висит у стойки.\n",
    "vpn.txt": (
        "Удалённый доступ\n\nКлиент VPN ставят с портала самообслуживания.\n"
        "Для входа нужен токен, выданный\nслужбой безопасности под роспись.\n\n"
        "Соединение рвётся через восемь часов простоя.\n"
    ),
    "backup.md": "# Копии\n\nРезервное копирование баз проходит ночью.\nЛенты увозят в хранилище по пятницам.\n",
    "update.md": (
        "# Сбой обновления\n\nОбновление KB5005565 обрывается с ошибкой 0x80070005.\n"
        "Очистите каталог SoftwareDistribution и повторите установку.\n"
    ),
    "crypto.txt": (
        "Электронная подпись\n\nХэш вычисляют по ГОСТ 34.11-2018, прежний стандарт отменён.\n"
        "Сертификат продлевает удостоверяющий центр, пишите на user@host.ru.\n"
    ),
    "code.md": "# Правила разработки\n\nЯдро пишут на C++, скрипты на Python.\nОбзор кода делают двое коллег.\n",
    "walk.txt": "Курьер\n\nКурьер шёл пешком через мост и потерял накладную.\nЛюди нашли её под ёлкой.\n",
    "mail.md": (
        "# Почта\n\nOutlook показывает старый календарь, если профиль повреждён.\n"
        "Пересоздайте профиль через панель управления.\n"
    ),
    "invoice.txt": (
        "Счёт-фактура\n\nСчёт подписывает главный бухгалтер Семён Лебедёв.\n"
        "Ящик для счетов стоит в холле, ключ у подъезда хранит вахтёр.\n"
    ),
    "tea.txt": unicodedata.normalize("NFD", "Кухня\n\nЧайник кипятят в йодированной воде.\nКофейник моют ёршиком.\n"),
    "hyphens.txt": "Перенос\n\nПротоколи\u00adрование совещаний ведёт секретарь.\nСте\u0301нд моют по средам.\n",
    "keyboard.txt": "Клавиши\n\nЮбилейный эскиз объекта хранит художник.\nЖурнал объявлений ведёт дежурный.\n",
    "trips.txt": "Командировки\n\n" + "\n".join(_RULES) + "\n\n" + "\n".join(_REPORTS) + "\n",
    "parking-2023.txt": _PARKING.format(year=2023),
    "parking-2024.txt": _PARKING.format(year=2024),
    "shelves.txt": "Опись склада\n\n" + "\n".join(SHELVES) + "\n",
}  # fmt: skip
"""File name -> text."""


def write(folder: Path, articles: Mapping[str, str] = ARTICLES) -> Path:
    """Write ``articles`` into ``folder``, which is made, and return it."""
    folder.mkdir(exist_ok=True)
    for name, text in articles.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def index(base: KnowledgeBase, *paths: Path) -> None:
    """Add ``paths`` to ``base``; none of the files may fail."""
    failed = [event for event in base.add(paths) if isinstance(event, DocumentFailed)]
    assert not failed


def names(base: KnowledgeBase, query: str) -> list[str]:
    """Return the names of the files that ``query`` finds, best first."""
    return [Path(found.document).name for found in base.search(query).passages]
