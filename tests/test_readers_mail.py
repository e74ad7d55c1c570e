"""E-mail."""

from __future__ import annotations

import email.policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from kb.blocks import ReadDocument
from kb.errors import Broken
from kb.places import Paragraph
from kb.readers import read


def document(folder: Path, data: bytes) -> ReadDocument:
    path = folder / "письмо.eml"
    path.write_bytes(data)
    return read(path)


def texts(found: ReadDocument) -> list[str]:
    return [block.text for block in found.blocks]


def message(charset: str = "utf-8", transfer: str = "quoted-printable") -> EmailMessage:
    made = EmailMessage(policy=email.policy.SMTP)
    made["Subject"] = "Перенос совещания"
    made["From"] = "Анна Громова <anna@example.ru>"
    made["To"] = "it@example.ru"
    made["Date"] = "Thu, 05 Mar 2026 10:30:00 +0300"
    made.set_content("Добрый день!\n\nСовещание переносится на пятницу.\n", charset=charset, cte=transfer)
    return made


HEADERS = [
    "Тема: Перенос совещания",
    "От: Анна Громова <anna@example.ru>",
    "Кому: it@example.ru",
    "Дата: 05.03.2026 10:30",
]


@pytest.mark.parametrize("charset", ["utf-8", "koi8-r", "cp1251"])
@pytest.mark.parametrize("transfer", ["quoted-printable", "base64", "8bit"])
def test_a_message_in_russian_encodings(tmp_path: Path, charset: str, transfer: str) -> None:
    found = document(tmp_path, message(charset, transfer).as_bytes())

    assert found.title == "Перенос совещания"
    assert texts(found) == [*HEADERS, "Добрый день!", "Совещание переносится на пятницу."]
    assert found.blocks[-1].place == Paragraph(6)


def test_plain_text_is_preferred_and_attachments_are_named(tmp_path: Path) -> None:
    made = message()
    made.add_alternative("<p>HTML</p>", subtype="html")
    made.add_attachment(b"x", maintype="application", subtype="pdf", filename="Счёт № 5.pdf")

    found = texts(document(tmp_path, made.as_bytes()))

    assert "HTML" not in found
    assert "Вложения: Счёт № 5.pdf" in found


def test_a_message_of_html_alone(tmp_path: Path) -> None:
    made = message()
    made.set_content("<h1>Важно</h1><p>Пропуска <b>меняют</b>.</p>", subtype="html")

    assert texts(document(tmp_path, made.as_bytes()))[-2:] == ["Важно", "Пропуска меняют."]


def test_quotation_marks_of_replies_go(tmp_path: Path) -> None:
    data = (
        "Subject: =?koi8-r?B?79TXxdQ=?=\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n> > Первое.\r\n> Второе.\r\n"
    )

    found = document(tmp_path, data.encode())

    assert found.title == "Ответ"
    assert texts(found)[1:] == ["Первое.", "Второе."]


@pytest.mark.parametrize("header", ["", "Content-Type: text/plain; charset=x-unknown\r\n"])
def test_an_undeclared_or_unknown_encoding(tmp_path: Path, header: str) -> None:
    data = b"Subject: test\r\n" + header.encode() + b"\r\n" + "Сервер недоступен с утра.\r\n".encode("cp1251")

    assert texts(document(tmp_path, data))[-1] == "Сервер недоступен с утра."


@pytest.mark.parametrize("date", ["вчера", "Thu, 99 Foo 2026"])
def test_malformed_headers_do_not_matter(tmp_path: Path, date: str) -> None:
    data = f"Subject: a\r\nFrom: <<>>,,@\r\nDate: {date}\r\n\r\nТекст.\r\n".encode()

    assert texts(document(tmp_path, data))[-1] == "Текст."


def test_a_file_that_is_no_message(tmp_path: Path) -> None:
    with pytest.raises(Broken):
        document(tmp_path, "просто текст без заголовков\n".encode())
