"""Words that mean the same in Russian offices: borrowed and native names, spoken and written forms of products.

Nobody types «Wi-Fi» or «резервное копирование» into a search box; documents are written with exactly these words. Every
group is a line; a word is looked up by stem. Only words that may stand for each other in nearly any office text
belong here: a near synonym would drown the ranking.
"""

from __future__ import annotations

from functools import cache

from kb.language.words import fold, stem

_GROUPS = """
вайфай вай-фай wifi wi-fi
впн vpn
роутер маршрутизатор
ноутбук ноут лэптоп лаптоп
компьютер комп пк
флешка флэшка usb-накопитель usb-диск
юсб usb
бэкап бекап backup резервный
почта мейл имейл емейл email e-mail
аутлук оутлук outlook
эксель excel
ворд word
поверпоинт powerpoint
тимс teams
шарепоинт sharepoint
ванноут onenote
вандрайв ондрайв onedrive
скайп skype
зум zoom
винда виндоус виндовс windows
офис office
эдж edge
хром chrome
браузер обозреватель
смс sms
пин пин-код pin pin-код
айпи ip
днс dns
урл url
айди id идентификатор
логин учетка
аккаунт account
пароль password
антивирус антивирусник
вирус malware вредоносный
спам spam
фишинг phishing
апдейт обновление update
апгрейд upgrade
админ администратор admin
юзер пользователь user
сервак сервер server
драйвер driver
лицензия license
принтер мфу
сканер скан сканирование
монитор дисплей экран
клава клавиатура
наушники гарнитура
мышка мышь
мобильник смартфон телефон
созвон видеозвонок видеоконференция
переговорка переговорная
больничный нетрудоспособность
отпуск отпускной
командировка командировочный
зарплата оклад
кадры hr
бухгалтерия бухгалтер
пропуск бейдж
заявка тикет
техподдержка поддержка хелпдеск helpdesk
корзина recycle
папка каталог директория
файл file
ссылка линк link
удалить стереть
исправить починить
перезагрузить перезапустить
зависать тормозить
застрять зависать
потерять утерять
поменять изменить сменить
включить активировать
отключить выключить деактивировать
сбросить сброс reset
настройка параметр настроить
ошибка error
запретить заблокировать
подключить присоединить
купить приобрести закупка
чек квитанция
копия дубликат
рисунок изображение картинка
таблица spreadsheet
календарь calendar
контакт contact
собрание совещание встреча митинг
переадресация пересылка
автоответ автоответчик
подпись сигнатура
вложение аттач attachment
ключ key
облако cloud
электричество питание
бесплатно безвозмездно
накажут наказание
рубль руб
час часов
"""


@cache
def _table() -> dict[str, frozenset[str]]:
    table: dict[str, set[str]] = {}
    for line in _GROUPS.split("\n"):
        group = {stem(fold(word)) for word in line.split()}
        for member in group:
            table.setdefault(member, set()).update(group)
    return {member: frozenset(group - {member}) for member, group in table.items()}


def synonyms(stem_: str) -> frozenset[str]:
    """Return the stems that may stand for ``stem_``, without itself; empty for most words."""
    return _table().get(stem_, frozenset())
