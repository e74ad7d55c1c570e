"""The text that a model writes, taken apart: sentences, citations in whatever form, ways to say «I do not know».

Works on a text that is still being written as well: a sentence counts as complete when the next one has begun.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kb.language.words import tokens
from kb.sentences import spans

_CITED = re.compile(
    r"\s*(?:[\[【]\s*(?:отрыв\w+|фрагмент\w*|источник\w*|№)?\s*№?\s*\d{1,2}(?:\s*[,;и–-]\s*\d{1,2})*\s*[\]】]"
    r"|\(\s*(?:см\. )?(?:отрыв\w+|фрагмент\w*|источник\w*)\s*№?\s*\d{1,2}(?:\s*[,;и–-]\s*\d{1,2})*\s*\))",
    re.IGNORECASE,
)
_LEADING = re.compile(rf"(?:{_CITED.pattern})+", re.IGNORECASE)
_HELD = re.compile(r"\s*(?:[\[【(][^\])】\n]{0,24})?$")
"""What may yet become a citation, or white space before one."""

_REFUSAL = re.compile(
    r"(?:к сожалению )?(?:в|во|среди) (?:(?:этой|этих|данной|данных|вашей|приведенных|предоставленных|имеющихся|"
    r"представленных|доступных) ){0,2}(?:базе знаний|базе|документах|документации|отрывках|отрывке|фрагментах|"
    r"источниках|тексте|контексте)\b(?: \w+){0,4}? (?:нет|не содержится|не содержат\w*|не указан\w*|не найден\w*|"
    r"не упомина\w+|не говорится|не сказано|не приводится|отсутству\w+)"
    r"(?! ошиб\w+)"
    r"|(?:к сожалению )?(?:ответа?|информация|информации|сведения|сведений|данные|данных)(?: \w+){0,8} "
    r"(?:нет|не найден\w*|отсутству\w+)"
    r"|(?:к сожалению )?(?:нет|не найден\w*|отсутству\w+|не содерж\w+) (?:\w+ )?"
    r"(?:ответа?|информаци\w+|сведени\w|данных)"
    r"|(?:к сожалению )?я? ?не (?:знаю|могу (?:точно )?ответить|располагаю|нашел|нашла)\b"
    r"|(?:\w+ ){0,3}(?:отрывки|документы|фрагменты|источники) не содержат\b"
)
"""How models say that they do not know, over folded words joined by single spaces."""

_COURTESY = re.compile(
    r"(?:здравствуйте|добрый (?:день|вечер)|доброе утро|уважаем\w+(?: \w+){0,2}|с уважением(?: \w+){0,4}|"
    r"всего (?:доброго|хорошего)|(?:спасибо|благодар\w+)(?: вас)? за (?:\w+ ?){1,3}|хорошего дня|"
    r"(?:если )?(?:у вас )?(?:остались|останутся|возникнут|появятся|есть)? ?(?:еще |дополнительные |другие )?вопросы"
    r"(?: \w+){0,4}|(?:пожалуйста )?обращайтесь(?: \w+){0,4}|(?:буд\w+ )?рад\w* помочь|надеюсь(?: \w+){0,3} поможет|"
    r"ваша? (?:служба|команда|отдел)? ?поддержк\w)"
)
"""What a letter says without saying anything."""


def is_refusal(text: str) -> bool:
    """Whether a sentence says that there is no answer."""
    return bool(_REFUSAL.match(" ".join(tokens(plain(text)))))


def is_courtesy(text: str) -> bool:
    """Whether a sentence greets, thanks or takes leave, and says nothing else."""
    return bool(_COURTESY.fullmatch(" ".join(tokens(plain(text)))))


def plain(text: str) -> str:
    """Return ``text`` without citations."""
    return _CITED.sub("", text)


def cited(text: str) -> tuple[int, ...]:
    """Return the numbers that ``text`` cites, in order, each once."""
    numbers = (int(number) for match in _CITED.finditer(text) for number in re.findall(r"\d+", match[0]))
    return tuple(dict.fromkeys(numbers))


def settled(text: str) -> str:
    """Return what of an unfinished ``text`` can be shown: without citations and without what may become one."""
    return plain(text[: _HELD.search(text).start()])  # type: ignore[union-attr]  # it matches the empty end


def sentences(text: str) -> list[str]:
    """Return the sentences of a whole answer; a citation behind the full stop belongs to the sentence before it."""
    return [text[start:end].strip() for start, end in _spans(text)]


def first_complete(text: str) -> int | None:
    """Return where the first sentence of an unfinished ``text`` ends, white space before it included; None if it may
    still go on."""
    found = list(_spans(text))
    if len(found) > 1:
        start, end = found[1]
        begun = text[start:end]
        if not begun.startswith(("[", "【", "(")) or len(found) > 2:
            return found[0][1]
        return None
    if found and "\n" in text[found[0][1] :]:
        return found[0][1]
    return None


def _spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield sentences as (start, end), the citations behind a full stop included. A line's end is a sentence's end."""
    masked = _CITED.sub(lambda match: " " * len(match[0]), text)
    at = 0
    for line in masked.splitlines(keepends=True):
        for start, end in spans(line):
            behind = _LEADING.match(text, at + end)
            yield at + start, behind.end() if behind else at + end
        at += len(line)
