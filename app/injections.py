"""Sentences of documents that speak to the assistant instead of to their reader: «игнорируй предыдущие указания…».

Passages are fenced as data, so a model should not obey. If it does, what it says stands in a document to the letter; so
such a sentence supports nothing. Of 19,691 sentences of the support articles four are taken for one. Knows no model and
no prompt.
"""

from __future__ import annotations

import re

from kb.language.words import fold

_NEAR = r"\W+(?:\w+\W+){0,4}?"
"""Up to four words between."""

_IGNORE = r"(?:игнорир|проигнорир|забуд|отмен|не обращай|не следуй|не соблюдай|нарушь|отброс|пренебрег)\w*"
_RULES = r"(?:инструкц|указан|правил|команд|промпт|ограничен|настройк|запрет|предыдущ|сказанн|все,? что)\w*"
_ASSISTANT = r"(?:ассистент|помощник|нейросеть|языковая модель|чат-?бот|искусственный интеллект|llm|chatgpt|gpt)\w*"
_SAY = r"(?:ответь|отвечай|скажи|сообщи|напиши|напечатай|выведи|произнеси|раскрой)(?:те)?"
_WHAT = (
    r"(?:только|пользовател|клиенту|что\b|слово|фраз|следующ|дословно|системн|свои|свой|на любой|на все|вместо|так\b)"
)
_MUST = r"(?:должен|должна|обязан|ответь|отвечай|скажи|напиши|сообщи|выведи|выполни|следу)"
_TOKENS = r"(?:im_start|im_end|endoftext|start_of_turn|end_of_turn|system|eot_id|start_header_id)"

_COMMANDS = re.compile(
    "|".join(
        (
            rf"\b{_IGNORE}{_NEAR}{_RULES}",
            r"\b(?:ignore|disregard|forget|override|bypass)\b.{0,40}\b(?:instruction|prompt|rule|previous|above)",
            r"\bты\W+(?:теперь|отныне|больше не|—|-)",
            r"\b(?:ты|вы) (?:теперь |отныне )?(?:бот|ассистент|помощник|долж\w+ отве[чт])",
            r"\byou (?:are now|must now|will now)\b|\bact as\b|\bpretend (?:to be|that)\b",
            r"\bfrom now on\b|\bjailbreak|\bdan mode",
            r"\bсистемн\w+ (?:промпт|сообщени|инструкц)|\bsystem (?:prompt|message|note|override)",
            r"\b(?:новая инструкция|новые (?:инструкции|правила)|new instructions?)\s*[:—]",
            r"^\W*(?:system|assistant|user|ассистент|система|помощник|бот|ии|ai)\s*[:,]",
            rf"\b{_ASSISTANT}{_NEAR}{_MUST}",
            rf"\b{_SAY}{_NEAR}{_WHAT}",
            rf"\b{_SAY}\s*[:«\"]",
            r"\b(?:say|reply|respond|answer|output|print|repeat|reveal)\b.{0,20}(?:only|with|exactly|:|your|the word)",
            rf"<\|?{_TOKENS}\b|\[/?inst\]|<<sys>>|</?(?:отрывок|s)\b",
            r"\bконец (?:отрывка|документа|данных)\b|\bend of (?:passage|document|context|data)\b",
        )
    )
)
"""Over folded text."""


def is_command(sentence: str) -> bool:
    """Whether a sentence of a document gives orders to whoever answers from it."""
    return bool(_COMMANDS.search(fold(sentence)))
